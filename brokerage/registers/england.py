"""Which establishments become schools of the platform: open ones in England that teach any of Years 7 to 13.

Ages decide, never the phase: special, alternative and independent schools have none (domain 6.7). What provider
access the law asks of a school is another question, answered in `schools.pal.scope`.
"""

from typing import Final

from django.db.models import Q, QuerySet

from brokerage.registers.models import Establishment, Status

REGIONS: Final = {
    name.casefold(): name
    for name in (
        "North East", "North West", "Yorkshire and the Humber", "East Midlands", "West Midlands",
        "East of England", "London", "South East", "South West",
    )
}  # fmt: skip
# GIAS type codes that aren't schools: colleges and sixth-form centres, universities, children's centres, and
# what lies abroad or in Wales. Colleges come to schools as providers.
NOT_SCHOOLS: Final = frozenset({18, 25, 26, 27, 29, 30, 31, 32, 37, 47, 48, 56})
# Year 7 begins at 11 and ends at 12; Year 13 begins at 17.
IN_YEAR_7, IN_YEAR_13 = 12, 17


def schools() -> QuerySet[Establishment]:
    return Establishment.objects.filter(
        status__in=(Status.OPEN, Status.CLOSING),
        region__in=REGIONS.values(),
        low_age__lte=IN_YEAR_13,
        high_age__gte=IN_YEAR_7,
        urn__regex=r"^\d{6}$",
    ).exclude(type_code__in=NOT_SCHOOLS)


def or_known(urns: list[str]) -> QuerySet[Establishment]:
    """Those, and whatever is a school here already."""
    return Establishment.objects.filter(Q(pk__in=schools().values("pk")) | Q(pk__in=urns))
