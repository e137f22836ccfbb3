"""Which days and times pupils are in school (rule R16): pure, from a school's closures and England's bank holidays.

The bank holidays are those that came with the package: nothing is fetched. They are known up to
`bank_holidays_known_until()`; on later days only weekends and the school's own closures count as closed, and a test
fails a year ahead of that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from typing import Final

from govuk_bank_holidays.bank_holidays import BankHolidays

SATURDAY: Final = 5
# Longer than any summer; beyond it a calendar with no open day is a mistake, not a holiday.
LONGEST_CLOSURE: Final = timedelta(days=366)


@cache
def bank_holidays() -> Mapping[date, str]:
    """England's, by date, with their names."""
    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"]: str(holiday["title"]) for holiday in known}


def bank_holidays_known_until() -> date:
    return max(bank_holidays())


@dataclass(frozen=True)
class Closed:
    """Days without pupils, both ends included: a holiday, a half-term or an INSET day."""

    first_on: date
    last_on: date
    label: str = ""

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise ValueError(f"a closure ends on {self.last_on}, before it starts on {self.first_on}")


@dataclass(frozen=True)
class SchoolDays:
    """One school's standard school day and the days on which it has one."""

    day_starts: time
    day_ends: time
    closed: tuple[Closed, ...] = ()

    def __post_init__(self) -> None:
        if self.day_ends <= self.day_starts:
            raise ValueError(f"the day ends at {self.day_ends:%H:%M}, not after {self.day_starts:%H:%M}")

    def closure_on(self, day: date) -> Closed | None:
        return next((each for each in self.closed if each.first_on <= day <= each.last_on), None)

    def what_closes(self, day: date) -> str | None:
        """The name of what closes the school then: what the school calls it before what the country does. None on a
        school day."""
        if day.weekday() >= SATURDAY:
            return f"{day:%A}"
        closure = self.closure_on(day)
        if closure is not None and closure.label:
            return closure.label
        return bank_holidays().get(day) or ("closed" if closure is not None else None)

    def why_closed(self, day: date) -> str | None:
        """What to say after «it was», or None on a school day."""
        if day.weekday() >= SATURDAY:
            return f"a {day:%A}"
        if (holiday := bank_holidays().get(day)) is not None:
            return f"a bank holiday ({holiday})"
        closure = self.closure_on(day)
        if closure is None:
            return None
        return f"a closed day ({closure.label})" if closure.label else "a day the school was closed"

    def is_school_day(self, day: date) -> bool:
        return self.why_closed(day) is None

    def holds(self, starts: time, ends: time) -> bool:
        """Whether all of it lies within the school day; its first and last minute belong to it."""
        return self.day_starts <= starts and ends <= self.day_ends

    def last_school_day(self, on_or_before: date) -> date | None:
        """None when the school was closed for a whole year before."""
        return self.school_days_back(on_or_before, 1)

    def school_days_back(self, on_or_before: date, count: int) -> date | None:
        """The `count`-th school day counting back, the day itself included where it is one."""
        day, left = on_or_before, count
        earliest = on_or_before - LONGEST_CLOSURE
        while day >= earliest:
            left -= self.is_school_day(day)
            if not left:
                return day
            day -= timedelta(days=1)
        return None
