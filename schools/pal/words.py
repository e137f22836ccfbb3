"""Days and lists as a reader expects them."""

from collections.abc import Sequence
from datetime import date, time
from functools import lru_cache


@lru_cache(maxsize=4096)
def day_of(day: date, today: date) -> str:
    """`5 March`, with the year only where it isn't this academic year's."""
    words = f"{day.day} {day:%B}"
    return words if _academic_year(day) == _academic_year(today) else f"{words} {day.year}"


def day_and_time(day: date, at: time, today: date) -> str:
    return f"{day_of(day, today)}, {at:%H:%M}"


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def occasions(count: int) -> str:
    return f"{count} occasion" if count == 1 else f"{count} occasions"


def _academic_year(day: date) -> int:
    return day.year - (day.month < 9)
