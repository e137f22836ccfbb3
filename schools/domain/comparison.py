"""With whom a school is compared in pictures, kept where fairness can read it. Never a part of any test (R33)."""

from collections.abc import Collection

from brokerage.fairness import groups
from brokerage.fairness.models import ComparisonGroup
from brokerage.models import Hosting
from schools.models import School


def tell(school_ids: Collection[int] | None = None) -> int:
    """These schools', or all; returns how many."""
    found = School.objects.order_by("pk")
    if school_ids is not None:
        found = found.filter(pk__in=school_ids)
    rolls = dict(Hosting.objects.filter(school__in=found.values("pk")).values_list("school_id", "rolls"))
    groups.keep(
        [
            ComparisonGroup(
                school_id=school.pk,
                has_sixth_form=school.has_sixth_form,
                roll=sum(rolls.get(school.pk, {}).values()) or None,
            )
            for school in found
        ]
    )
    return len(found)
