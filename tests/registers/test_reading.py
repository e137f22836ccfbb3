"""Files as they come: two encodings, two ways to write a date, columns in any order; and those that are broken."""

import csv
import random
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.forms.models import model_to_dict

from brokerage.registers.models import Establishment, Import, Kind, SetAside
from tests.registers.files import COLUMNS, FERNLOW, school, schools, take, write

pytestmark = pytest.mark.django_db


def command(file: Path, kind: str = "establishments", *options: str) -> tuple[str, str]:
    """What it said, and what it refused with."""
    out = StringIO()
    try:
        call_command("import_register", kind, str(file), *options, stdout=out, stderr=StringIO())
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize(
    "written",
    [
        {},
        {"OpenDate": "1998-09-01", "TypeOfEstablishment (code)": "2", "EstablishmentNumber": "402"},
        {"OpenDate": "01/09/1998", "EstablishmentStatus (code)": "01", "URN": "0990001"},
    ],
)
def test_one_school_however_it_is_written(
    tmp_path: Path, encoding: str, quoting: int, written: dict[str, str]
) -> None:
    columns = random.Random(7).sample(COLUMNS, len(COLUMNS))
    file = write(tmp_path / "a.csv", [FERNLOW | written], columns=columns, encoding=encoding, quoting=quoting)

    take(Kind.ESTABLISHMENTS, file)

    assert model_to_dict(Establishment.objects.get()) == {
        "urn": "990001", "laestab": "3830402", "ukprn": "10099901", "name": "Zoë Fernlow’s School", "type_code": 2,
        "status": 1, "phase": 4, "low_age": 11, "high_age": 18, "official_sixth_form": 1, "capacity": 1200,
        "pupils": 1104, "percentage_fsm": 28.5, "trust_uid": None, "la_code": 383, "local_authority": "Leeds",
        "region": "Yorkshire and the Humber", "urban_rural": "D1", "town": "Leeds", "postcode": "LS6 2AB",
        "easting": 428000, "northing": 436000, "telephone": "0113 496 0000",
        "opened_on": date(1998, 9, 1), "closed_on": None, "file_date": None,
    }  # fmt: skip


BAD = [
    ({"URN": "99001x"}, "URN 99001x isn't 6 digits"),
    ({"EstablishmentName": ""}, "EstablishmentName is empty"),
    (
        {"TypeOfEstablishment (code)": "two"},
        "TypeOfEstablishment (code) two isn't a whole number from 0 to 999",
    ),
    ({"CloseDate": "31-02-2020"}, "CloseDate 31-02-2020 isn't a day of the calendar"),
    ({"Postcode": "LS6"}, "Postcode LS6 isn't a postcode"),
    ({"StatutoryLowAge": "19"}, "StatutoryLowAge 19 is above StatutoryHighAge 18"),
    ({"PercentageFSM": "nan"}, "PercentageFSM nan isn't a number from 0 to 100"),
]


def test_bad_rows_are_set_aside_with_all_their_reasons_and_none_is_lost(tmp_path: Path) -> None:
    rows = [school(f"99010{n}") | values for n, (values, _) in enumerate(BAD)]
    both = school("990200", Easting="-1", Town="x" * 81)
    again = school("990001", Town="York")

    report = schools(tmp_path, school("990001"), *rows, both, again)

    expected = [(row, [reason]) for row, (_, reason) in enumerate(BAD, start=3)] + [
        (10, ["Town is longer than 80 characters", "Easting -1 isn't a whole number from 0 to 700000"]),
        (11, ["990001 stands in row 2 already"]),
    ]
    assert list(SetAside.objects.values_list("row", "reasons")) == expected
    assert report.counts["rows"] == report.counts["new"] + report.counts["set_aside"] == 10
    assert "Secretname" not in str(list(SetAside.objects.values("given")))
    assert SetAside.objects.get(row=10).given["Easting"] == "-1"


def test_unclosed_quotation_mark_costs_its_own_row_only(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", [school(f"99000{n}") for n in range(1, 6)], quoting=csv.QUOTE_ALL)
    text = file.read_text("cp1252").replace('"School 990002"', '"School 990002')
    short = text.replace('"School 990004",', "")
    file.write_text(short, "cp1252")

    take(Kind.ESTABLISHMENTS, file)

    assert sorted(Establishment.objects.values_list("urn", flat=True)) == ["990001", "990003", "990005"]
    assert [(each.row, each.reasons[0][:30]) for each in SetAside.objects.all()] == [
        (3, "isn't CSV: ',' expected after "),
        (5, "has 139 values where the heade"),
    ]


def _cut(text: bytes) -> bytes:
    return text[:-40]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (
            lambda text: text.replace(b"CloseDate", b"ClosingDay"),
            "The column CloseDate is missing from row 1.",
        ),
        (lambda text: text.replace(b"Town,", b"URN,", 1), "The column URN stands in row 1 twice."),
        (_cut, "The file is cut off: row 3 ends in the middle."),
        (
            lambda text: text.replace(b"School 990002", b"School \x81"),
            "Row 3 is neither UTF-8 nor Windows text.",
        ),
        (
            lambda text: text.replace(b"School 990001", "Schöol".encode()).replace(
                b"School 990002", b"Sch\xf6ol"
            ),
            "Row 3 isn't UTF-8, as what stands before it is.",
        ),
        (
            lambda text: b"PK\x03\x04" + text,
            "This is a ZIP file or a spreadsheet: take the CSV file out of it.",
        ),
        (lambda text: b"", "The file is empty."),
        (lambda text: text.split(b"\n")[0] + b"\n", "The file holds no rows."),
        (
            lambda text: text.replace(b"99000", b"x9000"),
            "Not one row can be taken. Row 2: URN x90001 isn't 6 digits.",
        ),
    ],
)
def test_broken_file_stops_with_one_sentence_and_changes_nothing(
    tmp_path: Path, broken: Callable[[bytes], bytes], sentence: str
) -> None:
    file = write(tmp_path / "gias.csv", [school("990001"), school("990002")])
    file.write_bytes(broken(file.read_bytes()))

    said, refusal = command(file)

    assert refusal.startswith(f"gias.csv: {sentence}")
    assert (said, Establishment.objects.count(), Import.objects.count()) == ("", 0, 0)


def test_older_file_needs_to_be_asked_for(tmp_path: Path) -> None:
    newer = write(tmp_path / "edubasealldata20260901.csv", [school()])
    older = write(tmp_path / "edubasealldata20260301.csv", [school(Town="York")])
    command(newer)

    refusal = command(older)[1]
    assert "is of 1 March 2026; one of 1 September 2026 has been imported" in refusal
    assert Establishment.objects.get().town == "Leeds"

    command(older, "establishments", "--even-if-older")
    assert (Establishment.objects.get().town, Establishment.objects.get().file_date) == (
        "York",
        date(2026, 3, 1),
    )
