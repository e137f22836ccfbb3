from pathlib import Path

import pytest

from brokerage.accounts.models import Organisation
from brokerage.models import Outcode
from brokerage.registers.models import ApprenticeshipProvider, Kind, Postcode
from brokerage.registers.reading import FileError
from tests.factories import people
from tests.registers.files import APAR, Report, take, write

pytestmark = pytest.mark.django_db
MAIN = ("10099901", "Fictional Training Ltd", "Main provider", "13/03/2017", "", "28/08/2019")
EMPLOYER = (
    "10099902",
    "Fictional plc",
    "Employer provider",
    "10/12/2020",
    "Not Currently Starting New Apprentices",
    "",
)
THIRD = ("10099903", "Third Ltd", "supporting provider", "2020-12-10", "", "")


def apar(folder: Path, *rows: tuple[str, ...], **options: bool) -> Report:
    return take(Kind.APAR, write(folder / "apar.csv", list(rows), columns=APAR), **options)


def test_provider_is_known_by_its_ukprn_and_none_is_made(tmp_path: Path) -> None:
    ours = people.provider(ukprn="10099901")

    apar(tmp_path, MAIN, EMPLOYER, THIRD)

    ours.refresh_from_db()
    assert (ours.apar_type, Organisation.objects.count()) == ("main", 1)
    listed = ApprenticeshipProvider.objects.values_list("ukprn", "apar_type", "takes_starts", "is_listed")
    assert list(listed.order_by("ukprn")) == [
        ("10099901", "main", True, True),
        ("10099902", "employer", False, True),
        ("10099903", "supporting", True, True),
    ]


def test_provider_that_left_the_register_loses_its_type_and_a_short_list_is_refused(tmp_path: Path) -> None:
    ours = people.provider(ukprn="10099901")
    apar(tmp_path, MAIN, EMPLOYER, THIRD)
    with pytest.raises(FileError, match="lacks 2 of the 3 providers"):
        apar(tmp_path, THIRD)

    report = apar(tmp_path, EMPLOYER, THIRD)

    ours.refresh_from_db()
    assert (ours.apar_type, report.counts["providers_no_longer_listed"]) == ("", 1)
    assert apar(tmp_path, EMPLOYER, THIRD).is_repeat
    apar(tmp_path, MAIN, EMPLOYER, THIRD)
    ours.refresh_from_db()
    assert ours.apar_type == "main"


def test_create_brings_in_the_others(tmp_path: Path) -> None:
    people.provider(ukprn="10099901")

    apar(tmp_path, MAIN, EMPLOYER, create=True)

    made = Organisation.objects.get(ukprn="10099902")
    assert (made.provider_kind, made.apar_type, made.is_verified) == ("employer_provider", "employer", True)
    assert Organisation.objects.count() == 2


def test_the_older_register_file_is_read_too(tmp_path: Path) -> None:
    columns = (
        "Ukprn", "Name", "ProviderType", "ParentCompanyGuarantee", "NewOrganisationWithoutFinancialTrackRecord",
        "StartDate", "ProviderNotCurrentlyStartingNewApprentices", "ApplicationDeterminedDate",
    )  # fmt: skip
    rows = [("10001001", "One", "Main provider", "False", "False", "10/12/2020", "01/02/2021", "30/07/2020")]

    take(Kind.APAR, write(tmp_path / "roatp.csv", rows, columns=columns))

    assert not ApprenticeshipProvider.objects.get().takes_starts


def test_postcodes_in_both_spellings_fill_in_unknown_outcodes_only(tmp_path: Path) -> None:
    known = Outcode.objects.create(outcode="ZZ97", easting=1, northing=2)
    rows = [
        ("ZZ972AB", "428001", "436001", "E92000001", ""),
        ("ZZ98 2AB", "428000", "436000", "E92000001", ""),
        ("zz982ad", "428010", "436020", "E92000001", ""),
        ("EH1  1AA", "325000", "673000", "S92000003", ""),
        ("ZZ982AE", "", "", "E92000001", ""),
        ("ZZ98", "1", "1", "E92000001", ""),
    ]
    columns = ("pcds", "oseast1m", "osnrth1m", "ctry", "pcd")

    report = take(Kind.POSTCODES, write(tmp_path / "onspd.csv", rows, columns=columns))

    assert list(Postcode.objects.order_by("pk").values_list("postcode", "easting")) == [
        ("ZZ97 2AB", 428001),
        ("ZZ98 2AB", 428000),
        ("ZZ98 2AD", 428010),
    ]
    assert report.left_out == {"outside England": 1, "without a grid reference": 1}
    assert [(bad.row, bad.reasons) for bad in report.set_aside] == [(7, ["pcds ZZ98 isn't a postcode"])]
    new = Outcode.objects.get(outcode="ZZ98")
    assert (new.easting, new.northing, Outcode.objects.get(pk=known.pk).easting) == (428005, 436010, 1)
