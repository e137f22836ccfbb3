"""A register's file: its encoding, its header, its rows. By column name, never by position; nothing is lost."""

import codecs
import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from brokerage.registers.models import Kind, Row
from brokerage.registers.values import Reader

CHUNK: Final = 1 << 20
UNDEFINED_IN_CP1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
FILE_DATE: Final = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")
CUT_OFF = "The file is cut off: row {row} ends in the middle."


class FileError(Exception):
    """The file as a whole can't be taken; the sentence names the column or the row."""


class RowError(Exception):
    """The row can't be taken; each argument is a reason."""


class LeftOut(Exception):
    """Nothing is wrong with the row, but it isn't ours: a postcode without a place. Counted by its reason."""


@dataclass(frozen=True)
class Column:
    """`names` are the spellings seen; without `is_required` the column may be missing as a whole."""

    field: str
    names: tuple[str, ...]
    read: Reader
    is_required: bool = True


@dataclass(frozen=True, kw_only=True)
class Register:
    """One kind of file. `finish` sees the values of a row together: it may change them, or raise RowError or
    LeftOut. `fields` are what the model takes from the file; `closes` says when a changed row is a closed one."""

    kind: Kind
    model: type[Row]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    columns: tuple[Column, ...]
    finish: Callable[[dict[str, Any]], None]
    closes: Callable[[dict[str, Any], dict[str, Any]], bool] = lambda was, now: False


@dataclass
class Scan:
    """What one pass over the bytes tells."""

    encoding: str
    lines: int
    sha256: str


@dataclass
class Bad:
    row: int
    key: str
    reasons: list[str]
    given: dict[str, str] = field(default_factory=dict)


@dataclass
class Good:
    row: int
    values: tuple[Any, ...]


def scan(file: Path) -> Scan:
    """UTF-8 with or without its mark, else the Windows encoding of the register's own downloads."""
    digest, lines, windows = hashlib.sha256(), 1, False
    decoder, plain = codecs.getincrementaldecoder("utf-8-sig")("strict"), True
    with file.open("rb") as source:
        start = source.read(4)
        source.seek(0)
        _refuse_other_formats(start)
        while chunk := source.read(CHUNK):
            if not windows:
                try:
                    plain &= decoder.decode(chunk).isascii()
                except UnicodeDecodeError as error:
                    if start.startswith(codecs.BOM_UTF8) or not (
                        plain and error.object[: error.start].isascii()
                    ):
                        row = lines + error.object[: error.start].count(b"\n")
                        raise FileError(f"Row {row} isn't UTF-8, as what stands before it is.") from None
                    windows = True
                    decoder.reset()
            if windows and (odd := UNDEFINED_IN_CP1252.search(chunk)):
                row = lines + chunk.count(b"\n", 0, odd.start())
                raise FileError(f"Row {row} is neither UTF-8 nor Windows text.")
            digest.update(chunk)
            lines += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:  # the file ends with a Windows letter
        windows = True
    return Scan("cp1252" if windows else "utf-8-sig", lines, digest.hexdigest())


def date_of(file: Path) -> date | None:
    """The date in the file's name: `edubasealldata20250422.csv`, `apar-2025-11-28-08-00-00.csv`."""
    for found in FILE_DATE.finditer(file.name):
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            continue
    return None


def rows(file: Path, register: Register, *, encoding: str) -> Iterator[Good | Bad | LeftOut]:
    """Every row after the header, as values in the order of `register.fields`, or why not."""
    with file.open(encoding=encoding, newline="") as text:
        records = _records(text)
        try:
            header = next(records)[1]
        except StopIteration:
            raise FileError("The file is empty.") from None
        if isinstance(header, str):
            raise FileError(f"Row 1, the header, isn't CSV: {header}.")
        read = _row_reader(register, header)
        for row, values in records:
            if isinstance(values, str):
                yield Bad(row, "", [f"isn't CSV: {values}"])
            elif values and any(map(str.strip, values)):
                yield read(row, values)


def _refuse_other_formats(start: bytes) -> None:
    if start.startswith(b"PK"):
        raise FileError("This is a ZIP file or a spreadsheet: take the CSV file out of it.")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileError("The file is UTF-16: save it as CSV in UTF-8.")


class _Lines:
    """The file's lines, remembering those of the record that is being read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.taken = lines, list[str]()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.taken.append(line)
        return line


def _records(text: Iterator[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Numbered from 1, the header; a string is why a record isn't one. An unclosed quotation mark swallows the
    lines after it: then each line is read alone, so that only its own is lost. Raises FileError when the last
    line, without a line's end, breaks off."""
    lines = _Lines(text)
    reader, number, width = csv.reader(lines, strict=True), 0, 0
    while True:
        lines.taken.clear()
        record = _next(reader)
        if record is None:
            return
        alone = isinstance(record, str) or (number and len(lines.taken) > 1 and len(record) != width)
        last = lines.taken[-1] if lines.taken else ""
        for each in [_next(csv.reader([line], strict=True)) for line in lines.taken] if alone else [record]:
            number += 1
            width = width or len(each or "")
            yield number, [] if each is None else each
        is_short = isinstance(each, str) or len(each or "") < width
        if number > 1 and is_short and not last.endswith(("\n", "\r")):
            raise FileError(CUT_OFF.format(row=number))


def _next(reader: Iterator[list[str]]) -> list[str] | str | None:
    """The next record, why there isn't one, or None at the end."""
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        unclosed = "unexpected end of data" in str(error)
        return "a quotation mark isn't closed" if unclosed else str(error)


def _row_reader(register: Register, header: list[str]) -> Callable[[int, list[str]], Good | Bad | LeftOut]:
    width, places = len(header), _places(register, header)
    empty = {column.field: column.read("") for column in register.columns if not column.is_required}
    cells_of = [
        (position, column.field, _remembering(column.read), name) for position, column, name in places
    ]

    def read(row: int, cells: list[str]) -> Good | Bad | LeftOut:
        if len(cells) != width:
            return Bad(row, cells[0][:60], [f"has {len(cells)} values where the header has {width} columns"])
        values, reasons = dict(empty), list[str]()
        for position, field_name, value_of, name in cells_of:
            try:
                values[field_name] = value_of(cells[position])
            except ValueError as error:
                reasons.append(f"{name} {error}")
        if not reasons:
            try:
                register.finish(values)
                return Good(row, tuple([values[name] for name in register.fields]))
            except RowError as error:
                reasons = list(error.args)
            except LeftOut as reason:
                return reason
        given = {name: cells[position][:300].replace("\0", "") for position, _, name in places}
        return Bad(row, " ".join(list(given.values())[: len(register.key)])[:60], reasons, given)

    return read


def _remembering(read: Reader) -> Reader:
    """Codes, dates and districts come again and again."""

    @lru_cache(maxsize=8192)
    def value_of(cell: str) -> Any:
        return read(" ".join(cell.split()))

    return value_of


def _places(register: Register, header: list[str]) -> list[tuple[int, Column, str]]:
    """Where each of our columns stands, by the first of its spellings that is there (ONS writes a postcode in three
    columns). Spaces and capitals don't count."""
    names = [_plain(name) for name in header]
    found, missing = list[tuple[int, Column, str]](), list[str]()
    for column in register.columns:
        spelling = next((name for name in map(_plain, column.names) if name in names), None)
        if spelling is None and column.is_required:
            missing.append(column.names[0])
        elif spelling is not None:
            at = names.index(spelling)
            if names.count(spelling) > 1:
                raise FileError(f"The column {header[at].strip()} stands in row 1 twice.")
            found.append((at, column, " ".join(header[at].split())))
    if missing:
        subject = (
            f"The column {missing[0]} is" if len(missing) == 1 else f"The columns {', '.join(missing)} are"
        )
        raise FileError(f"{subject} missing from row 1.")
    return found


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
