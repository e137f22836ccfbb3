"""One request's life, and the binary questions it answers once it is mature. y = 1 is bad for the provider.

A day is a whole number of days since the stream's first academic year began (day 0 = 1 September)."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from brokerage.fairness.parameters import (
    ACCESS_ROW,
    CANCEL_ROW,
    MARGINAL_ROW,
    SPEED_7,
    SPEED_14,
    Parameters,
)

EXEMPT_REASONS: Final = frozenset({"duplicate", "safeguarding_upheld", "not_a_provider"})
OUT_OF_LESSON: Final = frozenset({"lunchtime", "after_school", "before_school"})
KEY_STAGES: Final = {7: 3, 8: 3, 9: 3, 10: 4, 11: 4, 12: 5, 13: 5}


@dataclass(slots=True)
class Case:
    """A request and what became of it so far. Answers and endings keep the first of their kind. School, provider,
    pair and origin are the engine's numbers."""

    id: str
    school: int
    provider: int
    pair: int
    technical: bool
    origin: int
    minutes: float
    whole_year: bool
    asked: int
    month: int
    answered: int | None = None
    granted: bool = False
    reason: str = ""
    scheduled: int | None = None
    offered_minutes: float = 0.0
    slot: str = ""
    audience_kind: str = ""
    audience_planned: float = 0.0
    cohort: float = 0.0
    withdrawn: int | None = None
    cancelled: int | None = None
    cancelled_by: str = ""
    delivered: int | None = None

    def is_exempt(self, settings: Parameters) -> bool:
        """Withdrawn before an answer, or refused for a reason that says nothing of the school."""
        last = self.asked + settings.maturity_days
        if self.withdrawn is not None and self.withdrawn <= last and self.answered is None:
            return True
        return self.answered is not None and self.answered <= last and self.reason in EXEMPT_REASONS

    def ripe_on(self, settings: Parameters) -> int:
        """When CANCEL and MARGINAL are asked: not before day 28, nor before the day agreed."""
        return max(self.asked + settings.maturity_days, self.scheduled or 0)

    def first_answers(self, settings: Parameters) -> list[tuple[int, int]]:
        """ACCESS and SPEED on day 28, as (row, y). Never answered is a silent refusal."""
        if self.is_exempt(settings):
            return []
        last = self.asked + settings.maturity_days
        answered = self.answered is not None and self.answered <= last
        rows = [(ACCESS_ROW, 0 if answered and self.granted else 1)]
        if answered and self.answered is not None:
            took = self.answered - self.asked
            rows.append((SPEED_7, int(took > settings.slow_days[0])))
            if took > settings.slow_days[0]:
                rows.append((SPEED_14, int(took > settings.slow_days[1])))
        return rows

    def later_answers(self, settings: Parameters) -> list[tuple[int, int]]:
        """CANCEL and MARGINAL once the agreed day is past, as (row, y)."""
        if not self.granted or self.scheduled is None or self.is_exempt(settings):
            return []
        due = self.ripe_on(settings)
        cancelled = self.cancelled is not None and self.cancelled <= due
        if cancelled and self.cancelled_by == "provider":
            return []
        rows = [(CANCEL_ROW, int(cancelled))]
        if self.delivered is not None and self.delivered <= due and not cancelled:
            rows.append((MARGINAL_ROW, int(self.is_marginal(settings))))
        return rows

    def is_marginal(self, settings: Parameters) -> bool:
        least = max(settings.marginal_minutes, settings.marginal_share_of_minutes * self.minutes)
        small = self.audience_kind == "selected" or (
            self.cohort > 0 and self.audience_planned < settings.marginal_share_of_cohort * self.cohort
        )
        return self.offered_minutes < least or self.slot in OUT_OF_LESSON or (self.whole_year and small)


@cache
def month_of(day: int, first: date) -> int:
    return (first + timedelta(days=day)).month


def half_term(day: int, settings: Parameters) -> int:
    """Counts half-terms from day 0 on, six a year."""
    return _half_term(day, settings.half_terms)


@cache
def _half_term(day: int, starts: tuple[int, ...]) -> int:
    year, within = divmod(day, 365)
    return len(starts) * year + sum(within >= start for start in starts) - 1
