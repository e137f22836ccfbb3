"""How a calendar day is written: British, the year only when it isn't the reader's academic year. Pure."""

from datetime import date


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


def run(first: date, last: date, today: date) -> str:
    """`Monday 16 to Friday 20 November`; one day is itself."""
    if first == last:
        return in_sentence(last, today)
    same_month = (first.year, first.month) == (last.year, last.month)
    start = f"{first:%A} {first.day}" if same_month else in_sentence(first, today)
    return f"{start} to {in_sentence(last, today)}"


def _year_if_needed(day: date, today: date) -> str:
    return "" if academic_year(day) == academic_year(today) else f" {day.year}"
