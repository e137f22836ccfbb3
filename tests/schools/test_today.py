"""Today: what needs the school, most urgent first (P3)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.models import Closure
from brokerage.domain import claims
from brokerage.eventlog.models import Event
from brokerage.models import Claim
from brokerage.notifications.models import Entry
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db
TODAY = "/school/"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def titles(client) -> list[str]:
    return [item.title for item in client.get(TODAY).context["today"].to_do]


def test_new_school_sees_three_steps(leader: Membership):
    page = text_of(as_(leader).get(TODAY))

    assert "Three steps and you’re open" in page
    assert "Copy my last need" not in page


def test_everything_that_needs_the_school_the_most_urgent_first(leader: Membership):
    chosen = factories.posted(
        leader, allocation="school_chooses", title="Mentoring", slots=[time_slot(days=9)]
    )
    factories.submitted_claim(on=chosen)
    factories.submitted_claim(on=chosen)
    over = factories.accepted_claim(on=factories.posted(leader, title="Assembly", slots=[time_slot(days=30)]))
    factories.over(over)
    factories.posted(leader, title="CV workshop", slots=[time_slot(days=3)])
    factories.posted(leader, title="Far away", slots=[time_slot(days=60)])
    factories.need(leader, title="Half done")

    response = as_(leader).get(TODAY)

    shown = response.context["today"]
    assert [item.title.rsplit(" on ", 1)[0] for item in shown.to_do] == [
        "Nobody yet for CV workshop",
        "2 people offered for mentoring",
        "What happened",
        "Finish your draft: Half done",
    ]
    assert shown.minutes == 4
    assert "About 4 minutes in all" in text_of(response)


def test_one_offer_names_who(leader: Membership):
    claim = factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))

    who = f"{claim.attendee.user} ({claim.claimant.name})"
    assert titles(as_(leader)) == [f"{who} offered for mock interviews"]


def test_a_booking_that_lost_its_person_is_told(leader: Membership):
    claim = factories.accepted_claim(on=factories.posted(leader))
    Claim.objects.filter(pk=claim.pk).update(attendee=None, person=None, attendee_clashed=True)

    assert titles(as_(leader)) == [f"{claim.claimant.name} must name someone else"]
    assert "Whoever was to come no longer can." in text_of(as_(leader).get(TODAY))


def test_six_at_most_and_the_rest_counted(leader: Membership):
    for number in range(8):
        factories.submitted_claim(
            on=factories.posted(leader, allocation="school_chooses", title=f"Talk {number}")
        )

    response = as_(leader).get(TODAY)

    assert len(response.context["today"].to_do) == 6
    assert "2 more under Needs" in text_of(response)


def test_nothing_to_do_names_what_comes_next(leader: Membership):
    factories.accepted_claim(on=factories.posted(leader, title="Career talk"))

    assert "Nothing needs you. Next: career talk," in text_of(as_(leader).get(TODAY))


def test_school_days_are_counted_to_the_next_holiday(leader: Membership):
    monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    for kind, label, first, last in (
        ("holiday", "Half-term", 7, 11),
        ("inset", "INSET day", 0, 0),
        ("holiday", "Easter", 28, 40),
    ):
        Closure.objects.create(
            school=leader.organisation,
            kind=kind,
            label=label,
            first_on=monday + timedelta(days=first),
            last_on=monday + timedelta(days=last),
        )

    left, holiday = as_(leader).get(TODAY).context["term"]

    this_week = max(0, 5 - timezone.localdate().weekday())
    assert (left, holiday) == (this_week + 4, "half-term")
    Closure.objects.filter(label="Half-term").update(label="Boiler broken")
    assert as_(leader).get(TODAY).context["term"] == (left, "you close (Boiler broken)")


def test_other_schools_work_is_not_mine(leader: Membership):
    factories.posted(leader)
    factories.submitted_claim()
    factories.over(factories.accepted_claim())

    assert titles(as_(leader)) == []


def test_answered_and_recorded_work_leaves(leader: Membership):
    claim = factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))
    claims.accept(claim=claim, by=leader, at=timezone.now())

    assert titles(as_(leader)) == []


@pytest.mark.parametrize("role", [Role.LINK_GOVERNOR, Role.CAREERS_ADVISER])
def test_readers_get_no_button(leader: Membership, role: Role):
    factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))

    page = text_of(as_(factories.member(leader.organisation, role)).get(TODAY))

    assert "Needs your school" in page
    assert "Post a need" not in page
    assert ">Choose<" not in page


def test_just_now_is_this_persons_feed_at_this_school(leader: Membership):
    need = factories.posted(leader)
    event = Event.objects.latest("id")
    said = {"event": event, "type": "x", "at": timezone.now(), "link": f"/school/needs/{need.public_id}/"}
    Entry.objects.create(
        person=leader.user,
        position=1,
        organisation_id=leader.organisation_id,
        text="Brightholm took a place",
        **said,
    )
    Entry.objects.create(
        person=leader.user, position=2, organisation_id=0, text="Something elsewhere", **said | {"type": "y"}
    )

    page = text_of(as_(leader).get(TODAY))

    assert "Brightholm took a place" in page
    assert "Something elsewhere" not in page


def test_refreshed_part_is_the_part_alone(leader: Membership):
    part = as_(leader).get(TODAY, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div class="dw-grid dw-grid--side dw-order" id="today"')


def test_strangers_sign_in_and_claimants_find_nothing(client):
    assert client.get(TODAY).status_code == 302
    assert as_(factories.member(factories.employer())).get(TODAY).status_code == 404


def test_takes_the_same_statements_for_one_and_for_three(leader: Membership):
    client = as_(leader)

    def one_more() -> None:
        factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))
        factories.over(factories.accepted_claim(on=factories.posted(leader)))
        factories.accepted_claim(on=factories.posted(leader))
        factories.need(leader)

    def statements() -> int:
        client.get(TODAY)
        with CaptureQueriesContext(connection) as captured:
            client.get(TODAY)
        return len(captured)

    one_more()
    one = statements()
    one_more()
    one_more()

    assert statements() == one <= 22
