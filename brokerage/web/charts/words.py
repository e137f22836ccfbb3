"""How charts say numbers and days: never 100% that isn't, never a pupil who could be counted out."""

from collections.abc import Iterable
from datetime import date
from math import ceil, floor

from brokerage.web.dates import academic_year

FEWEST_FOR_A_RATE = 10
FEWEST_PUPILS = 5
FEWER = "fewer than 5"


def percent(share: float) -> str:
    """`62%`; `over 99%` and `under 1%` where rounding would say all or none."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{round(share * 100)}%"


def bare_percent(share: float) -> str:
    """`62`, for the second number of a range."""
    return percent(share).removesuffix("%")


def pupils(count: int) -> str:
    """A count of pupils; 1 to 4 would name somebody in all but name."""
    return FEWER if is_few(count) else f"{count:,}"


def safe_bounds(lower: float, upper: float, roll: int) -> tuple[float, float]:
    """Bounds that are still true, and so wide that with the roll no count of 1 to 4 can be had from them: neither of
    pupils reached nor of pupils left. Rounded outwards to whole percentages where they had to give way."""
    few = FEWEST_PUPILS / roll if roll else 1.0
    if is_few(round(lower * roll)):
        lower = 0.0
    elif is_few(roll - round(lower * roll)):
        lower = max(floor((1 - few) * 100) / 100, 0.0)
    if is_few(round(upper * roll)):
        upper = min(ceil(few * 100) / 100, 1.0)
    elif is_few(roll - round(upper * roll)):
        upper = 1.0
    return lower, upper


def is_few(count: int) -> bool:
    return 0 < count < FEWEST_PUPILS


def evidence(value: float) -> str:
    """`2,310`, `96`, `1.4`; past the end of the scale no more is said."""
    if value > 10_000:
        return "more than 10,000"
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0") if value >= 0.1 else "under 0.1"


def day(on: date, today: date) -> str:
    """`18 November`, with the year when it isn't this academic year."""
    year = "" if academic_year(on) == academic_year(today) else f" {on.year}"
    return f"{on.day} {on:%B}{year}"


def full_day(on: date) -> str:
    """`28 February 2027`: deadlines always carry their year."""
    return f"{on.day} {on:%B} {on.year}"


def listed(things: Iterable[str]) -> str:
    """`one, two and three`."""
    *first, last = list(things) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
