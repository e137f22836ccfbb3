"""Record what happened (P7)."""

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.domain import encounters
from brokerage.models import Claim, Encounter, EncounterNeed
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


@pytest.fixture
def claim(leader: Membership) -> Claim:
    """Booked for mock interviews with Year 10, and over since yesterday."""
    booked = factories.accepted_claim(on=factories.posted(leader))
    factories.over(booked)
    return booked


def address(need: EncounterNeed) -> str:
    return f"/school/needs/{need.public_id}/record/"


def answer(claim: Claim, **given: object) -> dict[str, object]:
    prefix = Encounter.objects.get(slot=claim.slot).public_id.hex
    return {f"{prefix}-{name}": value for name, value in given.items()}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_page_is_filled_with_what_was_planned(leader: Membership, claim: Claim):
    (card,) = as_(leader).get(address(claim.slot.need)).context["cards"]

    assert card.form["minutes"].value() == 60
    assert card.form["attended_10"].value() == 180
    assert card.form["happened"].value() is None
    assert card.names == claim.claimant.name


def test_yes_and_save_record_what_was_planned(leader: Membership, claim: Claim):
    sent = answer(claim, happened="yes", minutes="60", attended_10="180")

    response = as_(leader).post(address(claim.slot.need), sent, follow=True)

    encounter = Encounter.objects.get()
    claim.refresh_from_db()
    assert (encounter.state, encounter.minutes, encounter.attended) == ("delivered", 60, {"10": 180})
    assert (claim.state, encounter.recorded_by) == ("fulfilled", leader)
    assert "Recorded. They&#x27;re asked to confirm." in text_of(response)


def test_counts_and_who_stayed_away_are_kept(leader: Membership, claim: Claim):
    sent = answer(
        claim,
        happened="yes",
        attended_10="160",
        pupil_premium_attended="40",
        send_attended="12",
        missed=[str(claim.public_id)],
        note="Hall was cold.",
    )

    as_(leader).post(address(claim.slot.need), sent)

    encounter = Encounter.objects.get()
    claim.refresh_from_db()
    assert (encounter.pupil_premium_attended, encounter.send_attended) == (40, 12)
    assert (claim.state, encounter.note) == ("missed", "Hall was cold.")


def test_the_need_asks_to_record_until_it_is_recorded(leader: Membership, claim: Claim):
    need_page = f"/school/needs/{claim.slot.need.public_id}/"
    assert "Record what happened" in text_of(as_(leader).get(need_page))

    as_(leader).post(address(claim.slot.need), answer(claim, happened="yes", attended_10="180"))

    after = text_of(as_(leader).get(need_page))
    assert "Record what happened" not in after
    assert f'<a href="{address(claim.slot.need)}">What happened</a>' in after


def test_no_records_that_it_did_not_happen(leader: Membership, claim: Claim):
    as_(leader).post(address(claim.slot.need), answer(claim, happened="no", attended_10="180"))

    encounter = Encounter.objects.get()
    claim.refresh_from_db()
    assert (encounter.state, encounter.attended, claim.state) == ("not_delivered", {}, "cancelled_by_school")
    page = as_(leader).get(f"/school/needs/{claim.slot.need.public_id}/")
    words = [line.words for line in page.context["history"]]
    assert words[0].endswith("recorded that it didn't happen")
    assert not any("cancelled" in line for line in words)


def test_the_claimants_agree_or_disagree_that_it_did_not_happen(leader: Membership, claim: Claim):
    as_(leader).post(address(claim.slot.need), answer(claim, happened="no"))
    theirs = as_(claim.submitted_by)

    assert "It was different" in text_of(theirs.get("/visits/"))
    page = text_of(theirs.get(f"/claims/{claim.public_id}/"))
    assert "recorded that it didn’t happen" in page
    assert "You needn’t do anything" not in page
    theirs.post(f"/encounters/{claim.slot.encounter.public_id}/dispute/", {"note": "We were in the hall."})

    assert "We were in the hall." in text_of(as_(leader).get(address(claim.slot.need)))


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        (
            {"attended_10": "185"},
            "attended_10",
            "You have 180 on roll in Year 10. 185 is more. Check the number.",
        ),
        ({"attended_10": "some"}, "attended_10", "Enter how many pupils of Year 10, from 0 to 5,000"),
        ({"attended_10": ""}, "attended_10", "Enter how many pupils of Year 10 took part, 0 if none did"),
        ({"minutes": "0"}, "minutes", "Enter how many minutes it lasted, from 1 to 1,440"),
        ({"attended_10": "-1"}, "attended_10", "Enter how many pupils of Year 10, from 0 to 5,000"),
        (
            {"attended_10": "9", "send_attended": "10"},
            "send_attended",
            "Enter how many had SEND, from 0 to 9",
        ),
        (
            {"attended_10": "9", "pupil_premium_attended": "x"},
            "pupil_premium_attended",
            "Enter how many had pupil premium, from 0 to 5,000",
        ),
    ],
)
def test_slips_are_said_beside_the_number_and_nothing_is_lost(
    leader: Membership, claim: Claim, given, field: str, message: str
):
    sent = answer(claim, happened="yes", note="Kept", **given)

    response = as_(leader).post(address(claim.slot.need), sent)

    assert response.status_code == 422
    assert list(response.context["cards"][0].form.errors[field]) == [message]
    assert "Kept" in text_of(response)
    assert Encounter.objects.get().state == "planned"


def test_a_pupils_number_in_the_note_is_refused(leader: Membership, claim: Claim):
    response = as_(leader).post(address(claim.slot.need), answer(claim, happened="yes", note="A123456789012"))

    assert response.status_code == 422
    assert Encounter.objects.get().state == "planned"


def test_nothing_answered_is_said(leader: Membership, claim: Claim):
    response = as_(leader).post(address(claim.slot.need), answer(claim, minutes="60"))

    assert response.status_code == 422
    form = response.context["cards"][0].form
    assert form.errors == {"happened": ["Choose yes or no for at least one"]}
    assert f'<a href="#id_{form.prefix}-happened_0">Choose yes or no for at least one</a>' in text_of(
        response
    )
    assert f'id="id_{form.prefix}-happened_0"' in text_of(response)
    assert response.context["problem"] == ""


def test_each_time_has_its_card_and_only_those_answered_are_recorded(leader: Membership):
    slots = [time_slot(days=20, hour=9), time_slot(days=20, hour=11)]
    need = factories.posted(leader, slots=slots)
    first = factories.accepted_claim(on=need)
    by = factories.member(factories.employer())
    from brokerage.domain import claims

    second = claims.submit(slot=factories.slot_of(need, 1), attendee=by, by=by, at=timezone.now()).claim
    factories.over(first)
    factories.over(second)

    client = as_(leader)
    assert len(client.get(address(need)).context["cards"]) == 2
    client.post(address(need), answer(second, happened="yes", attended_10="180"))

    states = {each.slot_id: each.state for each in Encounter.objects.all()}
    assert states == {first.slot_id: "planned", second.slot_id: "delivered"}


def test_recorded_numbers_can_be_corrected_and_others_words_stand_until_then(
    leader: Membership, claim: Claim
):
    client, need = as_(leader), claim.slot.need
    client.post(address(need), answer(claim, happened="yes", minutes="60", attended_10="180"))
    encounters.confirm(encounter=Encounter.objects.get(), by=claim.attendee, at=timezone.now())
    same = answer(claim, happened="yes", minutes="60", attended_10="180", note="")

    unchanged = client.post(address(need), same)
    claim.refresh_from_db()
    assert (unchanged.status_code, claim.confirmation) == (422, "confirmed")

    client.post(address(need), same | answer(claim, attended_10="170"))
    claim.refresh_from_db()
    assert (Encounter.objects.get().attended, claim.confirmation) == ({"10": 170}, "")


@pytest.mark.parametrize(
    ("first", "then", "ends"),
    [
        ("no", "yes", ("delivered", {"10": 150}, "fulfilled")),
        ("yes", "no", ("not_delivered", {}, "cancelled_by_school")),
    ],
)
def test_whether_it_happened_can_be_put_right(leader: Membership, claim: Claim, first: str, then: str, ends):
    client, need = as_(leader), claim.slot.need
    client.post(address(need), answer(claim, happened=first, attended_10="180"))
    (card,) = client.get(address(need)).context["recorded"]
    form = card.form
    shown = answer(claim, **{name: form[name].value() or "" for name in form.fields if name != "missed"})
    assert (form["happened"].value(), form["attended_10"].value()) == (first, 180)

    response = client.post(
        address(need), shown | answer(claim, happened=then, attended_10="150"), follow=True
    )

    assert "Recorded. They&#x27;re asked to confirm." in text_of(response)
    encounter = Encounter.objects.get()
    claim.refresh_from_db()
    assert (encounter.state, encounter.attended, claim.state) == ends


def test_what_did_not_happen_still_did_not_is_no_correction(leader: Membership, claim: Claim):
    client, need = as_(leader), claim.slot.need
    client.post(address(need), answer(claim, happened="no"))

    (shown,) = client.get(address(need)).context["recorded"]
    fields = {name: shown.form[name].value() or "" for name in shown.form.fields if name != "missed"}

    changed = client.post(address(need), answer(claim, **fields | {"minutes": "30"}))
    unchanged = client.post(address(need), answer(claim, **fields))

    assert (changed.status_code, unchanged.status_code) == (422, 422)
    (card,) = changed.context["recorded"]
    assert card.form.errors == {"happened": ["Choose yes if it happened after all"]}
    (card,) = unchanged.context["recorded"]
    assert (card.form.errors, unchanged.context["problem"]) == (
        {},
        "Change something first, or leave this page",
    )


def test_who_records_what_a_colleague_has_recorded_otherwise_is_told(leader: Membership, claim: Claim):
    client, need = as_(leader), claim.slot.need
    encounters.record(encounter=Encounter.objects.get(), delivered=False, by=leader, at=timezone.now())

    response = client.post(address(need), answer(claim, happened="yes", minutes="45", attended_10="170"))

    assert response.status_code == 422
    assert "It is already recorded that it didn&#x27;t happen. Correct that if it is wrong." in text_of(
        response
    )
    assert Encounter.objects.get().state == "not_delivered"


def test_what_the_claimant_said_is_shown(leader: Membership, claim: Claim):
    client, need = as_(leader), claim.slot.need
    client.post(address(need), answer(claim, happened="yes", attended_10="180"))
    encounters.dispute(
        encounter=Encounter.objects.get(), note="It lasted 15 minutes", by=claim.attendee, at=timezone.now()
    )

    page = text_of(client.get(address(need)))

    assert f"{claim.claimant.name} saw it differently" in page
    assert "It lasted 15 minutes" in page


@pytest.mark.parametrize("role", [Role.LINK_GOVERNOR, Role.CAREERS_ADVISER])
def test_readers_read_and_may_not_record(leader: Membership, claim: Claim, role: Role):
    client = as_(factories.member(leader.organisation, role))

    assert "Not recorded yet" in text_of(client.get(address(claim.slot.need)))
    assert "Save" not in text_of(client.get(address(claim.slot.need)))
    assert client.post(address(claim.slot.need), answer(claim, happened="yes")).status_code == 403
    assert Encounter.objects.get().state == "planned"


def test_nothing_to_record_before_it_is_over(leader: Membership):
    booked = factories.accepted_claim(on=factories.posted(leader))

    assert "Nothing to record" in text_of(as_(leader).get(address(booked.slot.need)))
