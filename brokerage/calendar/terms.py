"""Terms and half-terms, read off a school's closures. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from brokerage.calendar.school_days import SchoolDays

A_DAY: Final = timedelta(days=1)
# A half-term week is nine days long with its weekends, an Easter weekend with an INSET day behind it five.
PARTS: Final = timedelta(days=6)
# Late Easters begin the summer term in mid-April, early ones at the very end of March.
SUMMER_FROM: Final = (3, 25)
TERMS: Final = ("autumn", "spring", "summer")
ORDINALS: Final = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class HalfTerm:
    """School days between two holidays, both ends included; `label` like «spring first half»."""

    first_on: date
    last_on: date
    label: str

    def __contains__(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on


def first_day_of_term(days: SchoolDays, year: int) -> date:
    """The day on which year groups roll (rule R7): 1 September, or the school's own first day where that is in late
    August. 1 September too when the summer holiday isn't listed."""
    usual = date(year, 9, 1)
    summer = days.holiday_on(date(year, 8, 15))
    if summer is None or summer.last_on >= usual:
        return usual
    day = summer.last_on + A_DAY
    while day < usual and not days.is_school_day(day):
        day += A_DAY
    return day


def half_terms(days: SchoolDays, academic_year: int) -> list[HalfTerm]:
    """Usually six. Empty when the calendar lists no holiday in that year: then nobody can say where they part."""
    first, end = first_day_of_term(days, academic_year), first_day_of_term(days, academic_year + 1) - A_DAY
    if not any(each.is_holiday and first <= each.first_on <= end for each in days.closed):
        return []
    runs = list(_runs(days, first, end))
    terms = [_term(run[0]) for run in runs]
    return [
        HalfTerm(*run, _label(term, terms[:place].count(term), terms.count(term)))
        for place, (run, term) in enumerate(zip(runs, terms, strict=True))
    ]


def _runs(days: SchoolDays, first: date, end: date) -> Iterator[tuple[date, date]]:
    """Stretches that no gap of a week or so parts, from their first school day to their last."""
    began = last = None
    for number in range((end - first).days + 1):
        day = first + timedelta(days=number)
        if not days.is_school_day(day):
            continue
        if began is not None and last is not None and day - last - A_DAY >= PARTS:
            yield began, last
            began = day
        began, last = began or day, day
    if began is not None and last is not None:
        yield began, last


def _term(first_on: date) -> str:
    if (first_on.month, first_on.day) >= (8, 1):
        return TERMS[0]
    return TERMS[1] if (first_on.month, first_on.day) < SUMMER_FROM else TERMS[2]


def _label(term: str, before: int, together: int) -> str:
    if together == 1:
        return f"{term} term"
    return f"{term} {ORDINALS[min(before, len(ORDINALS) - 1)]} {'half' if together == 2 else 'part'}"
