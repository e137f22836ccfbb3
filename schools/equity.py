"""What the counts of who gets the visits are measured against, as schools know it."""

from collections.abc import Iterable

from brokerage.equity import facts
from schools.models import School


def keep_facts(schools: Iterable[int] | None = None) -> int:
    """Of these schools, or of all; returns how many changed."""
    known = School.objects.all() if schools is None else School.objects.filter(pk__in=schools)
    return facts.keep(dict(known.values_list("pk", "pupil_premium_share")))
