"""The three terms of a year, by month: the same that `term_of` names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from brokerage.models.access_request import term_of

LONDON: Final = ZoneInfo("Europe/London")
MOMENT: Final = timedelta(microseconds=1)
KEPT: Final = 4
"""This term and the three before it: a year, and the term to compare the first of them with."""
_FIRST_MONTHS: Final = (1, 4, 9)


@dataclass(frozen=True)
class Term:
    """`name` is «2026/27 autumn», as requests have it; `until` is the first day that is no longer in it."""

    name: str
    first_on: date
    until: date

    @property
    def slug(self) -> str:
        """`2026-27-autumn`, for addresses."""
        return self.name.replace("/", "-").replace(" ", "-")

    @property
    def label(self) -> str:
        """`Autumn 2026`."""
        return f"{self.name.split()[1].capitalize()} {self.first_on.year}"

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Its first moment in England, and the first after it."""
        return _midnight(self.first_on), _midnight(self.until)


def term_on(day: date) -> Term:
    first = date(day.year, max(month for month in _FIRST_MONTHS if month <= day.month), 1)
    following = [month for month in _FIRST_MONTHS if month > first.month]
    until = date(first.year, following[0], 1) if following else date(first.year + 1, 1, 1)
    return Term(term_of(_midnight(first)), first, until)


def back_from(day: date, count: int = KEPT) -> Iterator[Term]:
    """The term of this day, and those before it, newest first."""
    for _ in range(count):
        term = term_on(day)
        yield term
        day = term.first_on - timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)
