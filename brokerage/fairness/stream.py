"""The stand-alone stream of requests and answers (one JSON object a line), read strictly."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Final

import orjson

DAY_0: Final = date(2024, 9, 1)
"""Of a replay file, and of the product's first window."""
WINDOW_YEARS: Final = 3

Types = frozenset[type]
_TEXT, _YES_NO, _WHOLE, _NUMBER = (Types(types) for types in ((str,), (bool,), (int,), (int, float)))
_REQUEST: Final = {
    "id": _TEXT,
    "school": _TEXT,
    "provider": _TEXT,
    "ptype": _TEXT,
    "origin": _TEXT,
    "year_group": _WHOLE,
    "minutes": _NUMBER,
    "whole_year": _YES_NO,
}
_PLAN: Final = {
    "id": _TEXT,
    "scheduled": _TEXT,
    "minutes": _NUMBER,
    "slot": _TEXT,
    "audience_planned": _NUMBER,
    "audience_kind": _TEXT,
    "cohort": _NUMBER,
}
_FIELDS: Final[dict[str, dict[str, Types]]] = {
    "request": _REQUEST,
    "granted": _PLAN,
    "refused": {"id": _TEXT, "reason": _TEXT},
    "cancelled": {"id": _TEXT, "by": _TEXT},
    "withdrawn": {"id": _TEXT},
    "delivered": {"id": _TEXT},
    # What only the product's own feed knows: docs/fairness-for-statisticians.md.
    "question": {"id": _TEXT},
    "reply": {"id": _TEXT},
    "answered": {"id": _TEXT, "in_full": _YES_NO},
    "moved": _PLAN,
}
KINDS: Final = frozenset({"fe_college", "itp", "university", "employer", "other"})


class StreamError(Exception):
    """A line that can't be read, with its number and the reason."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    day: int
    at: datetime
    type: str
    data: dict[str, Any]


def read_schools(path: Path) -> list[str]:
    """The ids of the schools, in the file's order."""
    schools = [str(row["id"]) for _, row in _rows(path, _school)]
    if len(set(schools)) != len(schools):
        raise StreamError(f"{path.name}: a school stands there twice")
    return schools


def read_events(path: Path) -> Iterator[StreamEvent]:
    return (event for _, event in _rows(path, parse_event))


def _rows(path: Path, parse: Callable[[dict[str, Any]], Any]) -> Iterator[tuple[int, Any]]:
    with _open(path) as file:
        yield from _parsed(file, path.name, parse)


def _parsed(
    lines: Iterable[bytes], name: str, parse: Callable[[dict[str, Any]], Any]
) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            if not isinstance(row, dict):
                raise ValueError("not a JSON object")
            yield number, parse(row)
        except (ValueError, KeyError, TypeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise StreamError(f"{name}, line {number}: {reason}") from error


def _school(row: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(row["id"], str):
        raise ValueError("id is not text")
    return row


def parse_event(row: dict[str, Any], day_0: date = DAY_0) -> StreamEvent:
    """Raises ValueError or KeyError with the reason."""
    type_ = row["type"]
    fields = _FIELDS.get(type_)
    if fields is None:
        raise ValueError(f"unknown type {type_!r}")
    for name, kinds in fields.items():
        if type(row[name]) not in kinds:  # JSON has no subclasses, and no bool may pass for a number
            raise ValueError(f"{name} is {row[name]!r}")
    if type_ == "request":
        if row["ptype"] not in KINDS:
            raise ValueError(f"unknown ptype {row['ptype']!r}")
        if row["year_group"] not in range(7, 14):
            raise ValueError(f"year_group is {row['year_group']}")
        for name in ("first_come", "exempt"):
            if not isinstance(row.get(name, False), bool):
                raise ValueError(f"{name} is {row[name]!r}")
    if type_ == "cancelled" and row["by"] not in ("school", "provider"):
        raise ValueError(f"by is {row['by']!r}")
    if type_ in ("granted", "moved"):
        day_of(row["scheduled"], day_0)
    at = datetime.fromisoformat(row["at"])
    if at.tzinfo is None:
        raise ValueError(f"at has no time zone: {row['at']!r}")
    return StreamEvent((at.date() - day_0).days, at, type_, row)


@cache
def day_of(text: str, day_0: date = DAY_0) -> int:
    return (date.fromisoformat(text) - day_0).days


def date_of(day: int, day_0: date = DAY_0) -> date:
    return day_0 + timedelta(days=day)


def window_of(on: date) -> date:
    """Day 0 of the three school years that count on this day: its own and the two before. Each 1 September the oldest
    falls out, whole, so that years and half-terms of all schools keep their places."""
    year = on.year - (on.month < DAY_0.month)
    return max(DAY_0, DAY_0.replace(year=year - WINDOW_YEARS + 1))


def _open(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")
