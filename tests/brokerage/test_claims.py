from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from brokerage.domain import claims, needs
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, Listing, Slot
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def refusal(call) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def test_claim_of_a_verified_claimant_on_a_first_come_need_is_booked_at_once():
    need = factories.posted(slots=[time_slot(places=2)])
    by = factories.member(factories.employer())

    done = claims.submit(slot=factories.slot_of(need), attendee=by, by=by, at=timezone.now())

    claim = Claim.objects.get(public_id=done.claim.public_id)
    assert (done.is_new, claim.state, claim.person_id) == (True, "accepted", by.user_id)
    assert factories.slot_of(need).taken == 1
    assert Encounter.objects.filter(slot=claim.slot, school=need.school).count() == 1
    event = Event.objects.get(type="brokerage.claim.submitted.v1")
    assert event.data == {
        "claim": str(claim.public_id),
        "need": str(need.public_id),
        "slot": str(claim.slot.public_id),
        "claimant": str(by.organisation.public_id),
        "places": 1,
        "state": "accepted",
        "places_left": 1,
    }


def test_claim_of_an_unverified_claimant_waits_even_where_first_come_applies():
    need = factories.posted()
    by = factories.member(factories.employer(verified_at=None))

    claim = claims.submit(slot=factories.slot_of(need), attendee=by, by=by, at=timezone.now()).claim

    assert (claim.state, claim.was_verified) == ("submitted", False)
    assert factories.slot_of(need).taken == 0
    assert not Encounter.objects.exists()


def test_same_claim_again_is_the_same_claim_even_when_the_need_is_withdrawn():
    leader = factories.member(factories.school())
    need = factories.posted(leader, slots=[time_slot(places=3)], allocation="school_chooses")
    by = factories.member(factories.employer())
    slot = factories.slot_of(need)
    first = claims.submit(slot=slot, attendee=by, by=by, at=timezone.now()).claim
    Slot.objects.filter(pk=slot.pk).update(open_until=None)

    again = claims.submit(slot=factories.slot_of(need), attendee=by, by=by, at=timezone.now())

    assert (again.is_new, again.claim.pk) == (False, first.pk)
    assert (
        refusal(lambda: claims.submit(slot=slot, attendee=by, places=2, by=by, at=timezone.now()))
        == "already_claimed"
    )


def test_full_slot_refuses_and_leaves_the_listing():
    need = factories.posted()
    factories.accepted_claim(on=need)
    late = factories.member(factories.employer())

    assert not Listing.objects.filter(need=need).exists()
    assert (
        refusal(
            lambda: claims.submit(slot=factories.slot_of(need), attendee=late, by=late, at=timezone.now())
        )
        == "slot_full"
    )


def test_slot_that_seemed_full_or_free_is_looked_at_again():
    need = factories.posted(slots=[time_slot(places=1)])
    free = factories.slot_of(need)
    winner = factories.accepted_claim(on=need)
    full = factories.slot_of(need)
    by = factories.member(factories.employer())

    assert refusal(lambda: claims.submit(slot=free, attendee=by, by=by, at=timezone.now())) == "slot_full"
    claims.withdraw(claim=winner, reason="ill", by=winner.submitted_by, at=timezone.now())
    assert claims.submit(slot=full, attendee=by, by=by, at=timezone.now()).is_new


def test_withdrawn_place_is_free_and_listed_again():
    claim = factories.accepted_claim()

    claims.withdraw(claim=claim, reason="ill", by=claim.submitted_by, at=timezone.now())

    claim.refresh_from_db()
    slot = Slot.objects.get(pk=claim.slot_id)
    assert (claim.state, slot.taken) == ("cancelled_by_claimant", 0)
    assert Listing.objects.filter(slot=slot).count() == 1


def test_person_is_never_booked_twice_at_the_same_time():
    by = factories.member(factories.employer())
    factories.accepted_claim(by)
    other = factories.posted(slots=[time_slot(minutes=30)])

    assert (
        refusal(lambda: claims.submit(slot=factories.slot_of(other), attendee=by, by=by, at=timezone.now()))
        == "person_already_booked"
    )
    assert factories.slot_of(other).taken == 0


def test_database_itself_refuses_two_places_at_once():
    by = factories.member(factories.employer())
    first = factories.accepted_claim(by)
    elsewhere = factories.posted(allocation="school_chooses", slots=[time_slot(days=25)])
    second = factories.submitted_claim(by, on=elsewhere)

    with pytest.raises(IntegrityError, match="nobody_in_two_places"), transaction.atomic():
        Claim.objects.filter(pk=second.pk).update(state="accepted", during=first.during)


def test_database_itself_refuses_more_than_the_places():
    claim = factories.accepted_claim()

    with pytest.raises(IntegrityError, match="never_over_its_places"), transaction.atomic():
        Slot.objects.filter(pk=claim.slot_id).update(taken=2)


def test_claim_after_the_closing_date_is_refused():
    need = factories.posted(closes_at=timezone.now() + timedelta(days=1))
    by = factories.member(factories.employer())

    assert (
        refusal(
            lambda: claims.submit(
                slot=factories.slot_of(need), attendee=by, by=by, at=timezone.now() + timedelta(days=2)
            )
        )
        == "need_closed"
    )


def test_volunteer_claims_only_for_themselves():
    organisation = factories.employer()
    volunteer = factories.member(organisation, "volunteer")
    colleague = factories.member(organisation, "volunteer")
    slot = factories.slot_of(factories.posted())

    for attendee in (colleague, None):
        with pytest.raises(NotAllowed):
            claims.submit(slot=slot, attendee=attendee, by=volunteer, at=timezone.now())
    assert claims.submit(slot=slot, attendee=volunteer, by=volunteer, at=timezone.now()).is_new


def test_naming_who_is_there_already_says_so():
    by = factories.member(factories.employer())
    volunteer = factories.member(by.organisation, "volunteer")
    slot = factories.slot_of(factories.posted(slots=[time_slot(places=2)]))
    claims.submit(slot=slot, attendee=volunteer, by=by, at=timezone.now())
    other = claims.submit(slot=slot, attendee=None, by=by, at=timezone.now()).claim

    def name():
        claims.name_attendee(claim=other, attendee=volunteer, by=by, at=timezone.now())

    assert refusal(name) == "already_claimed"


def test_coordinator_names_only_people_of_the_organisation():
    coordinator = factories.member(factories.employer())
    stranger = factories.member(factories.employer())

    with pytest.raises(InvalidInput):
        claims.submit(
            slot=factories.slot_of(factories.posted()), attendee=stranger, by=coordinator, at=timezone.now()
        )


def test_school_accepts_declines_and_cancels():
    leader = factories.member(factories.school())
    need = factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=1)])
    one, two = factories.submitted_claim(on=need), factories.submitted_claim(on=need)

    claims.accept(claim=one, by=leader, at=timezone.now())
    assert refusal(lambda: claims.accept(claim=two, by=leader, at=timezone.now())) == "slot_full"
    claims.decline(claim=two, reason="no_capacity", by=leader, at=timezone.now())
    claims.cancel(claim=one, reason="timetable_change", by=leader, at=timezone.now())

    states = dict(Claim.objects.values_list("pk", "state"))
    assert states == {one.pk: "cancelled_by_school", two.pk: "declined"}
    assert factories.slot_of(need).taken == 0


def test_stranger_answers_nothing():
    claim = factories.submitted_claim()
    other = factories.member(factories.school())

    with pytest.raises(NotAllowed):
        claims.accept(claim=claim, by=other, at=timezone.now())


def test_moved_slot_takes_the_clashing_person_off_and_keeps_the_claim():
    leader = factories.member(factories.school())
    by = factories.member(factories.employer())
    need = factories.posted(leader)
    claim = factories.accepted_claim(by, on=need)
    factories.accepted_claim(by, on=factories.posted(slots=[time_slot(days=21)]))
    moved = time_slot(days=21, public_id=claim.slot.public_id)

    needs.amend(need=need, fields={}, slots=[moved], by=leader, at=timezone.now())

    claim.refresh_from_db()
    assert (claim.state, claim.attendee, claim.attendee_clashed) == ("accepted", None, True)
    event = Event.objects.get(type="brokerage.slot.moved.v1")
    assert event.data["unnamed"] == [str(claim.public_id)]


def test_fewer_places_than_taken_is_refused():
    leader = factories.member(factories.school())
    need = factories.posted(leader, slots=[time_slot(places=3)])
    for _ in range(2):
        claim = factories.accepted_claim(on=need)
    fewer = time_slot(places=1, public_id=claim.slot.public_id)

    assert (
        refusal(lambda: needs.amend(need=need, fields={}, slots=[fewer], by=leader, at=timezone.now()))
        == "places_taken"
    )


def test_withdrawn_need_ends_every_live_claim():
    leader = factories.member(factories.school())
    need = factories.posted(leader, slots=[time_slot(places=2)], allocation="school_chooses")
    waiting, booked = factories.submitted_claim(on=need), factories.submitted_claim(on=need)
    claims.accept(claim=booked, by=leader, at=timezone.now())

    needs.withdraw(need=need, reason="timetable_change", by=leader, at=timezone.now())

    states = dict(Claim.objects.values_list("pk", "state"))
    assert states == {waiting.pk: "declined", booked.pk: "cancelled_by_school"}
    assert not Listing.objects.exists()
