"""How likely a cohort is to miss the next 28 February: delivered so far, what is in the diary, what usually comes.

    P(miss) = P(Binomial(in diary, survival) + further < wanted)

`survival`: the school's own record of planned sessions that took place, shrunk towards the national rate as if eight
more had gone as everywhere. `further`: sessions nobody has planned yet, negative binomial: a Gamma prior for a
school's rate per season, updated with last season's count and, where given, this season's so far, times the share of
a season's sessions still to be agreed. It says what is likely, never what is owed: that is `standing`."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTHS: Final = 12


@dataclass(frozen=True)
class Hyperparameters:
    """Fitted on a season whose end is known (`fit`). `mean` and `shape` are of sessions held per cohort from
    1 September to 28 February. `by_month`, January first, is the share of them that was *agreed* in each month: what
    is already in the diary is counted there, so only what is still to be agreed may count as further."""

    mean: float
    shape: float
    national_survival: float
    by_month: tuple[float, ...]
    pseudo_sessions: float = 8.0

    def __post_init__(self) -> None:
        if len(self.by_month) != MONTHS or not math.isclose(sum(self.by_month), 1, abs_tol=1e-6):
            raise ValueError("by_month needs twelve shares that sum to 1")
        if self.mean <= 0 or self.shape <= 0 or not 0 <= self.national_survival <= 1:
            raise ValueError("mean and shape must be above 0, national_survival from 0 to 1")


@dataclass(frozen=True)
class Outlook:
    """What is known of a cohort's phase today. `wanted`: `Standing.short_by`. `in_diary`: agreed sessions up to the
    deadline that would count. `planned_before`, `held_before`: the school's own record of earlier ones.
    `last_season`: sessions held from 1 September to 28 February; `this_season`: held so far or in the diary. Both
    None where unknown."""

    wanted: int
    in_diary: int
    planned_before: int
    held_before: int
    last_season: int | None
    this_season: int | None = None


def chance_of_missing(outlook: Outlook, remaining: float, given: Hyperparameters) -> float:
    """`remaining`: the share of a season's sessions still to be agreed (`remaining_share`). 0 to 1."""
    if outlook.wanted <= 0:
        return 0.0
    p = survival(outlook.planned_before, outlook.held_before, given)
    from_diary = _binomial(outlook.in_diary, p, outlook.wanted)
    further = _further(outlook, remaining, given)
    together = (
        from_diary[held] * more for held in range(outlook.wanted) for more in further[: outlook.wanted - held]
    )
    return min(1.0, math.fsum(together))


def survival(planned: int, held: int, given: Hyperparameters) -> float:
    """The chance that a session in the diary takes place."""
    pseudo = given.pseudo_sessions
    return (held + pseudo * given.national_survival) / (planned + pseudo)


def remaining_share(today: date, deadline: date, given: Hyperparameters) -> float:
    """Of one season's sessions, those still to be agreed from tomorrow to the deadline; one season at most."""
    share, day = 0.0, today + timedelta(days=1)
    while day <= deadline and share < 1:
        first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        month = first_of_next - day.replace(day=1)
        inside = min(first_of_next, deadline + timedelta(days=1)) - day
        # The season ends on 28 February, whatever the year.
        days = 28 if day.month == 2 else month.days
        share += given.by_month[day.month - 1] * inside.days / days
        day = first_of_next
    return min(1.0, share)


def fit(counts: Sequence[int], months: Iterable[int], planned: int, held: int) -> Hyperparameters:
    """From one season: sessions held per cohort, the month in which each was agreed, and what became of planned
    ones. Method of moments; counts no more spread than chance get so great a shape that every school has the mean."""
    if len(counts) < 2 or not any(counts):
        raise ValueError("a season with sessions of at least two cohorts is needed")
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    shape = mean**2 / (variance - mean) if variance > mean else 1e6
    listed = list(months)
    by_month = tuple(listed.count(month) / len(listed) for month in range(1, MONTHS + 1))
    return Hyperparameters(mean, shape, held / planned if planned else 1.0, by_month)


def _binomial(n: int, p: float, up_to: int) -> list[float]:
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) if k <= n else 0.0 for k in range(up_to)]


def _further(outlook: Outlook, remaining: float, given: Hyperparameters) -> list[float]:
    """Poisson over Gamma(shape + sessions seen, shape / mean + seasons seen): chances of 0, 1, … fewer than wanted."""
    shape, rate = given.shape, given.shape / given.mean
    for seen, seasons in ((outlook.last_season, 1.0), (outlook.this_season, 1 - remaining)):
        if seen is not None:
            shape, rate = shape + seen, rate + seasons
    stays = rate / (rate + remaining)
    chances = [math.exp(shape * math.log(stays))]
    for count in range(1, outlook.wanted):
        chances.append(chances[-1] * (shape + count - 1) / count * (1 - stays))
    return chances
