"""What hub and trust read of their schools."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership
from brokerage.domain import encounters
from brokerage.models import Encounter
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["hub", "trust"])
def lead(request) -> Membership:
    return factories.member(getattr(factories, request.param)())


@pytest.fixture
def leader(lead: Membership) -> Membership:
    """Careers leader of one of the lead's schools."""
    return factories.member(factories.school(**{str(lead.organisation.kind): lead.organisation}))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_overview_counts_what_is_open_unfilled_ahead_and_delivered(lead: Membership, leader: Membership):
    factories.posted(leader, title="Soon", slots=[time_slot(days=5)])
    factories.posted(leader, title="Later", slots=[time_slot(days=15)])
    factories.accepted_claim(on=factories.posted(leader, title="Full", slots=[time_slot(days=5)]))
    factories.posted(title="Another hub's", slots=[time_slot(days=5)])
    done = factories.accepted_claim(on=factories.posted(leader, title="Done"))
    factories.over(done)
    encounter = Encounter.objects.get(slot=done.slot)
    encounters.record(encounter=encounter, delivered=True, attended={"10": 90}, by=leader, at=timezone.now())

    response = as_(lead).get("/overview/")

    figures = response.context["figures"]
    assert (figures.open_needs, figures.unfilled, figures.this_week, figures.delivered) == (2, 1, 1, 1)
    assert [slot.need.title for slot in response.context["unfilled"]] == ["Soon"]
    assert "Another hub&#x27;s" not in text_of(response)


def test_no_claim_no_name_and_no_small_count_reaches_them(lead: Membership, leader: Membership):
    need = factories.posted(leader, year_groups=[10, 11])
    claim = factories.accepted_claim(on=need)
    factories.over(claim)
    encounters.record(
        encounter=Encounter.objects.get(slot=claim.slot),
        delivered=True,
        attended={"10": 90, "11": 3},
        pupil_premium_attended=41,
        send_attended=17,
        note="Only for us",
        by=leader,
        at=timezone.now(),
    )
    client = as_(lead)

    for address in (
        "/overview/",
        f"/overview/schools/{leader.organisation.public_id}/",
        f"/overview/needs/{need.public_id}/",
    ):
        page = text_of(client.get(address))
        for hidden in (
            claim.claimant.name,
            str(claim.attendee.user),
            "93 pupils",
            "41 pupils",
            "pupil premium",
            "SEND",
            "Only for us",
        ):
            assert hidden not in page, (address, hidden)
    assert "at least 90 pupils" in text_of(client.get("/overview/"))


def test_drafts_are_the_schools_alone(lead: Membership, leader: Membership):
    draft = factories.need(leader, title="Not yet")

    assert as_(lead).get(f"/overview/needs/{draft.public_id}/").status_code == 404
    page = text_of(as_(lead).get(f"/overview/schools/{leader.organisation.public_id}/"))
    assert "Not yet" not in page


def test_other_peoples_schools_and_needs_are_not_there(lead: Membership):
    theirs = factories.posted()
    client = as_(lead)

    assert client.get(f"/overview/needs/{theirs.public_id}/").status_code == 404
    assert client.get(f"/overview/schools/{theirs.school.public_id}/").status_code == 404
    assert client.get(f"/overview/schools/{lead.organisation.public_id}/").status_code == 404
    assert "No schools yet" in text_of(client.get("/overview/schools/"))


def test_schools_are_listed_a_to_z_with_their_counts(lead: Membership, leader: Membership):
    kind = {str(lead.organisation.kind): lead.organisation}
    factories.school(name="Aldermoor", **kind)
    leader.organisation.name = "Zeal"
    leader.organisation.save()
    factories.posted(leader, slots=[time_slot(days=5), time_slot(days=6), time_slot(days=40)])

    rows = as_(lead).get("/overview/schools/").context["page"].items

    assert [(row.name, row.open_needs, row.unfilled, row.delivered) for row in rows] == [
        ("Aldermoor", 0, 0, 0),
        ("Zeal", 1, 2, 0),
    ]


def test_unfilled_is_the_next_ten_days_paged_by_twenty(lead: Membership, leader: Membership):
    slots = [time_slot(days=3 + number % 6, hour=9 + number // 6) for number in range(22)]
    factories.posted(leader, slots=slots)
    client = as_(lead)

    first = client.get("/overview/unfilled/").context["page"]
    second = client.get(f"/overview/unfilled/?after={first.next}").context["page"]

    assert (len(first.items), len(second.items), second.next) == (20, 2, None)
    assert first.items[-1].starts_at <= second.items[0].starts_at


def test_nobody_else_has_these_pages(leader: Membership):
    for by in (leader, factories.member(factories.employer()), factories.member(factories.provider())):
        for address in ("/overview/", "/overview/schools/", "/overview/unfilled/"):
            assert as_(by).get(address).status_code == 404


def test_hub_and_trust_have_none_of_a_schools_pages(lead: Membership, leader: Membership):
    need = factories.posted(leader)

    for address in ("/school/", "/school/needs/", f"/school/needs/{need.public_id}/", "/school/calendar/"):
        assert as_(lead).get(address).status_code == 404
    assert as_(lead).post(f"/school/needs/{need.public_id}/withdraw/", {"reason": "other"}).status_code == 404


@pytest.mark.parametrize("address", ["/overview/", "/overview/schools/", "/overview/unfilled/"])
def test_pages_take_the_same_statements_for_one_and_for_three(
    lead: Membership, leader: Membership, address: str
):
    client = as_(lead)

    def statements() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    factories.posted(leader, slots=[time_slot(days=5)])
    one = statements()
    for _ in range(2):
        other = factories.member(factories.school(**{str(lead.organisation.kind): lead.organisation}))
        factories.posted(other, slots=[time_slot(days=5)])

    assert statements() == one <= 12
