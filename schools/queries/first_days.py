"""When a school's year groups move up: on 1 September, or on a first day of term in August as its calendar tells."""

from collections.abc import Collection, Mapping
from datetime import date

from brokerage.calendar import calendars
from schools.pal import windows


def of(school_id: int) -> Mapping[int, date]:
    """By the year they fall in. One statement."""
    return windows.first_days(calendars.days_of(school_id))


def of_many(school_ids: Collection[int]) -> dict[int, Mapping[int, date]]:
    """By school. Two statements however many schools."""
    return {pk: windows.first_days(days) for pk, days in calendars.days_of_many(school_ids).items()}
