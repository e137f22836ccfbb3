"""Which schools' needs stood in the lists that people looked at, and how high: without it, being seen can be neither
measured nor put right.

A request only appends to a list in memory; a thread of its own counts and writes, every ten seconds and process.
What is in memory when a process ends, or when the database doesn't take it, is lost: up to ten seconds of counts.
Nothing is ever written a second time, so no count is doubled.
"""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from datetime import date
from functools import cache
from math import log2
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from brokerage.eventlog.coalesced import Coalesced

AT_MOST: Final = 20_000
"""Lists kept between two writings; were there more, the oldest are lost."""

# viewers' category, the schools from the top down, the rank of the first
_shown: deque[tuple[str, Sequence[int], int]] = deque(maxlen=AT_MOST)

_WRITE: Final = """
INSERT INTO equity_exposure (day, school_id, viewers, impressions, exposure)
SELECT %s::date, * FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::float[])
ON CONFLICT (day, school_id, viewers) DO UPDATE
SET impressions = equity_exposure.impressions + excluded.impressions,
    exposure = equity_exposure.exposure + excluded.exposure
"""


def shown(schools: Sequence[int], *, viewers: str, first_rank: int = 1) -> None:
    """One list, as it was answered: the schools of its cards from the top down, a school as often as it has cards.
    Costs the request an append."""
    if not schools:
        return
    _shown.append((viewers, schools, first_rank))
    if settings.WRITE_IMPRESSIONS_SECONDS:
        _soon()


def flush(*, today: date | None = None) -> int:
    """Write what was shown since the last time; returns how many cards. Counts that can't be written are lost: after a
    connection broke while it committed, nobody knows whether they were."""
    lists = [_shown.popleft() for _ in range(len(_shown))]
    impressions = Counter[tuple[int, str]]()
    exposure = defaultdict[tuple[int, str], float](float)
    for viewers, schools, first_rank in lists:
        for rank, school in enumerate(schools, first_rank):
            impressions[school, viewers] += 1
            exposure[school, viewers] += weight(rank)
    # Always in the same order: two processes that write the same schools wait for each other, never in a circle.
    keys = sorted(impressions)
    if keys:
        with transaction.atomic(), connection.cursor() as cursor:
            values: list[Any] = [
                today or timezone.localdate(),
                [school for school, _ in keys],
                [viewers for _, viewers in keys],
                [impressions[key] for key in keys],
                [exposure[key] for key in keys],
            ]
            cursor.execute(_WRITE, values)
    return impressions.total()


@cache
def weight(rank: int) -> float:
    """1/log2(rank + 1), what a place in a list is worth: 1 at the top.

    Source: Singh & Joachims, Fairness of exposure in rankings, KDD 2018, after Järvelin & Kekäläinen's DCG, 2002."""
    return 1 / log2(rank + 1)


def _write() -> None:
    # The first list of a quiet spell waits for those behind it.
    time.sleep(settings.WRITE_IMPRESSIONS_SECONDS or 0)
    try:
        flush()
    finally:
        connection.close()


_soon = Coalesced(_write)
