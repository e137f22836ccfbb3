"""Figures of how requests were answered, each with how sure it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, comb
from typing import Final

from brokerage.fairness.descriptive import wilson
from brokerage.queries.faring import Answered

SMALL: Final = 5
ENOUGH: Final = 10
"""Under so many requests nothing is said but their number; under five, not even that."""
UNSURE: Final = 0.025


@dataclass(frozen=True)
class Quantile:
    """School days, None where it lies among those without an answer; `low` to `high` holds it 95 times in 100."""

    days: int | None
    low: int | None
    high: int | None

    @property
    def words(self) -> str:
        if self.days is None:
            return "Not reached yet"
        return "1 school day" if self.days == 1 else f"{self.days} school days"

    @property
    def interval(self) -> str:
        """`3 to 8`, `12 or more`."""
        if self.low is None:
            return "longer than any answer took so far"
        return f"{self.low} or more" if self.high is None else f"{self.low} to {self.high}"


@dataclass(frozen=True)
class Share:
    of: int
    granted: int
    low: float
    high: float

    @property
    def words(self) -> str:
        return percent(self.granted / self.of)

    @property
    def interval(self) -> str:
        return f"{percent(self.low)} to {percent(self.high)}"


@dataclass(frozen=True)
class Figures:
    median: Quantile
    nine_in_ten: Quantile
    granted: Share


@dataclass(frozen=True)
class Fare:
    """How requests in one area fared; without figures where there are too few to say."""

    area: str
    count: int
    figures: Figures | None = None

    @property
    def counted(self) -> str:
        return f"{self.count:,}" if self.count >= SMALL else f"fewer than {SMALL}"

    @property
    def sentence(self) -> str:
        """The page's answer in a breath; empty where there are too few to say."""
        if self.figures is None:
            return ""
        granted, median = self.figures.granted, self.figures.median
        yes = f"Schools granted {granted.granted:,} of {granted.of:,} requests ({granted.words})."
        if median.days is None:
            return f"{yes} More than half have had no answer."
        return f"{yes} Half had an answer within {median.words}."


def fare(area: str, requests: Sequence[Answered]) -> Fare:
    if len(requests) < ENOUGH:
        return Fare(area, len(requests))
    days = [each.days for each in requests]
    granted = sum(each.is_granted for each in requests)
    return Fare(
        area,
        len(requests),
        Figures(
            median=quantile(days, 0.5),
            nine_in_ten=quantile(days, 0.9),
            granted=Share(len(requests), granted, *wilson(granted, len(requests))),
        ),
    )


def quantile(days: Sequence[int | None], share: float) -> Quantile:
    """The share's order statistic and its distribution-free interval: the ranks l and u with
    P(B < l) ≤ 2.5% and P(B ≥ u) ≤ 2.5% for B binomial(n, share).

    Requests without an answer rank after all others: their days are more than any. A rank below 1 is the shortest, one
    above n open-ended. Source: Hahn & Meeker, Statistical Intervals, 1991, section 5.2.
    """
    ranked = sorted(days, key=lambda each: (each is None, each))
    count = len(ranked)
    up_to = _up_to(count, share)
    low = max((rank for rank in range(1, count + 1) if up_to[rank - 1] <= UNSURE), default=1)
    high = min((rank for rank in range(1, count + 1) if 1 - up_to[rank - 1] <= UNSURE), default=None)
    return Quantile(
        days=ranked[ceil(share * count) - 1],
        low=ranked[low - 1],
        high=None if high is None else ranked[high - 1],
    )


def _up_to(count: int, share: float) -> list[float]:
    """P(B ≤ k) for k from 0 to count."""
    total, found = 0.0, []
    for k in range(count + 1):
        total += comb(count, k) * share**k * (1 - share) ** (count - k)
        found.append(total)
    return found


def percent(share: float) -> str:
    """Whole percents; 99.6% is «over 99%» and 0.4% «under 1%»."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{round(share * 100)}%"
