from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role, User
from brokerage.domain import access_requests
from brokerage.models import AccessRequest, Claim
from tests import factories
from tests.api.conftest import problem
from tests.factories import access

pytestmark = pytest.mark.django_db


def an_ask(school: Any, **fields: Any) -> dict[str, Any]:
    return {
        "school": str(school.public_id),
        "encounter_type": "provider_encounter",
        "year_groups": [10],
        "minutes": 50,
        "dates": [access.weekday().isoformat()],
        "content": ["offer", "careers", "learning", "questions"],
        "qualifications": ["t_level"],
        "message": "We’d love to meet your Year 10.",
    } | fields


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy"), Role.CAREERS_LEADER)


@pytest.fixture
def officer() -> Membership:
    return access.college(name="Saltmere College")


def test_asked_granted_and_read_by_both(api: Any, leader: Membership, officer: Membership) -> None:
    made = api(officer).post("/api/v1/access-requests/", an_ask(leader.organisation))
    assert made.status_code == 201
    request = made.json()
    assert (request["state"], request["clock"]["state"], request["clock"]["day"]) == ("waiting", "running", 0)
    assert request["visitor"] == str(officer.public_id)
    path = f"/api/v1/access-requests/{request['id']}/"
    granted = api(leader).post(f"{path}grant/", {"on": request["dates"][0], "starts": "09:10"})
    assert granted.status_code == 200
    assert granted.json()["state"] == "granted"
    assert Claim.objects.get(slot__need__public_id=granted.json()["need"]).attendee_id == officer.pk
    history = api(officer).get(path).json()["history"]
    assert [(step["type"], step["by"]) for step in history] == [("asked", "asker"), ("granted", "school")]
    assert history[0]["words"] == "We’d love to meet your Year 10."


def test_the_same_key_asks_once(api: Any, leader: Membership, officer: Membership) -> None:
    ask = lambda: api(officer).post(  # noqa: E731
        "/api/v1/access-requests/", an_ask(leader.organisation), Idempotency_Key="k1"
    )
    first, second = ask(), ask()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    again = api(officer).post("/api/v1/access-requests/", an_ask(leader.organisation))
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")


def test_the_clock_shows_its_working(api: Any, leader: Membership, officer: Membership) -> None:
    request = access.asked(officer, of=leader.organisation, at=timezone.now() - timedelta(days=40))
    clock = api(leader).get(f"/api/v1/access-requests/{request.public_id}/clock/").json()
    assert clock["state"] in {"very_late", "no_response"}
    assert [day["number"] for day in clock["days"] if day["state"] == "counted"] == list(
        range(1, clock["day"] + 1)
    )
    assert clock["working"][0] == clock["headline"]


STEPS: list[tuple[str, dict[str, Any], str]] = [
    ("counter-offer", {"dates": [access.weekday(days=30).isoformat()], "starts": "11:00"}, "countered"),
    ("postpone", {"until": access.weekday(days=30).isoformat(), "reason": "exam_period"}, "postponed"),
    ("ask", {"question": "How many of you come?"}, "questioned"),
    ("refuse", {"ground": "already_met", "note": "Thank you for offering."}, "refused"),
]


@pytest.mark.parametrize(("step", "body", "state"), STEPS)
def test_each_answer_of_the_school(api: Any, step: str, body: dict[str, Any], state: str) -> None:
    request = access.asked()
    path = f"/api/v1/access-requests/{request.public_id}/{step}/"
    stranger = api(factories.member(factories.school())).post(path, body)
    asker = api(request.asked_by).post(path, body)
    answered = api(access.answerer(request)).post(path, body)
    assert (stranger.status_code, asker.status_code, answered.status_code) == (404, 403, 200)
    assert answered.json()["state"] == state


def test_a_counter_offer_taken_and_another_rejected(api: Any) -> None:
    day = access.weekday(days=30).isoformat()
    for step, body, state in (
        ("accept-counter-offer", {"on": day}, "granted"),
        ("reject-counter-offer", {}, "rejected"),
    ):
        request = access.asked()
        path = f"/api/v1/access-requests/{request.public_id}/"
        api(access.answerer(request)).post(f"{path}counter-offer/", {"dates": [day], "starts": "11:00"})
        assert api(request.asked_by).get(path).json()["counter_offer"]["dates"] == [day]
        assert api(request.asked_by).post(f"{path}{step}/", body).json()["state"] == state


def test_a_question_is_answered_and_a_duplicate_agreed(api: Any, officer: Membership) -> None:
    first = access.asked(officer, year_groups=[9])
    second = access.asked(officer, of=first.school, year_groups=[10])
    path, leader = f"/api/v1/access-requests/{second.public_id}/", api(access.answerer(first))
    assert leader.post(f"{path}ask/", {"question": "How many?"}).json()["clock"]["state"] == "paused"
    assert api(officer).post(f"{path}answer/", {"answer": "Two."}).json()["state"] == "waiting"
    marked = leader.post(f"{path}duplicate/", {"duplicate_of": str(first.public_id)})
    assert marked.json()["state"] == "duplicate_marked"
    assert api(officer).post(f"{path}duplicate/", {}).json()["errors"].keys() == {"is_duplicate"}
    assert api(officer).post(f"{path}duplicate/", {"is_duplicate": True}).json()["state"] == "duplicate"


def test_the_words_are_the_two_sides_alone(api: Any) -> None:
    school = factories.school(hub=factories.hub())
    factories.member(school, Role.CAREERS_LEADER)
    request = access.asked(of=school, message="A private word.")
    path = f"/api/v1/access-requests/{request.public_id}/"
    lead = factories.member(school.hub, Role.HUB_LEAD)
    assert [step["words"] for step in api(lead).get(path).json()["history"]] == [None]
    assert api(lead).post(f"{path}refuse/", {"ground": "already_met"}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year_groups", [6]),
        ("year_groups", []),
        ("minutes", 4),
        ("dates", ["2020-01-06"]),
        ("dates", ["12 March"]),
        ("dates", ["２０２７-０３-１２"]),
        ("content", ["jokes"]),
        ("visitor", "00000000-0000-0000-0000-000000000000"),
        ("school", "00000000-0000-0000-0000-000000000000"),
        ("message", "Pupil H801200001001"),
        ("colour", "red"),
    ],
)
def test_a_bad_ask_names_the_field(
    api: Any, leader: Membership, officer: Membership, field: str, value: Any
) -> None:
    answer = api(officer).post("/api/v1/access-requests/", an_ask(leader.organisation) | {field: value})
    assert answer.status_code == 400
    assert [name.split(".")[0] for name in answer.json()["errors"]] == [field]
    assert not AccessRequest.objects.exists()


def test_a_day_without_pupils_and_one_too_far_are_400_like_any_other_value(
    api: Any, leader: Membership, officer: Membership
) -> None:
    saturday = access.weekday(days=20)
    saturday += timedelta(days=5 - saturday.weekday())
    far = "2099-06-01T10:00:00+01:00"
    a_need = {"title": "", "encounter_type": "career_talk", "year_groups": [9], "slots": []}

    asked = api(officer).post(
        "/api/v1/access-requests/", an_ask(leader.organisation) | {"dates": [saturday.isoformat()]}
    )
    posted = api(leader).post("/api/v1/needs/", a_need | {"closes_at": far})

    assert problem(asked) == (400, "not_a_school_day")
    assert list(asked.json()["errors"]) == ["dates"]
    assert problem(posted) == (400, "date_out_of_range")
    assert list(posted.json()["errors"]) == ["closes_at"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_requests_takes_the_same_statements_however_long(
    api: Any, leader: Membership, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        access.asked(of=leader.organisation)
    client = api(leader)
    client.get("/api/v1/access-requests/")
    with django_assert_num_queries(6):
        assert len(client.get("/api/v1/access-requests/").json()["results"]) == count


def test_a_room_is_told_to_the_two_sides_alone(api: Any, leader: Membership, officer: Membership) -> None:
    hub = factories.hub()
    leader.organisation.hub = hub
    leader.organisation.save()
    request = access.asked(officer, of=leader.organisation)
    offer = {"dates": [request.dates[0].isoformat()], "starts": "10:00", "venue": "Room 4, ask for Ms Okafor"}
    path = f"/api/v1/access-requests/{request.public_id}/"
    api(leader).post(f"{path}counter-offer/", offer)
    told = [api(by).get(path).json()["counter_offer"]["venue"] for by in (officer, factories.member(hub))]
    assert told == ["Room 4, ask for Ms Okafor", ""]


def test_what_staff_settled_is_not_said_to_be_the_askers(api: Any) -> None:
    by = access.college()
    first = access.asked(by, year_groups=[9])
    second = access.asked(by, of=first.school)
    access_requests.mark_duplicate(
        request=second, duplicate_of=first, by=access.answerer(first), at=timezone.now()
    )
    staff = User.objects.create_user(email="staff@doorway.test", is_staff=True)
    access_requests.confirm_duplicate(request=second, by=staff, at=timezone.now())
    history = api(by).get(f"/api/v1/access-requests/{second.public_id}/").json()["history"]
    assert [step["by"] for step in history] == ["asker", "school", "platform"]


def test_a_time_in_the_night_the_clocks_go_forward_lasts_as_long_as_any(
    api: Any, leader: Membership, officer: Membership
) -> None:
    request = access.asked(officer, of=leader.organisation)
    granted = api(leader).post(
        f"/api/v1/access-requests/{request.public_id}/grant/", {"on": "2027-03-28", "starts": "01:30"}
    )
    assert granted.status_code == 200
    during = Claim.objects.get(slot__need__public_id=granted.json()["need"]).during
    assert during.upper - during.lower == timedelta(minutes=50)


def test_a_clock_that_the_asker_stopped_is_not_said_to_be_answered(api: Any, officer: Membership) -> None:
    request = access.asked(officer, at=timezone.now() - timedelta(days=10))
    path = f"/api/v1/access-requests/{request.public_id}/"
    api(officer).post(f"{path}withdraw/", {})
    headline = api(officer).get(f"{path}clock/").json()["headline"]
    assert headline.startswith("Withdrawn ")
