"""What an employer says of itself: who reads it, who changes it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from brokerage.accounts.authority import authorise_keeping
from brokerage.accounts.events import OrganisationChanged
from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.eventlog.record import record
from employers.models import Employer

READERS = (Kind.SCHOOL, Kind.HUB, Kind.TRUST)


def visible_to(by: Membership) -> QuerySet[Organisation]:
    """Its own people, and those on the schools' side; one employer doesn't read another's page."""
    employers = Organisation.objects.filter(kind=Kind.EMPLOYER)
    return employers if by.organisation.kind in READERS else employers.filter(pk=by.organisation_id)


def of(organisation: Organisation) -> Employer:
    """Unsaved and empty for one that has said nothing yet."""
    return Employer.objects.filter(organisation=organisation).first() or Employer(organisation=organisation)


@transaction.atomic(durable=True)
def edit(
    *,
    organisation: Organisation,
    size_band: str,
    sectors: Sequence[str],
    about: str,
    by: Membership,
    at: datetime,
) -> Employer:
    """Say who we are, in the words that schools read."""
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)
    authorise_keeping(by, organisation)
    employer = of(organisation)
    wanted = {"size_band": size_band, "sectors": sorted(set(sectors)), "about": about.strip()}
    changed = sorted(name for name, value in wanted.items() if getattr(employer, name) != value)
    if not changed:
        return employer
    for name in changed:
        setattr(employer, name, wanted[name])
    employer.save()
    fact = OrganisationChanged(
        subject_id=organisation.public_id, organisation_id=organisation.pk, changed=changed
    )
    record(fact, by=by, at=at)
    return employer
