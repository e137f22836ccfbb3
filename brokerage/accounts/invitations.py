"""The verbs of invitations: send, revoke, accept."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from brokerage.accounts import memberships
from brokerage.accounts.authority import By, authorise_keeping
from brokerage.accounts.domains import confirmed_addresses
from brokerage.accounts.events import InvitationRevoked, InvitationSent
from brokerage.accounts.models import Invitation, Membership, Organisation, Role, User
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.record import record

OPEN_FOR = timedelta(days=14)
OPEN_AT_MOST = 200


def send(organisation: Organisation, *, email: str, role: Role, by: By, at: datetime) -> Invitation:
    """Ask someone in by work e-mail. While an invitation is open, the same again is that one."""
    email = _checked(email)
    memberships.require_role_of(organisation, role)
    with transaction.atomic(durable=True):
        ours = memberships.locked_organisation(organisation)
        authorise_keeping(by, ours)
        _refuse_member(ours, email)
        standing = _open(ours).filter(email=email).first()
        if standing is not None:
            if standing.role == role and standing.expires_at > at:
                return standing
            _close(standing, by=by, at=at)
        _refuse_too_many(ours)
        invitation = Invitation.objects.create(
            organisation=ours,
            email=email,
            role=role,
            invited_by=by if isinstance(by, Membership) else None,
            invited_at=at,
            expires_at=at + OPEN_FOR,
        )
        fact = InvitationSent(subject_id=invitation.public_id, organisation_id=ours.pk, role=role)
        record(fact, by=by, at=at)
    return invitation


def revoke(invitation: Invitation, *, by: By, at: datetime) -> Invitation:
    with transaction.atomic(durable=True):
        ours = memberships.locked_organisation(invitation.organisation)
        authorise_keeping(by, ours)
        standing = Invitation.objects.get(pk=invitation.pk)
        if standing.accepted_at is not None:
            raise DomainError("invitation_used", "They've already joined. Remove them instead.")
        if standing.revoked_at is None:
            _close(standing, by=by, at=at)
    return standing


def accept(invitation: Invitation, *, by: User, at: datetime) -> Membership:
    """Join with the role offered. Only a confirmed address that was invited can."""
    with transaction.atomic(durable=True):
        ours = memberships.locked_organisation(invitation.organisation)
        standing = Invitation.objects.select_related("organisation").get(pk=invitation.pk)
        if standing.email.lower() not in confirmed_addresses(by):
            raise NotAllowed(
                "invitation_not_yours",
                "This invitation was sent to another e-mail address. Sign in with that one, or add it to your profile.",
            )
        theirs = Membership.objects.live().filter(user=by, organisation=ours).first()
        if theirs is not None and theirs.is_active and standing.accepted_at is not None:
            return theirs
        _require_open(standing, at)
        if theirs is None:
            theirs = Membership.objects.create(user=by, organisation=ours, role=standing.role, asked_at=at)
        if not theirs.is_active:
            memberships.begin(theirs, role=Role(standing.role), how="invitation", by=by, at=at)
        Invitation.objects.filter(pk=standing.pk).update(accepted_at=at)
    return theirs


def is_open(invitation: Invitation, *, at: datetime) -> bool:
    answered = invitation.accepted_at or invitation.revoked_at
    return answered is None and invitation.expires_at > at


def _require_open(invitation: Invitation, at: datetime) -> None:
    if invitation.accepted_at is not None:
        raise DomainError("invitation_used", "This invitation has already been used.")
    if not is_open(invitation, at=at):
        raise DomainError("invitation_closed", "This invitation is no longer open. Ask for a new one.")


def _open(organisation: Organisation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None)


def _close(invitation: Invitation, *, by: By, at: datetime) -> None:
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    fact = InvitationRevoked(subject_id=invitation.public_id, organisation_id=invitation.organisation_id)
    record(fact, by=by, at=at)


def _refuse_member(organisation: Organisation, email: str) -> None:
    if Membership.objects.active().filter(organisation=organisation, user__email__iexact=email).exists():
        said = "They're already a member."
        raise DomainError("already_member", said, fields={"email": said})


def _refuse_too_many(organisation: Organisation) -> None:
    """Mail we send on somebody's word; a brake on anyone who means to send a lot of it."""
    if _open(organisation).count() >= OPEN_AT_MOST:
        raise DomainError(
            "too_many_invitations", f"{OPEN_AT_MOST} invitations are open. Take some back first."
        )


def _checked(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInput.on("email", "Enter an e-mail address like name@organisation.org.uk.") from None
    return email
