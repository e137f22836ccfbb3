"""What an establishments file does to the schools people meet."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from brokerage.accounts.models import Kind as OrganisationKind
from brokerage.accounts.models import Organisation
from brokerage.domain import hosting
from brokerage.eventlog.models import Delivery, Event
from brokerage.registers.models import Establishment, Import, Kind, SetAside
from schools import importing as profiles
from schools.models import School
from tests.factories import people
from tests.registers.files import GROUPS, school, schools, take, write

pytestmark = pytest.mark.django_db


def here() -> set[str]:
    return set(Organisation.objects.filter(kind=OrganisationKind.SCHOOL).values_list("urn", flat=True))


def test_ages_place_and_type_decide_who_becomes_a_school(tmp_path: Path) -> None:
    def ages(low: str, high: str) -> dict[str, str]:
        return {"StatutoryLowAge": low, "StatutoryHighAge": high}

    schools(
        tmp_path,
        school("990001"),
        school(
            "990002", **ages("3", "19"), **{"PhaseOfEducation (code)": "0", "TypeOfEstablishment (code)": "7"}
        ),
        school("990003", **ages("9", "13"), **{"PhaseOfEducation (code)": "2"}),
        school("990004", **ages("4", "11"), **{"PhaseOfEducation (code)": "4"}),
        school("990005", **{"TypeOfEstablishment (code)": "18"}),
        school("990006", **{"GOR (name)": "Wales (pseudo)", "TypeOfEstablishment (code)": "30"}),
        school("990007", **{"EstablishmentStatus (code)": "2", "CloseDate": "31-08-2020"}),
        school("990008", **{"EstablishmentStatus (code)": "4"}),
        school("990009", **ages("", "")),
    )

    assert here() == {"990001", "990002", "990003"}
    assert Establishment.objects.count() == 9


def test_school_arrives_whole(tmp_path: Path) -> None:
    people.school(easting=428500, northing=436000, hub=(hub := people.hub()))
    schools(tmp_path, school("990777", UKPRN="10099977"))

    arrived = Organisation.objects.get(urn="990777")
    assert (arrived.name, arrived.ukprn, arrived.outcode, arrived.easting, arrived.region, arrived.is_rural) == (
        "School 990777", "10099977", "LS6", 428000, "Yorkshire and the Humber", True,
    )  # fmt: skip
    assert (arrived.is_verified, arrived.closed_on, arrived.hub) == (True, None, hub)
    assert arrived.telephone == "0113 496 0000"


def test_register_corrects_its_own_number_and_never_one_the_school_set_or_took_out(tmp_path: Path) -> None:
    urns = {"given": "990001", "cleared": "990002", "untouched": "990003", "sent as it was": "990004"}
    leaders = {name: people.member(people.school(urn=urn)) for name, urn in urns.items()}

    def says(name: str, telephone: str) -> None:
        hosting.change(fields={"telephone": telephone}, by=leaders[name], at=timezone.now())

    def numbers() -> dict[str, str]:
        told = dict(Organisation.objects.values_list("urn", "telephone"))
        return {name: told[urn] for name, urn in urns.items()}

    says("given", "01632 960042")
    schools(tmp_path, *(school(urn) for urn in urns.values()))
    says("cleared", "")
    says("sent as it was", "(0113) 496 0000")
    first = numbers()
    schools(tmp_path, *(school(urn, TelephoneNum="01134960999") for urn in urns.values()))
    second = numbers()
    schools(tmp_path, *(school(urn, TelephoneNum="") for urn in urns.values()))

    own = {"given": "01632 960042", "cleared": ""}
    assert first == own | dict.fromkeys(("untouched", "sent as it was"), "0113 496 0000")
    assert second == own | dict.fromkeys(("untouched", "sent as it was"), "0113 496 0999")
    assert numbers() == second


def test_same_file_again_changes_nothing_and_records_nothing(tmp_path: Path) -> None:
    rows = [school("990001"), school("990002", UKPRN="12")]
    schools(tmp_path, *rows)
    before = (
        Import.objects.count(),
        SetAside.objects.count(),
        Event.objects.count(),
        Organisation.objects.count(),
    )

    report = schools(tmp_path, *rows)

    assert (report.is_repeat, report.counts["unchanged"], report.counts["changed"]) == (True, 1, 0)
    assert before == (1, 1, 1, 1)
    assert before == (
        Import.objects.count(), SetAside.objects.count(), Event.objects.count(), Organisation.objects.count(),
    )  # fmt: skip


def test_dry_run_tells_what_the_real_run_does_and_writes_nothing(tmp_path: Path) -> None:
    schools(tmp_path, school("990001"), school("990002"))
    events = Event.objects.count()
    rows = [
        school("990001", Town="York", NumberOfPupils="7"),
        school("990002", **{"EstablishmentStatus (code)": "2", "CloseDate": "31-08-2026"}),
        school("990003"),
        school("bad"),
    ]

    dry = schools(tmp_path, *rows, dry_run=True)
    assert (here(), Establishment.objects.get(urn="990001").town) == ({"990001", "990002"}, "Leeds")
    assert (Event.objects.count(), Import.objects.count(), SetAside.objects.count()) == (events, 1, 0)

    real = schools(tmp_path, *rows)
    assert {**real.as_json(), "dry_run": True} == dry.as_json()
    assert real.difference.changed == [
        ("990001", {"pupils": (1104, 7), "town": ("Leeds", "York")}),
        ("990002", {"status": (1, 2), "closed_on": (None, date(2026, 8, 31))}),
    ]
    assert (real.difference.new, real.difference.closed) == (["990003"], ["990002"])
    assert [bad.row for bad in real.set_aside] == [5]


def test_closed_school_is_marked_with_its_day_and_never_deleted(tmp_path: Path) -> None:
    schools(tmp_path, school("990001"), school("990002"), school("990003"))

    report = schools(
        tmp_path,
        school("990001", **{"EstablishmentStatus (code)": "2", "CloseDate": "31-08-2026"}),
        school("990002", **{"EstablishmentStatus (code)": "3", "CloseDate": "31-08-2027"}),
    )

    days = dict(Organisation.objects.values_list("urn", "closed_on"))
    assert days == {"990001": date(2026, 8, 31), "990002": date(2027, 8, 31), "990003": None}
    assert (report.counts["schools_closed"], report.counts["absent"]) == (1, 1)


def test_reopened_school_loses_its_day(tmp_path: Path) -> None:
    schools(tmp_path, school("990001"), school("990002"))
    closing = school("990001", **{"EstablishmentStatus (code)": "3", "CloseDate": "31-08-2027"})
    schools(tmp_path, closing, school("990002"))

    schools(tmp_path, school("990001"), school("990002"))

    assert Organisation.objects.get(urn="990001").closed_on is None


def test_only_schools_that_people_use_get_a_fact_each(tmp_path: Path) -> None:
    schools(tmp_path, school("990001"), school("990002"))
    used = Organisation.objects.get(urn="990001")
    people.member(used)

    schools(tmp_path, school("990001", Town="York"), school("990002", Town="York"))

    facts = Event.objects.filter(type="accounts.organisation.changed.v1")
    assert list(facts.values_list("organisation_id", "data__changed")) == [(used.pk, ["town"])]
    assert Event.objects.filter(type="registers.import.finished.v1").count() == 2


def test_register_numbers_are_given_to_one_organisation_only(tmp_path: Path) -> None:
    college = people.provider(ukprn="10099901")

    schools(tmp_path, school("990001", UKPRN="10099901"), school("990002", UKPRN="10099902"))

    assert dict(Organisation.objects.values_list("urn", "ukprn")) == {
        None: college.ukprn, "990001": None, "990002": "10099902",
    }  # fmt: skip


def test_types_ages_and_sixth_form_reach_the_profile_and_leave_the_schools_own_word(tmp_path: Path) -> None:
    ours = people.school(urn="990001")
    School.objects.filter(pk=ours.pk).update(first_year=8, last_year=9, low_age=3)
    independent = {"OfficialSixthForm (code)": "0", "TypeOfEstablishment (code)": "11"}
    schools(tmp_path, school("990001"), school("990002", **independent))

    assert Delivery.objects.filter(subscriber="take_types_and_ages_from_registers").count() == 1
    assert (profiles.take_register(), profiles.take_register()) == (2, 0)

    fields = ("type_code", "low_age", "high_age", "has_sixth_form", "first_year")
    assert set(School.objects.values_list("organisation__urn", *fields)) == {
        ("990001", 2, 11, 18, True, 8),
        ("990002", 11, 11, 18, True, None),
    }


def test_trusts_with_a_school_here_become_organisations_in_either_order(tmp_path: Path) -> None:
    groups = [
        ("5001", "Harbour Learning Trust", "8385139", "06", "", "OPEN", "10099950"),
        ("5002", "Nobody's Trust", "", "6", "", "OPEN", ""),
        ("5003", "A Federation", "", "1", "", "OPEN", ""),
    ]
    file = write(tmp_path / "groups.csv", groups, columns=GROUPS)
    known = people.trust(companies_house_number="08385139", name="Harbour")
    take(Kind.GROUPS, file)
    schools(
        tmp_path, school("990001", **{"Trusts (code)": "5001"}), school("990002", **{"Trusts (code)": "5003"})
    )

    trusts = Organisation.objects.filter(kind=OrganisationKind.TRUST)
    assert list(trusts.values_list("pk", "name", "ukprn")) == [
        (known.pk, "Harbour Learning Trust", "10099950")
    ]
    assert dict(Organisation.objects.exclude(urn=None).values_list("urn", "trust")) == {
        "990001": known.pk, "990002": None,
    }  # fmt: skip

    schools(tmp_path, school("990001"), school("990002"))
    assert Organisation.objects.get(urn="990001").trust is None


def test_command_reports_every_difference_and_draws_its_progress(tmp_path: Path) -> None:
    file = write(tmp_path / "gias.csv", [school("990001"), school("bad")])
    out, err = StringIO(), StringIO()

    call_command(
        "import_register",
        "establishments",
        str(file),
        "--report",
        str(tmp_path / "r.json"),
        stdout=out,
        stderr=err,
    )

    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["new"], [bad["row"] for bad in report["set_aside"]]) == (["990001"], [3])
    assert out.getvalue().startswith("rows 2, new 1, changed 0,")
    assert "100%" in err.getvalue()
    assert "Row 3: URN bad isn't 6 digits" in err.getvalue()
