"""A school changes its mind while others claim: whoever comes second is told why, and the rows agree afterwards."""

from dataclasses import replace

import pytest
from django.utils import timezone

from brokerage.accounts import organisations
from brokerage.accounts.models import Kind, Organisation
from brokerage.domain import encounters, needs
from brokerage.domain.slots import SlotTime
from brokerage.models import Claim, EncounterNeed, Slot
from tests import factories
from tests.concurrency.test_claims_race import accept, at_once, never_over, rival
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


@pytest.fixture
def leader():
    return factories.member(factories.school())


def amend(need, slots, leader):
    return lambda: needs.amend(need=need, fields={}, slots=slots, by=leader, at=timezone.now()).state


def withdraw(need, leader):
    return lambda: needs.withdraw(need=need, reason="other", by=leader, at=timezone.now()).state


def times(need) -> list[SlotTime]:
    return [
        SlotTime(starts_at=slot.starts_at, ends_at=slot.ends_at, places=slot.places, public_id=slot.public_id)
        for slot in Slot.objects.filter(need=need).order_by("starts_at")
    ]


def test_a_time_taken_out_beside_a_claim_on_it(leader):
    for _ in range(ROUNDS):
        need = factories.posted(leader, slots=[time_slot(), time_slot(days=21)])
        claimed, left = times(need)
        answers = at_once(rival(factories.slot_of(need)), amend(need, [left], leader))
        outcome = [answer if isinstance(answer, str) else "claimed" for answer in answers]
        assert outcome in (["claimed", "slot_has_claims"], ["need_closed", "open"]), claimed


def test_a_claim_on_a_time_that_is_no_more_is_told_so(leader):
    """The loser above, without luck: it had read the slot before it went."""
    need = factories.posted(leader, slots=[time_slot(), time_slot(days=21)])
    late = rival(factories.slot_of(need))
    amend(need, times(need)[1:], leader)()

    assert at_once(late) == ["need_closed"]


def test_a_time_moved_beside_claims_on_it(leader):
    for _ in range(ROUNDS):
        need = factories.posted(leader, slots=[time_slot(places=3)])
        (was,) = times(need)
        later = replace(was, starts_at=was.starts_at.replace(hour=14), ends_at=was.ends_at.replace(hour=15))
        slot = factories.slot_of(need)
        at_once(*[rival(slot) for _ in range(3)], amend(need, [later], leader))
        assert {(claim.during.lower, claim.during.upper) for claim in Claim.objects.filter(slot=slot)} == {
            (later.starts_at, later.ends_at)
        }


def test_fewer_places_beside_claims_on_them(leader):
    for _ in range(ROUNDS):
        need = factories.posted(leader, slots=[time_slot(places=3)])
        slot = factories.slot_of(need)
        fewer = [replace(times(need)[0], places=1)]
        answers = at_once(*[rival(slot) for _ in range(3)], amend(need, fewer, leader))
        assert answers[-1] in ("open", "places_taken")
    for slot in Slot.objects.all():
        assert slot.taken == Claim.objects.filter(slot=slot, state="accepted").count() <= slot.places


def test_a_need_withdrawn_beside_claims_and_an_acceptance(leader):
    for _ in range(ROUNDS):
        need = factories.posted(leader, slots=[time_slot(places=9)])
        EncounterNeed.objects.filter(pk=need.pk).update(allocation="school_chooses")
        waiting = factories.submitted_claim(on=need)
        EncounterNeed.objects.filter(pk=need.pk).update(allocation="first_come")
        slot = factories.slot_of(need)
        at_once(withdraw(need, leader), rival(slot), accept(waiting, leader), rival(slot))
        slot.refresh_from_db()
        assert (slot.taken, slot.open_until) == (0, None)
        assert not Claim.objects.live().filter(slot=slot).exists()
    never_over()


def test_two_record_the_same_encounter(leader):
    for _ in range(ROUNDS):
        slot = factories.over(factories.accepted_claim(on=factories.posted(leader)))

        def record(delivered, encounter=slot.encounter):
            return lambda: (
                encounters.record(
                    encounter=encounter,
                    delivered=delivered,
                    attended={"10": 90},
                    by=leader,
                    at=timezone.now(),
                ).state
            )

        answers = at_once(record(True), record(False))
        assert sorted(answers) in (["delivered", "encounter_closed"], ["encounter_closed", "not_delivered"])
        state = Claim.objects.get(slot=slot).state
        assert state == ("fulfilled" if "delivered" in answers else "cancelled_by_school")


def test_pressing_join_twice_makes_one_organisation():
    by = factories.member(factories.school()).user

    def found():
        return organisations.found(kind=Kind.EMPLOYER, name="Brook & Co", by=by, at=timezone.now()).pk

    assert len(set(at_once(found, found, found))) == 1
    assert Organisation.objects.filter(name="Brook & Co").count() == 1
