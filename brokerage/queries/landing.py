"""Figures for the landing page's live strip: true ones, or none."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Aggregate, DurationField, F
from django.utils import timezone
from redis.exceptions import RedisError

from brokerage.accounts.models import Kind, Organisation
from brokerage.models import Claim, EncounterNeed, Listing

KEY = "landing-figures"
SECONDS = 60
ENOUGH_ANSWERS = 5


@dataclass(frozen=True)
class Figures:
    area: str
    is_new: bool
    open_needs: int
    claimed_this_week: int
    usual_wait_days: int | None

    @property
    def says_something(self) -> bool:
        return bool(self.is_new or self.open_needs or self.claimed_this_week)


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def figures() -> Figures | None:
    """At most a minute old. None when they can't be had: the page then shows no strip, never zeros."""
    with contextlib.suppress(RedisError):
        if isinstance(kept := cache.get(KEY), Figures):
            return kept
    try:
        counted = count(at=timezone.now())
    except DatabaseError:
        return None
    with contextlib.suppress(RedisError):
        cache.set(KEY, counted, SECONDS)
    return counted


def count(*, at: datetime) -> Figures:
    open_needs = Listing.objects.filter(is_first=True, open_until__gt=at).values("need").distinct().count()
    areas = list(Organisation.objects.filter(kind=Kind.HUB).values_list("name", flat=True)[:2])
    return Figures(
        area=areas[0].removesuffix(" careers hub").removesuffix(" hub") if len(areas) == 1 else "",
        is_new=open_needs == 0 and not EncounterNeed.objects.published().exists(),
        open_needs=open_needs,
        claimed_this_week=Claim.objects.filter(submitted_at__gt=at - timedelta(days=7)).count(),
        usual_wait_days=_usual_wait(at),
    )


def _usual_wait(at: datetime) -> int | None:
    """Days from offer to answer, the middle one of the last 90 days; places taken first come don't wait."""
    answered = Claim.objects.filter(
        answered_at__gt=F("submitted_at"), submitted_at__gt=at - timedelta(days=90)
    )
    if answered[:ENOUGH_ANSWERS].count() < ENOUGH_ANSWERS:
        return None
    wait: timedelta = answered.aggregate(wait=_Median(F("answered_at") - F("submitted_at")))["wait"]
    return max(1, round(wait / timedelta(days=1)))
