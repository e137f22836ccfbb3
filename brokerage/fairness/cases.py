"""One request's life, and the binary questions it answers once it is mature. y = 1 is bad for the provider.

A day is a whole number of days since the first of the academic years that count began (day 0, a 1 September)."""

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
    pair and origin are the engine's numbers.

    The school's 28 days stand still while the asker owes it a word: an answer to a question, or to an offer of all
    that was asked and that still stands. `owed` counts those days."""

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
    first_come: bool = False
    exempt: bool = False
    answered: int | None = None
    took: int = 0
    decided: int | None = None
    granted: bool = False
    offered_in_full: bool = False
    waits_since: int | None = None
    owed: int = 0
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
    is_scored: bool = False
    is_closed: bool = False

    def answer(self, day: int) -> None:
        """The school's first word that is no question: what SPEED measures."""
        if self.answered is None:
            self.resume(day)
            self.answered, self.took = day, day - self.asked - self.owed

    def pause(self, day: int) -> None:
        if self.waits_since is None and self.decided is None:
            self.waits_since = day

    def resume(self, day: int) -> None:
        if self.waits_since is not None:
            self.owed += day - self.waits_since
            self.waits_since = None

    def last(self, settings: Parameters) -> int:
        """Day 28, as the school's clock counts."""
        return self.asked + settings.maturity_days + self.owed

    def is_exempt(self, settings: Parameters) -> bool:
        """Taken out, withdrawn before an answer or against an offer of all that was asked, or refused for a reason
        that says nothing of the school."""
        if self.exempt:
            return True
        last = self.last(settings)
        if self.withdrawn is not None and self.withdrawn <= last and self.decided is None:
            return self.answered is None or self.offered_in_full
        return self.decided is not None and self.decided <= last and self.reason in EXEMPT_REASONS

    def ripe_on(self, settings: Parameters) -> int:
        """When CANCEL and MARGINAL are asked: not before day 28, nor before the day agreed."""
        return max(self.last(settings), self.scheduled or 0)

    def first_answers(self, settings: Parameters) -> list[tuple[int, int]]:
        """ACCESS and SPEED on day 28, as (row, y). Never answered is a silent refusal; what nobody at the school
        decided is no trial."""
        if self.first_come or self.is_exempt(settings):
            return []
        last = self.last(settings)
        decided = self.decided is not None and self.decided <= last
        rows = [(ACCESS_ROW, 0 if decided and self.granted else 1)]
        if self.answered is not None and self.answered <= last:
            rows.append((SPEED_7, int(self.took > settings.slow_days[0])))
            if self.took > settings.slow_days[0]:
                rows.append((SPEED_14, int(self.took > settings.slow_days[1])))
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
