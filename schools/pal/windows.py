"""When each key phase is open to a cohort (R1 to R7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from brokerage.calendar.school_days import SchoolDays
from brokerage.calendar.terms import first_day_of_term
from schools.pal.parameters import DEFAULT, Parameters

KEY_PHASES: Final[Mapping[int, tuple[int, int]]] = {1: (8, 9), 2: (10, 11), 3: (12, 13)}
OCCASIONS: Final = 2
ORDINALS: Final = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True)
class Window:
    """Both ends included. It closes on 28 February whatever the year: 29 February lies outside (R3)."""

    opens: date
    closes: date

    def __contains__(self, day: date) -> bool:
        return self.opens <= day <= self.closes


def window(y7_entry: int, phase: int, first_days: Mapping[int, date] | None = None) -> Window:
    """R2. It opens on the school's own first day of term in the phase's first year, usually 1 September (R7)."""
    starts = y7_entry + KEY_PHASES[phase][0] - 7
    return Window(_first_day(starts, first_days or {}), date(starts + 2, 2, 28))


def year_group(y7_entry: int, day: date, first_days: Mapping[int, date] | None = None) -> int:
    """Which year the cohort is in on a day (R4): it rolls on 1 September, or on the school's own first day."""
    begun = day >= _first_day(day.year, first_days or {})
    return 7 + day.year - y7_entry - (not begun)


def entry_of(year: int, day: date, first_days: Mapping[int, date] | None = None) -> int:
    """The cohort that is in a year group on a day, by the September it entered Year 7."""
    return year_group(0, day, first_days) - year


def first_days(days: SchoolDays) -> dict[int, date]:
    """First days of term in August, by year, as a calendar tells them: the only ones that move anything (R7)."""
    summers = {each.last_on for each in days.closed if each.is_holiday and each.last_on.month == 8}
    found = {summer.year: first_day_of_term(days, summer.year) for summer in summers}
    return {year: day for year, day in found.items() if day.month == 8}


def phase_of(year: int) -> int:
    """The phase to which a session in this year group is to be explained; Year 7 and Year 14 lie in none (R5)."""
    return 1 if year <= KEY_PHASES[1][1] else 2 if year <= KEY_PHASES[2][1] else 3


def working_deadline(closes: date, days: SchoolDays) -> date | None:
    """R6: the last school day up to 28 February. The window itself is never extended."""
    return days.last_school_day(closes)


def warnings_on(closes: date, days: SchoolDays, parameters: Parameters = DEFAULT) -> list[date]:
    """R6: the days on which to warn of the working deadline: 1 November, 1 January, four school weeks before."""
    fixed = [
        date(closes.year - (month > closes.month), month, day_of_month)
        for month, day_of_month in parameters.warn_on
    ]
    weeks_before = days.school_days_back(closes, parameters.warn_school_days + 1)
    return sorted({*fixed, *([weeks_before] if weeks_before else [])})


def _first_day(year: int, first_days: Mapping[int, date]) -> date:
    return first_days.get(year, date(year, 9, 1))
