"""The platform's own organisation, whose members are Doorway's staff."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from brokerage.accounts import memberships
from brokerage.accounts.events import OrganisationCreated, OrganisationVerified
from brokerage.accounts.models import Kind, Membership, Organisation, Role, User
from brokerage.eventlog.record import PLATFORM, record

NAME: Final = "Doorway"


def employ(user: User, *, at: datetime) -> Membership:
    """For whoever runs the installation: this person is one of Doorway's staff from now on. Their colleagues they
    then ask in themselves, as every organisation does. Twice is once."""
    with transaction.atomic(durable=True):
        ours = memberships.locked_organisation(_organisation(at))
        theirs = Membership.objects.live().filter(user=user, organisation=ours).first()
        if theirs is None:
            theirs = Membership.objects.create(
                user=user, organisation=ours, role=Role.PLATFORM_STAFF, asked_at=at
            )
        if not theirs.is_active:
            memberships.begin(theirs, role=Role.PLATFORM_STAFF, how="employed", by=PLATFORM, at=at)
    return theirs


def _organisation(at: datetime) -> Organisation:
    """Opened by the first one employed; two at once open one."""
    ours, is_new = Organisation.objects.get_or_create(
        kind=Kind.PLATFORM, defaults={"name": NAME, "verified_at": at, "created_at": at}
    )
    if is_new:
        about: dict[str, Any] = {"subject_id": ours.public_id, "organisation_id": ours.pk}
        record(OrganisationCreated(**about, kind=ours.kind), by=PLATFORM, at=at)
        record(OrganisationVerified(**about, how="staff"), by=PLATFORM, at=at)
    return ours
