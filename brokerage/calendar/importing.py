"""Closures from a file: CSV with a header, or ICS as calendar programs write it. Pure: every row is read or named with
what is wrong with it, and nothing is written."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty

from brokerage.calendar.dates import in_full, parse_day
from brokerage.calendar.models import ClosureKind
from brokerage.errors import InvalidInput
from brokerage.free_text import FREE

SIZE_AT_MOST: Final = 256 * 1024
ROWS_AT_MOST: Final = 500
LABEL_AT_MOST: Final = 80
ANY_DAY: Final = (date(2000, 1, 1), date(2100, 12, 31))
# Longer than any summer holiday.
LONGEST: Final = timedelta(days=70)

# What people call the columns. The first of each is the documented name.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_on": ("first day", "first", "from", "start", "start date", "begins", "date", "day"),
    "last_on": ("last day", "last", "to", "until", "end", "end date", "ends"),
    "label": ("name", "label", "title", "subject", "summary", "description", "event", "closure", "holiday"),
    "kind": ("kind", "type", "category"),
    "authority": ("local authority", "authority", "la"),
}
DOCUMENTED: Final = tuple(names[0] for names in COLUMNS.values())
_INSET: Final = re.compile(
    r"\b(inset|in-service|training|staff day|teacher day|non[- ]pupil|pd day|twilight)", re.I
)
# What no text holds: pictures, PDFs and programs do. Word processors end a page with 0C, old systems a file with 1A.
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_EXAMS: Final = re.compile(r"\b(exams?|mocks?|assessments?|gcses?|a[- ]levels?)\b", re.I)


@dataclass(frozen=True)
class Row:
    """A closure as the file has it. `number` is the row as a spreadsheet counts it, or the entry in an ICS file;
    `authority` only where the file has such a column."""

    number: int
    kind: str
    label: str
    first_on: date
    last_on: date
    authority: str = ""


@dataclass(frozen=True)
class Refused:
    """`why` goes on after «Row 7»; `cells` is what the row said, as label, first day, last day and kind."""

    number: int
    why: str
    cells: tuple[str, str, str, str]


@dataclass(frozen=True)
class Reading:
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]

    @property
    def total(self) -> int:
        return len(self.rows) + len(self.refused)

    @property
    def sentence(self) -> str:
        """`12 of 14 rows read. Row 7 has no date. Row 9 …`"""
        read = "1 row" if self.total == 1 else f"{self.total} rows"
        told = f"{read} read." if not self.refused else f"{len(self.rows)} of {read} read."
        return " ".join([told, *(f"Row {each.number} {each.why}." for each in self.refused)])


class _Unfit(Exception):
    """A row can't be read; the message goes on after «Row 7»."""


def refuse(code: str, sentence: str) -> InvalidInput:
    return InvalidInput.on("file", sentence, code=code)


def read(content: bytes, *, at_most: int | None = ROWS_AT_MOST, days: tuple[date, date] = ANY_DAY) -> Reading:
    """CSV or ICS, told apart by what the file begins with. `at_most` None takes a file of any length; a row that isn't
    within `days` counts as one that can't be read.

    Errors, for the file as a whole: `file_empty`, `file_too_large`, `file_not_read`, `columns_missing`,
    `too_many_rows`."""
    if at_most is not None and len(content) > SIZE_AT_MOST:
        raise refuse("file_too_large", f"Choose a file of up to {SIZE_AT_MOST // 1024} kB")
    if not content.strip():
        raise refuse("file_empty", "That file is empty. Choose another")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise refuse("file_not_read", "That is a workbook. Save it as CSV first, then choose that file")
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not is_utf_16 and _BINARY.search(content):
        raise refuse("file_not_read", "That isn't a calendar file. Choose one saved as CSV or ICS")
    text = _decoded(content)
    found = _events(text) if text.lstrip().upper().startswith("BEGIN:VCALENDAR") else _lines(text)
    return _reading(found, at_most, days)


def read_text(text: str, *, days: tuple[date, date] = ANY_DAY) -> Reading:
    """CSV that was typed or pasted."""
    return read(text.encode(), days=days)


def as_csv(cells: Iterable[tuple[str, ...]]) -> str:
    """Cells in the documented order, with their header, as `read_text` takes them back."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("name", "first day", "last day", "kind"))
    writer.writerows(cells)
    return written.getvalue()


Line = tuple[int, tuple[str, str, str, str], Callable[[], Row]]


def _reading(lines: Iterator[Line], at_most: int | None, days: tuple[date, date]) -> Reading:
    rows: list[Row] = []
    refused: list[Refused] = []
    for number, cells, make in lines:
        if at_most is not None and len(rows) + len(refused) >= at_most:
            raise refuse("too_many_rows", f"Choose a file of up to {at_most} rows")
        try:
            rows.append(_within(days, make()))
        except _Unfit as unfit:
            refused.append(Refused(number, str(unfit), cells))
    if not rows and not refused:
        raise refuse("file_empty", "No rows in that file. Choose another")
    return Reading(tuple(rows), tuple(refused))


def _decoded(content: bytes) -> str:
    """As spreadsheets and calendar programs save it: UTF-8, UTF-16 with its mark, or the Windows encoding."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse(
        "file_not_read", "We couldn't read that file. Save it as CSV (UTF-8) or ICS and choose it again"
    )


def _lines(text: str) -> Iterator[Line]:
    first_line = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    # `strict` would make an unclosed quote an error; without it the rest of the file becomes one cell, and is named.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header: list[str] = next((row for row in reader if any(cell.strip() for cell in row)), [])
        places = _places(header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _line(reader.line_num, cells, places)
    except csv.Error as error:
        raise refuse(
            "file_not_read", f"Row {reader.line_num} isn't CSV: {error}. Mend it, then try again"
        ) from None


def _places(header: list[str]) -> dict[str, int]:
    names = [" ".join(cell.lower().replace("_", " ").split()) for cell in header]
    places = {
        column: names.index(name)
        for column, known in COLUMNS.items()
        for name in (next((name for name in known if name in names), None),)
        if name is not None
    }
    missing = [COLUMNS[column][0] for column in ("first_on", "label") if column not in places]
    if missing:
        raise refuse(
            "columns_missing",
            f"The first row must name the columns. Missing: {', '.join(missing)}. Known: {', '.join(DOCUMENTED)}",
        )
    return places


def _line(number: int, cells: list[str], places: Mapping[str, int]) -> Line:
    def cell(column: str) -> str:
        place = places.get(column)
        return "" if place is None or place >= len(cells) else " ".join(cells[place].split())

    told = (cell("label"), cell("first_on"), cell("last_on"), cell("kind"))
    return number, told, lambda: _row(number, *told, authority=cell("authority"))


def _row(number: int, label: str, first: str, last: str, kind: str, *, authority: str = "") -> Row:
    first_on = _day(first, "date")
    return _made(number, label, first_on, _day(last, "last day") if last else first_on, kind, authority)


def _day(text: str, what: str) -> date:
    if not text:
        raise _Unfit(f"has no {what}")
    # Calendars for other countries put the month first; a day that can't be is named rather than turned round.
    day = parse_day(text, None) or _compact(text)
    if day is not None:
        return day
    if parse_day(text, date(2024, 1, 1)) is not None:
        raise _Unfit(f"has no year in «{text[:40]}»")
    raise _Unfit(f"has a {what} we can't read: «{text[:40]}»")


def _compact(text: str) -> date | None:
    """`2026-10-26 00:00:00`, `26/10/2026 00:00`: what spreadsheets make of a date."""
    without_time = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2})?$", "", text)
    return parse_day(without_time, None) if without_time != text else None


def _made(number: int, label: str, first_on: date, last_on: date, kind: str, authority: str = "") -> Row:
    if not label:
        raise _Unfit("has no name")
    if len(label) > LABEL_AT_MOST:
        raise _Unfit(f"has a name of more than {LABEL_AT_MOST} characters")
    try:
        for validate in FREE:
            validate(label)
    except ValidationError as error:
        raise _Unfit(f"has a name that can't stay: {error.messages[0].rstrip('.')}") from None
    if last_on < first_on:
        raise _Unfit("ends before it starts")
    if last_on - first_on > LONGEST:
        raise _Unfit("is longer than a summer holiday")
    return Row(number, _kind(kind, label), label, first_on, last_on, authority)


def _within(days: tuple[date, date], row: Row) -> Row:
    first, last = days
    if not (first <= row.last_on <= last and row.first_on <= last):
        raise _Unfit(f"isn't from {in_full(first)} to {in_full(last)}")
    return row


def _kind(said: str, label: str) -> str:
    """As the file says, by code or in words; where it doesn't, guessed from the name."""
    for kind in ClosureKind:
        if said.lower() in (kind.value, kind.label.lower()):
            return kind.value
    if said and not (_INSET.search(said) or _EXAMS.search(said)):
        known = ", ".join(ClosureKind.values)
        if not re.search(r"holiday|half|break|closed|closure|term|bank", said, re.I):
            raise _Unfit(f"has a kind we don't know: «{said[:40]}» (known: {known})")
        return ClosureKind.HOLIDAY.value
    words = said or label
    if _INSET.search(words):
        return ClosureKind.INSET.value
    return ClosureKind.EXAMS.value if _EXAMS.search(words) else ClosureKind.HOLIDAY.value


def _events(text: str) -> Iterator[Line]:
    try:
        events = Calendar.from_ical(text).walk("VEVENT")
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        raise refuse(
            "file_not_read", "We couldn't read that calendar file. Export it again as ICS, or use CSV"
        ) from None
    for number, event in enumerate(events, start=1):
        yield _event_line(number, event)


def _event_line(number: int, event: Any) -> Line:
    told = (_words(event, "SUMMARY"), _stamp(event, "DTSTART"), _stamp(event, "DTEND"), "")
    return number, told, lambda: _event(number, event, told[0])


def _event(number: int, event: Any, label: str) -> Row:
    if _words(event, "STATUS").upper() == "CANCELLED":
        raise _Unfit("is cancelled")
    if "RRULE" in event or "RDATE" in event:
        raise _Unfit("repeats: list each of its days")
    start = _moment(event, "DTSTART")
    if start is None:
        raise _Unfit("has a date we can't read" if "DTSTART" in event else "has no date")
    end = _moment(event, "DTEND")
    if end is None and "DTEND" in event:
        raise _Unfit("has a last day we can't read")
    if end is None and "DURATION" in event:
        raise _Unfit("has a length instead of a last day: write its last day")
    first_on = start.date() if isinstance(start, datetime) else start
    return _made(number, label, first_on, _last_day(first_on, end), _words(event, "CATEGORIES"))


def _last_day(first_on: date, end: date | datetime | None) -> date:
    """RFC 5545: the end is the first moment after it, so a day or a midnight belongs to the day before."""
    if end is None:
        return first_on
    if isinstance(end, datetime):
        return end.date() - timedelta(days=end.time() == time() and end.date() > first_on)
    return max(first_on, end - timedelta(days=1)) if end >= first_on else end


def _moment(event: Any, name: str) -> date | datetime | None:
    """None when it isn't there, is there twice, or can't be read."""
    try:
        found = getattr(event.get(name), "dt", None)
    except BrokenCalendarProperty:
        return None
    return found if isinstance(found, date) else None


def _stamp(event: Any, name: str) -> str:
    moment = _moment(event, name)
    if moment is None:
        return ""
    day = moment.date() if isinstance(moment, datetime) else moment
    return day.isoformat()


def _words(event: Any, name: str) -> str:
    found = event.get(name)
    if found is None:
        return ""
    if name == "CATEGORIES":  # anyone's own words: only those we know are taken
        listed = found if isinstance(found, list) else [found]
        words = [str(word) for each in listed for word in getattr(each, "cats", [])]
        return next((word for word in words if word.lower() in ClosureKind.values), "")
    return " ".join(str(found[0] if isinstance(found, list) else found).split())
