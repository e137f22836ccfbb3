"""Whose needs stood in the lists that the town's employers and providers opened, each school day so far."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Final

from brokerage.accounts.models import Category
from brokerage.equity import impressions
from brokerage.equity.models import Exposure
from brokerage.models import Slot
from brokerage.queries.cursors import SIZE
from config.demo.clock import Timeline, local

LISTS_A_DAY: Final = {Category.EMPLOYER: 12, Category.TECHNICAL_PROVIDER: 5, Category.UNIVERSITY: 2}
# Wishes of their own leave people part of what is open.
WANTED: Final = 0.5
SATURDAY: Final = 5


def look(timeline: Timeline, seed: int) -> None:
    """What was open that morning, soonest first, as the page would have shown it."""
    chance = random.Random(seed)  # noqa: S311 (nothing to guess)
    slots = list(
        Slot.objects.filter(need__published_at__isnull=False)
        .order_by("starts_at", "id")
        .values_list("need_id", "need__school_id", "need__published_at", "starts_at")
    )
    day = slots[0][-1].date() if slots else timeline.today
    rows: list[Exposure] = []
    while day < timeline.today:
        if day.weekday() < SATURDAY:
            morning = local(day, time(8))
            # A need stands in a list once, where its earliest time does.
            shown = {
                need: school for need, school, said, starts in slots if said and said <= morning < starts
            }
            rows += _seen(day, list(shown.values()), chance)
        day += timedelta(days=1)
    Exposure.objects.bulk_create(rows, batch_size=1000)


def _seen(day: date, schools: Sequence[int], chance: random.Random) -> Iterator[Exposure]:
    for viewers, lists in LISTS_A_DAY.items():
        count, exposure = Counter[int](), defaultdict[int, float](float)
        for _ in range(lists):
            listed = [school for school in schools if chance.random() < WANTED][:SIZE]
            for rank, school in enumerate(listed, 1):
                count[school] += 1
                exposure[school] += impressions.weight(rank)
        for school, shown in sorted(count.items()):
            yield Exposure(
                day=day, school_id=school, viewers=viewers, impressions=shown, exposure=exposure[school]
            )
