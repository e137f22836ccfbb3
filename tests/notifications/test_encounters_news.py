"""The day before, and what is said of the day afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from brokerage.domain import encounters
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, EncounterNeed, Slot
from brokerage.notifications import reminders
from brokerage.notifications.models import Entry
from brokerage.notifications.sentences import LONDON, day
from tests import factories
from tests.factories.market import time_slot
from tests.notifications.telling import last_letter, letters, pay, told, types

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader():
    return factories.member(factories.school(name="Fernlow Academy"))


@pytest.fixture
def volunteer():
    return factories.member(factories.employer(name="Brightholm"), "volunteer")


@pytest.fixture
def claim(leader, volunteer):
    made = factories.accepted_claim(volunteer, on=factories.posted(leader, slots=[time_slot(places=2)]))
    pay()
    Entry.objects.all().delete()
    return made


def on_the_eve(claim, hour: int, minute: int = 0) -> datetime:
    day = claim.slot.starts_at.astimezone(LONDON) - timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def test_the_day_before_both_sides_are_reminded_once(claim, leader, volunteer):
    assert reminders.remind(at=on_the_eve(claim, 7, 59)) == 0
    assert reminders.remind(at=on_the_eve(claim, 8)) == 1
    assert reminders.remind(at=on_the_eve(claim, 8, 10)) == 0
    assert reminders.remind(at=on_the_eve(claim, 20)) == 0
    pay()

    assert told(volunteer) == [
        ("reminder.day_before", "Tomorrow, 10:00: Mock interviews at Fernlow Academy. Bring photo ID.")
    ]
    assert told(leader) == [("reminder.day_before", "Tomorrow, 10:00: Mock interviews. Brightholm comes.")]
    assert "Report to reception on Sutton Road." in last_letter(volunteer).text
    assert volunteer.user.email in last_letter(leader).text


def test_who_comes_is_said_once_where_the_visit_is_named_after_them(claim, leader):
    EncounterNeed.objects.update(title="Career talk by Brightholm")
    reminders.remind(at=on_the_eve(claim, 8))
    pay()

    assert told(leader) == [("reminder.day_before", "Tomorrow, 10:00: Career talk by Brightholm.")]


def test_nobody_is_reminded_two_days_before_or_on_the_day(claim):
    assert reminders.remind(at=on_the_eve(claim, 9) - timedelta(days=1)) == 0
    assert reminders.remind(at=on_the_eve(claim, 9) + timedelta(days=1)) == 0


def test_a_booking_of_the_last_evening_has_just_been_confirmed(claim):
    Claim.objects.update(answered_at=on_the_eve(claim, 15))

    assert reminders.remind(at=on_the_eve(claim, 15, 10)) == 0


def test_a_visit_moved_to_another_day_is_due_again(claim, volunteer):
    reminders.remind(at=on_the_eve(claim, 9))
    Slot.objects.update(
        starts_at=claim.slot.starts_at + timedelta(days=7),
        ends_at=claim.slot.ends_at + timedelta(days=7),
        open_until=None,
    )
    pay()
    assert types(volunteer) == []  # it was moved before the reminder went out

    assert reminders.remind(at=on_the_eve(claim, 9) + timedelta(days=7)) == 1
    pay()
    assert types(volunteer) == ["reminder.day_before"]


@pytest.mark.parametrize(
    ("eve", "start"),
    [
        (datetime(2027, 3, 27, 9, tzinfo=UTC), datetime(2027, 3, 28, 22, 59, tzinfo=UTC)),
        (datetime(2026, 10, 24, 9, tzinfo=UTC), datetime(2026, 10, 25, 23, 59, tzinfo=UTC)),
    ],
)
def test_the_night_the_clocks_change_a_day_still_ends_at_midnight(claim, eve, start):
    """The last minute of that Sunday in England, an hour away from where UTC arithmetic would put it."""
    Claim.objects.update(answered_at=eve - timedelta(days=9))
    Slot.objects.update(starts_at=start, ends_at=start + timedelta(minutes=30), open_until=None)
    assert reminders.remind(at=eve) == 1

    Event.objects.filter(pk=0)
    Slot.objects.update(starts_at=start + timedelta(minutes=1))
    assert reminders.remind(at=eve) == 0


def test_those_who_came_are_asked_to_confirm_and_can_disagree(claim, leader, volunteer):
    other = factories.accepted_claim(factories.member(factories.employer()), on=claim.slot.need)
    slot = factories.over(claim)
    pay()
    Entry.objects.all().delete()
    encounter = Encounter.objects.get(slot=slot)

    encounters.record(
        encounter=encounter,
        delivered=True,
        attended={"10": 90},
        missed=[other.public_id],
        by=leader,
        at=timezone.now(),
    )
    pay()
    about = f"Mock interviews, {day(slot.starts_at, timezone.localdate())}"
    assert told(volunteer) == [
        ("encounter.recorded", f"Fernlow Academy recorded {about}. Did it happen as they say?")
    ]
    assert told(other.submitted_by) == [
        ("encounter.recorded", f"Fernlow Academy recorded that nobody came from you to {about}. Is that so?")
    ]
    assert told(leader) == []

    encounters.dispute(encounter=encounter, note="It was shorter.", by=volunteer, at=timezone.now())
    pay()
    assert told(leader) == [("encounter.disputed", f"Brightholm saw {about}, differently. Read their note.")]
    assert "It was shorter" not in last_letter(leader).text + told(leader)[0][1]

    encounters.confirm(encounter=encounter, by=volunteer, at=timezone.now())
    pay()
    assert types(leader) == ["encounter.disputed", "encounter.confirmed"]


def test_a_day_that_did_not_happen_is_no_cancellation_to_come(claim, leader, volunteer):
    slot = factories.over(claim)
    encounters.record(
        encounter=Encounter.objects.get(slot=slot), delivered=False, by=leader, at=timezone.now()
    )
    pay()

    about = f"Mock interviews, {day(slot.starts_at, timezone.localdate())}"
    assert told(volunteer) == [("claim.cancelled", f"Fernlow Academy recorded that {about}, didn't happen.")]
    assert letters(volunteer)[-1].ics == ""
