"""The verbs of memberships: ask, approve, decline, change role, leave, remove."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from brokerage.accounts.authority import By, authorise_keeping
from brokerage.accounts.domains import works_at
from brokerage.accounts.events import (
    MembershipAsked,
    MembershipBegan,
    MembershipDeclined,
    MembershipEnded,
    RoleChanged,
)
from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.accounts.models.membership import KEEPERS, ROLES_OF
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog import control
from brokerage.eventlog.record import Actor, record

LET_IN_BY_A_KEEPER: Final = KEEPERS | {Role.CAREERS_ADMINISTRATOR}


def ask(organisation: Organisation, *, role: Role, by: User, at: datetime) -> Membership:
    """Ask to join; asking again is the same request.

    A confirmed address at the organisation's checked domain joins at once, except in a role that runs the
    organisation or writes for a school: pupils may have addresses at its domain too."""
    require_role_of(organisation, role)
    if organisation.kind == Kind.PLATFORM:
        raise NotAllowed("not_allowed", "Doorway's staff ask their colleagues in. Nobody else can join.")
    with transaction.atomic(durable=True):
        ours = locked_organisation(organisation)
        theirs = Membership.objects.live().filter(user=by, organisation=ours).first()
        if theirs is not None:
            return theirs
        asked = Membership.objects.create(user=by, organisation=ours, role=role, asked_at=at)
        if role not in LET_IN_BY_A_KEEPER and works_at(by, ours):
            begin(asked, role=role, how="email_domain", by=by, at=at)
        else:
            record(MembershipAsked(**_about(asked)), by=by, at=at)
    return asked


def approve(membership: Membership, *, by: By, at: datetime, role: Role | None = None) -> Membership:
    """Let someone in, in the role they asked for or another. Twice is once."""
    with transaction.atomic(durable=True):
        asked = _locked(membership)
        authorise_keeping(by, asked.organisation)
        if asked.is_active:
            return asked
        _require_waiting(asked)
        begin(asked, role=role or Role(asked.role), how="approval", by=by, at=at)
    return asked


def decline(membership: Membership, *, by: By, at: datetime) -> Membership:
    with transaction.atomic(durable=True):
        asked = _locked(membership)
        authorise_keeping(by, asked.organisation)
        if asked.state == MembershipState.DECLINED:
            return asked
        _require_waiting(asked)
        asked.state, asked.ended_at = MembershipState.DECLINED, at
        asked.save(update_fields=["state", "ended_at"])
        record(MembershipDeclined(**_about(asked)), by=by, at=at)
    return asked


def change_role(membership: Membership, *, role: Role, by: By, at: datetime) -> Membership:
    """A keeper gives another role; the last keeper keeps theirs."""
    with transaction.atomic(durable=True):
        member = _locked(membership)
        authorise_keeping(by, member.organisation)
        require_role_of(member.organisation, role)
        _require_active(member)
        if member.role == role:
            return member
        if role not in KEEPERS:
            _refuse_last_keeper(member)
        was, member.role = member.role, role
        member.save(update_fields=["role"])
        record(RoleChanged(**_about(member), was=was), by=by, at=at)
    return member


def leave(membership: Membership, *, by: User, at: datetime) -> Membership:
    """Leave an organisation, or take back a request to join it."""
    if membership.user_id != by.pk:
        raise NotAllowed("not_allowed", "Only they can leave for themselves.")
    with transaction.atomic(durable=True):
        return _end(_locked(membership), how="left", by=by, at=at)


def remove(membership: Membership, *, by: By, at: datetime) -> Membership:
    with transaction.atomic(durable=True):
        member = _locked(membership)
        authorise_keeping(by, member.organisation)
        _refuse_waiting(member)
        return _end(member, how="removed", by=by, at=at)


def locked_organisation(organisation: Organisation) -> Organisation:
    """Who belongs to it changes under this lock, one change after another. NO KEY: claims needn't wait."""
    return Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)


def begin(membership: Membership, *, role: Role, how: str, by: Actor, at: datetime) -> None:
    """Inside the caller's transaction and lock: the membership is active from now on. At the platform's own
    organisation that is what makes a person staff."""
    require_role_of(membership.organisation, role)
    if membership.organisation.kind == Kind.PLATFORM:
        _make_staff(membership.user, is_staff=True)
    membership.role, membership.state, membership.began_at = role, MembershipState.ACTIVE, at
    membership.save(update_fields=["role", "state", "began_at"])
    record(MembershipBegan(**_about(membership), how=how), by=by, at=at)


def require_role_of(organisation: Organisation, role: str) -> None:
    if role not in ROLES_OF[Kind(organisation.kind)]:
        raise InvalidInput.on("role", "Choose one of the roles at this organisation.", code="role_not_here")


def _locked(membership: Membership) -> Membership:
    """The membership as it is now, under its organisation's lock, so that two can't be the last at once."""
    locked_organisation(membership.organisation)
    return Membership.objects.select_related("organisation", "user").get(pk=membership.pk)


def _end(member: Membership, *, how: str, by: By, at: datetime) -> Membership:
    if member.state == MembershipState.ENDED:
        return member
    if member.state == MembershipState.DECLINED:
        raise DomainError("not_a_member", "That request was already declined.")
    _refuse_last_keeper(member)
    member.state, member.ended_at = MembershipState.ENDED, at
    member.save(update_fields=["state", "ended_at"])
    if member.organisation.kind == Kind.PLATFORM:
        _make_staff(member.user, is_staff=False)
    record(MembershipEnded(**_about(member), how=how), by=by, at=at)
    control.membership_ended(member.user.public_id, member.organisation.public_id)
    return member


def _make_staff(user: User, *, is_staff: bool) -> None:
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])


def _refuse_last_keeper(member: Membership) -> None:
    if not member.is_keeper:
        return
    others = Membership.objects.keepers().filter(organisation=member.organisation).exclude(pk=member.pk)
    if not others.exists():
        raise DomainError(
            "last_keeper",
            f"{member.organisation} needs someone to run it here. Make another person that first.",
        )


def _require_waiting(asked: Membership) -> None:
    if asked.state != MembershipState.ASKED:
        raise DomainError(
            "already_answered", f"This request is already answered: {asked.get_state_display()}."
        )


def _require_active(member: Membership) -> None:
    if not member.is_active:
        raise DomainError("not_a_member", f"{member.user} isn't a member any more.")


def _refuse_waiting(member: Membership) -> None:
    if member.state == MembershipState.ASKED:
        raise DomainError(
            "not_a_member", f"{member.user} is still waiting for an answer. Approve or decline."
        )


def _about(membership: Membership) -> dict[str, Any]:
    return {
        "subject_id": membership.public_id,
        "organisation_id": membership.organisation_id,
        "user": membership.user.public_id,
        "role": membership.role,
    }
