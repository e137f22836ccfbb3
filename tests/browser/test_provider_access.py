"""Provider access at two sizes: a gap closed in three taps, and pages that everyone can use."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, Organisation, Role
from brokerage.models import EncounterNeed
from brokerage.web.dates import local_day
from schools.domain import cohorts, standings
from tests import factories
from tests.browser import driving
from tests.browser.driving import Hand
from tests.factories import access

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]
Open = Callable[..., Page]
SIZES = ["phone", "desktop"]


@pytest.fixture
def hub() -> Organisation:
    return factories.hub()


@pytest.fixture
def leader(hub: Organisation) -> Membership:
    """Of a school with a roll for each year group and a request that has waited for months."""
    leader = factories.member(factories.school(name="Fernlow Academy", hub=hub), Role.CAREERS_LEADER)
    now = timezone.now()
    year = now.year if now.month >= 9 else now.year - 1
    for entry in range(year - 6, year + 1):
        cohorts.set_roll(y7_entry=entry, roll=180, on=date(year, 9, 1), by=leader, at=now)
    for name in ("Near College", "Saltmere College"):
        access.college(name=name, easting=401000, northing=300000)
    access.asked(of=leader.organisation, at=now - timedelta(days=60))
    standings.recompute([leader.organisation_id], today=local_day(now), at=now)
    return leader


@pytest.mark.parametrize("size", SIZES)
def test_a_gap_is_closed_in_three_taps(open_page: Open, leader: Membership, size: str) -> None:
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name="Access" if size == "phone" else "Provider access").last)
    hand.tap(page.get_by_role("link", name="Close the gaps"))
    hand.tap(page.get_by_role("button", name="Ask them"))

    expect(page.get_by_text("Posted, and")).to_be_visible()
    assert EncounterNeed.objects.filter(school=leader.organisation, is_arranged=False).count() == 1
    assert (hand.taps, hand.keys) == (3, 0)


@pytest.mark.parametrize("size", SIZES)
def test_everyone_can_use_the_pages(
    open_page: Open, leader: Membership, hub: Organisation, size: str
) -> None:
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR).user
    lead = factories.member(hub, Role.HUB_LEAD).user
    area = "/overview/access/"
    for path, user in (
        ("/school/provider-access/", leader.user),
        ("/school/provider-access/summary/", governor),
        (area, lead),
        (f"{area}waiting/", lead),
        (f"{area}schools/{leader.organisation.public_id}/", lead),
    ):
        page = open_page(path, size=size, user=user)
        assert (path, driving.violations(page), driving.sideways(page)) == (path, [], 0)
