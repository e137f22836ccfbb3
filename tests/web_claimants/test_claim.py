from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from brokerage.accounts.models import Organisation, Role
from brokerage.domain import claims, needs
from brokerage.domain.slots import SlotTime
from brokerage.errors import DomainError
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Slot
from schools.queries import agenda
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db

SECRET = "By the blue gate"


@pytest.fixture
def volunteer():
    return factories.member(factories.employer(), Role.VOLUNTEER)


@pytest.fixture
def leader():
    return factories.member(factories.school(name="St Orrin’s"))


def at(claim, tail="") -> str:
    return f"/claims/{claim.public_id}/{tail}"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def moved(claim, leader, *, hours=1) -> Claim:
    """The school changes the claim's time."""
    slot = claim.slot
    time = SlotTime(
        public_id=slot.public_id,
        starts_at=slot.starts_at + timedelta(hours=hours),
        ends_at=slot.ends_at + timedelta(hours=hours),
        places=slot.places,
    )
    needs.amend(need=slot.need, fields={}, slots=[time], by=leader, at=timezone.now())
    return Claim.objects.select_related("slot__need").get(pk=claim.pk)


def test_booked_says_when_where_and_that_staff_stay(as_member, volunteer, leader):
    claim = factories.accepted_claim(volunteer, on=factories.posted(leader))

    page = text(as_member(volunteer).get(at(claim)))

    assert "<h1>You’re booked</h1>" in page
    assert "St Orrin’s. Go to reception; staff stay with you throughout." in page


def test_arrival_is_shown_from_acceptance_only(as_member, volunteer, leader):
    need = factories.posted(leader, entrance=SECRET, allocation="school_chooses")
    Organisation.objects.filter(pk=need.school_id).update(telephone="01632 960042")
    claim = factories.submitted_claim(volunteer, on=need)
    client = as_member(volunteer)

    waiting = text(client.get(at(claim)))
    assert "Waiting for St Orrin’s to answer" in waiting
    assert SECRET not in waiting
    assert "960042" not in waiting + text(client.get("/visits/"))
    assert leader.user.email not in waiting
    claims.accept(claim=claim, by=leader, at=timezone.now())
    booked = text(client.get(at(claim)))
    assert SECRET in booked
    assert leader.user.email in booked
    for page in (booked, text(client.get("/visits/"))):
        assert 'href="tel:+441632960042"' in page
        assert "01632 960042" in page
    assert "01632 960042" in str(client.get(at(claim, "visit.ics")).content)


@pytest.mark.parametrize(("days_ago", "is_shown"), [(13, True), (15, False)])
def test_arrival_goes_14_days_after_the_visit(as_member, volunteer, leader, days_ago, is_shown):
    claim = factories.accepted_claim(volunteer, on=factories.posted(leader, entrance=SECRET))
    factories.over(claim, days_ago=days_ago)

    assert (SECRET in text(as_member(volunteer).get(at(claim)))) is is_shown


def test_calendar_file_of_a_booking(as_member, volunteer, leader):
    claim = factories.accepted_claim(volunteer, on=factories.posted(leader, entrance=SECRET))

    response = as_member(volunteer).get(at(claim, "visit.ics"))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert event.decoded("dtstart") == claim.slot.starts_at
    assert SECRET in event["description"]


def test_no_calendar_file_of_what_is_not_booked(as_member, volunteer):
    waiting = factories.submitted_claim(volunteer)

    assert as_member(volunteer).get(at(waiting, "visit.ics")).status_code == 404


def test_withdraw_with_a_reason_frees_the_place(as_member, volunteer):
    claim = factories.accepted_claim(volunteer)
    client = as_member(volunteer)

    opened = text(client.get(at(claim, "withdraw/")))
    assert 'id="leave" open' in opened
    assert Claim.objects.get().state == "accepted"
    done = client.post(at(claim, "withdraw/"), {"reason": "ill", "note": "Flu"}, follow=True)

    claim.refresh_from_db()
    assert (claim.state, claim.reason, claim.answer_note) == ("cancelled_by_claimant", "ill", "Flu")
    assert Slot.objects.get().taken == 0
    assert "This booking was cancelled on your side" in text(done)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Choose a reason"),
        ({"reason": "bored"}, "Choose a reason"),
        ({"reason": "ill", "note": "Tell A123456789012"}, "This looks like a pupil"),
        ({"reason": "ill", "note": "a\x00b"}, "Take out the characters that can&#x27;t be shown."),
    ],
)
def test_withdrawing_badly_changes_nothing(as_member, volunteer, sent, says):
    claim = factories.accepted_claim(volunteer)

    response = as_member(volunteer).post(at(claim, "withdraw/"), sent)

    assert response.status_code == 422
    assert says in text(response)
    assert Claim.objects.get().state == "accepted"


def test_withdrawing_after_the_start_is_refused_in_the_page(as_member, volunteer):
    claim = factories.accepted_claim(volunteer)
    Slot.objects.update(open_until=None, starts_at=timezone.now() - timedelta(minutes=5))

    response = as_member(volunteer).post(at(claim, "withdraw/"), {"reason": "ill"})

    assert response.status_code == 409
    assert "It has started, so you can" in text(response)


def test_from_its_start_an_unanswered_offer_waits_for_nobody(as_member, volunteer, leader):
    claim = factories.submitted_claim(volunteer, on=factories.posted(leader, allocation="school_chooses"))
    waits = "Waiting for St Orrin’s to answer"
    assert waits in text(as_member(volunteer).get(at(claim)))
    need = f"/school/needs/{claim.slot.need.public_id}/"
    accept = f"/school/claims/{claim.public_id}/accept/"
    assert accept in text(as_member(leader).get(need))

    def waiting_in_the_calendar() -> list[int]:
        day = timezone.localdate(Slot.objects.get().starts_at)
        items = agenda.items(leader, day, day + timedelta(days=1), at=timezone.now())
        return [item.waiting for item in items]

    assert waiting_in_the_calendar() == [1]

    Slot.objects.update(open_until=None, starts_at=timezone.now() - timedelta(minutes=5))

    page = text(as_member(volunteer).get(at(claim)))
    assert "St Orrin’s didn’t answer before this date" in page
    assert waits not in page
    assert "Not answered" in text(as_member(volunteer).get("/visits/?show=past"))
    shown = text(as_member(leader).get(need))
    assert "the school didn’t answer before this date" in shown
    assert accept not in shown
    assert waiting_in_the_calendar() == [0]
    with pytest.raises(DomainError) as refused:
        claims.accept(claim=claim, by=leader, at=timezone.now())
    assert refused.value.code == "need_closed"


def test_a_colleagues_claim_is_read_not_left(as_member, volunteer):
    claim = factories.accepted_claim(volunteer)
    colleague = factories.member(volunteer.organisation, Role.VOLUNTEER)
    client = as_member(colleague)

    page = text(client.get(at(claim)))
    assert f"{volunteer.user} is booked" in page
    assert "Give the place back" not in page
    assert client.post(at(claim, "withdraw/"), {"reason": "ill"}).status_code == 403
    assert Claim.objects.get().state == "accepted"


def test_coordinator_names_who_comes(as_member, volunteer):
    coordinator = factories.member(volunteer.organisation)
    claim = factories.accepted_claim(coordinator, attendee=None)
    client = as_member(coordinator)

    assert "Name who will come" in text(client.get(at(claim)))
    done = client.post(at(claim, "attendee/"), {"attendee": volunteer.public_id}, follow=True)

    assert Claim.objects.get().attendee == volunteer
    assert f"{volunteer.user} is booked" in text(done)


@pytest.mark.parametrize("sent", [{}, {"attendee": ""}, {"attendee": "x"}])
def test_naming_nobody_we_know_is_named(as_member, volunteer, sent):
    coordinator = factories.member(volunteer.organisation)
    claim = factories.accepted_claim(coordinator, attendee=volunteer)

    response = as_member(coordinator).post(at(claim, "attendee/"), sent)

    assert response.status_code == 422
    assert Claim.objects.get().attendee == volunteer


def test_naming_someone_who_is_booked_elsewhere_is_409(as_member, volunteer):
    coordinator = factories.member(volunteer.organisation)
    factories.accepted_claim(volunteer)
    claim = factories.accepted_claim(coordinator, on=factories.posted(), attendee=None)

    response = as_member(coordinator).post(at(claim, "attendee/"), {"attendee": volunteer.public_id})

    assert response.status_code == 409
    assert "already booked" in text(response)


def test_volunteer_cannot_change_who_comes(as_member, volunteer):
    claim = factories.accepted_claim(volunteer)
    other = factories.member(volunteer.organisation, Role.VOLUNTEER)
    client = as_member(volunteer)

    assert "Save who comes" not in text(client.get(at(claim)))
    assert client.post(at(claim, "attendee/"), {"attendee": other.public_id}).status_code == 403


def test_school_moved_the_time_and_they_can_still_come(as_member, volunteer, leader):
    claim = moved(factories.accepted_claim(volunteer, on=factories.posted(leader)), leader)
    client = as_member(volunteer)

    asked = text(client.get(at(claim)))
    assert "St Orrin’s moved the time. Can you still come?" in asked
    assert "Yes, I can still come" in asked
    shown = claim.slot.starts_at.isoformat()
    done = text(client.post(at(claim, "keep/"), {"starts_at": shown}, follow=True))

    claim.refresh_from_db()
    assert (claim.state, claim.slot_moved_at) == ("accepted", None)
    assert "Your place stands at the new time." in done
    assert Event.objects.filter(type="brokerage.claim.kept.v1", subject_id=claim.public_id).count() == 1
    assert "Can you still come?" not in done


def test_keeping_a_time_that_moved_again_is_refused(as_member, volunteer, leader):
    claim = moved(factories.accepted_claim(volunteer, on=factories.posted(leader)), leader)
    shown = claim.slot.starts_at.isoformat()
    moved(claim, leader, hours=2)

    done = as_member(volunteer).post(at(claim, "keep/"), {"starts_at": shown}, follow=True)

    claim.refresh_from_db()
    assert claim.slot_moved_at is not None
    assert "moved it again" in text(done)


def test_leaving_after_a_move_does_not_count(as_member, volunteer, leader):
    claim = moved(factories.accepted_claim(volunteer, on=factories.posted(leader)), leader)

    as_member(volunteer).post(at(claim, "withdraw/"), {"reason": "diary_clash"})

    assert Event.objects.get(type="brokerage.claim.withdrawn.v1").data["counts"] is False


def test_a_move_onto_another_visit_asks_who_will_come(as_member, leader):
    coordinator = factories.member(factories.employer())
    factories.accepted_claim(coordinator, on=factories.posted(slots=[time_slot(hour=14)]))
    claim = factories.accepted_claim(coordinator, on=factories.posted(leader, slots=[time_slot(hour=10)]))

    claim = moved(claim, leader, hours=4)

    page = text(as_member(coordinator).get(at(claim)))
    assert "The person you’d named can no longer come." in page
    assert "Save who comes" in page


@pytest.mark.parametrize(
    ("verb", "reason", "says"),
    [
        ("decline", "no_capacity", "St Orrin’s chose others this time"),
        ("decline", "exam_period", "St Orrin’s can’t say yes this time"),
        ("cancel", "timetable_change", "St Orrin’s cancelled"),
    ],
)
def test_a_no_is_said_kindly_with_what_is_like_it(as_member, volunteer, leader, verb, reason, says):
    allocation = "school_chooses" if verb == "decline" else "first_come"
    claim = factories.accepted_claim(volunteer, on=factories.posted(leader, allocation=allocation))
    other = factories.posted(slots=[time_slot(days=30)], title="Another one")
    getattr(claims, verb)(claim=claim, reason=reason, note="Sorry", by=leader, at=timezone.now())

    page = text(as_member(volunteer).get(at(claim)))

    assert says in page
    assert "“Sorry”" in page
    assert f"/needs/{other.public_id}/" in page


def test_a_claim_of_others_is_not_there(as_member, leader):
    claim = factories.accepted_claim(on=factories.posted(leader))
    stranger = as_member(factories.member(factories.employer()))

    for tail in ("", "visit.ics", "withdraw/"):
        assert stranger.get(at(claim, tail)).status_code == 404
    for tail in ("withdraw/", "attendee/", "keep/"):
        assert stranger.post(at(claim, tail), {"reason": "ill"}).status_code == 404
    for outsider in (leader, factories.member(factories.hub()), factories.member(factories.trust())):
        assert as_member(outsider).get(at(claim)).status_code == 404
    assert Claim.objects.get().state == "accepted"


def test_strangers_sign_in_first(client):
    claim = factories.accepted_claim()

    assert client.get(at(claim)).status_code == 302
    assert client.post(at(claim, "withdraw/"), {"reason": "ill"}).status_code == 302


@pytest.mark.parametrize("tail", ["attendee/", "keep/"])
def test_nothing_is_changed_by_opening_a_link(as_member, volunteer, tail):
    claim = factories.accepted_claim(volunteer)

    assert as_member(volunteer).get(at(claim, tail)).status_code == 405
