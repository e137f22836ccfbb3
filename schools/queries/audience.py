"""How many organisations a need would reach."""

from django.db.models import Q

from brokerage.accounts.models import Category, Kind, Organisation
from brokerage.accounts.models.organisation import TECHNICAL
from brokerage.matching import places

METRES: int = 24_140
"""Fifteen miles."""


def within_reach(school: Organisation, open_to: list[str], *, online: bool) -> int:
    """Organisations of the kinds a need is open to: within fifteen miles, or anywhere when it is online or the
    school's place isn't known."""
    kinds = Q()
    if Category.EMPLOYER in open_to:
        kinds |= Q(kind=Kind.EMPLOYER)
    if Category.TECHNICAL_PROVIDER in open_to:
        kinds |= Q(kind=Kind.PROVIDER, provider_kind__in=TECHNICAL)
    if Category.UNIVERSITY in open_to:
        kinds |= Q(kind=Kind.PROVIDER) & ~Q(provider_kind__in=TECHNICAL)
    if not kinds:
        return 0
    found = Organisation.objects.filter(kinds)
    if has_limit(school, online=online):
        assert school.easting is not None
        assert school.northing is not None
        away = places.squared_metres((school.easting, school.northing))
        found = found.filter(
            easting__range=(school.easting - METRES, school.easting + METRES),
            northing__range=(school.northing - METRES, school.northing + METRES),
        )
        return found.alias(away=away).filter(away__lte=METRES * METRES).count()
    return found.count()


def has_limit(school: Organisation, *, online: bool) -> bool:
    return not online and school.easting is not None and school.northing is not None
