"""Stand-alone cases, one JSON object a line, read strictly: nothing unknown, nothing missing, nothing repeated."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any, Final, TypeVar

from brokerage.calendar.school_days import Closed, SchoolDays
from schools.pal.records import Cohort, Kind, Mode, Provider, School, Session, Status
from schools.pal.standing import Standing, standings

Choice = TypeVar("Choice", bound=StrEnum)
Item = TypeVar("Item")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME: Final = re.compile(r"\d{2}:\d{2}", re.ASCII)
PUPILS_AT_MOST: Final = 100_000


class CaseError(Exception):
    """A line that can't be read, with its number and the reason."""


@dataclass(frozen=True)
class Case:
    id: str | int
    today: date
    school: School
    cohort: Cohort
    sessions: tuple[Session, ...]


def read(lines: Iterable[str], name: str) -> Iterator[Case]:
    """Raises CaseError. Empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield parse(json.loads(line, object_pairs_hook=_once))
        except json.JSONDecodeError as error:
            raise CaseError(
                f"{name}, line {number}: not JSON ({error.msg}, column {error.colno})."
            ) from error
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else error
            raise CaseError(f"{name}, line {number}: {reason}.") from error


def answer(case: Case) -> dict[str, Any]:
    """What the product's rules say of a case, ready for JSON."""
    found = standings(case.school, case.cohort, case.sessions, case.today)
    return {"id": case.id, "phases": {str(phase): _phase(standing) for phase, standing in found.items()}}


def _phase(standing: Standing) -> dict[str, Any]:
    return {
        "state": standing.state.value,
        "occasions": standing.occasions,
        "short_by": standing.short_by,
        "lower": float(standing.bounds.lower),
        "upper": float(standing.bounds.upper),
        "window": [standing.window.opens.isoformat(), standing.window.closes.isoformat()],
        "why": standing.why,
    }


def parse(row: Any) -> Case:
    """Raises ValueError with the reason."""
    at = _object(row, "the case", {"id", "today", "school", "cohort", "sessions"})
    if isinstance(at["id"], bool) or not isinstance(at["id"], str | int):
        raise ValueError(f"id is {_shown(at['id'])}, not text")
    cohort = _cohort(at["cohort"])
    sessions = _list(at["sessions"], "sessions", lambda item, path: _session(item, path, cohort))
    return Case(at["id"], _day(at["today"], "today"), _school(at["school"]), cohort, sessions)


def _school(value: Any) -> School:
    at = _object(value, "school", {"type_code", "low_age", "high_age", "day", "closed"})
    day = _list(at["day"], "school.day", _time, exactly=2)
    closed = _list(at["closed"], "school.closed", _closed)
    code = at["type_code"]
    # Registers write "02" for 2.
    if isinstance(code, str) and re.fullmatch(r"\d{1,3}", code, re.ASCII):
        code = int(code)
    low, high = (_whole(at[age], f"school.{age}", most=99) for age in ("low_age", "high_age"))
    if high < low:
        raise ValueError(f"school.high_age is {high}, below low_age {low}")
    days = _made("school.day", lambda: SchoolDays(day[0], day[1], closed))
    return School(_whole(code, "school.type_code", most=999), low, high, days)


def _closed(value: Any, path: str) -> Closed:
    first, last = _list(value, path, _day, exactly=2)
    return _made(path, lambda: Closed(first, last))


def _cohort(value: Any) -> Cohort:
    at = _object(value, "cohort", {"y7_entry", "roll"}, may_have={"groups"})
    groups = at.get("groups") or {}
    if not isinstance(groups, dict):
        raise ValueError(f"cohort.groups is {_shown(groups)}, not an object")
    entry = _whole(at["y7_entry"], "cohort.y7_entry", least=1988, most=2100)
    roll = _whole(at["roll"], "cohort.roll")
    sizes = {name: _whole(size, f"cohort.groups.{name}") for name, size in groups.items()}
    return _made("cohort", lambda: Cohort(entry, roll, sizes))


def _session(value: Any, path: str, cohort: Cohort) -> Session:
    at = _object(
        value,
        path,
        {"on", "start", "end", "group", "providers", "offered", "attended", "mode", "content", "status"},
    )
    group = at["group"]
    if group is not None and (not isinstance(group, str) or group not in cohort.groups):
        raise ValueError(f"{path}.group is {_shown(group)}, not one of the cohort's groups")
    content = _list(at["content"], f"{path}.content", _yes_or_no, exactly=4)
    fields: dict[str, Any] = {
        "on": _day(at["on"], f"{path}.on"),
        "starts": _time(at["start"], f"{path}.start"),
        "ends": _time(at["end"], f"{path}.end"),
        "providers": _list(at["providers"], f"{path}.providers", _provider),
        "offered": _whole(at["offered"], f"{path}.offered"),
        "attended": _whole(at["attended"], f"{path}.attended"),
        "mode": _choice(Mode, at["mode"], f"{path}.mode"),
        "content": content,
        "status": _choice(Status, at["status"], f"{path}.status"),
        "group": group,
    }
    return _made(path, lambda: Session(**fields))


def _provider(value: Any, path: str) -> Provider:
    at = _object(value, path, {"id", "kind", "technical"})
    if not isinstance(at["id"], str) or not at["id"].strip():
        raise ValueError(f"{path}.id is {_shown(at['id'])}, not an organisation's number as text")
    kind = _choice(Kind, at["kind"], f"{path}.kind")
    return Provider(at["id"].strip(), kind, _yes_or_no(at["technical"], f"{path}.technical"))


def _object(
    value: Any, path: str, must_have: set[str], may_have: frozenset[str] | set[str] = frozenset()
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{path} is {_shown(value)}, not an object")
    if missing := sorted(must_have - value.keys()):
        raise ValueError(f"{path} has no {missing[0]}")
    if unknown := sorted(value.keys() - must_have - may_have):
        raise ValueError(f"{path} has an unknown field, {_shown(unknown[0])}")
    return value


def _list(
    value: Any, path: str, read_one: Callable[[Any, str], Item], exactly: int | None = None
) -> tuple[Item, ...]:
    if not isinstance(value, list) or exactly not in (None, len(value)):
        of = f" of {exactly}" if exactly else ""
        raise ValueError(f"{path} is {_shown(value)}, not a list{of}")
    return tuple(read_one(item, f"{path}[{number}]") for number, item in enumerate(value))


def _whole(value: Any, path: str, *, least: int = 0, most: int = PUPILS_AT_MOST) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{path} is {_shown(value)}, not a whole number from {least} to {most}")
    return value


def _yes_or_no(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{path} is {_shown(value)}, not true or false")
    return value


def _day(value: Any, path: str) -> date:
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{path} is {_shown(value)}, not a date such as 2026-02-27")


def _time(value: Any, path: str) -> time:
    try:
        if isinstance(value, str) and TIME.fullmatch(value):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{path} is {_shown(value)}, not a time such as 08:40")


def _choice(of: type[Choice], value: Any, path: str) -> Choice:
    if isinstance(value, str) and value in set(of):
        return of(value)
    raise ValueError(f"{path} is {_shown(value)}, not one of {', '.join(of)}")


def _made(path: str, make: Callable[[], Item]) -> Item:
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A field given twice is a mistake, not a last word."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{_shown(twice)} stands there twice")
    return found


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
