"""How a calendar day is written and read: British, the year only when it isn't the reader's academic year. Pure."""

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = re.compile(r"^(\d{1,2})[\s/.-]+(\d{1,2})(?:[\s/.-]+(\d{4}|\d{2}))?$")
_WORDS = re.compile(r"^(?:[a-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?(?:\s+(\d{4}))?$")


def academic_year(day: date) -> int:
    """The year in which the academic year of this day began, on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def in_list(day: date, today: date) -> str:
    """`Thu 26 Nov`, as lists print it."""
    return f"{day:%a} {day.day} {day:%b}{_year_if_needed(day, today)}"


def in_sentence(day: date, today: date) -> str:
    """`Thursday 26 November`, as sentences print it."""
    return f"{day:%A} {short(day, today)}"


def short(day: date, today: date) -> str:
    """`26 November`."""
    return f"{day.day} {day:%B}{_year_if_needed(day, today)}"


def in_full(day: date) -> str:
    """`26 November 2026`, whoever reads it and when."""
    return f"{day.day} {day:%B %Y}"


def run(first: date, last: date, today: date) -> str:
    """`Monday 16 to Friday 20 November`; one day is itself."""
    if first == last:
        return in_sentence(last, today)
    same_month = (first.year, first.month) == (last.year, last.month)
    start = f"{first:%A} {first.day}" if same_month else in_sentence(first, today)
    return f"{start} to {in_sentence(last, today)}"


def _year_if_needed(day: date, today: date) -> str:
    return "" if academic_year(day) == academic_year(today) else f" {day.year}"


def parse_day(text: str, today: date | None) -> date | None:
    """A day as people type it: `21/1/2027`, `21 1`, `21 Jan`, `Thu 21 January 2027`, `2027-01-21`.

    Without a year the next such day from `today` is meant, or none when that is None. None too when it can't be read.
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


def _made(day: int, month: int, year: str | None, today: date | None) -> date | None:
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        if today is None:
            return None
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
