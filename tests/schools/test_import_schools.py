"""`manage.py import_schools`: a short list of schools, whole or not at all, as often as one likes."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from brokerage.accounts.models import Organisation
from brokerage.eventlog.models import Event
from brokerage.models import Hosting
from schools.models import School
from schools.queries.cohorts import cohorts_of

pytestmark = pytest.mark.django_db
HEADER = "urn,name,postcode,local_authority,region,easting,northing,type_code,low_age,high_age,roll_9\n"
FERNLOW = "900001,Fernlow Academy,LS6 2AB,Leeds,Yorkshire and the Humber,428000,436000,34,11,18,180\n"
MILLRACE = "900002,Millrace High School,LS7,Leeds,Yorkshire and the Humber,,,28,11,16,\n"


def run(tmp_path: Path, content: str | bytes, *options: str) -> tuple[str, str]:
    file = tmp_path / "schools.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    out, err = StringIO(), StringIO()
    try:
        call_command("import_schools", str(file), *options, stdout=out, stderr=err)
    except CommandError as error:
        return str(error), err.getvalue()
    return out.getvalue(), err.getvalue()


def test_schools_arrive_whole(tmp_path: Path) -> None:
    out, _ = run(tmp_path, HEADER + FERNLOW + MILLRACE)

    assert out == "2 added, 0 changed, 0 the same, 0 left out.\n"
    fernlow = Organisation.objects.get(urn="900001")
    assert (fernlow.kind, fernlow.name, fernlow.outcode, fernlow.easting, fernlow.is_verified) == (
        "school",
        "Fernlow Academy",
        "LS6",
        428000,
        True,
    )
    profile = School.objects.get(organisation=fernlow)
    assert (profile.type_code, profile.has_sixth_form, profile.year_groups) == (
        34,
        True,
        [7, 8, 9, 10, 11, 12, 13],
    )
    assert Hosting.objects.get(school=fernlow).rolls == {"9": 180}
    assert [(each.year, each.roll) for each in cohorts_of(profile, timezone.localdate()) if each.roll] == [
        (9, 180)
    ]
    assert Organisation.objects.get(urn="900002").easting is not None
    assert set(Event.objects.values_list("type", "actor_key")) == {
        ("accounts.organisation.created.v1", "platform")
    }


def test_again_changes_nothing_and_records_nothing(tmp_path: Path) -> None:
    run(tmp_path, HEADER + FERNLOW + MILLRACE)
    out, _ = run(tmp_path, HEADER + FERNLOW + MILLRACE)

    assert out == "0 added, 0 changed, 2 the same, 0 left out.\n"
    assert Event.objects.count() == 2


def test_register_changes_and_what_the_school_typed_stays(tmp_path: Path) -> None:
    run(tmp_path, HEADER + FERNLOW)
    Hosting.objects.update(rolls={"9": 171})

    out, _ = run(
        tmp_path, HEADER + FERNLOW.replace("Fernlow Academy", "Fernlow School").replace("180", "999")
    )

    assert out.startswith("0 added, 1 changed")
    assert Organisation.objects.get().name == "Fernlow School"
    assert Hosting.objects.get().rolls == {"9": 171}
    assert Event.objects.latest("id").data["changed"] == ["name"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (FERNLOW.replace("900001", "90001"), "urn 90001 isn't 6 digits"),
        (FERNLOW.replace("Fernlow Academy", ""), "name is empty"),
        (FERNLOW.replace("LS6 2AB", "ZZ9 9ZZ"), "postcode ZZ9 9ZZ isn't known in England"),
        (FERNLOW.replace("428000", "1428000"), "easting 1428000 isn't a whole number from 0 to 700000"),
        (FERNLOW.replace(",436000", ","), "easting and northing go together"),
        (FERNLOW.replace("11,18", "18,11"), "low_age and high_age must be ages, the lower one first"),
        (FERNLOW.replace("180", "many"), "roll_9 many isn't a whole number from 0 to 5000"),
        (FERNLOW.replace("\n", ",7\n"), "more values than columns"),
        (MILLRACE, "URN 900002 is in row 2 already"),
        (
            FERNLOW.replace("Fernlow Academy", "x" * 161),
            "Ensure this value has at most 160 characters (it has 161).",
        ),
    ],
)
def test_bad_row_is_named_and_nothing_is_imported(tmp_path: Path, row: str, reason: str) -> None:
    said, errors = run(tmp_path, HEADER + MILLRACE + row)

    assert said.startswith("Nothing was imported.")
    assert errors == f"Row 3: {reason}\n"
    assert Organisation.objects.count() == Event.objects.count() == 0


def test_bad_rows_can_be_left_out(tmp_path: Path) -> None:
    long_name = FERNLOW.replace("Fernlow Academy", "x" * 161)

    out, errors = run(tmp_path, HEADER + long_name + "bad" + FERNLOW + MILLRACE, "--skip-bad-rows")

    assert out == "1 added, 0 changed, 0 the same, 2 left out.\n"
    assert [line.split(":")[0] for line in errors.splitlines()] == ["Row 2", "Row 3"]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace("urn,", ""), "These columns are missing: urn."),
        (HEADER.replace("roll_9", "colour"), "These columns aren't known: colour."),
        (HEADER.replace("roll_9", "name"), "A column stands there twice."),
        ("", "These columns are missing: urn, name"),
    ],
)
def test_wrong_header_is_refused(tmp_path: Path, header: str, reason: str) -> None:
    assert run(tmp_path, header + FERNLOW)[0].startswith(reason)


def test_windows_text_and_utf8_with_mark_are_read(tmp_path: Path) -> None:
    text = HEADER + FERNLOW.replace("Fernlow Academy", "Zoë’s School")
    run(tmp_path, text.encode("cp1252"))
    assert Organisation.objects.get().name == "Zoë’s School"

    out, _ = run(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert out.startswith("0 added, 0 changed, 1 the same")


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_schools", str(tmp_path / "none.csv"))
