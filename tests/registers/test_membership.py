"""Who is in which group: joined, left, and where the file of members and the file of schools disagree."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from benchmarks.registers import MEMBER_COLUMNS
from brokerage.accounts.models import Organisation
from brokerage.registers import membership
from brokerage.registers.importing import Report
from brokerage.registers.models import GroupLink, Import, Kind, SetAside
from brokerage.registers.reading import FileError
from tests.registers.files import GROUPS, school, schools, take, write

pytestmark = pytest.mark.django_db
TRUST, FEDERATION = "6", "1"


def member(
    urn: str, uid: str = "5001", *, kind: str = TRUST, joined: str = "01/09/2020", **more: str
) -> dict[str, str]:
    return {"URN": urn, "Linked UID": uid, "Group Type (code)": kind, "Joined date": joined} | more


def members(
    folder: Path,
    *rows: dict[str, str],
    name: str = "groupLinks.csv",
    encoding: str = "cp1252",
    **options: bool,
) -> Report:
    columns = (
        (*MEMBER_COLUMNS, "Date Left Group")
        if any("Date Left Group" in row for row in rows)
        else MEMBER_COLUMNS
    )
    file = write(folder / name, list(rows), columns=columns, encoding=encoding)
    return take(Kind.GROUP_LINKS, file, **options)


def held() -> set[tuple[str, int, date | None, date | None]]:
    return set(GroupLink.objects.values_list("urn", "uid", "joined_on", "left_on"))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
def test_members_are_read_by_name_in_either_encoding_and_bad_rows_are_kept(
    tmp_path: Path, encoding: str
) -> None:
    report = members(
        tmp_path,
        member("990001", **{"Group Name": "Zoë’s Trust"}),
        member("990002", kind=FEDERATION, joined="2021-01-05"),
        member("990003", joined="01/01/1900"),
        member("990001", joined="02-09-2020"),
        member("x", uid="", joined="31/02/2020"),
        member("990005", **{"Date Left Group": "31-08-2020"}),
        encoding=encoding,
    )

    assert held() == {
        ("990001", 5001, date(2020, 9, 1), None),
        ("990002", 5001, date(2021, 1, 5), None),
        ("990003", 5001, None, None),
    }
    assert list(SetAside.objects.values_list("row", "reasons")) == [
        (5, ["990001 5001 stands in row 2 already"]),
        (6, [
            "URN x isn't 6 digits", "Linked UID is empty",
            "Joined date 31/02/2020 isn't a day of the calendar",
        ]),
        (7, ["left on 31-08-2020, before it joined on 01-09-2020"]),
    ]  # fmt: skip
    assert report.counts["rows"] == report.counts["new"] + report.counts["set_aside"] == 6


def test_who_is_no_longer_named_left_by_the_day_of_the_file(tmp_path: Path) -> None:
    first = [member("990001"), member("990002"), member("990003"), member("990004", "6001", kind=FEDERATION)]
    members(tmp_path, *first, name="links20260301.csv")
    later = [
        member("990001", "5002"),
        member("990002"),
        member("990003", **{"Date Left Group": "31/12/2026"}),
    ]

    dry = members(tmp_path, *later, name="links20260901.csv", dry_run=True)
    assert GroupLink.objects.filter(left_on=None).count() == 4
    real = members(tmp_path, *later, name="links20260901.csv")

    assert {**real.as_json(), "dry_run": True} == dry.as_json()
    assert (real.counts["members_left"], real.difference.closed) == (1, ["990003 5001"])
    assert {(urn, uid, left) for urn, uid, _, left in held()} == {
        ("990001", 5001, date(2026, 9, 1)),
        ("990001", 5002, None),
        ("990002", 5001, None),
        ("990003", 5001, date(2026, 12, 31)),
        ("990004", 6001, None),  # a file of trusts alone says nothing of federations
    }
    assert members(tmp_path, *later, name="links20260901.csv").is_repeat
    assert Import.objects.count() == 2

    members(tmp_path, *later, member("990001"), name="links20261001.csv")
    assert ("990001", 5001, date(2020, 9, 1), None) in held()


def test_a_file_is_read_once_for_all_members_of_whose_kind_it_says_nothing() -> None:
    """Two thousand of each, and the file speaks of one kind besides those that it leaves empty."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE staged ON COMMIT DROP AS TABLE registers_grouplink WITH NO DATA")
        for table, kinds in (("registers_grouplink", (1, None)), ("staged", (6, None))):
            cursor.execute(
                f"INSERT INTO {table} (urn, uid, type_code) SELECT 100000 + n, 5001, "
                "CASE n %% 2 WHEN 0 THEN %s::smallint ELSE %s END FROM generate_series(1, 2000) AS n",
                kinds,
            )
            cursor.execute(f"ANALYZE {table}")
        kept = f"SELECT type_code FROM registers_grouplink AS kept WHERE {membership.IN_FORCE}"
        cursor.execute(f"EXPLAIN {kept}", {"on": date(2026, 9, 1)})
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute(kept, {"on": date(2026, 9, 1)})
        found = cursor.fetchall()

    assert "Nested Loop" not in plan, plan
    assert found == [(None,)] * 1000


def test_file_without_half_of_the_members_is_refused(tmp_path: Path) -> None:
    members(tmp_path, member("990001"), member("990002"), member("990003"))

    with pytest.raises(FileError, match="lacks 2 of the 3 members of groups"):
        members(tmp_path, member("990003"))

    assert GroupLink.objects.filter(left_on=None).count() == 3


def trusts(folder: Path) -> None:
    rows = [
        (uid, f"Trust {uid}", "", kind, "", "OPEN", "")
        for uid, kind in (("5001", "6"), ("5002", "10"), ("5003", "2"))
    ]
    take(Kind.GROUPS, write(folder / "groups.csv", rows, columns=GROUPS))


def test_schools_own_row_decides_on_its_trust_and_each_difference_is_named(tmp_path: Path) -> None:
    trusts(tmp_path)
    by_row = {"990001": "5001", "990002": "5001", "990003": "", "990004": "5002", "990005": "5003"}
    schools(tmp_path, *(school(urn, **{"Trusts (code)": uid}) for urn, uid in by_row.items()))
    file = write(
        tmp_path / "members.csv",
        [member("990001"), member("990002", "5002"), member("990003"), member("990005", "5003", kind="2")],
        columns=MEMBER_COLUMNS,
    )
    err = StringIO()

    call_command("import_register", "group_links", str(file), stdout=StringIO(), stderr=err)

    assert [line for line in err.getvalue().splitlines() if "trust" in line] == [
        "990002: trust 5001 by establishments, 5002 by group links",
        "990003: trust none by establishments, 5001 by group links",
        "990004: trust 5002 by establishments, none by group links",
    ]
    assert Import.objects.get(kind=Kind.GROUP_LINKS).counts["trusts_differ"] == 3
    told = Organisation.objects.filter(kind="school").values_list("urn", "trust__name")
    assert dict(told) == {
        "990001": "Trust 5001", "990002": "Trust 5001", "990003": None, "990004": "Trust 5002", "990005": None,
    }  # fmt: skip
    assert take(Kind.GROUP_LINKS, file).is_repeat


def test_members_stand_in_where_the_file_of_schools_names_no_trust_at_all(tmp_path: Path) -> None:
    schools(tmp_path, school("990001"), school("990002"))
    members(tmp_path, member("990001"), member("990002"), member("990002", "5002", kind="10"))

    trusts(tmp_path)

    told = Organisation.objects.filter(kind="school").values_list("urn", "trust__name")
    assert dict(told) == {"990001": "Trust 5001", "990002": None}
