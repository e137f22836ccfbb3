"""Register files of invented schools, with the exact headers."""

import csv
from pathlib import Path
from typing import Any

from django.utils import timezone

from benchmarks.registers import COLUMNS
from brokerage.registers import importing
from brokerage.registers.importing import Options, Report
from brokerage.registers.models import Kind

FERNLOW = {
    "URN": "990001", "LA (code)": "383", "LA (name)": "Leeds", "EstablishmentNumber": "0402",
    "EstablishmentName": "Zoë Fernlow’s School", "TypeOfEstablishment (code)": "02",
    "EstablishmentStatus (code)": "1", "OpenDate": "01-09-1998", "CloseDate": "", "PhaseOfEducation (code)": "4",
    "StatutoryLowAge": "11", "StatutoryHighAge": "18", "OfficialSixthForm (code)": "1", "SchoolCapacity": "1200",
    "NumberOfPupils": "1104", "PercentageFSM": "28.5", "Trusts (code)": "", "UKPRN": "10099901",
    "HeadLastName": "Secretname", "Town": "Leeds", "Postcode": "LS6 2AB", "GOR (name)": "Yorkshire and the Humber",
    "UrbanRural (code)": "D1", "TelephoneNum": "01134960000", "Easting": "428000", "Northing": "436000",
}  # fmt: skip
LINKS = ("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate")
GROUPS = (
    "UID",
    "Group Name",
    "Companies House Number",
    "Group Type (code)",
    "Closed Date",
    "Status (code)",
    "UKPRN",
)
APAR = ("Ukprn", "Name", "ApplicationType", "StartDate", "Status", "ApplicationDeterminedDate")


def school(urn: str = "990001", **changes: str) -> dict[str, str]:
    """Names of columns that aren't words go in as they are: `**{"LA (code)": "1"}`."""
    return FERNLOW | {"URN": urn, "EstablishmentName": f"School {urn}", "UKPRN": ""} | changes


def write(
    file: Path,
    rows: list[Any],
    *,
    columns: Any = COLUMNS,
    encoding: str = "cp1252",
    quoting: int = csv.QUOTE_MINIMAL,
) -> Path:
    """Rows are values by column name, or in the columns' order."""
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out, quoting=quoting)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([row.get(name, "") for name in columns] if isinstance(row, dict) else row)
    return file


def take(kind: Kind, file: Path, **options: Any) -> Report:
    return importing.take(kind, file, Options(**options), at=timezone.now())


def schools(folder: Path, *rows: dict[str, str], **options: Any) -> Report:
    return take(Kind.ESTABLISHMENTS, write(folder / "schools.csv", list(rows)), **options)


def links(folder: Path, *rows: tuple[str, str, str], **options: Any) -> Report:
    """URN, linked URN, type."""
    made = [(urn, other, "A school", kind, "01-09-2026") for urn, other, kind in rows]
    return take(Kind.LINKS, write(folder / "links.csv", made, columns=LINKS), **options)
