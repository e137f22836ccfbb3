"""What is on in the whole country when a visit is planned (rule R48): National Apprenticeship Week, National Careers
Week, the summer's exams. No rule gives their dates, so they stand in a yearly table and are never computed: those that
came with Doorway in `national_dates.csv`, and those an operator added in settings.NATIONAL_DATES.

All of it is a note beside a date: none refuses a visit, and none makes a day less free."""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from brokerage.vocabulary import years

TABLE: Final = Path(__file__).with_name("national_dates.csv")
# Pupils in these years are examined in summer.
EXAMINED: Final = frozenset({11, 13})
# The statutory windows of these years' phases close on 28 February (rule R3).
CLOSING: Final = frozenset({9, 11, 13})
LAST_THAT_COUNTS: Final = (2, 28)
_ADDED: Final = re.compile(r"^(.+?) (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)$")


class What(StrEnum):
    APPRENTICESHIPS = "apprenticeship week"
    CAREERS = "careers week"
    EXAMS = "exams"


@dataclass(frozen=True)
class NationalDates:
    """One year of one of them, both ends included."""

    what: What
    first_on: date
    last_on: date

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise ValueError(f"{self.what} ends on {self.last_on}, before it starts on {self.first_on}")

    def __contains__(self, day: date) -> bool:
        return self.first_on <= day <= self.last_on


def note_on(day: date, year_groups: Collection[int]) -> str:
    """What is on then that those pupils' school may want to know; empty when nothing is, or nothing is known."""
    return "; ".join(
        note for each in known() if day in each and (note := _note(each.what, day, set(year_groups)))
    )


def sentence_on(day: date, year_groups: Collection[int]) -> str:
    """The same beneath a date, as a line of its own."""
    note = note_on(day, year_groups)
    return f"{note}." if note else ""


@cache
def known() -> tuple[NationalDates, ...]:
    """Raises ValueError with the entry that can't be read."""
    return (*_shipped(), *read(settings.NATIONAL_DATES))


def read(text: str) -> list[NationalDates]:
    """`careers week 2026-03-02 to 2026-03-07; exams 2026-05-07 to 2026-06-24`, in any order and number."""
    found = []
    for entry in filter(None, map(str.strip, text.split(";"))):
        match = _ADDED.match(" ".join(entry.split()).lower())
        if match is None or match[1] not in [each.value for each in What]:
            raise ValueError(
                f"{entry}: write it like «careers week 2026-03-02 to 2026-03-07» ({', '.join(What)})"
            )
        try:
            days = date.fromisoformat(match[2]), date.fromisoformat(match[3])
        except ValueError:
            raise ValueError(f"{entry}: isn't two days of the calendar") from None
        found.append(NationalDates(What(match[1]), *days))
    return found


def _shipped() -> Iterator[NationalDates]:
    with TABLE.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            first, last = map(date.fromisoformat, (row["first day"], row["last day"]))
            yield NationalDates(What(row["what"]), first, last)


def _note(what: What, day: date, year_groups: set[int]) -> str:
    match what:
        case What.APPRENTICESHIPS:
            return "National Apprenticeship Week"
        case What.CAREERS:
            too_late = year_groups & CLOSING if (day.month, day.day) > LAST_THAT_COUNTS else set()
            late = f", too late to count for {years(too_late)}" if too_late else ""
            return f"National Careers Week{late}"
        case What.EXAMS:
            examined = year_groups & EXAMINED
            return f"Exam season for {years(examined)}" if examined else ""
