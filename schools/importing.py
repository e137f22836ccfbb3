"""Schools from outside: a short list from a file, read whole and written whole; and, for each school that the
national register holds, its type, ages and sixth form. This is the one place where those come in."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.timezone import localdate

from brokerage.accounts import organisations
from brokerage.accounts.models import Kind, Organisation
from brokerage.accounts.models.organisation import URN
from brokerage.accounts.organisations import Place
from brokerage.errors import DomainError
from brokerage.matching import places
from brokerage.models import Hosting
from brokerage.registers.models import Establishment
from brokerage.vocabulary import YEAR_GROUPS
from schools.domain import cohorts
from schools.models import School

REQUIRED: Final = (
    "urn", "name", "postcode", "local_authority", "region", "easting", "northing", "type_code", "low_age", "high_age",
)  # fmt: skip
ROLLS: Final = tuple(f"roll_{year}" for year in YEAR_GROUPS)
OPTIONAL: Final = ("town", "has_sixth_form", "pupil_premium_share", *ROLLS)
YES_NO: Final = {"": None, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
GREAT_BRITAIN_EAST, GREAT_BRITAIN_NORTH = 700_000, 1_300_000


FROM_REGISTER: Final = ("type_code", "low_age", "high_age", "has_sixth_form")


class FileError(Exception):
    """The file as a whole can't be read; the sentence says why."""


class RowError(Exception):
    pass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One school as the file has it. `line` counts the header as 1."""

    line: int
    urn: str
    name: str
    place: Place
    type_code: int | None
    low_age: int
    high_age: int
    has_sixth_form: bool
    pupil_premium_share: float | None
    rolls: dict[str, int]


@dataclass
class Report:
    """What a file held, and what became of it."""

    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)


def decode(content: bytes) -> str:
    """UTF-8, or the Windows encoding that the register's own downloads use."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="strict")


def read(text: str) -> Report:
    """Every row read or refused with its reason; nothing written. Raises FileError for a wrong header."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    _check_header([name.strip().lower() for name in reader.fieldnames or []])
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    report, seen = Report(), dict[str, int]()
    for line, values in _lines(reader):
        try:
            row = _row(line, values)
            if row.urn in seen:
                raise RowError(f"URN {row.urn} is in row {seen[row.urn]} already")
            seen[row.urn] = line
            report.rows.append(row)
        except RowError as refusal:
            report.refused.append((line, str(refusal)))
    return report


def write(report: Report, *, at: datetime, skip_refused: bool) -> Report:
    """All rows or none. With `skip_refused`, those that can't be written join `refused`; without it the first
    such row undoes everything."""
    with transaction.atomic(durable=True):
        for row in report.rows:
            try:
                with transaction.atomic():
                    report.done[_write(row, at)] += 1
            except DomainError as error:
                report.refused.append((row.line, error.message))
        if report.refused and not skip_refused:
            report.done.clear()
            transaction.set_rollback(True)
    return report


def take_register() -> int:
    """Type, ages and sixth form of every school in the register, as it has them now; how many profiles changed.
    Twice is once. What a school says of itself (years taught, scope) stays."""
    organisations = dict(Organisation.objects.filter(kind=Kind.SCHOOL).values_list("urn", "pk"))
    here = {school.pk: school for school in School.objects.all()}
    rows = Establishment.objects.filter(urn__in=[urn for urn in organisations if urn])
    profiles = [
        School(
            organisation_id=organisations[row.urn],
            type_code=row.type_code,
            low_age=row.low_age,
            high_age=row.high_age,
            has_sixth_form=row.has_sixth_form,
        )
        for row in rows
        if row.low_age is not None and row.high_age is not None
    ]
    differing = [profile for profile in profiles if _taken(profile) != _taken(here.get(profile.pk))]
    School.objects.bulk_create(
        differing,
        update_conflicts=True,
        unique_fields=["organisation"],
        update_fields=FROM_REGISTER,
        batch_size=1000,
    )
    return len(differing)


def _taken(school: School | None) -> list[object]:
    return [getattr(school, name, None) for name in FROM_REGISTER]


def _write(row: Row, at: datetime) -> str:
    organisation, what = organisations.school_from_register(
        urn=row.urn, name=row.name, place=row.place, at=at
    )
    wanted = {
        "type_code": row.type_code,
        "low_age": row.low_age,
        "high_age": row.high_age,
        "has_sixth_form": row.has_sixth_form,
        "pupil_premium_share": row.pupil_premium_share,
    }
    school, is_new = School.objects.get_or_create(organisation=organisation, defaults=wanted)
    changed = not is_new and any(getattr(school, name) != value for name, value in wanted.items())
    if changed:
        School.objects.filter(pk=school.pk).update(**wanted)
    # What the school has typed itself stays: the file only fills in a school that has said nothing yet.
    Hosting.objects.get_or_create(school=organisation, defaults={"rolls": row.rolls})
    cohorts.begin(
        school=school, rolls={int(year): roll for year, roll in row.rolls.items()}, on=localdate(at)
    )
    return "changed" if what == "same" and changed else what


def _check_header(names: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in REQUIRED + OPTIONAL]
    if missing:
        raise FileError(f"These columns are missing: {', '.join(missing)}.")
    if unknown:
        raise FileError(
            f"These columns aren't known: {', '.join(name or '(no name)' for name in unknown)}. "
            f"Known besides the required ones: {', '.join(OPTIONAL)}."
        )
    if len(set(names)) != len(names):
        raise FileError("A column stands there twice.")


def _lines(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for values in reader:
            if any(_text(values, name) for name in REQUIRED):
                yield reader.line_num, values
    except csv.Error as error:
        raise FileError(f"Row {reader.line_num} isn't CSV: {error}.") from None


def _row(line: int, values: dict[str, str]) -> Row:
    if None in values:
        raise RowError("more values than columns")
    low, high = _number(values, "low_age", 0, 25), _number(values, "high_age", 0, 25)
    if low is None or high is None or low > high:
        raise RowError("low_age and high_age must be ages, the lower one first")
    rolls = {name.removeprefix("roll_"): _number(values, name, 0, 5000) for name in ROLLS}
    return Row(
        line=line,
        urn=_urn(values),
        name=_needed(values, "name"),
        place=_place(values),
        type_code=_number(values, "type_code", 0, 9999),
        low_age=low,
        high_age=high,
        has_sixth_form=_yes_or_no(values, "has_sixth_form", otherwise=high >= 18),
        pupil_premium_share=_share(values, "pupil_premium_share"),
        rolls={year: roll for year, roll in rolls.items() if roll is not None},
    )


def _place(values: dict[str, str]) -> Place:
    """The grid reference given, else the middle of the postcode's district."""
    try:
        spot = places.find(_needed(values, "postcode"))
    except DomainError as unknown:
        raise RowError(f"postcode {_text(values, 'postcode')} isn't known in England") from unknown
    easting = _number(values, "easting", 0, GREAT_BRITAIN_EAST)
    northing = _number(values, "northing", 0, GREAT_BRITAIN_NORTH)
    if (easting is None) != (northing is None):
        raise RowError("easting and northing go together")
    return Place(
        postcode=spot.postcode,
        outcode=spot.outcode,
        town=_text(values, "town"),
        local_authority=_text(values, "local_authority"),
        region=_text(values, "region"),
        easting=spot.easting if easting is None else easting,
        northing=spot.northing if northing is None else northing,
    )


def _text(values: dict[str, str], name: str) -> str:
    return " ".join((values.get(name) or "").split())


def _needed(values: dict[str, str], name: str) -> str:
    if not (text := _text(values, name)):
        raise RowError(f"{name} is empty")
    return text


def _urn(values: dict[str, str]) -> str:
    urn = _needed(values, "urn")
    if not URN.regex.match(urn):  # type: ignore[union-attr]
        raise RowError(f"urn {urn} isn't 6 digits")
    return urn


def _number(values: dict[str, str], name: str, low: int, high: int) -> int | None:
    if not (text := _text(values, name)):
        return None
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise RowError(f"{name} {text} isn't a whole number from {low} to {high}")
    return int(text)


def _share(values: dict[str, str], name: str) -> float | None:
    if not (text := _text(values, name)):
        return None
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise RowError(f"{name} {text} isn't a number from 0 to 1")
    return share


def _yes_or_no(values: dict[str, str], name: str, *, otherwise: bool) -> bool:
    text = _text(values, name).lower()
    if text not in YES_NO:
        raise RowError(f"{name} {text} is neither yes nor no")
    answer = YES_NO[text]
    return otherwise if answer is None else answer
