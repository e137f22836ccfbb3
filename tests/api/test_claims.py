from uuid import uuid4

import pytest
from django.utils import timezone

from brokerage.domain import needs
from brokerage.models import Claim
from tests import factories
from tests.api.conftest import problem
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader():
    return factories.member(factories.school(town="Hartwell", telephone="01632 960042"))


@pytest.fixture
def coordinator():
    return factories.member(factories.employer())


def claims_of(need):
    return f"needs/{need.public_id}/claims/"


def slot_id(need, number=0):
    return str(factories.slot_of(need, number).public_id)


def test_claim_of_the_first_to_come_is_booked_and_told_how_to_arrive(api, leader):
    need = factories.posted(leader, slots=[time_slot(places=3)])
    volunteer = factories.member(factories.employer(), "volunteer")
    response = api(volunteer).post(
        claims_of(need), {"slot": slot_id(need), "places": 2, "note": "With a colleague."}
    )

    told = response.json()
    claim = Claim.objects.get()
    assert response.status_code == 201
    assert told == {
        "id": str(claim.public_id), "state": "accepted", "need": str(need.public_id), "slot": slot_id(need),
        "places": 2, "attendee": {"id": str(volunteer.public_id), "name": volunteer.user.name},
        "claimant": {"id": str(volunteer.organisation.public_id), "name": volunteer.organisation.name,
                     "kind": "employer", "is_verified": True},
        "reason": "", "note": "With a colleague.", "answer_note": "", "title": "Mock interviews",
        "school": {"id": str(leader.organisation.public_id), "name": leader.organisation.name, "town": "Hartwell"},
        "starts_at": time_slot().starts_at.isoformat(), "ends_at": time_slot().ends_at.isoformat(),
        "submitted_at": told["submitted_at"], "answered_at": told["submitted_at"], "ended_at": None,
        "arrival": {"venue": "Main hall", "entrance": "Report to reception on Sutton Road.",
                    "visitor_notes": "Bring photo ID.",
                    "contact": {"name": leader.user.name, "email": leader.user.email}, "telephone": "01632 960042"},
    }  # fmt: skip
    assert api(volunteer).get(f"claims/{claim.public_id}/").json() == told
    (slot,) = api(volunteer).get(f"needs/{need.public_id}/").json()["slots"]
    assert (slot["places"], slot["places_left"]) == (3, 1)


def test_attendee_left_out_null_or_named(api, leader, coordinator):
    need = factories.posted(leader, slots=[time_slot(places=9)])
    volunteer = factories.member(coordinator.organisation, "volunteer")
    only = {"slot": slot_id(need)}
    boss, helper = api(coordinator), api(volunteer)

    assert helper.post(claims_of(need), only).json()["attendee"]["id"] == str(volunteer.public_id)
    assert boss.post(claims_of(need), only).json()["attendee"] is None
    assert boss.post(claims_of(need), only | {"attendee": None}).status_code == 200
    named = boss.post(claims_of(need), only | {"attendee": str(coordinator.public_id)})
    assert (named.status_code, named.json()["attendee"]["name"]) == (201, coordinator.user.name)
    for them in (None, str(coordinator.public_id)):
        assert problem(helper.post(claims_of(need), only | {"attendee": them})) == (403, "not_allowed")
    stranger = factories.member(factories.employer())
    for nobody in (str(stranger.public_id), str(uuid4()), str(leader.public_id)):
        refused = boss.post(claims_of(need), only | {"attendee": nobody})
        assert (problem(refused), set(refused.json()["errors"])) == ((400, "invalid"), {"attendee"})


def test_same_claim_again_is_the_same_claim_whatever_became_of_the_need(api, leader, coordinator):
    need = factories.posted(leader, slots=[time_slot(places=3)], allocation="school_chooses")
    only = {"slot": slot_id(need)}
    first = api(coordinator).post(claims_of(need), only)
    needs.amend(need=need, fields={"open_to": ["university"]}, by=leader, at=timezone.now())
    again = api(coordinator).post(claims_of(need), only)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert problem(api(coordinator).post(claims_of(need), only | {"places": 2})) == (409, "already_claimed")


def test_losers_are_told_why(api, leader, coordinator):
    client = api(coordinator)
    full = factories.posted(leader)
    factories.accepted_claim(on=full)
    assert problem(client.post(claims_of(full), {"slot": slot_id(full)})) == (409, "slot_full")

    need = factories.posted(leader, slots=[time_slot(), time_slot(minutes=30, places=2)])
    me = {"attendee": str(coordinator.public_id)}
    assert client.post(claims_of(need), {"slot": slot_id(need)} | me).status_code == 201
    clash = client.post(claims_of(need), {"slot": slot_id(need, 1)} | me)
    assert problem(clash) == (409, "person_already_booked")
    assert leader.organisation.name in clash.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "slot", "required"),
        ({"slot": "x"}, "slot", "invalid"),
        ({"slot": 5}, "slot", "invalid"),
        ({"slot": str(uuid4())}, "slot", "invalid"),
        ({"places": 0}, "places", "min_value"),
        ({"places": 1001}, "places", "max_value"),
        ({"places": True}, "places", "invalid"),
        ({"attendee": "me"}, "attendee", "invalid"),
        ({"note": "x" * 501}, "note", "max_length"),
        ({"note": "Ask for A123456789012"}, "note", "pupil_identifier"),
        ({"note": None}, "note", "null"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_claims_that_cannot_be_right_are_named(api, leader, coordinator, body, field, code):
    need = factories.posted(leader)
    sent = body if field == "slot" else {"slot": slot_id(need)} | body
    response = api(coordinator).post(claims_of(need), sent)
    assert response.status_code == 400
    assert {name: items[0]["code"] for name, items in response.json()["errors"].items()} == {field: code}


def test_slot_of_another_need_is_not_a_time_of_this_one(api, leader, coordinator):
    need, other = factories.posted(leader), factories.posted(leader)
    response = api(coordinator).post(claims_of(need), {"slot": slot_id(other)})
    assert (problem(response), set(response.json()["errors"])) == ((400, "invalid"), {"slot"})


def test_need_that_is_not_open_to_us_is_not_there(api, leader):
    need = factories.posted(leader, open_to=["university"])
    college = api(factories.member(factories.provider()))
    assert problem(college.post(claims_of(need), {"slot": slot_id(need)})) == (404, "not_found")
    assert problem(college.post(claims_of(need), {"unheard": "of"})) == (404, "not_found")
    assert problem(college.get(f"needs/{need.public_id}/")) == (404, "not_found")


def test_unverified_claim_waits_and_says_so(api, leader):
    need = factories.posted(leader)
    by = factories.member(factories.employer(verified_at=None), "volunteer")
    told = api(by).post(claims_of(need), {"slot": slot_id(need)}).json()
    assert (told["state"], told["claimant"]["is_verified"], "arrival" in told) == ("submitted", False, False)
    (seen,) = api(leader).get("claims/").json()["results"]
    assert (seen["claimant"]["is_verified"], seen["attendee"]) == (
        False, {"id": str(by.public_id), "name": by.user.name},
    )  # fmt: skip


def test_idempotency_key_makes_one_claim_or_none(api, leader, coordinator):
    need = factories.posted(leader, slots=[time_slot(places=5)])
    client, body = api(coordinator), {"slot": slot_id(need)}
    first = client.post(claims_of(need), body, Idempotency_Key="one")
    again = client.post(claims_of(need), dict(reversed(body.items())), Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    other = client.post(claims_of(need), body | {"places": 2}, Idempotency_Key="one")
    assert problem(other) == (422, "idempotency_key_reused")
    for key in ("", "x" * 201, "two words"):
        assert problem(client.post(claims_of(need), body, Idempotency_Key=key)) == (400, "invalid")
    # Another person's key of the same name is another key.
    friend = api(factories.member(factories.employer()))
    assert friend.post(claims_of(need), body, Idempotency_Key="one").status_code == 201


def test_idempotency_key_on_a_need_and_a_refused_try_uses_nothing_up(api, leader):
    slot = time_slot()
    body = {"title": "Talk", "encounter_type": "career_talk", "year_groups": [9],
            "slots": [{"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}]}  # fmt: skip
    client = api(leader)
    assert client.post("needs/", body | {"title": 5}, Idempotency_Key="k").status_code == 400
    first = client.post("needs/", body, Idempotency_Key="k")
    again = client.post("needs/", body, Idempotency_Key="k")
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert (
        problem(client.post("needs/", body | {"title": "Other"}, Idempotency_Key="k"))[1]
        == "idempotency_key_reused"
    )
    assert client.post("needs/", body).json()["id"] != first.json()["id"]


def test_school_answers_and_sees_who_comes_only_then(api, leader):
    by = factories.member(factories.employer())
    claim = factories.submitted_claim(by, on=factories.posted(leader, allocation="school_chooses"))
    address = f"claims/{claim.public_id}/"
    assert "email" not in api(leader).get(address).json()["attendee"]
    told = api(leader).post(address + "accept/", {}).json()
    assert (told["state"], told["attendee"]["email"]) == ("accepted", by.user.email)
    assert "arrival" not in told
    assert api(leader).post(address + "accept/").status_code == 200
    assert api(by).get(address).json()["arrival"]["contact"]["email"] == leader.user.email
    assert problem(api(leader).post(address + "decline/", {"reason": "no_capacity"})) == (
        409,
        "claim_not_waiting",
    )

    told = api(leader).post(address + "cancel/", {"reason": "staff_absence", "note": "Sorry."}).json()
    assert (told["state"], told["reason"], told["answer_note"]) == (
        "cancelled_by_school",
        "staff_absence",
        "Sorry.",
    )
    assert "email" not in told["attendee"]
    assert "arrival" not in api(by).get(address).json()


def test_details_are_gone_14_days_after_the_slot(api, leader):
    by = factories.member(factories.employer())
    need = factories.posted(leader)
    claim = factories.accepted_claim(by, on=need)
    for days, shown in ((13, True), (15, False)):
        factories.over(claim, days_ago=days)
        claim.refresh_from_db()
        assert ("arrival" in api(by).get(f"claims/{claim.public_id}/").json()) is shown
        assert ("email" in api(leader).get(f"claims/{claim.public_id}/").json()["attendee"]) is shown


@pytest.mark.parametrize(
    ("verb", "reason", "wrong", "end"),
    [
        ("decline", "already_met", "ill", "declined"),
        ("withdraw", "diary_clash", "already_met", "withdrawn"),
    ],
)
def test_reasons_are_closed_lists(api, leader, coordinator, verb, reason, wrong, end):
    claim = factories.submitted_claim(coordinator, on=factories.posted(leader, allocation="school_chooses"))
    client = api(leader if verb == "decline" else coordinator)
    address = f"claims/{claim.public_id}/{verb}/"
    for body in ({}, {"reason": wrong}, {"reason": None}, {"reason": reason, "why": "x"}):
        assert client.post(address, body).status_code == 400
    told = client.post(address, {"reason": reason}).json()
    assert (told["state"], told["reason"]) == (end, reason)
    assert told["ended_at"]


def test_withdrawing_a_booking_is_the_claimants_cancellation_and_frees_the_place(api, leader, coordinator):
    need = factories.posted(leader)
    claim = factories.accepted_claim(coordinator, on=need)
    told = api(coordinator).post(f"claims/{claim.public_id}/withdraw/", {"reason": "ill"}).json()
    assert told["state"] == "cancelled_by_claimant"
    assert factories.slot_of(need).taken == 0
    assert problem(api(leader).post(f"claims/{claim.public_id}/cancel/", {"reason": "other"})) == (
        409,
        "claim_not_booked",
    )


def test_withdrawing_after_the_start_is_too_late(api, leader, coordinator):
    claim = factories.accepted_claim(coordinator, on=factories.posted(leader))
    factories.over(claim)
    late = api(coordinator).post(f"claims/{claim.public_id}/withdraw/", {"reason": "ill"})
    assert problem(late) == (409, "already_started")


def test_coordinator_names_who_comes(api, leader, coordinator):
    claim = factories.accepted_claim(coordinator, on=factories.posted(leader), attendee=None)
    volunteer = factories.member(coordinator.organisation, "volunteer")
    address = f"claims/{claim.public_id}/attendee/"
    told = api(coordinator).post(address, {"attendee": str(volunteer.public_id)})
    assert told.json()["attendee"]["name"] == volunteer.user.name
    assert api(coordinator).post(address, {"attendee": None}).json()["attendee"] is None
    assert problem(api(coordinator).post(address, {"attendee": str(leader.public_id)})) == (400, "invalid")
    assert problem(api(coordinator).post(address, {})) == (400, "invalid")
    assert problem(api(volunteer).post(address, {"attendee": None})) == (403, "not_allowed")


def test_lists_hold_ones_own_and_can_be_narrowed(api, leader, coordinator):
    need = factories.posted(leader, slots=[time_slot(places=2)])
    mine = factories.accepted_claim(coordinator, on=need)
    factories.accepted_claim(on=need)
    factories.accepted_claim()
    assert [c["id"] for c in api(coordinator).get("claims/").json()["results"]] == [str(mine.public_id)]
    client = api(leader)
    assert len(client.get("claims/").json()["results"]) == 2
    assert len(client.get(f"claims/?need={need.public_id}&state=accepted").json()["results"]) == 2
    assert client.get("claims/?state=declined").json()["results"] == []
    first = client.get("claims/?page_size=1").json()
    second = client.get(first["next"]).json()
    assert second["next"] is None
    assert first["results"] != second["results"]
