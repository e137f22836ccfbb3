"""How Doorway writes and reads days and times: British, 24-hour, the year only when it isn't this academic year."""

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = re.compile(r"^(\d{1,2})[\s/.-]+(\d{1,2})(?:[\s/.-]+(\d{4}|\d{2}))?$")
_WORDS = re.compile(r"^(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?$")
_TIME = re.compile(r"^(\d{1,2})(?:[:.\s]?(\d{2}))?\s*(am|pm)?$")


def local_day(moment: date | datetime) -> date:
    """The day in England of a moment; a plain date is its own day."""
    if not isinstance(moment, datetime):
        return moment
    return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()


def academic_year(day: date) -> int:
    """The year in which the academic year of this day began, on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def _year_if_needed(day: date, today: date) -> str:
    return "" if academic_year(day) == academic_year(today) else f" {day.year}"


def in_list(moment: date | datetime, today: date | None = None) -> str:
    """`Thu 26 Nov`, as lists print it."""
    day = local_day(moment)
    return f"{day:%a} {day.day} {day:%b}{_year_if_needed(day, today or timezone.localdate())}"


def in_sentence(moment: date | datetime, today: date | None = None) -> str:
    """`Thursday 26 November`, as sentences print it."""
    day = local_day(moment)
    return f"{day:%A} {day.day} {day:%B}{_year_if_needed(day, today or timezone.localdate())}"


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


def parse_day(text: str, today: date) -> date | None:
    """A day as people type it: `21/1/2027`, `21 1`, `21 Jan`, `Thu 21 January 2027`, `2027-01-21`.

    Without a year the next such day is meant. None when it can't be read.
    """
    text = " ".join(text.strip().lower().split())
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    if match := _NUMBERS.match(text):
        day, month, year = int(match[1]), int(match[2]), match[3]
    elif (match := _WORDS.match(text)) and match[2][:3] in MONTHS:
        day, month, year = int(match[1]), MONTHS.index(match[2][:3]) + 1, match[3]
    else:
        return None
    return _made(day, month, year, today)


def _made(day: int, month: int, year: str | None, today: date) -> date | None:
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


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
