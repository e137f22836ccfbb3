"""What a college, training provider or university says of itself: who reads it, who changes it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from brokerage.accounts.authority import authorise_keeping
from brokerage.accounts.events import OrganisationChanged
from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.eventlog.record import record
from providers.models import Provider

READERS = (Kind.SCHOOL, Kind.HUB, Kind.TRUST)


def visible_to(by: Membership) -> QuerySet[Organisation]:
    """Its own people, and those on the schools' side; one provider doesn't read another's page."""
    providers = Organisation.objects.filter(kind=Kind.PROVIDER)
    return providers if by.organisation.kind in READERS else providers.filter(pk=by.organisation_id)


def of(organisation: Organisation) -> Provider:
    """Unsaved and empty for one that has said nothing yet."""
    return Provider.objects.filter(organisation=organisation).first() or Provider(organisation=organisation)


@transaction.atomic(durable=True)
def edit(
    *,
    organisation: Organisation,
    offers: Sequence[str],
    sectors: Sequence[str],
    about: str,
    by: Membership,
    at: datetime,
) -> Provider:
    """Say who we are, in the words that schools read."""
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)
    authorise_keeping(by, organisation)
    provider = of(organisation)
    wanted = {"offers": list(dict.fromkeys(offers)), "sectors": sorted(set(sectors)), "about": about.strip()}
    changed = sorted(name for name, value in wanted.items() if getattr(provider, name) != value)
    if not changed:
        return provider
    for name in changed:
        setattr(provider, name, wanted[name])
    provider.save()
    fact = OrganisationChanged(
        subject_id=organisation.public_id, organisation_id=organisation.pk, changed=changed
    )
    record(fact, by=by, at=at)
    return provider
