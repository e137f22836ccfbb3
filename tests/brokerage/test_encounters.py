import pytest
from django.utils import timezone

from brokerage.domain import claims, encounters
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, Slot
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader():
    return factories.member(factories.school())


@pytest.fixture
def claim(leader):
    """Booked by a college, and over."""
    claim = factories.accepted_claim(
        factories.member(factories.provider()), on=factories.posted(leader, slots=[time_slot(places=2)])
    )
    factories.over(claim)
    return claim


def recorded(claim, leader, **fields) -> Encounter:
    encounter = Encounter.objects.get(slot_id=claim.slot_id)
    return encounters.record(
        encounter=encounter,
        **{"delivered": True, "attended": {"10": 150}} | fields,
        by=leader,
        at=timezone.now(),
    )


def test_what_happened_fulfils_the_claims_and_fills_in_the_minutes(claim, leader):
    encounter = recorded(claim, leader)

    claim.refresh_from_db()
    assert (encounter.state, encounter.minutes, claim.state) == ("delivered", 60, "fulfilled")
    event = Event.objects.get(type="brokerage.encounter.recorded.v1")
    assert event.data["fulfilled"] == [str(claim.public_id)]


def test_encounter_cannot_be_recorded_before_it_is_over(leader):
    claim = factories.accepted_claim(on=factories.posted(leader))

    with pytest.raises(DomainError) as caught:
        recorded(claim, leader)

    assert caught.value.code == "encounter_not_over"


def test_more_pupils_than_on_roll_is_questioned(claim, leader):
    with pytest.raises(InvalidInput) as caught:
        recorded(claim, leader, attended={"10": 185})

    assert caught.value.fields == {
        "attended": "You have 180 on roll in Year 10. 185 is more. Check the number."
    }


def test_more_pupil_premium_than_attended_is_questioned(claim, leader):
    with pytest.raises(InvalidInput) as caught:
        recorded(claim, leader, pupil_premium_attended=151)

    assert set(caught.value.fields) == {"pupil_premium_attended"}


def test_groups_under_five_stay_out_of_the_log(claim, leader):
    recorded(claim, leader, attended={"10": 4})

    assert Event.objects.get(type="brokerage.encounter.recorded.v1").data["attended"] == {}


def test_who_did_not_come_is_missed_and_a_correction_sets_it_right(claim, leader):
    recorded(claim, leader, missed=[claim.public_id])
    assert Claim.objects.get(pk=claim.pk).state == "missed"

    recorded(claim, leader, attended={"10": 140})

    assert Claim.objects.get(pk=claim.pk).state == "fulfilled"
    assert Encounter.objects.get().attended == {"10": 140}


def test_undelivered_encounter_is_the_schools_cancellation(claim, leader):
    recorded(claim, leader, delivered=False)

    claim.refresh_from_db()
    assert (Encounter.objects.get().state, claim.state) == ("not_delivered", "cancelled_by_school")


def stands(claim):
    """The encounter, the claim, the places taken, and whether it counts as ended."""
    claim.refresh_from_db()
    slot = Slot.objects.get(pk=claim.slot_id)
    return Encounter.objects.get(slot=slot).state, claim.state, slot.taken, claim.ended_at is not None


def test_what_happened_after_all_is_put_right_and_back(claim, leader):
    recorded(claim, leader, delivered=False)
    encounters.dispute(
        encounter=Encounter.objects.get(), note="We were there.", by=claim.attendee, at=timezone.now()
    )
    assert stands(claim) == ("not_delivered", "cancelled_by_school", 0, True)

    recorded(claim, leader, corrects=True)
    assert stands(claim) == ("delivered", "fulfilled", 1, False)
    assert (claim.reason, claim.confirmation, claim.confirmation_note) == ("", "", "")

    encounters.confirm(encounter=Encounter.objects.get(), by=claim.attendee, at=timezone.now())
    recorded(claim, leader, delivered=False, corrects=True)
    assert stands(claim) == ("not_delivered", "cancelled_by_school", 0, True)
    assert (claim.confirmation, claim.confirmed_at) == ("", None)
    recorded(claim, leader, corrects=True, missed=[claim.public_id])
    assert stands(claim) == ("delivered", "missed", 1, False)
    recorded(claim, leader, delivered=False, corrects=True)
    assert stands(claim) == ("not_delivered", "cancelled_by_school", 0, True)


@pytest.fixture
def claim_and_before(leader):
    """One that was booked when the time came, one that the school had cancelled before."""
    need = factories.posted(leader, slots=[time_slot(places=2)])
    claim, before = (factories.accepted_claim(factories.member(factories.provider()), on=need) for _ in "12")
    claims.cancel(claim=before, reason="low_numbers", by=leader, at=timezone.now())
    factories.over(claim)
    return claim, before


def test_a_correction_brings_back_only_who_was_booked_on_the_day(leader, claim_and_before):
    claim, before = claim_and_before
    recorded(claim, leader, delivered=False)

    recorded(claim, leader, corrects=True)

    before.refresh_from_db()
    assert (stands(claim)[1:3], before.state) == (("fulfilled", 1), "cancelled_by_school")


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        ({"delivered": False}, {}, "didn't happen"),
        ({}, {"delivered": False}, "it happened"),
        ({"delivered": False}, {"delivered": False}, "didn't happen"),
        ({"delivered": False}, {"delivered": False, "corrects": True}, "didn't happen"),
    ],
)
def test_what_is_recorded_changes_only_by_a_correction_that_changes_it(claim, leader, first, then, sentence):
    recorded(claim, leader, **first)
    was = stands(claim)

    with pytest.raises(DomainError, match=sentence) as caught:
        recorded(claim, leader, **then)

    assert (caught.value.code, stands(claim)) == ("encounter_closed", was)


def test_who_has_been_there_can_neither_be_cancelled_nor_take_it_back(claim, leader):
    recorded(claim, leader)

    with pytest.raises(DomainError) as caught:
        claims.cancel(claim=claim, reason="low_numbers", by=leader, at=timezone.now())
    assert caught.value.code == "claim_not_booked"
    assert stands(claim) == ("delivered", "fulfilled", 1, False)


def test_who_was_booked_may_say_whether_it_didnt_happen_and_who_was_sent_off_before_may_not(
    leader, claim_and_before
):
    claim, before = claim_and_before
    encounter = recorded(claim, leader, delivered=False)

    encounters.dispute(encounter=encounter, note="We were there.", by=claim.attendee, at=timezone.now())
    with pytest.raises(NotAllowed):
        encounters.confirm(encounter=encounter, by=before.attendee, at=timezone.now())

    claim.refresh_from_db()
    assert (claim.confirmation, claim.confirmation_note) == ("disputed", "We were there.")
    assert list(Encounter.objects.visible_to(claim.attendee)) == [encounter]
    assert not Encounter.objects.visible_to(before.attendee).exists()


def test_first_delivered_encounter_verifies_the_claimant(leader):
    newcomer = factories.member(factories.employer(verified_at=None))
    claim = factories.submitted_claim(newcomer, on=factories.posted(leader))
    claims.accept(claim=claim, by=leader, at=timezone.now())
    factories.over(claim)

    recorded(claim, leader)

    newcomer.organisation.refresh_from_db()
    assert newcomer.organisation.is_verified
    assert Event.objects.filter(type="accounts.organisation.verified.v1").count() == 1


def test_claimant_confirms_or_disputes_and_a_correction_asks_again(claim, leader):
    encounter = Encounter.objects.get(slot_id=claim.slot_id)
    with pytest.raises(DomainError) as caught:
        encounters.confirm(encounter=encounter, by=claim.submitted_by, at=timezone.now())
    assert caught.value.code == "not_recorded_yet"
    recorded(claim, leader)

    encounters.dispute(
        encounter=encounter, note="It lasted 15 minutes.", by=claim.submitted_by, at=timezone.now()
    )
    claim.refresh_from_db()
    assert (claim.confirmation, claim.confirmation_note) == ("disputed", "It lasted 15 minutes.")

    recorded(claim, leader, minutes=15)
    claim.refresh_from_db()
    assert claim.confirmation == ""


def test_only_those_who_came_can_confirm(claim, leader):
    encounter = recorded(claim, leader)

    for stranger in (factories.member(factories.provider()), leader):
        with pytest.raises(NotAllowed):
            encounters.confirm(encounter=encounter, by=stranger, at=timezone.now())


def test_dispute_says_what_was_different(claim, leader):
    encounter = recorded(claim, leader)

    with pytest.raises(InvalidInput) as caught:
        encounters.dispute(encounter=encounter, note=" ", by=claim.submitted_by, at=timezone.now())

    assert set(caught.value.fields) == {"note"}
