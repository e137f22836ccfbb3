"""What hub and trust read of provider access: counts and clocks of their own schools, in no order but the alphabet."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brokerage.accounts.models import Membership, Role
from schools.domain import cohorts, standings
from tests import factories
from tests.factories import access
from tests.schools.pages import as_
from tests.schools.test_provider_access import visit

pytestmark = pytest.mark.django_db
PAGE = "/overview/access/"
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 18, 12, tzinfo=LONDON)
ASKED = datetime(2026, 9, 7, 12, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def in_november() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(params=["hub", "trust"])
def lead(request: pytest.FixtureRequest) -> Membership:
    return factories.member(getattr(factories, request.param)())


def school_of(lead: Membership, name: str, *, roll: int = 180) -> Membership:
    leader = factories.member(
        factories.school(name=name, **{str(lead.organisation.kind): lead.organisation}), Role.CAREERS_LEADER
    )
    for entry in range(2020, 2027):
        cohorts.set_roll(y7_entry=entry, roll=roll, on=date(2026, 9, 1), by=leader, at=ASKED)
    return leader


def recompute(*leaders: Membership) -> None:
    standings.recompute([each.organisation_id for each in leaders], today=NOW.date(), at=NOW)


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def names(response: Any) -> list[str]:
    return [school.name for school in response.context["page"].items]


def test_only_their_own_schools_a_to_z_with_what_is_missing(lead: Membership) -> None:
    whinmoor, ashwell = school_of(lead, "Whinmoor"), school_of(lead, "Ashwell")
    visit(whinmoor, date(2026, 10, 6), year=11, attended=180)
    stranger = factories.member(factories.school(name="Elsewhere"), Role.CAREERS_LEADER)
    recompute(whinmoor, ashwell, stranger)
    response = as_(lead).get(PAGE)
    page = text(response)
    assert names(response) == ["Ashwell", "Whinmoor"]
    assert "Year 11: first held, second to find" in page
    assert ("6 short" in page, "5 short" in page) == (True, True)
    assert "Elsewhere" not in page
    address = f"{PAGE}schools/{stranger.organisation.public_id}/"
    assert as_(lead).get(address).status_code == 404


def test_filters_keep_the_schools_that_fit(lead: Membership) -> None:
    late, quick = school_of(lead, "Late School"), school_of(lead, "Quick School")
    access.asked(of=late.organisation, at=ASKED)
    access.asked(of=quick.organisation, at=NOW)
    recompute(late)
    client = as_(lead)
    assert names(client.get(f"{PAGE}?waiting=waiting")) == ["Late School", "Quick School"]
    assert names(client.get(f"{PAGE}?waiting=late")) == ["Late School"]
    assert names(client.get(f"{PAGE}?waiting=very_late")) == ["Late School"]
    with time_machine.travel(datetime(2026, 9, 25, 12, tzinfo=LONDON), tick=False):
        assert names(as_(lead).get(f"{PAGE}?waiting=late")) == ["Late School"]
        assert names(as_(lead).get(f"{PAGE}?waiting=very_late")) == []
    assert names(client.get(f"{PAGE}?phase=2&state=to_find")) == ["Late School"]
    assert names(client.get(f"{PAGE}?state=met")) == []
    assert names(client.get(f"{PAGE}?phase=9&state=nonsense")) == ["Late School", "Quick School"]


def test_very_late_is_so_many_days_and_not_that_every_date_is_past(lead: Membership) -> None:
    leader = school_of(lead, "Fernlow")
    access.asked(of=leader.organisation, at=ASKED, dates=[date(2026, 9, 14)])
    for today, very_late in ((datetime(2026, 9, 25, 12), 0), (datetime(2026, 10, 9, 12), 1)):
        with time_machine.travel(today.replace(tzinfo=LONDON), tick=False):
            shown = as_(lead).get(PAGE)
            assert (shown.context["late"], shown.context["very_late"]) == (1, very_late)
            assert len(names(as_(lead).get(f"{PAGE}?waiting=very_late"))) == very_late
    assert "more than 20 school days" in text(shown)


def test_year_groups_are_counted_by_phase_and_state(lead: Membership) -> None:
    leader = school_of(lead, "Fernlow")
    visit(leader, date(2026, 10, 6), year=11, attended=180)
    recompute(leader)
    second = as_(lead).get(PAGE).context["counts"][1][1]
    assert (second.cohorts, second.to_find, second.none_yet, second.met) == (2, 2, 1, 0)


def test_who_waits_longest_comes_first_without_a_word_of_theirs(lead: Membership) -> None:
    leader = school_of(lead, "Fernlow")
    later = access.college(name="Later College")
    earlier = access.college(name="Earlier College")
    access.asked(later, of=leader.organisation, at=NOW)
    asked = access.asked(earlier, of=leader.organisation, at=ASKED)
    access.asked(access.college(name="Stranger College"), at=ASKED)
    page = text(as_(lead).get(f"{PAGE}waiting/"))
    assert page.index("Earlier College") < page.index("Later College")
    assert "No response: day" in page or "Very late: day" in page
    assert "Stranger College" not in page
    assert str(asked.asked_by.user) not in page


def test_a_schools_page_has_the_picture_and_no_action(lead: Membership) -> None:
    leader = school_of(lead, "Fernlow")
    visit(leader, date(2026, 10, 6), year=11, attended=180)
    page = text(as_(lead).get(f"{PAGE}schools/{leader.organisation.public_id}/"))
    for there in ("What each year group has, and by when", "Policy statement", "Waiting now"):
        assert there in page
    assert "Close the gap" not in page
    assert "Take out" not in page


def test_no_share_tells_of_one_to_four_pupils(lead: Membership) -> None:
    leader = school_of(lead, "Fernlow")
    visit(leader, date(2026, 10, 6), year=11, attended=178)
    own = text(as_(leader).get("/school/provider-access/"))
    theirs = text(as_(lead).get(f"{PAGE}schools/{leader.organisation.public_id}/"))
    assert "99%" in own
    assert "99%" not in theirs
    assert "97%" in theirs


@pytest.mark.parametrize("path", ["", "waiting/"])
def test_a_page_takes_as_many_statements_for_three_as_for_one(path: str) -> None:
    lead = factories.member(factories.hub())

    def add(name: str) -> None:
        leader = school_of(lead, name)
        access.asked(of=leader.organisation, at=ASKED)
        recompute(leader)

    def statements() -> int:
        client = as_(lead)
        with CaptureQueriesContext(connection) as caught:
            text(client.get(f"{PAGE}{path}"))
        return len(caught)

    add("One")
    statements()
    one = statements()
    add("Two")
    add("Three")
    assert statements() == one


def test_everybody_else_finds_no_such_page() -> None:
    leader = factories.member(factories.school(), Role.CAREERS_LEADER)
    for path in ("", "waiting/", f"schools/{leader.organisation.public_id}/"):
        assert as_(leader).get(f"{PAGE}{path}").status_code == 404
