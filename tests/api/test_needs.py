from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from brokerage.eventlog.models import Event
from brokerage.models import EncounterNeed
from tests import factories
from tests.api.conftest import problem
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def slot(**fields):
    time = time_slot(**fields)
    return {
        "starts_at": time.starts_at.isoformat(),
        "ends_at": time.ends_at.isoformat(),
        "places": time.places,
    }


def wanted(**fields):
    return {
        "title": "Mock interviews",
        "encounter_type": "mock_interviews",
        "year_groups": [10],
        "slots": [slot()],
        "publish": True,
    } | fields


@pytest.fixture
def leader():
    return factories.member(factories.school())


def test_post_fills_in_what_was_left_out(api, leader):
    response = api(leader).post("needs/", wanted())

    told = response.json()
    assert response.status_code == 201
    assert (told["state"], told["open_to"], told["main_benchmark"], told["supervision"], told["allocation"]) == (
        "open", ["employer"], 5, "staff_present", "first_come",
    )  # fmt: skip
    assert (told["audience"], told["expected_pupils"]) == ("whole_year", {"10": 180})
    assert (told["venue"], told["entrance"]) == ("Main hall", "Report to reception on Sutton Road.")
    assert told["contact"]["email"] == leader.user.email
    assert told["school"] == {
        "id": str(leader.organisation.public_id),
        "name": leader.organisation.name,
        "town": "",
    }
    assert [(s["places"], s["places_left"]) for s in told["slots"]] == [(1, 1)]
    assert told["slots"][0]["starts_at"] == time_slot().starts_at.isoformat()


def test_everything_posted_is_answered_as_posted(api, leader):
    said = wanted(
        audience="class", expected_pupils={"10": 28}, subjects=["maths"], sectors=["law", "digital"],
        open_to=["employer", "university"], delivery_mode="hybrid", main_benchmark=4, description="Bring a story.",
        supervision="staff_nearby", allocation="school_chooses", venue="Library", entrance="Gate B",
        visitor_notes="Park behind.", closes_at=(timezone.now() + timedelta(days=9)).isoformat(),
    )  # fmt: skip
    told = api(leader).post("needs/", said).json()

    for name in set(said) - {"slots", "publish", "closes_at", "sectors"}:
        assert told[name] == said[name], name
    assert told["sectors"] == ["digital", "law"]
    assert told["closes_at"][:19] == timezone.localtime().fromisoformat(said["closes_at"]).isoformat()[:19]


@pytest.mark.parametrize("name", ["title", "encounter_type", "year_groups", "slots"])
def test_required_fields_are_named(api, leader, name):
    said = wanted()
    del said[name]
    response = api(leader).post("needs/", said)
    assert problem(response) == (400, "invalid")
    assert response.json()["errors"] == {name: [{"code": "required", "detail": "This field is required."}]}


@pytest.mark.parametrize(
    ("field", "value", "path", "code"),
    [
        ("title", "x" * 121, "title", "max_length"),
        ("title", 5, "title", "invalid"),
        ("title", "Call A123456789012 now", "title", "pupil_identifier"),
        ("year_groups", [6], "year_groups.0", "min_value"),
        ("year_groups", "10", "year_groups", "not_a_list"),
        ("year_groups", [True], "year_groups.0", "invalid"),
        ("encounter_type", "magic", "encounter_type", "invalid_choice"),
        ("expected_pupils", {"9": 180}, "expected_pupils", "invalid"),
        ("expected_pupils", {"nine": 180}, "expected_pupils", "unknown_year"),
        ("expected_pupils", {"10": 0}, "expected_pupils.10", "min_value"),
        ("subjects", ["alchemy"], "subjects.0", "invalid_choice"),
        ("main_benchmark", 9, "main_benchmark", "max_value"),
        ("main_benchmark", "5", "main_benchmark", "invalid"),
        ("closes_at", "2030-01-01T10:00:00", "closes_at", "no_offset"),
        ("closes_at", "0001-01-01T10:00:00Z", "closes_at", "out_of_range"),
        ("publish", "yes", "publish", "invalid"),
        ("shoe_size", 9, "shoe_size", "unknown_field"),
        ("slots", [slot() | {"room": "A"}], "slots.0.room", "unknown_field"),
        ("slots", [slot() | {"starts_at": "2030-01-01T10:00:00"}], "slots.0.starts_at", "no_offset"),
        ("slots", [slot() | {"places": 0}], "slots.0.places", "min_value"),
        ("slots", [slot() | {"places": 1001}], "slots.0.places", "max_value"),
        ("slots", [slot(days=-1)], "slots.0.starts_at", "invalid"),
        ("slots", [slot(minutes=-5)], "slots.0.ends_at", "invalid"),
        ("slots", [slot(hour=23, minutes=120)], "slots.0.ends_at", "invalid"),
        ("slots", [slot()] * 51, "slots", "max_length"),
        ("slots", [], "slots", "need_incomplete"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_right_are_named(api, leader, field, value, path, code):
    response = api(leader).post("needs/", wanted(**{field: value}))
    assert response.status_code == 400
    assert {name: items[0]["code"] for name, items in response.json()["errors"].items()} == {path: code}
    assert not EncounterNeed.objects.exists()


def test_draft_may_be_incomplete_and_publishing_names_what_is_missing(api, leader):
    client = api(leader)
    draft = client.post("needs/", wanted(publish=False, slots=[], year_groups=[], title="")).json()
    assert draft["state"] == "draft"

    refused = client.post(f"needs/{draft['id']}/publish/")
    assert problem(refused) == (400, "need_incomplete")
    assert set(refused.json()["errors"]) == {"title", "year_groups", "slots"}

    client.patch(f"needs/{draft['id']}/", {"title": "Talk", "year_groups": [9], "slots": [slot()]})
    assert client.post(f"needs/{draft['id']}/publish/", {}).json()["state"] == "open"
    assert client.post(f"needs/{draft['id']}/publish/").status_code == 200
    assert Event.objects.filter(type="brokerage.need.published.v1").count() == 1


def test_amend_changes_only_what_is_given(api, leader):
    client = api(leader)
    need = client.post("needs/", wanted()).json()
    kept = need["slots"][0]
    more = {name: kept[name] for name in ("id", "starts_at", "ends_at")} | {"places": 4}

    told = client.patch(
        f"needs/{need['id']}/", {"title": "Interviews", "slots": [more, slot(days=22)]}
    ).json()

    assert (told["title"], told["year_groups"]) == ("Interviews", [10])
    assert [s["places_left"] for s in told["slots"]] == [4, 1]
    assert told["slots"][0]["id"] == kept["id"]


def test_fewer_places_than_taken_is_a_conflict(api, leader):
    need = factories.posted(leader, slots=[time_slot(places=2)])
    for _ in range(2):
        factories.accepted_claim(on=need)
    only = factories.slot_of(need)
    fewer = {
        "id": str(only.public_id),
        "starts_at": only.starts_at.isoformat(),
        "ends_at": only.ends_at.isoformat(),
    }
    client = api(leader)
    assert problem(client.patch(f"needs/{need.public_id}/", {"slots": [{**fewer, "places": 1}]})) == (
        409,
        "places_taken",
    )
    assert problem(client.patch(f"needs/{need.public_id}/", {"slots": []})) == (409, "slot_has_claims")
    stranger = {**fewer, "id": str(uuid4())}
    assert problem(client.patch(f"needs/{need.public_id}/", {"slots": [stranger]})) == (400, "invalid")


def test_what_is_left_out_of_a_slot_stays(api, leader):
    need = factories.posted(leader, slots=[time_slot(places=3)])
    factories.accepted_claim(on=need)
    address, client = f"needs/{need.public_id}/", api(leader)
    (stands,) = client.get(address).json()["slots"]

    for said in (
        {"id": stands["id"], "places": 4},
        {**stands, "places": 4},
        {"starts_at": stands["starts_at"], "ends_at": stands["ends_at"], "places": 4},
    ):
        (told,) = client.patch(address, {"slots": [said]}).json()["slots"]
        assert told == {**stands, "places": 4, "places_left": 3}, said
    (told,) = client.patch(address, {"slots": [{"id": stands["id"]}]}).json()["slots"]
    assert told["places"] == 4
    refused = client.patch(address, {"slots": [{"places": 4}]})
    assert set(refused.json()["errors"]) == {"slots.0.starts_at", "slots.0.ends_at"}


def test_two_slots_at_the_same_times_are_each_recognised_once(api, leader):
    need = factories.posted(leader, slots=[time_slot(places=1), time_slot(places=2)])
    address, client = f"needs/{need.public_id}/", api(leader)
    stand = client.get(address).json()["slots"]
    bare = [{name: slot[name] for name in ("starts_at", "ends_at", "places")} for slot in stand]

    told = client.patch(address, {"slots": [*bare, bare[0]]}).json()["slots"]

    assert {slot["id"] for slot in stand} < {slot["id"] for slot in told}
    assert len(told) == 3


def test_pupils_of_a_year_group_that_no_longer_comes_go_with_it(api, leader):
    client = api(leader)
    need = client.post("needs/", wanted(year_groups=[9, 10], expected_pupils={"9": 170, "10": 180})).json()

    told = client.patch(f"needs/{need['id']}/", {"year_groups": [10, 11]}).json()

    assert (told["year_groups"], told["expected_pupils"]) == ([10, 11], {"10": 180})


def test_withdrawn_need_stays_readable_to_those_it_was_open_to(api, leader):
    need = factories.posted(leader)
    by = factories.member(factories.employer())
    address = f"needs/{need.public_id}/"
    told = api(leader).post(address + "withdraw/", {"reason": "exam_period", "note": "Mocks moved."})
    assert (told.status_code, told.json()["state"]) == (200, "withdrawn")

    seen = api(by).get(address).json()
    assert (seen["state"], seen["withdraw_reason"]) == ("withdrawn", "exam_period")
    only = {"slot": seen["slots"][0]["id"]}
    assert problem(api(by).post(address + "claims/", only)) == (409, "need_closed")
    assert problem(api(leader).patch(address, {"title": "New"})) == (409, "need_withdrawn")
    assert problem(api(leader).post(address + "publish/")) == (409, "need_withdrawn")
    assert problem(api(leader).post(address + "withdraw/", {"reason": "ill"})) == (400, "invalid")


def test_school_lists_all_its_own_and_nobody_elses(api, leader):
    titles = ["Draft", "Open", "Withdrawn"]
    factories.need(leader, title="Draft")
    factories.posted(leader, title="Open")
    factories.posted(title="Another school's")
    client = api(leader)
    gone = factories.posted(leader, title="Withdrawn")
    client.post(f"needs/{gone.public_id}/withdraw/", {"reason": "other"})

    told = client.get("needs/").json()
    assert [need["title"] for need in told["results"]] == titles[::-1]
    assert told["next"] is None
    for state, title in zip(["draft", "open", "withdrawn"], titles, strict=True):
        assert [need["title"] for need in client.get(f"needs/?state={state}").json()["results"]] == [title]


def test_states_are_filtered_as_they_are_shown(api, leader):
    filled = factories.posted(leader, title="filled")
    factories.accepted_claim(on=filled)
    closed = factories.posted(leader, title="closed")
    claim = factories.submitted_claim(on=closed)
    factories.over(claim)
    factories.posted(leader, title="open")
    by = api(factories.member(factories.employer()))
    for state in ("open", "filled", "closed"):
        for client in (api(leader), by):
            told = client.get(f"needs/?state={state}").json()["results"]
            assert [(need["title"], need["state"]) for need in told] == [(state, state)]
    assert [need["title"] for need in by.get("needs/").json()["results"]] == ["open"]


def test_claimant_sees_no_draft_and_no_words_meant_for_visitors(api, leader):
    draft, need = factories.need(leader), factories.posted(leader)
    client = api(factories.member(factories.employer()))
    assert problem(client.get(f"needs/{draft.public_id}/")) == (404, "not_found")
    told = client.get(f"needs/{need.public_id}/").json()
    assert not {"entrance", "visitor_notes", "contact"} & set(told)
    assert set(told) == set(client.get("needs/").json()["results"][0])


def test_list_tells_of_each_need_what_the_need_itself_tells(api):
    """The list is written straight from PostgreSQL's JSON, past all that makes a need's own answer."""
    by = factories.member(factories.employer(easting=400_000, northing=300_000))
    near = factories.member(factories.school(town="Cot Dale", easting=412_340, northing=305_670))
    nowhere = factories.member(factories.school(easting=None, northing=None))
    several = (
        time_slot(days=20, places=3),
        time_slot(days=25, places=3),
        time_slot(days=25, places=3, hour=14),
    )
    full = factories.posted(
        near, slots=several, subjects=["maths"], sectors=["law", "digital"], venue="Library", description="Ask «why»\n",
        expected_pupils={"10": 28}, closes_at=timezone.now() + timedelta(days=19),
    )  # fmt: skip
    factories.posted(nowhere, slots=[time_slot(days=1, places=1)])
    factories.posted(near, slots=[time_slot(days=days) for days in (20, 110, 200, 290)])
    factories.accepted_claim(by, on=full, places=2)

    listed = api(by).get("needs/?page_size=50").json()["results"]

    assert len(listed) == 3
    assert {slot["starts_at"][-6:] for need in listed for slot in need["slots"]} == {"+00:00", "+01:00"}
    for need in listed:
        alone = api(by).get(f"needs/{need['id']}/").json()
        assert list(need) == list(alone)
        assert with_instants(need) == with_instants(alone)


def with_instants(told):
    """Times as what they mean and how they are offset: PostgreSQL leaves out zeros at the end of a fraction."""
    if isinstance(told, dict):
        return {name: with_instants(value) for name, value in told.items()}
    if isinstance(told, list):
        return [with_instants(value) for value in told]
    try:
        moment = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return told
    return moment, moment.utcoffset()


def test_pages_follow_their_own_links(api, leader):
    for number in range(5):
        factories.posted(leader, title=str(number), slots=[time_slot(days=5 + number)])
    claimant = factories.member(factories.employer(easting=400000, northing=290000))
    for by, orders in (
        (claimant, ["soonest", "newest", "nearest"]),
        (leader, ["soonest", "newest", "nearest"]),
    ):
        for order in orders:
            seen, address = [], f"needs/?page_size=2&year_group=10&ordering={order}"
            while address:
                told = api(by).get(address).json()
                seen += [need["title"] for need in told["results"]]
                address = told["next"]
            expected = "43210" if order == "newest" else "01234"
            assert "".join(seen) == expected, (by.role, order)


def test_nearest_counts_from_a_postcode_and_falls_back_to_its_first_half(api):
    near = factories.school(easting=406000, northing=286000)
    factories.posted(factories.member(near), title="Near")
    client = api(factories.member(factories.employer()))
    for place in ("B1", "b1 1aa", "B1%201AA"):
        told = client.get(f"needs/?near={place}&within_km=10&ordering=nearest").json()["results"]
        assert [need["title"] for need in told] == ["Near"]
        assert 0 < told[0]["distance_km"] < 10
    assert client.get("needs/?near=NE1").json()["results"] == []
    assert client.get("needs/").json()["results"][0]["distance_km"] is None


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("near=ZZ9", "place_not_found", "near"),
        ("near=%00", "invalid", "near"),
        ("ordering=nearest", "place_needed", "near"),
        ("within_km=5", "place_needed", "near"),
        ("ordering=best", "invalid", "ordering"),
        ("year_group=5", "invalid", "year_group"),
        ("sector=magic", "invalid", "sector"),
        ("starts_after=yesterday", "invalid", "starts_after"),
        ("starts_after=2026-01-01T00:00:00", "no_offset", "starts_after"),
        ("cursor=abc", "invalid", "cursor"),
        ("cursor=WzFd", "invalid", "cursor"),
        ("page_size=101", "invalid", "page_size"),
        ("yeargroup=10", "unknown_field", "yeargroup"),
        ("year_group=9&year_group=10", "duplicate_name", "year_group"),
        ("within_km=nan", "invalid", "within_km"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(api, query, code, field):
    client = api(factories.member(factories.employer(easting=None, northing=None)))
    response = client.get(f"needs/?{query}")
    assert problem(response) == (400, code)
    assert set(response.json()["errors"]) == {field}


def test_dates_may_come_as_days_or_with_a_plus_that_the_url_ate(api):
    factories.posted(title="Later", slots=[time_slot(days=20)])
    client = api(factories.member(factories.employer()))
    day = (timezone.now() + timedelta(days=10)).date()
    for after in (str(day), f"{day}T00:00:00+00:00", f"{day}T00:00:00Z"):
        assert len(client.get(f"needs/?starts_after={after}").json()["results"]) == 1
        assert client.get(f"needs/?starts_before={after}").json()["results"] == []


def test_hub_and_trust_read_what_their_schools_published(api):
    area, chain = factories.hub(), factories.trust()
    leader = factories.member(factories.school(hub=area, trust=chain))
    factories.posted(leader, title="Published")
    factories.need(leader, title="Draft")
    factories.posted(title="Elsewhere")
    for organisation in (area, chain):
        told = api(factories.member(organisation)).get("needs/").json()["results"]
        assert [need["title"] for need in told] == ["Published"]
        assert "entrance" not in told[0]
