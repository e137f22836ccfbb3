"""The six files: which columns each has, under which names, and what a whole row must be."""

from datetime import date
from typing import Any, Final

from brokerage.accounts import telephones
from brokerage.registers import values
from brokerage.registers.england import REGIONS
from brokerage.registers.models import (
    ApprenticeshipProvider,
    Establishment,
    Group,
    GroupLink,
    Kind,
    Link,
    Postcode,
    Status,
)
from brokerage.registers.reading import Column, LeftOut, Register, RowError
from brokerage.registers.values import GREAT_BRITAIN_EAST, GREAT_BRITAIN_NORTH, needed, number, text, whole

# How GIAS writes a joining day it doesn't know.
UNKNOWN_DAY: Final = date(1900, 1, 1)
NOT_STARTING: Final = "not currently starting new apprentices"
ENGLAND_CODE: Final = "e92000001"
EASTING, NORTHING = whole(0, GREAT_BRITAIN_EAST), whole(0, GREAT_BRITAIN_NORTH)


def _whole_establishment(row: dict[str, Any]) -> None:
    reasons = []
    low, high = row["low_age"], row["high_age"]
    if low is not None and high is not None and low > high:
        reasons.append(f"StatutoryLowAge {low} is above StatutoryHighAge {high}")
    row["region"] = REGIONS.get(row["region"].casefold(), row["region"])
    try:
        row["postcode"] = values.postcode(row["postcode"]) if row["postcode"] else ""
    except ValueError as error:
        if row["region"] in REGIONS.values():
            reasons.append(f"Postcode {error}")
        row["postcode"] = ""  # abroad they have other shapes
    if not (row["easting"] and row["northing"]):
        row["easting"] = row["northing"] = None
    la_code, establishment = row["la_code"], row.pop("establishment_number")
    row["laestab"] = f"{la_code:03}{establishment:04}" if la_code is not None and establishment else ""
    if reasons:
        raise RowError(*reasons)


def _closes(was: dict[str, Any], now: dict[str, Any]) -> bool:
    return bool(now["status"] == Status.CLOSED != was["status"])


ESTABLISHMENTS: Final = Register(
    kind=Kind.ESTABLISHMENTS,
    model=Establishment,
    key=("urn",),
    fields=(
        "urn", "laestab", "ukprn", "name", "type_code", "status", "phase", "low_age", "high_age",
        "official_sixth_form", "capacity", "pupils", "percentage_fsm", "trust_uid", "la_code", "local_authority",
        "region", "urban_rural", "town", "postcode", "easting", "northing", "telephone", "opened_on", "closed_on",
    ),
    columns=(
        Column("urn", ("URN",), needed(values.urn)),
        Column("la_code", ("LA (code)",), whole(0, 999)),
        Column("local_authority", ("LA (name)",), text(80)),
        Column("establishment_number", ("EstablishmentNumber",), whole(0, 9999)),
        Column("name", ("EstablishmentName",), needed(text(160))),
        Column("type_code", ("TypeOfEstablishment (code)",), needed(whole(0, 999))),
        Column("status", ("EstablishmentStatus (code)",), needed(whole(1, 4))),
        Column("phase", ("PhaseOfEducation (code)",), whole(0, 9)),
        Column("low_age", ("StatutoryLowAge",), whole(0, 99)),
        Column("high_age", ("StatutoryHighAge",), whole(0, 99)),
        Column("official_sixth_form", ("OfficialSixthForm (code)",), whole(0, 9)),
        Column("opened_on", ("OpenDate",), values.day),
        Column("closed_on", ("CloseDate",), values.day),
        Column("ukprn", ("UKPRN",), values.ukprn),
        Column("town", ("Town",), text(80)),
        Column("postcode", ("Postcode",), text(20)),
        Column("region", ("GOR (name)",), text(40)),
        Column("easting", ("Easting",), EASTING),
        Column("northing", ("Northing",), NORTHING),
        Column("capacity", ("SchoolCapacity",), whole(0, 99_999), is_required=False),
        Column("pupils", ("NumberOfPupils",), whole(0, 99_999), is_required=False),
        Column("percentage_fsm", ("PercentageFSM",), number(0, 100), is_required=False),
        Column("trust_uid", ("Trusts (code)",), whole(0, 9_999_999), is_required=False),
        Column("urban_rural", ("UrbanRural (code)",), text(4), is_required=False),
        Column("telephone", ("TelephoneNum",), telephones.read_of_register, is_required=False),
    ),
    finish=_whole_establishment,
    closes=_closes,
)  # fmt: skip

GROUPS: Final = Register(
    kind=Kind.GROUPS,
    model=Group,
    key=("uid",),
    fields=("uid", "group_id", "name", "ukprn", "companies_house_number", "type_code", "status", "closed_on"),
    columns=(
        Column("uid", ("UID", "Group UID"), needed(whole(1, 9_999_999))),
        Column("name", ("Group Name",), needed(text(160))),
        Column("companies_house_number", ("Companies House Number",), values.company),
        Column("type_code", ("Group Type (code)",), needed(whole(0, 999))),
        Column("status", ("Status (code)", "Group Status (code)"), text(24)),
        Column("closed_on", ("Closed Date",), values.day),
        Column("group_id", ("Group ID",), text(12), is_required=False),
        Column("ukprn", ("UKPRN",), values.ukprn, is_required=False),
    ),
    finish=lambda row: row.update(status=row["status"].upper()),
    closes=lambda was, now: bool(now["status"] == "CLOSED" != was["status"]),
)


def _whole_group_link(row: dict[str, Any]) -> None:
    if row["joined_on"] == UNKNOWN_DAY:
        row["joined_on"] = None
    joined, left = row["joined_on"], row["left_on"]
    if joined and left and left < joined:
        raise RowError(f"left on {left:%d-%m-%Y}, before it joined on {joined:%d-%m-%Y}")


GROUP_LINKS: Final = Register(
    kind=Kind.GROUP_LINKS,
    model=GroupLink,
    key=("urn", "uid"),
    fields=("urn", "uid", "type_code", "joined_on", "left_on"),
    columns=(
        Column("urn", ("URN",), needed(values.urn)),
        Column("uid", ("Linked UID", "Group UID", "UID"), needed(whole(1, 9_999_999))),
        Column("joined_on", ("Joined date", "Date joined group"), values.day),
        Column("left_on", ("Left date", "Date left group"), values.day, is_required=False),
        Column("type_code", ("Group Type (code)",), whole(0, 999), is_required=False),
    ),
    finish=_whole_group_link,
    closes=lambda was, now: bool(now["left_on"] and not was["left_on"]),
)


def _whole_link(row: dict[str, Any]) -> None:
    if row["urn"] == row["link_urn"]:
        raise RowError(f"links {row['urn']} to itself")


LINKS: Final = Register(
    kind=Kind.LINKS,
    model=Link,
    key=("urn", "link_urn", "link_type"),
    fields=("urn", "link_urn", "link_type", "linked_on"),
    columns=(
        Column("urn", ("URN",), needed(values.urn)),
        Column("link_urn", ("LinkURN", "Link URN"), needed(values.urn)),
        Column("link_type", ("LinkType", "Link Type"), needed(text(80))),
        Column("linked_on", ("LinkEstablishedDate", "Link Established Date"), values.day),
    ),
    finish=_whole_link,
)


def _whole_provider(row: dict[str, Any]) -> None:
    """The older file names a date in its own column where the newer one has a status."""
    status, since = row.pop("status").casefold(), row.pop("not_starting_since")
    if status not in ("", "active", NOT_STARTING):
        raise RowError(f"Status {status} isn't known")
    row["takes_starts"] = not status.startswith("not") and not since
    row["is_listed"] = True


APAR: Final = Register(
    kind=Kind.APAR,
    model=ApprenticeshipProvider,
    key=("ukprn",),
    fields=("ukprn", "name", "apar_type", "started_on", "decided_on", "takes_starts", "is_listed"),
    columns=(
        Column("ukprn", ("Ukprn",), needed(values.ukprn)),
        Column("name", ("Name",), needed(text(200))),
        Column("apar_type", ("ApplicationType", "ProviderType"), values.apar_type),
        Column("started_on", ("StartDate",), values.day),
        Column("decided_on", ("ApplicationDeterminedDate",), values.day, is_required=False),
        Column("status", ("Status",), text(80), is_required=False),
        Column(
            "not_starting_since", ("ProviderNotCurrentlyStartingNewApprentices",), text(40), is_required=False
        ),
    ),
    finish=_whole_provider,
    closes=lambda was, now: False,
)


def _whole_postcode(row: dict[str, Any]) -> None:
    country = row.pop("country").casefold()
    if country not in ("", ENGLAND_CODE, "england"):
        raise LeftOut("outside England")
    if row["postcode"].startswith("BT"):
        raise LeftOut("outside England")  # Northern Ireland counts metres on a grid of its own
    if not (row["easting"] and row["northing"]):
        raise LeftOut("without a grid reference")


POSTCODES: Final = Register(
    kind=Kind.POSTCODES,
    model=Postcode,
    key=("postcode",),
    fields=("postcode", "easting", "northing"),
    columns=(
        Column("postcode", ("postcode", "pcds", "pcd", "pcd2", "pcd7", "pcd8"), values.postcode),
        Column("easting", ("easting", "oseast1m", "east1m", "eastings"), EASTING),
        Column("northing", ("northing", "osnrth1m", "north1m", "northings"), NORTHING),
        Column(
            "country",
            ("ctry", "country", "country_code", "ctry25cd", "ctry24cd"),
            text(20),
            is_required=False,
        ),
    ),
    finish=_whole_postcode,
)

REGISTERS: Final = {each.kind: each for each in (ESTABLISHMENTS, GROUPS, GROUP_LINKS, LINKS, APAR, POSTCODES)}
