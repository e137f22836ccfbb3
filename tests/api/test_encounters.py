import pytest

from brokerage.models import Encounter
from tests import factories
from tests.api.conftest import problem
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db
HELD = {"delivered": True, "attended": {"9": 0, "10": 150}}


@pytest.fixture
def leader():
    return factories.member(factories.school())


@pytest.fixture
def by():
    return factories.member(factories.employer())


@pytest.fixture
def encounter(leader, by):
    """Over since yesterday, with two claimants."""
    need = factories.posted(leader, year_groups=[9, 10], slots=[time_slot(places=2)])
    claim = factories.accepted_claim(by, on=need)
    factories.accepted_claim(on=need)
    factories.over(claim)
    return Encounter.objects.get()


def address(encounter, verb=""):
    return f"encounters/{encounter.public_id}/{verb}"


def test_school_records_and_the_claimant_confirms(api, leader, by, encounter):
    said = {"delivered": True, "minutes": 50, "attended": {"9": 3, "10": 150}, "pupil_premium_attended": 40,
            "send_attended": 12, "note": "Lively."}  # fmt: skip
    told = api(leader).post(address(encounter, "record/"), said).json()
    assert {name: told[name] for name in said if name != "delivered"} == {
        k: v for k, v in said.items() if k != "delivered"
    }
    assert (told["state"], {claim["state"] for claim in told["claims"]}) == ("delivered", {"fulfilled"})
    assert len(told["claims"]) == 2

    seen = api(by).post(address(encounter, "confirm/")).json()
    assert [claim["confirmation"] for claim in seen["claims"]] == ["confirmed"]
    assert seen["attended"] == {"10": 150}
    assert not {"pupil_premium_attended", "send_attended"} & set(seen)
    assert seen == api(by).get(address(encounter)).json() == api(by).get("encounters/").json()["results"][0]


def test_claimant_disputes_and_says_how(api, leader, by, encounter):
    assert problem(api(by).post(address(encounter, "confirm/"))) == (409, "not_recorded_yet")
    assert api(leader).post(address(encounter, "record/"), {"delivered": True}).json()["attended"] == {}
    for wrong in ({}, {"note": ""}, {"note": " "}, {"note": 5}):
        assert problem(api(by).post(address(encounter, "dispute/"), wrong)) == (400, "invalid")
    told = api(by).post(address(encounter, "dispute/"), {"note": "It was 40 minutes."}).json()
    assert [(c["confirmation"], c["confirmation_note"]) for c in told["claims"]] == [
        ("disputed", "It was 40 minutes.")
    ]


def test_what_the_two_sides_wrote_is_not_for_the_hub(api, leader, by, encounter):
    leader.organisation.hub = factories.hub()
    leader.organisation.save()
    api(leader).post(address(encounter, "record/"), HELD | {"note": "Lively."})
    api(by).post(address(encounter, "dispute/"), {"note": "It was 40 minutes."})

    seen = api(factories.member(leader.organisation.hub)).get(address(encounter))

    assert seen.status_code == 200
    assert not {"Lively.", "It was 40 minutes."} & {
        seen.json()["note"],
        *(c["confirmation_note"] for c in seen.json()["claims"]),
    }
    assert api(leader).get(address(encounter)).json()["note"] == "Lively."


def test_those_who_did_not_come_are_named_by_their_claim(api, leader, by, encounter):
    mine = str(by.organisation.claims.get().public_id)
    told = api(leader).post(address(encounter, "record/"), HELD | {"missed": [mine]}).json()
    assert {claim["id"] == mine: claim["state"] for claim in told["claims"]} == {
        True: "missed",
        False: "fulfilled",
    }


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "delivered"),
        ({"delivered": "yes"}, "delivered"),
        ({"delivered": True, "minutes": 0}, "minutes"),
        ({"delivered": True, "attended": {"12": 5}}, "attended"),
        ({"delivered": True, "attended": {"10": 181}}, "attended"),
        ({"delivered": True, "attended": {"10": -1}}, "attended.10"),
        (HELD | {"send_attended": 151}, "send_attended"),
        (HELD | {"missed": ["b6a7e8f0-0000-4000-8000-000000000000"]}, "missed"),
        ({"delivered": True, "pupils": ["A. Name"]}, "pupils"),
        ({"delivered": True, "note": "ULN 1000000000 was there"}, "note"),
    ],
)
def test_numbers_that_cannot_be_right_are_named(api, leader, encounter, said, field):
    response = api(leader).post(address(encounter, "record/"), said)
    assert (response.status_code, set(response.json()["errors"])) == (400, {field})


def test_nothing_is_recorded_before_it_is_over_and_the_outcome_changes_only_by_a_correction(
    api, leader, by, encounter
):
    early = factories.accepted_claim(on=factories.posted(leader, slots=[time_slot(days=3)])).slot.encounter
    assert problem(api(leader).post(address(early, "record/"), {"delivered": True})) == (
        409,
        "encounter_not_over",
    )
    api(leader).post(address(encounter, "record/"), HELD | {"minutes": 50})
    assert api(leader).post(address(encounter, "record/"), HELD | {"minutes": 45}).json()["minutes"] == 45
    assert problem(api(leader).post(address(encounter, "record/"), {"delivered": False})) == (
        409,
        "encounter_closed",
    )
    corrected = api(leader).post(address(encounter, "record/"), {"delivered": False, "corrects": True}).json()
    assert (corrected["state"], corrected["minutes"], corrected["attended"]) == ("not_delivered", None, {})
    assert problem(api(by).post(address(encounter, "record/"), {"delivered": True})) == (403, "not_allowed")


def test_hub_and_trust_read_counts_of_their_schools_but_no_small_ones(api):
    area = factories.hub()
    leader = factories.member(factories.school(hub=area))
    claim = factories.accepted_claim(on=factories.posted(leader, year_groups=[9, 10]))
    factories.over(claim)
    encounter = Encounter.objects.get()
    api(leader).post(address(encounter, "record/"), {"delivered": True, "attended": {"9": 4, "10": 9}})
    told = api(factories.member(area)).get(address(encounter)).json()
    assert (told["attended"], "send_attended" in told, len(told["claims"])) == ({"10": 9}, False, 1)
