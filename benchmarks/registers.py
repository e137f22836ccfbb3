"""python -m benchmarks.registers [--rows 50000] [--rounds 3]

A file as big as the national one, with its exact 140 columns, taken over by the register importer: first into an
empty register, then again (nothing changes), then with one row in twenty changed; then as many members of groups, with
the exact 21 columns. The floor is PostgreSQL's own COPY of the same file into a bare table of as many text columns. A
database of its own is made afresh.
"""

import argparse
import csv
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

COLUMNS = (Path(__file__).parent / "gias_columns.txt").read_text().split("\n")[:140]
MEMBER_COLUMNS = (
    "URN", "Linked UID", "Group Name", "Companies House Number", "Group Type", "Group Type (code)", "Closed Date",
    "Open date", "Incorporated on (open date)", "Group Status", "Group Status (code)", "FederationType", "Joined date",
    "EstablishmentName", "TypeOfEstablishment (code)", "TypeOfEstablishment (name)", "PhaseOfEducation (code)",
    "PhaseOfEducation (name)", "LA (code)", "LA (name)", "HasSharedHT",
)  # fmt: skip
REGIONS = (
    "North East", "North West", "Yorkshire and the Humber", "East Midlands", "West Midlands", "East of England",
    "London", "South East", "South West",
)  # fmt: skip
# Out of a hundred: type, status, ages. About one in six is a secondary school that is open.
MIX = (
    [(1, 1, 3, 11)] * 30 + [(34, 1, 4, 11)] * 12 + [(15, 1, 3, 5)] * 4 + [(1, 2, 5, 11)] * 24
    + [(3, 2, 11, 16)] * 10 + [(34, 1, 11, 18)] * 9 + [(28, 1, 11, 16)] * 4 + [(11, 1, 3, 18)] * 3
    + [(18, 1, 16, 99)] * 1 + [(44, 1, 4, 19)] * 3
)  # fmt: skip


FLOOR, MEMBERS_FLOOR = "copy", "copy members"


def rows(count: int, *, changed: int = 0) -> Iterator[dict[str, str]]:
    """Invented schools; the first `changed` have another number of pupils than they would have had."""
    draw = random.Random(20_260_901)
    for number in range(count):
        type_code, status, low, high = draw.choice(MIX)
        pupils = draw.randrange(50, 1800) + (1 if number < changed else 0)
        yield {
            "URN": str(100_000 + number), "LA (code)": str(201 + number % 700), "LA (name)": f"District {number % 150}",
            "EstablishmentNumber": f"{1000 + number % 8000}", "EstablishmentName": f"Invented School {number} é",
            "TypeOfEstablishment (code)": f"{type_code:02}", "TypeOfEstablishment (name)": "Invented type",
            "EstablishmentStatus (code)": str(status),
            "EstablishmentStatus (name)": "Open" if status == 1 else "Closed",
            "OpenDate": "01-09-1998", "CloseDate": "31-08-2014" if status == 2 else "", "PhaseOfEducation (code)": "4",
            "PhaseOfEducation (name)": "Secondary", "StatutoryLowAge": str(low), "StatutoryHighAge": str(high),
            "OfficialSixthForm (code)": "1" if high >= 18 else "2", "Gender (name)": "Mixed", "SchoolCapacity": "1200",
            "AdmissionsPolicy (name)": "Not applicable", "NumberOfPupils": str(pupils), "PercentageFSM": "18.1",
            "Trusts (code)": str(1000 + number % 900) if type_code in (28, 34, 44) else "",
            "UKPRN": str(10_000_000 + number), "Street": f"{number} High Street", "Town": f"Town {number % 900}",
            "Postcode": f"LS{1 + number % 27} {number % 9}AB", "SchoolWebsite": f"https://school{number}.example/",
            "GOR (code)": "D", "GOR (name)": REGIONS[number % 9], "UrbanRural (code)": "C1",
            "UrbanRural (name)": "(England/Wales) Urban city and town", "Easting": str(300_000 + number * 5),
            "Northing": str(200_000 + number * 7 % 300_000), "LastChangedDate": "05-09-2025",
            "UPRN": str(10**10 + number),
            "DistrictAdministrative (name)": "District", "AdministrativeWard (name)": "Ward", "MSOA (name)": "MSOA 001",
            "LSOA (name)": "LSOA 001A", "Country (name)": "England", "FurtherEducationType (name)": "Not applicable",
        }  # fmt: skip


def members(count: int) -> Iterator[dict[str, str]]:
    """Each establishment in one group: the trust its own row names, where it names one."""
    for number, row in enumerate(rows(count)):
        trust = row["Trusts (code)"]
        yield {
            "URN": row["URN"], "Linked UID": trust or str(2000 + number % 900), "Group Name": "Invented group é",
            "Group Type": "Multi-academy trust" if trust else "Federation", "Group Type (code)": "6" if trust else "1",
            "Open date": "01/09/2014", "Group Status": "Open", "Group Status (code)": "OPEN",
            "Joined date": f"01/{1 + number % 12:02}/2015", "EstablishmentName": row["EstablishmentName"],
            "TypeOfEstablishment (code)": row["TypeOfEstablishment (code)"], "LA (code)": row["LA (code)"],
            "LA (name)": row["LA (name)"],
        }  # fmt: skip


def write(file: Path, columns: Sequence[str], lines: Iterator[dict[str, str]]) -> None:
    """In the encoding of the register's own downloads."""
    with file.open("w", encoding="cp1252", newline="") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows(lines)


def copy_bare(file: Path, width: int) -> None:
    """The floor: nothing read, nothing checked, nothing compared."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        columns = ", ".join(f"c{number} text" for number in range(width))
        cursor.execute(f"CREATE TEMP TABLE bare ({columns}) ON COMMIT DROP")
        with (
            cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER, ENCODING 'windows-1252')") as copy,
            file.open("rb") as source,
        ):
            while chunk := source.read(1 << 16):
                copy.write(chunk)


def measure(count: int) -> dict[str, float]:
    """Seconds of each step."""
    from django.db import connection
    from django.utils import timezone

    from brokerage.registers import importing
    from brokerage.registers.models import Kind

    def take(file: Path, kind: Kind = Kind.ESTABLISHMENTS) -> Any:
        return importing.take(kind, file, importing.Options(), at=timezone.now())

    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        full, later, links = (Path(folder) / name for name in ("full.csv", "later.csv", "links.csv"))
        write(full, COLUMNS, rows(count))
        write(later, COLUMNS, rows(count, changed=count // 20))
        write(links, MEMBER_COLUMNS, members(count))
        cursor.execute(
            "TRUNCATE registers_import, registers_establishment, registers_grouplink, accounts_organisation CASCADE"
        )
        seconds = {FLOOR: _timed(lambda: copy_bare(full, len(COLUMNS))), "first": _timed(lambda: take(full))}
        seconds |= {"again": _timed(lambda: take(full)), "changed": _timed(lambda: take(later))}
        seconds |= {MEMBERS_FLOOR: _timed(lambda: copy_bare(links, len(MEMBER_COLUMNS)))}
        seconds |= {"members": _timed(lambda: take(links, Kind.GROUP_LINKS))}
        cursor.execute(
            "SELECT (SELECT count(*) FROM registers_establishment), (SELECT count(*) FROM registers_grouplink)"
        )
        assert cursor.fetchone() == (count, count)
    return seconds


def main(arguments: list[str]) -> int:
    from benchmarks import processes

    parser = argparse.ArgumentParser(prog="python -m benchmarks.registers")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    processes.DATABASE += "_registers"  # beside the other benchmarks', which may be running
    with processes.prepare() as bench:
        os.environ.update(bench.environment)
        import django

        django.setup()
        rounds = [measure(asked.rows) for _ in range(asked.rounds)]
    print(f"{asked.rows:,} rows of 140 columns (members: 21), median of {asked.rounds} rounds:")
    for step in rounds[0]:
        floor = MEMBERS_FLOOR if "members" in step else FLOOR
        seconds = statistics.median(one[step] for one in rounds)
        ratio = statistics.median(one[step] / one[floor] for one in rounds)
        print(
            f"  {step:12} {seconds:6.2f} s  {asked.rows / seconds:9,.0f} rows/s  {ratio:5.1f} x a bare COPY"
        )
    return 0


def _timed(step: Callable[[], Any]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
