"""Which days and times pupils are in school (rule R16), and what stands against a visit (R48): pure, from a school's
closures and England's bank holidays. The one place that knows.

The bank holidays are those that came with the package: nothing is fetched. They are known up to
`bank_holidays_known_until()`; on later days only weekends and the school's own closures count as closed, and a test
fails a year ahead of that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache, cached_property
from typing import Final

from govuk_bank_holidays.bank_holidays import BankHolidays

from brokerage.calendar import dates

SATURDAY: Final = 5
WEEKEND: Final = ("Saturday", "Sunday")
# Longer than any summer; beyond it a calendar with no open day is a mistake, not a holiday.
LONGEST_CLOSURE: Final = timedelta(days=366)
# Words of what one can be in; other names of closures say why it is closed.
SEASONS: Final = frozenset(
    {
        *("half-term", "half", "term", "holiday", "holidays", "break"),
        *("vacation", "christmas", "easter", "whitsun", "autumn", "winter"),
        *("spring", "summer", "october", "february", "may"),
    }
)


@cache
def bank_holidays() -> Mapping[date, str]:
    """England's, by date, with their names."""
    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"]: str(holiday["title"]) for holiday in known}


def bank_holidays_known_until() -> date:
    return max(bank_holidays())


@dataclass(frozen=True)
class Closed:
    """Days without pupils, both ends included: a holiday or half-term, or an INSET day. As `warned`: days with pupils
    on which a visit is better not, like mock exams."""

    first_on: date
    last_on: date
    label: str = ""
    is_holiday: bool = True

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise ValueError(f"a closure ends on {self.last_on}, before it starts on {self.first_on}")

    def __contains__(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True)
class Clash:
    """What stands against a visit. `refuses` when the school can't receive anyone then; `words` name what it is."""

    words: str
    refuses: bool = False


@dataclass(frozen=True)
class SchoolDays:
    """One school's standard school day and the days on which it has one."""

    day_starts: time
    day_ends: time
    closed: tuple[Closed, ...] = ()
    warned: tuple[Closed, ...] = ()

    def __post_init__(self) -> None:
        if self.day_ends <= self.day_starts:
            raise ValueError(f"the day ends at {self.day_ends:%H:%M}, not after {self.day_starts:%H:%M}")

    @cached_property
    def _found(self) -> dict[date, Closed | None]:
        """What `closure_on` was asked before: one calendar answers for many requests and cohorts."""
        return {}

    def closure_on(self, day: date) -> Closed | None:
        if day not in self._found:
            self._found[day] = next((each for each in self.closed if day in each), None)
        return self._found[day]

    def what_closes(self, day: date) -> str | None:
        """The name of what closes the school then: what the school calls it before what the country does. None on a
        school day."""
        if day.weekday() >= SATURDAY:
            return WEEKEND[day.weekday() - SATURDAY]
        closure = self.closure_on(day)
        if closure is not None and closure.label:
            return closure.label
        return bank_holidays().get(day) or ("closed" if closure is not None else None)

    def why_closed(self, day: date) -> str | None:
        """What to say after «it was», or None on a school day."""
        if day.weekday() >= SATURDAY:
            return f"a {WEEKEND[day.weekday() - SATURDAY]}"
        if (holiday := bank_holidays().get(day)) is not None:
            return f"a bank holiday ({holiday})"
        closure = self.closure_on(day)
        if closure is None:
            return None
        return f"a closed day ({closure.label})" if closure.label else "a day the school was closed"

    def is_school_day(self, day: date) -> bool:
        return self.why_closed(day) is None

    def count(self, first: date, last: date) -> int:
        """School days from `first` up to and with `last`."""
        span = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return sum(map(self.is_school_day, span))

    def holiday_on(self, day: date) -> Closed | None:
        """A holiday or half-term that the calendar lists; no weekend, bank holiday or INSET day."""
        return next((each for each in self.closed if each.is_holiday and day in each), None)

    def next_holiday(self, after: date) -> Closed | None:
        """The first that begins later; None while one is on, or when none is listed."""
        if self.holiday_on(after) is not None:
            return None
        ahead = [each for each in self.closed if each.is_holiday and each.first_on > after]
        return min(ahead, key=lambda each: each.first_on, default=None)

    def clash_on(self, day: date) -> Clash | None:
        """The weightiest thing against a visit: a holiday refuses it; what else the school listed, a weekend or a
        bank holiday is for the school to weigh."""
        if (holiday := self.holiday_on(day)) is not None:
            return Clash(inside(holiday.label) or "a holiday", refuses=True)
        listed = next((each for each in (*self.closed, *self.warned) if day in each), None)
        if listed is not None:
            return Clash(listed.label or "Closed")
        closed = self.what_closes(day)
        return Clash(closed) if closed else None

    def refuses(self, day: date, today: date) -> str:
        """What to say beside a date in the school's holidays, when it receives nobody; empty on any other day."""
        holiday = self.holiday_on(day)
        if holiday is None:
            return ""
        named = not holiday.label or is_season(holiday.label)
        why = f"in {inside(holiday.label) or 'a holiday'}" if named else f"closed ({holiday.label})"
        return _choose_another(day, why, today)

    def has_no_pupils(self, day: date, today: date) -> str:
        """The same beside a date on which no pupils are in, for whatever reason; empty on a school day."""
        if refused := self.refuses(day, today):
            return refused
        why = "at the weekend" if day.weekday() >= SATURDAY else self.why_closed(day)
        return _choose_another(day, why, today) if why else ""

    def outside(self, starts: time, ends: time) -> Clash | None:
        """Before or after lessons: pupils may be gone, and it can't count for provider access (rule R16)."""
        if self.holds(starts, ends):
            return None
        return Clash(f"Outside your day, {self.day_starts:%H:%M} to {self.day_ends:%H:%M}")

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


def _choose_another(day: date, why: str, today: date) -> str:
    return f"{dates.in_sentence(day, today)} is {why}. Choose a school day."


def is_season(label: str) -> bool:
    """Whether one can be in it, as in a half-term or «Easter»: schools close for boilers and floods, too."""
    return any(word.strip(".,()").lower() in SEASONS for word in label.split())


def inside(label: str) -> str:
    """A label in the middle of a sentence: «half-term», but «INSET» and «Easter»-like names stay as typed."""
    first_word = label.split(" ")[0]
    common = first_word.lower() in {"half-term", "half", "holiday", "school", "summer", "autumn", "spring"}
    return label[:1].lower() + label[1:] if common else label
