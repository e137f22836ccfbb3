"""The bulk verbs of register imports, inside the importer's transaction.

A national file records one fact of its own (`RegisterImportFinished`); beside it, organisations that people already
use get a fact each, and every school that changes its URN.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError

from brokerage.accounts.events import OrganisationChanged
from brokerage.accounts.models import FormerUrn, Kind, Membership, Organisation
from brokerage.accounts.organisations import HUB_REACH_METRES
from brokerage.eventlog.record import PLATFORM, record

BATCH = 500

# The bulk form of `organisations.hub_near`.
_NEAREST_HUBS = """
UPDATE accounts_organisation AS newcomer SET hub_id = nearest.hub_id
FROM accounts_organisation AS place, LATERAL (
    SELECT near.hub_id FROM accounts_organisation AS near
    WHERE near.kind = 'school' AND near.hub_id IS NOT NULL
        AND near.easting BETWEEN place.easting - %(reach)s AND place.easting + %(reach)s
        AND near.northing BETWEEN place.northing - %(reach)s AND place.northing + %(reach)s
    ORDER BY (near.easting - place.easting) ^ 2 + (near.northing - place.northing) ^ 2, near.id LIMIT 1
) AS nearest
WHERE newcomer.id = place.id AND newcomer.id = ANY (%(ids)s)
"""


def add(newcomers: Sequence[Organisation]) -> None:
    """Whole and checked, as the register has them. Schools fall to the hub of the nearest school that has one."""
    Organisation.objects.bulk_create(newcomers, batch_size=1000)
    placed = [each.pk for each in newcomers if each.kind == Kind.SCHOOL and each.hub_id is None]
    if placed and Organisation.objects.filter(kind=Kind.SCHOOL, hub__isnull=False).exists():
        with connection.cursor() as cursor:
            cursor.execute(_NEAREST_HUBS, {"reach": HUB_REACH_METRES, "ids": placed})


def change(changes: Sequence[tuple[Organisation, dict[str, Any]]], *, at: datetime) -> None:
    """Each organisation with the fields that really change; those alike in what changes are written together."""
    alike = defaultdict[tuple[str, ...], list[Organisation]](list)
    for organisation, wanted in changes:
        for name, value in wanted.items():
            setattr(organisation, name, value)
        alike[tuple(sorted(wanted))].append(organisation)
    for names, organisations in alike.items():
        Organisation.objects.bulk_update(organisations, names, batch_size=BATCH)
    used = _used(organisation.pk for organisation, _ in changes)
    for organisation, wanted in changes:
        if organisation.pk in used:
            _record_changed(organisation, sorted(wanted), at)


def take_urn(school: Organisation, urn: str, *, at: datetime) -> bool:
    """The school goes on under a new URN with all that it has; the old one still finds it (R27).

    An import may have brought in the new URN as a school of its own: while nobody has used that, it gives way.
    False when somebody has: joining two histories is for people."""
    rival = Organisation.objects.filter(urn=urn).first()
    if rival is not None and not _gives_way(rival, to=school):
        return False
    FormerUrn.objects.filter(urn=urn).delete()
    FormerUrn.objects.update_or_create(urn=school.urn, defaults={"organisation": school, "replaced_at": at})
    school.urn = urn
    school.save(update_fields=["urn"])
    _record_changed(school, ["urn"], at)
    return True


def _gives_way(rival: Organisation, *, to: Organisation) -> bool:
    if rival.memberships.exists() or rival.invitations.exists():
        return False
    FormerUrn.objects.filter(organisation=rival).update(organisation=to)
    try:
        with transaction.atomic():
            rival.delete()
    except ProtectedError:
        return False
    return True


def _used(organisations: Iterable[int]) -> set[int]:
    live = Membership.objects.live().filter(organisation__in=list(organisations))
    return set(live.values_list("organisation", flat=True))


def _record_changed(organisation: Organisation, changed: list[str], at: datetime) -> None:
    names = [name.removesuffix("_id") for name in changed]
    fact = OrganisationChanged(
        subject_id=organisation.public_id, organisation_id=organisation.pk, changed=names
    )
    record(fact, by=PLATFORM, at=at)
