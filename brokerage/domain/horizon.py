"""How far ahead, and for closures how far back, a date may lie: beyond that it is a slip of the finger."""

from datetime import date, datetime
from typing import Final

from django.utils import timezone

from brokerage.calendar.dates import academic_year, in_full

# The academic year that is on, and the two after it: as far as term dates are published.
YEARS_AHEAD: Final = 3
# Years 7 to 13: no count looks back further than the oldest pupil's time at school.
YEARS_BACK: Final = 7
OUT_OF_RANGE: Final = "date_out_of_range"


def last_day(at: datetime) -> date:
    return date(academic_year(timezone.localdate(at)) + YEARS_AHEAD, 8, 31)


def first_day(at: datetime) -> date:
    return date(academic_year(timezone.localdate(at)) - YEARS_BACK, 9, 1)


def days(at: datetime) -> tuple[date, date]:
    """Between which an authority's closure may end: what was counted by its dates in earlier years stays."""
    return first_day(at), last_day(at)


def days_of_a_school(at: datetime) -> tuple[date, date]:
    """Between which a closure that a school lists may end: what was over before last summer is listed nowhere, so it
    is a slip. The summer itself counts: a clock that began in July stood still in August."""
    return date(academic_year(timezone.localdate(at)), 7, 1), last_day(at)


def too_far(moment: date | datetime, what: str, *, at: datetime) -> str:
    """What to say beside a date that lies beyond the last day; empty when it doesn't. `what` names the field."""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return f"{what} must be by {in_full(last_day(at))}" if day > last_day(at) else ""


def out_of_range(what: str, *, at: datetime) -> str:
    """What to say beside a day of a school's closure that lies before the first or beyond the last."""
    first, last = days_of_a_school(at)
    return f"{what} must be from {in_full(first)} to {in_full(last)}"
