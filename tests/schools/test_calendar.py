"""The agenda and the closures (P6), the school's details."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.models import Closure
from brokerage.domain import closures, hosting
from brokerage.errors import InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import Hosting
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import as_, typed

pytestmark = pytest.mark.django_db
CALENDAR, ADD, DETAILS = "/school/calendar/", "/school/calendar/closures/", "/school/details/"
KEEPERS = [Role.CAREERS_LEADER, Role.SENIOR_LEADER]
OTHERS = [Role.CAREERS_ADMINISTRATOR, Role.LINK_GOVERNOR, Role.CAREERS_ADVISER]


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def in_days(days: int) -> str:
    return typed(timezone.localdate() + timedelta(days=days))


def closure(**changes: str) -> dict[str, str]:
    sent = {"kind": "holiday", "label": "Half-term", "first_on": in_days(20), "last_on": in_days(24)}
    return {f"closure-{name}": value for name, value in (sent | changes).items()}


def items(response) -> list[tuple[str, tuple[str, str]]]:
    return [(item.name, item.state) for week in response.context["weeks"] for item in week.items]


def test_agenda_shows_what_is_booked_open_and_over(leader: Membership):
    factories.posted(leader, title="Nobody's", slots=[time_slot(days=8)])
    factories.accepted_claim(on=factories.posted(leader, title="Booked", slots=[time_slot(days=9)]))
    asked = factories.posted(leader, title="Asked", allocation="school_chooses", slots=[time_slot(days=10)])
    factories.submitted_claim(on=asked)
    factories.submitted_claim(on=asked)
    factories.need(leader, title="A draft", slots=[time_slot(days=9)])
    factories.posted(title="Another school's", slots=[time_slot(days=9)])

    assert items(as_(leader).get(CALENDAR)) == [
        ("Nobody's", ("na", "Nobody yet")),
        ("Booked", ("book", "Booked")),
        ("Asked", ("live", "2 offers to choose")),
    ]


def test_what_is_over_offers_to_be_recorded(leader: Membership):
    claim = factories.accepted_claim(on=factories.posted(leader))
    slot = factories.over(claim)
    week = f"{CALENDAR}?from={slot.starts_at:%Y-%m-%d}"

    assert items(as_(leader).get(week)) == [("Mock interviews", ("live", "To record"))]
    assert f"/school/needs/{claim.slot.need.public_id}/record/" in text_of(as_(leader).get(week))
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    assert "/record/" not in text_of(as_(governor).get(week))


@pytest.mark.parametrize("nonsense", ["soon", "0001-01-01", "9999-12-31", ""])
def test_a_week_that_cannot_be_read_is_this_one(leader: Membership, nonsense: str):
    assert as_(leader).get(f"{CALENDAR}?from={nonsense}").context["is_now"] is True


def test_empty_weeks_say_so(leader: Membership):
    assert "No encounters in these six weeks" in text_of(as_(leader).get(CALENDAR))


@pytest.mark.parametrize("role", KEEPERS)
def test_keepers_add_and_remove_closures(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))

    client.post(ADD, closure())
    added = Closure.objects.get()
    assert (added.kind, added.label, (added.last_on - added.first_on).days) == ("holiday", "Half-term", 4)
    assert "Half-term" in text_of(client.get(CALENDAR))

    client.post(f"{ADD}{added.public_id}/remove/")
    assert not Closure.objects.exists()
    told = list(Event.objects.order_by("id").values_list("type", flat=True))
    assert told == ["brokerage.closure.added.v1", "brokerage.closure.removed.v1"]


@pytest.mark.parametrize("role", OTHERS)
def test_others_read_the_closures_only(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))
    day = timezone.localdate()
    there = Closure.objects.create(
        school=leader.organisation, kind="inset", label="INSET day", first_on=day, last_on=day
    )

    page = text_of(client.get(CALENDAR))

    assert "INSET day" in page
    assert "Add a closure" not in page
    assert client.post(ADD, closure()).status_code == 403
    assert client.post(f"{ADD}{there.public_id}/remove/").status_code == 403
    assert Closure.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"kind": ""}, "kind", "Choose what it is"),
        ({"label": ""}, "label", "Enter what you call it"),
        ({"first_on": "soon"}, "first_on", "Enter a date like 21 January or 21/1/2027"),
        ({"last_on": in_days(10)}, "last_on", "The last day can't be before the first"),
        ({"last_on": in_days(300)}, "last_on", "That's longer than a summer holiday. Check the dates"),
    ],
)
def test_slips_in_a_closure_are_said_and_kept(leader: Membership, changes, field: str, message: str):
    response = as_(leader).post(ADD, closure(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors[field]) == [message]
    assert not Closure.objects.exists()


def test_the_same_closure_again_is_the_same(leader: Membership):
    client = as_(leader)
    client.post(ADD, closure())
    client.post(ADD, closure())

    assert Closure.objects.count() == 1
    assert Event.objects.filter(type="brokerage.closure.added.v1").count() == 1


def test_another_schools_closure_is_not_there(leader: Membership):
    day = timezone.localdate()
    theirs = Closure.objects.create(
        school=factories.school(), kind="inset", label="INSET", first_on=day, last_on=day
    )

    assert as_(leader).post(f"{ADD}{theirs.public_id}/remove/").status_code == 404
    assert "INSET" not in text_of(as_(leader).get(CALENDAR)).replace("INSET days and exams", "").replace(
        "INSET day</label>", ""
    )


def test_calendar_takes_the_same_statements_for_one_and_for_three(leader: Membership):
    client = as_(leader)

    def statements() -> int:
        client.get(CALENDAR)
        with CaptureQueriesContext(connection) as captured:
            client.get(CALENDAR)
        return len(captured)

    factories.accepted_claim(on=factories.posted(leader))
    one = statements()
    factories.accepted_claim(on=factories.posted(leader))
    factories.accepted_claim(on=factories.posted(leader))

    assert statements() == one <= 9


def details(**changes: str) -> dict[str, str]:
    sent = {
        "day_starts_at": "8.40",
        "day_ends_at": "15:10",
        "rooms": "Library\n\n Main hall ",
        "entrance": "Gate B",
        "visitor_notes": "Park behind the gym.",
    }
    return sent | changes


def test_keeper_changes_how_visitors_are_received(leader: Membership):
    response = as_(leader).post(DETAILS, details(), follow=True)

    now = Hosting.objects.get()
    assert (now.day_starts_at, now.day_ends_at, now.rooms) == (
        time(8, 40),
        time(15, 10),
        ["Library", "Main hall"],
    )
    assert now.entrance == "Gate B"
    assert "Saved." in text_of(response)
    event = Event.objects.get()
    assert event.type == "brokerage.hosting.changed.v1"
    assert event.data["changed"] == ["day_ends_at", "day_starts_at", "entrance", "rooms", "visitor_notes"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"day_starts_at": ""}, "day_starts_at", "Enter when the day starts"),
        ({"day_ends_at": "8"}, "day_ends_at", "The day must end after 08:40"),
        ({"rooms": "x" * 61}, "rooms", "Use 60 characters or fewer for each room"),
        ({"rooms": "\n".join(f"Room {n}" for n in range(31))}, "rooms", "List up to 30 rooms"),
    ],
)
def test_slips_in_the_details_are_said_and_nothing_is_kept(
    leader: Membership, changes, field: str, message: str
):
    response = as_(leader).post(DETAILS, details(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors[field]) == [message]
    assert Hosting.objects.get().entrance == "Report to reception on Sutton Road."


@pytest.mark.parametrize("role", OTHERS)
def test_others_read_the_details_only(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))

    assert "Report to reception on Sutton Road." in text_of(client.get(DETAILS))
    assert '<form method="post" novalidate' not in text_of(client.get(DETAILS))
    assert client.post(DETAILS, details()).status_code == 403
    assert Hosting.objects.get().entrance == "Report to reception on Sutton Road."


def test_verbs_refuse_whoever_may_not(leader: Membership):
    adviser = factories.member(leader.organisation, Role.CAREERS_ADVISER)
    outsider = factories.member(factories.employer())
    for by in (adviser, outsider):
        with pytest.raises(NotAllowed):
            hosting.change(fields={"entrance": "Anywhere"}, by=by, at=timezone.now())
        with pytest.raises(NotAllowed):
            closures.add(kind="inset", label="INSET", first_on=timezone.localdate(), by=by, at=timezone.now())


def test_verb_refuses_what_it_does_not_know_and_rolls_that_belong_to_cohorts(leader: Membership):
    for fields in ({"colour": "red"}, {"rolls": {"9": 10}}):
        with pytest.raises(InvalidInput):
            hosting.change(fields=fields, by=leader, at=timezone.now())


def test_saving_the_same_details_is_no_event(leader: Membership):
    hosting.change(fields={"entrance": "Report to reception on Sutton Road."}, by=leader, at=timezone.now())

    assert not Event.objects.exists()
