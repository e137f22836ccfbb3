"""How Doorway writes and reads days and times: British, 24-hour, the year only when it isn't this academic year."""

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from brokerage.calendar import dates
from brokerage.calendar.dates import academic_year, parse_day

__all__ = [
    "academic_year",
    "ago",
    "clock",
    "in_field",
    "in_list",
    "in_sentence",
    "local_day",
    "parse_day",
    "parse_time",
]

_TIME = re.compile(r"^(\d{1,2})(?:[:.\s]?(\d{2}))?\s*(am|pm)?$")


def local_day(moment: date | datetime) -> date:
    """The day in England of a moment; a plain date is its own day."""
    if not isinstance(moment, datetime):
        return moment
    return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()


def in_list(moment: date | datetime, today: date | None = None) -> str:
    """`Thu 26 Nov`, as lists print it."""
    return dates.in_list(local_day(moment), today or timezone.localdate())


def in_sentence(moment: date | datetime, today: date | None = None) -> str:
    """`Thursday 26 November`, as sentences print it."""
    return dates.in_sentence(local_day(moment), today or timezone.localdate())


def in_field(day: date) -> str:
    """`Thu 21 Jan 2027`, as a date field shows what it understood."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def clock(moment: datetime | time) -> str:
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return f"{moment:%H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """`1 minute ago` within the hour, `09:12` today, `yesterday, 16:10`, then the day."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        minutes = seconds // 60
        return f"{minutes} minute{'' if minutes == 1 else 's'} ago"
    day, today = local_day(moment), local_day(now)
    if day == today:
        return f"today, {clock(moment)}"
    if day == today - timedelta(days=1):
        return f"yesterday, {clock(moment)}"
    return f"{in_list(day, today)}, {clock(moment)}"


def parse_time(text: str) -> time | None:
    """A time as people type it: `09:10`, `9.10`, `0910`, `9`, `1:15pm`. None when it can't be read."""
    match = _TIME.match(text.strip().lower())
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and not 1 <= hour <= 12:
        return None
    if half == "pm" and hour != 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
