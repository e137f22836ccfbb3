from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.domain import external_encounters
from brokerage.models import ExternalEncounter
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db
V1 = "/api/v1/external-encounters/"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy"), Role.CAREERS_LEADER)


def an_encounter(**fields: Any) -> dict[str, Any]:
    return {
        "provider_name": "Saltmere College",
        "provider_kind": "fe_college",
        "y7_entry": timezone.localdate().year - 3,
        "on": (timezone.localdate() - timedelta(days=30)).isoformat(),
        "starts": "10:00",
        "ends": "10:50",
        "offered": 180,
        "attended": 171,
        "content": ["offer", "careers", "learning", "questions"],
        "evidence": "The register of the day is with the careers office.",
    } | fields


def test_recorded_once_and_confirmed_or_disputed_by_the_one_it_names(api: Any, leader: Membership) -> None:
    officer = access.college(name="Saltmere College")
    body = an_encounter(provider=str(officer.organisation.public_id))
    made = api(leader).post(V1, body)
    again = api(leader).post(V1, body)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["id"] == again.json()["id"]
    assert made.json()["is_technical"] is True
    path = f"{V1}{made.json()['id']}/"
    stranger = api(access.college()).post(f"{path}confirm/")
    own = api(leader).post(f"{path}confirm/")
    assert (stranger.status_code, own.status_code) == (404, 403)
    assert api(officer).post(f"{path}confirm/").json()["confirmation"] == "confirmed"
    disputed = api(officer).post(f"{path}dispute/", {"note": "It was Year 9."})
    assert disputed.json()["confirmation"] == "disputed"


def test_what_the_school_took_out_is_neither_confirmed_nor_disputed(api: Any, leader: Membership) -> None:
    officer = access.college()
    encounter = access.held_elsewhere(leader, officer.organisation)
    external_encounters.remove(encounter=encounter, by=leader, at=timezone.now())
    path = f"{V1}{encounter.public_id}/"
    answers = (
        api(officer).post(f"{path}confirm/"),
        api(officer).post(f"{path}dispute/", {"note": "It was Year 9."}),
    )
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(409, "encounter_removed")] * 2
    assert (
        api(officer).get(path).status_code == api(access.college()).post(f"{path}confirm/").status_code == 404
    )
    encounter.refresh_from_db()
    assert encounter.confirmation == ""


def test_small_groups_are_the_schools_own(api: Any, leader: Membership) -> None:
    officer = access.college()
    body = an_encounter(provider=str(officer.organisation.public_id), offered=12, attended=3)
    made = api(leader).post(V1, body).json()
    assert (made["offered"], made["attended"]) == (12, 3)
    seen = api(officer).get(V1).json()["results"][0]
    assert (seen["offered"], seen["attended"]) == (12, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("on", (timezone.localdate() + timedelta(days=2)).isoformat()),
        ("on", "2019-03-04"),
        ("ends", "09:00"),
        ("attended", 181),
        ("delivery_mode", "recorded"),
        ("evidence", " "),
        ("provider_name", ""),
        ("y7_entry", 2090),
    ],
)
def test_what_cannot_have_been_names_the_field(api: Any, leader: Membership, field: str, value: Any) -> None:
    answer = api(leader).post(V1, an_encounter(**{field: value}))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not ExternalEncounter.objects.exists()


def test_only_those_who_run_the_school_record(api: Any, leader: Membership) -> None:
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    assert api(governor).post(V1, an_encounter()).status_code == 403
    assert api(access.college()).post(V1, an_encounter()).status_code == 403


def test_the_school_is_no_provider_to_its_own_pupils(api: Any, leader: Membership) -> None:
    own = {"provider_name": leader.organisation.name.upper(), "provider_kind": "utc"}
    refused = api(leader).post(V1, an_encounter(**own))
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["provider_name"])
