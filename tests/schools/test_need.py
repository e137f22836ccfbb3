"""One need with its claims: accept, decline, cancel, withdraw; the list of needs (P5)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.domain import claims, encounters, needs
from brokerage.models import Claim, EncounterNeed, Slot
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


@pytest.fixture
def choosing(leader: Membership) -> EncounterNeed:
    """A need whose school chooses, with two places."""
    return factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=2)])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def page_of(need: EncounterNeed) -> str:
    return f"/school/needs/{need.public_id}/"


def test_page_shows_who_offers_how_far_and_when_last_here(leader: Membership, choosing: EncounterNeed):
    by = factories.member(factories.employer(name="Brightholm", easting=403219, northing=300000))
    before = factories.over(factories.accepted_claim(by, on=factories.posted(leader)), days_ago=30)
    encounters.record(
        encounter=before.encounter, delivered=True, attended={"10": 90}, by=leader, at=timezone.now()
    )
    claim = factories.submitted_claim(by, on=choosing, note="Happy to help")

    page = text_of(as_(leader).get(page_of(choosing)))

    for said in (str(by.user), "Brightholm", "2.0 miles", "Last here", "Happy to help", "1 offer to choose"):
        assert said in page
    assert f"/school/claims/{claim.public_id}/accept/" in page
    assert "Not yet verified" not in page


def test_unverified_claimant_is_marked(leader: Membership):
    need = factories.posted(leader)
    factories.accepted_claim(factories.member(factories.employer(verified_at=None)), on=need)

    assert "Not yet verified" in text_of(as_(leader).get(page_of(need)))


def test_nobody_yet_says_since_when_people_know(leader: Membership, choosing: EncounterNeed):
    page = text_of(as_(leader).get(page_of(choosing)))

    assert "Nobody yet" in page
    assert "Everyone who matches was told on" in page
    assert "Widen it" in page


def test_accept_books_them(leader: Membership, choosing: EncounterNeed):
    claim = factories.submitted_claim(on=choosing)

    response = as_(leader).post(f"/school/claims/{claim.public_id}/accept/", follow=True)

    claim.refresh_from_db()
    assert claim.state == "accepted"
    assert f"Booked: {claim.attendee.user} ({claim.claimant.name})" in text_of(response)
    assert claim.attendee.user.email in text_of(response)


def test_accepting_someone_who_withdrew_says_so_and_who_is_left(leader: Membership, choosing: EncounterNeed):
    by = factories.member(factories.employer(name="Brightholm"))
    gone = factories.submitted_claim(by, on=choosing)
    factories.submitted_claim(on=choosing)
    factories.submitted_claim(on=choosing)
    claims.withdraw(claim=gone, reason="ill", by=by, at=timezone.now())

    response = as_(leader).post(f"/school/claims/{gone.public_id}/accept/")

    assert response.status_code == 409
    assert f"{by.user} (Brightholm) withdrew a moment ago. 2 others are free." in text_of(response)


def test_accepting_into_a_full_time_says_so(leader: Membership, choosing: EncounterNeed):
    waiting = factories.submitted_claim(on=choosing)
    Slot.objects.filter(need=choosing).update(taken=2)

    response = as_(leader).post(f"/school/claims/{waiting.public_id}/accept/")

    assert response.status_code == 409
    assert "wasn&#x27;t booked: every place at this time is taken." in text_of(response)
    waiting.refresh_from_db()
    assert waiting.state == "submitted"


def test_an_offer_for_a_taken_place_can_only_be_declined(leader: Membership, choosing: EncounterNeed):
    waiting = factories.submitted_claim(on=choosing)
    for _ in range(2):
        claims.accept(claim=factories.submitted_claim(on=choosing), by=leader, at=timezone.now())

    page = text_of(as_(leader).get(page_of(choosing)))

    assert "No place left at this time" in page
    assert f"/school/claims/{waiting.public_id}/decline/" in page
    assert f"/school/claims/{waiting.public_id}/accept/" not in page


def test_several_are_accepted_at_once_and_the_rest_are_named(leader: Membership, choosing: EncounterNeed):
    ticked = [factories.submitted_claim(on=choosing) for _ in range(3)]

    response = as_(leader).post(
        f"{page_of(choosing)}accept/", {"claim": [str(claim.public_id) for claim in ticked]}
    )

    assert response.status_code == 409
    assert "Booked 2 of 3." in text_of(response)
    states = list(Claim.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["accepted", "accepted", "submitted"]


def test_nothing_ticked_is_said(leader: Membership, choosing: EncounterNeed):
    response = as_(leader).post(f"{page_of(choosing)}accept/", {"claim": ["nonsense"]})

    assert response.status_code == 422
    assert "Tick at least one offer" in text_of(response)


def test_decline_needs_a_reason_and_keeps_the_note(leader: Membership, choosing: EncounterNeed):
    claim = factories.submitted_claim(on=choosing)
    address = f"/school/claims/{claim.public_id}/decline/"

    refused = as_(leader).post(address, {"note": "Come in spring"})
    assert refused.status_code == 422
    assert "Choose a reason" in text_of(refused)
    assert "Come in spring" in text_of(refused)

    as_(leader).post(address, {"reason": "no_capacity", "note": "Come in spring"})
    claim.refresh_from_db()
    assert (claim.state, claim.reason, claim.answer_note) == ("declined", "no_capacity", "Come in spring")


def test_a_pupils_number_in_a_note_is_refused(leader: Membership, choosing: EncounterNeed):
    claim = factories.submitted_claim(on=choosing)

    response = as_(leader).post(
        f"/school/claims/{claim.public_id}/decline/", {"reason": "other", "note": "A123456789012"}
    )

    assert response.status_code == 422
    claim.refresh_from_db()
    assert claim.state == "submitted"


def test_cancel_frees_the_place(leader: Membership):
    need = factories.posted(leader)
    claim = factories.accepted_claim(on=need)

    as_(leader).post(f"/school/claims/{claim.public_id}/cancel/", {"reason": "staff_absence"})

    claim.refresh_from_db()
    assert (claim.state, factories.slot_of(need).taken) == ("cancelled_by_school", 0)


def test_cancelling_what_is_no_longer_booked_is_said(leader: Membership, choosing: EncounterNeed):
    claim = factories.submitted_claim(on=choosing)

    response = as_(leader).post(f"/school/claims/{claim.public_id}/cancel/", {"reason": "staff_absence"})

    assert response.status_code == 409
    assert "This isn&#x27;t booked" in text_of(response)


def test_withdraw_ends_offers_and_bookings_with_the_reason(leader: Membership, choosing: EncounterNeed):
    offered, booked = factories.submitted_claim(on=choosing), factories.submitted_claim(on=choosing)
    claims.accept(claim=booked, by=leader, at=timezone.now())

    response = as_(leader).post(f"{page_of(choosing)}withdraw/", {"reason": "exam_period"}, follow=True)

    choosing.refresh_from_db()
    offered.refresh_from_db()
    booked.refresh_from_db()
    assert (choosing.state, offered.state, booked.state) == ("withdrawn", "declined", "cancelled_by_school")
    assert "Withdrawn" in text_of(response)
    assert "Ended offers (2)" in text_of(response)


@pytest.mark.parametrize("role", [Role.LINK_GOVERNOR, Role.CAREERS_ADVISER])
def test_readers_see_everything_and_no_button(leader: Membership, choosing: EncounterNeed, role: Role):
    claim = factories.submitted_claim(on=choosing)
    client = as_(factories.member(leader.organisation, role))

    page = text_of(client.get(page_of(choosing)))

    assert claim.claimant.name in page
    for address in ("accept/", "/decline/", "/edit/", "/withdraw/", "?copy="):
        assert address not in page
    for address in (f"/school/claims/{claim.public_id}/accept/", f"{page_of(choosing)}accept/"):
        assert client.post(address, {"claim": [str(claim.public_id)]}).status_code == 403
    for address in (
        f"/school/claims/{claim.public_id}/decline/",
        f"/school/claims/{claim.public_id}/cancel/",
    ):
        assert client.get(address).status_code == 403
        assert client.post(address, {"reason": "other"}).status_code == 403
    assert client.post(f"{page_of(choosing)}withdraw/", {"reason": "other"}).status_code == 403
    claim.refresh_from_db()
    assert claim.state == "submitted"


def test_another_schools_claim_is_not_there(leader: Membership):
    claim = factories.submitted_claim()
    client = as_(leader)

    for act in ("accept", "decline", "cancel"):
        address = f"/school/claims/{claim.public_id}/{act}/"
        assert client.post(address, {"reason": "other"}).status_code == 404
    assert client.post(f"{page_of(claim.slot.need)}accept/").status_code == 404


def test_ticking_another_needs_claim_does_nothing(leader: Membership, choosing: EncounterNeed):
    elsewhere = factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))

    as_(leader).post(f"{page_of(choosing)}accept/", {"claim": [str(elsewhere.public_id)]})

    elsewhere.refresh_from_db()
    assert elsewhere.state == "submitted"


def test_a_person_taken_off_is_said_and_no_reason_guessed(leader: Membership, choosing: EncounterNeed):
    claim = factories.submitted_claim(on=choosing)
    claims.accept(claim=claim, by=leader, at=timezone.now())
    Claim.objects.filter(pk=claim.pk).update(attendee=None, person=None, attendee_clashed=True)

    page = text_of(as_(leader).get(page_of(choosing)))
    assert "Must name someone else" in page
    assert "moved" not in page


def test_history_says_who_did_what_in_words(leader: Membership, choosing: EncounterNeed):
    by = factories.member(factories.employer(name="Brightholm"))
    claim = factories.submitted_claim(by, on=choosing)
    claims.decline(claim=claim, reason="no_capacity", by=leader, at=timezone.now())
    needs.amend(need=choosing, fields={"title": "New title"}, by=leader, at=timezone.now())

    lines = [line.words for line in as_(leader).get(page_of(choosing)).context["history"]]

    assert lines == [
        f"{leader.user} changed the title",
        f"{leader.user} declined Brightholm: enough people offered",
        "Brightholm offered to come",
        f"{leader.user} posted it with 1 time",
        f"{leader.user} drafted this",
    ]


def test_claims_part_alone_is_what_the_page_asks_for_again(leader: Membership, choosing: EncounterNeed):
    part = text_of(as_(leader).get(f"{page_of(choosing)}claims/"))

    assert part.startswith('<div id="need-claims" hx-get="/school/needs/')
    assert "<html" not in part


@pytest.mark.parametrize("address", ["/school/needs/", "/school/needs/in/drafts/", "/school/needs/in/past/"])
def test_lists_say_what_belongs_there_when_they_are_empty(leader: Membership, address: str):
    page = text_of(as_(leader).get(address))

    assert any(words in page for words in ("Nothing open", "No drafts", "Nothing past yet"))


def test_each_need_stands_in_its_tab(leader: Membership):
    factories.posted(leader, title="Open one")
    factories.need(leader, title="Draft one")
    past = factories.posted(leader, title="Past one")
    factories.over(factories.accepted_claim(on=past))
    withdrawn = factories.posted(leader, title="Withdrawn one")
    needs.withdraw(need=withdrawn, reason="other", by=leader, at=timezone.now())
    client = as_(leader)

    def titles(address: str) -> list[str]:
        return [row.name for row in client.get(address).context["rows"]]

    assert titles("/school/needs/") == ["Open one"]
    assert titles("/school/needs/in/drafts/") == ["Draft one"]
    assert titles("/school/needs/in/past/") == ["Withdrawn one", "Past one"]
    assert client.get("/school/needs/in/nowhere/").status_code == 404


def test_list_is_paged_by_twenty(leader: Membership):
    for number in range(23):
        factories.posted(leader, title=f"Need {number}")
    client = as_(leader)

    first = client.get("/school/needs/")
    second = client.get(f"/school/needs/?after={first.context['page'].next}")

    assert "Next 20" in text_of(first)
    assert [row.name for row in second.context["rows"]] == ["Need 2", "Need 1", "Need 0"]


def test_claims_are_paged_by_twenty(leader: Membership):
    need = factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=40)])
    for _ in range(22):
        factories.submitted_claim(on=need)
    client = as_(leader)

    first = client.get(page_of(need)).context["waiting"]
    second = client.get(f"{page_of(need)}?after={first.next}").context["waiting"]

    assert (len(first.items), len(second.items), second.next) == (20, 2, None)


def statements(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_list_takes_the_same_statements_for_one_and_for_three(leader: Membership):
    client = as_(leader)
    factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))
    one = statements(client, "/school/needs/")
    for _ in range(2):
        factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))

    assert statements(client, "/school/needs/") == one <= 12


def test_need_takes_the_same_statements_for_one_and_for_three(leader: Membership, choosing: EncounterNeed):
    client = as_(leader)
    slots = [time_slot(days=20 + number, places=3) for number in range(3)]
    wide = factories.posted(leader, allocation="school_chooses", slots=slots)
    factories.submitted_claim(on=choosing)
    claims.accept(claim=factories.submitted_claim(on=choosing), by=leader, at=timezone.now())
    one = statements(client, page_of(choosing))
    for _ in range(3):
        factories.submitted_claim(on=wide)
        claims.accept(claim=factories.submitted_claim(on=wide), by=leader, at=timezone.now())

    assert statements(client, page_of(wide)) == one <= 22


def test_offers_of_times_gone_by_wait_no_longer(leader: Membership, choosing: EncounterNeed):
    claim = factories.submitted_claim(on=choosing)
    Slot.objects.filter(pk=claim.slot_id).update(
        starts_at=timezone.now() - timedelta(hours=2),
        ends_at=timezone.now() - timedelta(hours=1),
        open_until=None,
    )

    response = as_(leader).post(f"/school/claims/{claim.public_id}/accept/")

    assert response.status_code == 409
    assert "This time has passed." in text_of(response)
