"""With which schools one is compared in pictures: those with a sixth form or without, of its size and region."""

from collections.abc import Collection
from typing import Final

from django.db.models import Q, QuerySet

from brokerage.accounts.models import Organisation
from brokerage.fairness.models import ComparisonGroup

FEWEST: Final = 5
"""Fewer comparable schools in a region than this, and the whole country's are taken."""


def keep(groups: Collection[ComparisonGroup]) -> None:
    """What `schools` knows of its own; written whole, as often as it likes."""
    ComparisonGroup.objects.bulk_create(
        groups,
        update_conflicts=True,
        unique_fields=["school"],
        update_fields=["has_sixth_form", "roll"],
    )


def comparable(school: Organisation) -> QuerySet[Organisation]:
    """The schools of its group, itself included; none while nothing is known of it."""
    group = ComparisonGroup.objects.filter(school=school).first()
    if group is None:
        return Organisation.objects.none()
    like = Organisation.objects.filter(comparison_group__has_sixth_form=group.has_sixth_form)
    low, high = _third(group)
    if low is not None:
        like = like.filter(comparison_group__roll__gte=low)
    if high is not None:
        like = like.filter(comparison_group__roll__lt=high)
    here = like.filter(region=school.region) if school.region else like
    return here if here.count() >= FEWEST else like


def _third(group: ComparisonGroup) -> tuple[int | None, int | None]:
    """The rolls between which this third of schools lies; no bounds where sizes aren't known."""
    like = ComparisonGroup.objects.filter(Q(has_sixth_form=group.has_sixth_form), roll__isnull=False)
    rolls = sorted(roll for roll in like.values_list("roll", flat=True) if roll is not None)
    if group.roll is None or len(rolls) < 3 * FEWEST:
        return None, None
    first, second = rolls[len(rolls) // 3], rolls[2 * len(rolls) // 3]
    if group.roll < first:
        return None, first
    return (first, second) if group.roll < second else (second, None)
