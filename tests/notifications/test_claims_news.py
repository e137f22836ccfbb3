"""Who is told of offers and bookings, in which words."""

from datetime import UTC, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from brokerage.accounts.models import Organisation, Role
from brokerage.domain import claims, needs
from brokerage.notifications.models import Entry, Letter
from brokerage.notifications.sentences import clock, day, weekday
from tests import factories
from tests.factories.market import time_slot
from tests.notifications.telling import last_letter, letters, pay, told, types

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.school(name="Fernlow Academy", postcode="WX4 2AB")


@pytest.fixture
def leader(school):
    return factories.member(school)


@pytest.fixture
def administrator(school):
    return factories.member(school, Role.CAREERS_ADMINISTRATOR)


@pytest.fixture
def firm():
    return factories.employer(name="Brightholm")


@pytest.fixture
def coordinator(firm):
    return factories.member(firm)


@pytest.fixture
def volunteer(firm):
    return factories.member(firm, Role.VOLUNTEER)


def when(need, write):
    return write(factories.slot_of(need).starts_at, timezone.localdate())


def claim_for(volunteer, need, **fields):
    made = factories.accepted_claim(volunteer, on=need, **fields)
    pay()
    return made


def forget_all():
    """Start counting from here."""
    Entry.objects.all().delete()
    Letter.objects.all().delete()


def test_first_come_books_the_volunteer_and_tells_the_school(leader, administrator, volunteer):
    need = factories.posted(leader, slots=[time_slot(places=2)])

    claim_for(volunteer, need)

    booked = ("claim.accepted", f"You're booked at Fernlow Academy, {when(need, weekday)}, 10:00.")
    taken = ("claim.submitted", f"Brightholm took a place on Mock interviews, {when(need, day)}. One left.")
    assert told(volunteer)[-1] == booked
    assert told(leader) == [taken]
    assert told(administrator) == [taken]


def test_those_who_only_read_are_told_nothing_of_the_days_traffic(school, leader, volunteer):
    readers = [factories.member(school, role) for role in (Role.LINK_GOVERNOR, Role.CAREERS_ADVISER)]
    hub, trust = factories.hub(), factories.trust()
    school.hub, school.trust = hub, trust
    school.save()
    readers += [factories.member(hub), factories.member(trust), factories.member(factories.school())]
    need = factories.posted(leader, allocation="school_chooses")

    claim = claim_for(volunteer, need)
    claims.accept(claim=claim, by=leader, at=timezone.now())
    claims.withdraw(claim=claim, reason="ill", by=volunteer, at=timezone.now())
    needs.withdraw(need=need, reason="other", by=leader, at=timezone.now())
    pay()

    assert [told(reader) for reader in readers] == [[], [], [], [], []]


def test_an_offer_waits_for_the_school_which_is_asked_to_choose(leader, volunteer):
    need = factories.posted(leader, allocation="school_chooses")

    claim_for(volunteer, need)

    sentence = f"Brightholm offered for Mock interviews, {when(need, day)}. Choose by {when(need, weekday)}."
    assert told(leader) == [("claim.submitted", sentence)]
    assert last_letter(leader).subject == sentence
    assert "claim.accepted" not in types(volunteer)
    assert letters(volunteer) == []


def test_an_unverified_offer_says_so(leader):
    newcomer = factories.member(factories.employer(verified_at=None))
    need = factories.posted(leader)

    claim_for(newcomer, need)

    assert f"{newcomer.organisation.name} (not yet verified) offered for" in told(leader)[0][1]


def test_an_accepted_claim_is_confirmed_to_submitter_and_attendee(
    leader, administrator, coordinator, volunteer
):
    need = factories.posted(leader, allocation="school_chooses")
    claim = claim_for(coordinator, need, attendee=volunteer)
    forget_all()

    claims.accept(claim=claim, by=leader, at=timezone.now())
    pay()

    assert told(volunteer) == [
        ("claim.accepted", f"You're booked at Fernlow Academy, {when(need, weekday)}, 10:00.")
    ]
    assert told(coordinator) == [
        ("claim.accepted", f"Your place at Fernlow Academy is booked: {when(need, weekday)}, 10:00.")
    ]
    assert told(leader) == told(administrator) == []


def test_entrance_and_contact_travel_only_from_acceptance(leader, volunteer):
    need = factories.posted(
        leader, allocation="school_chooses", entrance="Blue gate", visitor_notes="Ring twice"
    )
    Organisation.objects.filter(pk=need.school_id).update(telephone="01632 960042")
    claim = claim_for(volunteer, need)
    before = "".join(letter.text + letter.html + letter.ics for letter in Letter.objects.all())
    before += "".join(Entry.objects.values_list("text", flat=True))

    claims.accept(claim=claim, by=leader, at=timezone.now())
    pay()

    letter = last_letter(volunteer)
    for secret in ("Blue gate", "Ring twice", leader.user.email, "01632 960042"):
        assert secret not in before
        assert secret in letter.text
        assert secret in letter.html
        assert secret in letter.ics.replace("\r\n ", "")


def test_who_comes_is_named_to_the_school_only_once_it_is_booked(leader, volunteer):
    waiting = factories.posted(leader, allocation="school_chooses")
    claim_for(volunteer, waiting)
    assert volunteer.user.email not in last_letter(leader).text

    claim_for(volunteer, factories.posted(leader, slots=[time_slot(days=30)]))

    assert volunteer.user.email in last_letter(leader).text
    assert volunteer.user.name not in "".join(Entry.objects.values_list("text", flat=True))


def test_no_letter_names_a_person_in_its_subject(leader, coordinator, volunteer):
    claim = claim_for(coordinator, factories.posted(leader, allocation="school_chooses"), attendee=volunteer)
    claims.accept(claim=claim, by=leader, at=timezone.now())
    claims.withdraw(claim=claim, reason="ill", by=coordinator, at=timezone.now())
    pay()

    subjects = " ".join(Letter.objects.values_list("subject", flat=True))
    assert subjects
    for person in (leader, coordinator, volunteer):
        assert person.user.name not in subjects


def test_a_decline_gives_its_reason_but_not_in_the_subject(leader, volunteer):
    need = factories.posted(leader, allocation="school_chooses")
    claim = claim_for(volunteer, need)
    forget_all()

    claims.decline(claim=claim, reason="no_capacity", by=leader, at=timezone.now())
    pay()

    about = f"Mock interviews, {when(need, day)}"
    assert told(volunteer) == [
        ("claim.declined", f"Fernlow Academy chose others for {about}: enough people offered.")
    ]
    assert last_letter(volunteer).subject == f"Fernlow Academy chose others for {about}"
    assert told(leader) == []


def test_a_withdrawn_booking_reaches_the_school_by_mail_and_a_withdrawn_offer_by_bell(leader, volunteer):
    need = factories.posted(leader, slots=[time_slot(places=2)])
    claim = claim_for(volunteer, need)
    offer = claim_for(
        volunteer, factories.posted(leader, slots=[time_slot(days=30)], allocation="school_chooses")
    )
    forget_all()

    claims.withdraw(claim=claim, reason="ill", by=volunteer, at=timezone.now())
    pay()
    assert told(leader) == [
        ("claim.withdrawn", f"Brightholm can't come to Mock interviews on {when(need, day)}: ill.")
    ]
    assert last_letter(leader).subject == f"Brightholm can't come to Mock interviews on {when(need, day)}."
    assert told(volunteer) == []

    claims.withdraw(claim=offer, reason="other", by=volunteer, at=timezone.now())
    pay()
    assert types(leader) == ["claim.withdrawn", "claim.withdrawn"]
    assert len(letters(leader)) == 1


def test_a_volunteer_hears_that_the_coordinator_gave_up_the_place(leader, coordinator, volunteer):
    claim = claim_for(volunteer, factories.posted(leader))
    forget_all()

    claims.withdraw(claim=claim, reason="diary_clash", by=coordinator, at=timezone.now())
    pay()

    assert types(volunteer) == ["claim.withdrawn"]
    assert "METHOD:CANCEL" in last_letter(volunteer).ics
    assert told(coordinator) == []


def test_a_cancellation_by_the_school_takes_the_visit_out_of_the_calendar(leader, volunteer):
    need = factories.posted(leader)
    claim = claim_for(volunteer, need)
    request = Calendar.from_ical(last_letter(volunteer).ics)

    claims.cancel(claim=claim, reason="timetable_change", by=leader, at=timezone.now())
    pay()

    letter = last_letter(volunteer)
    sentence = f"Fernlow Academy cancelled Mock interviews on {when(need, day)}"
    assert told(volunteer)[-1] == (
        "claim.cancelled", f"{sentence}: timetable change. You needn't do anything."
    )  # fmt: skip
    assert letter.subject == f"{sentence}. You needn't do anything."
    cancel = Calendar.from_ical(letter.ics)
    assert (str(request["method"]), str(cancel["method"])) == ("REQUEST", "CANCEL")
    (booked,), (gone,) = request.walk("VEVENT"), cancel.walk("VEVENT")
    assert booked["uid"] == gone["uid"]
    assert gone["sequence"] > booked["sequence"]
    assert booked.start == claim.slot.starts_at


def test_the_last_place_tells_those_who_still_wait(leader):
    need = factories.posted(leader, allocation="school_chooses")
    first, second = (factories.member(factories.employer()) for _ in range(2))
    claim_for(first, need)
    chosen = claim_for(second, need)
    forget_all()

    claims.accept(claim=chosen, by=leader, at=timezone.now())
    pay()

    assert told(first) == [("slot.filled", f"Mock interviews on {when(need, day)} is full.")]
    assert types(second) == ["claim.accepted"]
    assert letters(first) == []


def test_a_moved_time_asks_everyone_who_offered(leader, volunteer):
    need = factories.posted(leader)
    claim_for(volunteer, need)
    slot = factories.slot_of(need)
    forget_all()

    later = slot.starts_at + timedelta(minutes=30)
    move = time_slot(public_id=slot.public_id)
    needs.amend(
        need=need,
        fields={},
        slots=[
            type(move)(
                starts_at=later, ends_at=slot.ends_at + timedelta(minutes=30), public_id=slot.public_id
            )
        ],
        by=leader,
        at=timezone.now(),
    )
    pay()

    assert told(volunteer) == [
        ("slot.moved", f"Fernlow Academy moved Mock interviews to {clock(later)}. Can you still come?")
    ]
    assert Entry.objects.get(type="slot.moved").data["starts_at"] == later.astimezone(UTC).isoformat()
    (event,) = Calendar.from_ical(last_letter(volunteer).ics).walk("VEVENT")
    assert event.start == later


def test_visitor_information_changes_are_news_to_the_booked_alone(leader, volunteer):
    need = factories.posted(leader, slots=[time_slot(places=2)], allocation="school_chooses")
    other = factories.member(factories.employer())
    claim_for(other, need)
    claims.accept(claim=claim_for(volunteer, need), by=leader, at=timezone.now())
    pay()
    forget_all()

    needs.amend(need=need, fields={"visitor_notes": "Car park B"}, by=leader, at=timezone.now())
    pay()
    assert told(volunteer) == [
        (
            "need.amended",
            f"Fernlow Academy changed visitor information for Mock interviews, {when(need, day)}.",
        )
    ]
    assert told(other) == []

    needs.amend(need=need, fields={"venue": "Gym"}, by=leader, at=timezone.now())
    pay()
    assert told(other) == [
        ("need.amended", f"Fernlow Academy changed where it is for Mock interviews, {when(need, day)}.")
    ]


def test_the_school_hears_that_they_can_still_come(leader, volunteer):
    need = factories.posted(leader)
    claim = claim_for(volunteer, need)
    claim.slot_moved_at = timezone.now()
    claim.save()
    forget_all()

    claims.keep(claim=claim, starts_at=claim.slot.starts_at, by=volunteer, at=timezone.now())
    pay()

    assert told(leader) == [
        ("claim.kept", f"Brightholm can still come to Mock interviews, {when(need, day)}.")
    ]
    assert told(volunteer) == []


def test_naming_somebody_else_books_them_and_takes_the_first_off(leader, coordinator, volunteer):
    claim = claim_for(coordinator, factories.posted(leader), attendee=volunteer)
    another = factories.member(volunteer.organisation, Role.VOLUNTEER)
    Entry.objects.all().delete()

    claims.name_attendee(claim=claim, attendee=another, by=coordinator, at=timezone.now())
    pay()

    assert types(another) == ["claim.accepted"]
    assert types(volunteer) == ["claim.attendee_named"]
    assert "METHOD:CANCEL" in last_letter(volunteer).ics
    assert types(leader) == ["claim.attendee_named"]
    assert told(coordinator) == []


def test_withdrawing_a_need_tells_each_claimant_once(leader, administrator):
    need = factories.posted(leader, slots=[time_slot(places=2)], allocation="school_chooses")
    booked, waiting = (factories.member(factories.employer()) for _ in range(2))
    claims.accept(claim=claim_for(booked, need), by=leader, at=timezone.now())
    claim_for(waiting, need)
    forget_all()

    needs.withdraw(need=need, reason="staff_absence", by=leader, at=timezone.now())
    pay()

    assert types(booked) == ["claim.cancelled"]
    assert told(waiting) == [
        (
            "claim.declined",
            f"Fernlow Academy withdrew Mock interviews, {when(need, day)}. You needn't do anything.",
        )
    ]
    assert types(administrator) == ["need.withdrawn"]
    assert told(leader) == []


def test_entries_carry_ids_and_counts_only(leader, volunteer):
    claim = claim_for(volunteer, factories.posted(leader, slots=[time_slot(places=5)]), places=2)

    entry = Entry.objects.get(person=leader.user)

    assert entry.data == {
        "claim": str(claim.public_id),
        "need": str(claim.slot.need.public_id),
        "slot": str(claim.slot.public_id),
        "claimant": str(volunteer.organisation.public_id),
        "school": str(leader.organisation.public_id),
        "places": 2,
        "state": "accepted",
        "places_left": 3,
    }
    assert entry.link == f"/school/needs/{claim.slot.need.public_id}/"
    assert entry.organisation_id == leader.organisation_id
