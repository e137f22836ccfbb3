"""School years of the demo world: real-looking dates for any year, so that it can be loaded on any day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from brokerage.calendar.models import ClosureKind
from brokerage.calendar.school_days import bank_holidays

FRIDAY = 4


@dataclass(frozen=True)
class Days:
    """A stretch of days, both ends included."""

    kind: ClosureKind
    label: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def academic_year(day: date) -> int:
    """The year in which it began: 2026 for 2026/27."""
    return day.year if day.month >= 9 else day.year - 1


def first_day(year: int) -> date:
    """The autumn term's first weekday, never before 2 September."""
    day = date(year, 9, 2)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    return day


def holidays(year: int) -> list[Days]:
    """Everybody's holidays of the academic year that begins in `year`, the summer after it included."""
    good_friday_week = _easter(year + 1) - timedelta(days=6)
    christmas = _monday(date(year, 12, 18)) + timedelta(days=7)
    back = _monday(date(year + 1, 1, 8))
    summer = _monday(date(year + 1, 7, 18)) + timedelta(days=7)
    may_day = _monday(date(year + 1, 5, 7))
    return [
        _week("October half-term", _monday(date(year, 10, 28))),
        Days(ClosureKind.HOLIDAY, "Christmas holiday", christmas, back - timedelta(days=3)),
        _week("February half-term", _monday(date(year + 1, 2, 18))),
        _week("Easter holiday", good_friday_week, days=12),
        Days(ClosureKind.HOLIDAY, "Early May bank holiday", may_day, may_day),
        _week("May half-term", _monday(date(year + 1, 5, 31))),
        Days(ClosureKind.HOLIDAY, "Summer holiday", summer, first_day(year + 1) - timedelta(days=1)),
    ]


def own_days(year: int, chance: random.Random) -> list[Days]:
    """A school's own INSET days and exams of that year."""
    may, june = date(year + 1, 5, 7), date(year + 1, 6, 24)
    mocks = _monday(chance.choice((date(year, 11, 25), date(year, 12, 2), date(year + 1, 1, 14))))
    october = _monday(date(year, 10, 28)) - timedelta(days=3)
    after_christmas = _monday(date(year + 1, 1, 8))
    spring = _monday(date(year + 1, 3, 12)) + timedelta(days=chance.choice((0, 4)))
    summer = _monday(date(year + 1, 6, 30)) + timedelta(days=chance.choice((0, 4)))
    insets = [first_day(year), chance.choice((october, october - timedelta(days=21)))]
    insets += [after_christmas, spring, summer]
    return [
        *(Days(ClosureKind.INSET, "INSET day", day, day) for day in insets),
        Days(ClosureKind.EXAMS, "Year 11 mock exams", mocks, mocks + timedelta(days=11)),
        Days(ClosureKind.EXAMS, "GCSE and A level exams", may, june),
    ]


def school_days(first: date, last: date, closed: list[Days]) -> Iterator[date]:
    """Weekdays on which pupils are in."""
    away = [
        days
        for days in closed
        if days.kind in (ClosureKind.HOLIDAY, ClosureKind.INSET) and days.first <= last and days.last >= first
    ]
    day = first
    while day <= last:
        is_free = day.weekday() > FRIDAY or day in bank_holidays() or any(day in days for days in away)
        if not is_free:
            yield day
        day += timedelta(days=1)


def _week(label: str, monday: date, *, days: int = 5) -> Days:
    return Days(ClosureKind.HOLIDAY, label, monday, monday + timedelta(days=days - 1))


def _monday(day: date) -> date:
    """Of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def _easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
