"""Who hears of a new need: those it is open to, near enough, in few statements."""

from datetime import timedelta

import pytest
from django.utils import timezone

from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.eventlog.models import Event
from brokerage.notifications import handlers
from brokerage.notifications.models import Entry, Letter
from brokerage.notifications.sentences import day
from tests import factories
from tests.factories.market import time_slot
from tests.notifications.telling import pay, told, types

pytestmark = pytest.mark.django_db
MILE = 1609


@pytest.fixture
def leader():
    return factories.member(factories.school(name="Fernlow Academy", easting=400000, northing=300000))


def at(miles, make=factories.employer, **fields):
    return factories.member(make(easting=400000 + round(miles * MILE), northing=300000, **fields))


def on(need) -> str:
    return day(factories.slot_of(need).starts_at, timezone.localdate())


def test_those_near_enough_hear_how_far_it_is(leader):
    near, edge, beyond, next_door = at(2.1), at(29.9), at(30.2), at(0.2)
    nowhere = factories.member(factories.employer())

    need = factories.posted(leader)
    pay()

    sentence = f"Fernlow Academy needs mock interviewers on {on(need)}"
    assert told(near) == [("need.published", f"{sentence}, 2.1 miles away.")]
    assert told(edge) == [("need.published", f"{sentence}, 30 miles away.")]
    assert told(next_door) == [("need.published", f"{sentence}, under a mile away.")]
    assert told(beyond) == told(nowhere) == told(leader) == []
    assert not Letter.objects.exists()


def test_the_corner_of_the_square_is_further_than_thirty_miles(leader):
    corner = factories.member(factories.employer(easting=400000 + 25 * MILE, northing=300000 + 25 * MILE))

    factories.posted(leader)
    pay()

    assert told(corner) == []


def test_live_online_is_near_to_everyone(leader):
    far, nowhere = at(200), factories.member(factories.employer())

    need = factories.posted(leader, delivery_mode="live_online")
    pay()

    sentence = f"Fernlow Academy needs mock interviewers on {on(need)}, live online."
    assert told(far) == told(nowhere) == [("need.published", sentence)]


@pytest.mark.parametrize(
    ("open_to", "heard"),
    [
        (["employer"], ["employer"]),
        (["technical_provider"], ["college"]),
        (["university"], ["university"]),
        (["employer", "university"], ["employer", "university"]),
    ],
)
def test_only_those_it_is_open_to_hear(leader, open_to, heard):
    people = {
        "employer": at(1),
        "college": at(1, factories.provider),
        "university": at(1, factories.university),
        "school": at(1, factories.school),
        "hub": at(1, factories.hub),
    }

    factories.posted(leader, open_to=open_to)
    pay()

    assert [who for who, member in people.items() if told(member)] == heard


def test_those_who_left_or_still_wait_do_not_hear(leader):
    ended, asked = at(1), at(1)
    Membership.objects.filter(pk=ended.pk).update(state=MembershipState.ENDED)
    Membership.objects.filter(pk=asked.pk).update(state=MembershipState.ENDED)
    waiting = factories.member(asked.organisation, Role.VOLUNTEER, state=MembershipState.ASKED)

    factories.posted(leader)
    pay()

    assert told(ended) == told(waiting) == []


def test_a_need_withdrawn_before_its_news_went_out_is_no_news(leader):
    from brokerage.domain import needs

    near = at(1)
    need = factories.posted(leader)
    needs.withdraw(need=need, reason="other", by=leader, at=timezone.now())
    pay()

    assert told(near) == []


def test_several_times_are_counted(leader):
    near = at(3)
    need = factories.posted(leader, slots=[time_slot(), time_slot(days=30), time_slot(days=31)])
    pay()

    assert told(near)[0][1] == (
        f"Fernlow Academy needs mock interviewers on {on(need)} and 2 other times, 3.0 miles away."
    )


def test_four_hundred_volunteers_cost_as_many_statements_as_one(leader, django_assert_max_num_queries):
    at(1)
    firm = Organisation.objects.create(kind=Kind.EMPLOYER, name="Large", easting=401000, northing=300000)
    users = User.objects.bulk_create(User(email=f"v{n}@large.example", name=f"V {n}") for n in range(400))
    Membership.objects.bulk_create(
        Membership(user=user, organisation=firm, role=Role.VOLUNTEER, state=MembershipState.ACTIVE)
        for user in users
    )
    factories.posted(leader)
    event = Event.objects.get(type="brokerage.need.published.v1")

    with django_assert_max_num_queries(8):
        handlers.tell(event)

    assert Entry.objects.filter(event=event).count() == 401


def test_a_moved_time_that_leaves_nobody_asks_for_a_name(leader):
    """The volunteer is booked elsewhere at the new time: taken off, and the firm is asked who comes."""
    from brokerage.domain import needs

    coordinator = at(1)
    volunteer = factories.member(coordinator.organisation, Role.VOLUNTEER)
    first = factories.posted(leader, slots=[time_slot(hour=10)])
    factories.accepted_claim(coordinator, on=first, attendee=volunteer)
    factories.accepted_claim(volunteer, on=factories.posted(leader, slots=[time_slot(hour=13)]))
    pay()
    Entry.objects.all().delete()

    slot = factories.slot_of(first)
    later = type(time_slot())(
        starts_at=slot.starts_at + timedelta(hours=3),
        ends_at=slot.ends_at + timedelta(hours=3),
        public_id=slot.public_id,
    )
    needs.amend(need=first, fields={}, slots=[later], by=leader, at=timezone.now())
    pay()

    assert told(coordinator) == [
        (
            "slot.moved",
            "Fernlow Academy moved Mock interviews to 13:00. "
            "Whoever was coming is booked elsewhere then. Name who will come.",
        )
    ]
    assert types(leader) == []
