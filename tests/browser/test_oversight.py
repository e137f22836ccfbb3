"""What hub and trust read of their schools, in a real browser: every filter, term and page of a list."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from brokerage.accounts.models import Kind, Membership, Organisation, Role
from brokerage.models import PhaseStanding
from schools.pal.standing import State
from schools.queries.oversight_access import next_deadline
from tests import factories
from tests.browser import driving
from tests.factories import access
from tests.factories.market import time_slot
from tests.schools.pages import open_days
from tests.web.test_equity_pages import five_fifths

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]
PAGES = ("", "schools/", "unfilled/", "access/", "access/waiting/", "equity/")
STATES = (State.SHORT, State.COVERAGE_UNPROVEN, State.MET, State.NOT_ASSESSED)


@pytest.fixture
def lead() -> Membership:
    """Of a hub with more schools than fit on a page, a standing of each kind, a late answer and a free place."""
    lead = factories.member(factories.hub())
    five_fifths(lead.organisation)
    schools = list(Organisation.objects.filter(kind=Kind.SCHOOL, hub=lead.organisation))
    for number, school in enumerate(schools):
        for phase in (1, 2, 3):
            standing(school, phase, STATES[number % len(STATES)])
    leader = factories.member(schools[0], Role.CAREERS_LEADER)
    asked_at = timezone.now() - timedelta(days=40)
    access.asked(of=schools[0], at=asked_at, dates=open_days(leader, 2), year_groups=[9, 10, 11])
    factories.posted(leader, slots=[time_slot(days=5)])
    return lead


def standing(school: Organisation, phase: int, state: State) -> None:
    today = timezone.localdate()
    has_two = state in (State.COVERAGE_UNPROVEN, State.MET)
    PhaseStanding.objects.create(
        school=school,
        phase=phase,
        state=state,
        y7_entry=next_deadline(today).year - 1 - 2 * phase,
        roll=180,
        occasions=2 if has_two else 0,
        short_by=2 if state == State.SHORT else 0,
        lower=0.8 if has_two else 0,
        upper=1 if has_two else 0,
        opens_on=today - timedelta(days=60),
        closes_on=next_deadline(today),
        computed_on=today,
        computed_at=timezone.now(),
    )


def followed(page: Page, address: str, *, links: str) -> list[str]:
    """Where the links of a page lead that stay on it: its filters, terms and pages."""
    hrefs = page.eval_on_selector_all(links, "all => all.map((each) => each.getAttribute('href'))")
    return [href for href in (urljoin(address, each) for each in hrefs) if href.startswith(f"{address}?")]


@pytest.mark.parametrize(("size", "into"), [("phone", "main a[href]"), ("desktop", "main a[rel=next]")])
def test_every_filter_and_page_is_accessible_and_fits(
    open_page: Callable[..., Page], lead: Membership, size: str, into: str
) -> None:
    page = open_page("/overview/", size=size, user=lead.user)
    found: dict[str, tuple[list[str], int, int]] = {}
    for start in (f"/overview/{each}" for each in PAGES):
        todo = [start]
        for address in todo:
            answer = page.goto(address)
            assert answer is not None
            found[address] = (driving.violations(page), driving.sideways(page), answer.status)
            more = into if address == start else "main a[rel=next]"
            todo += [each for each in dict.fromkeys(followed(page, start, links=more)) if each not in todo]

    assert found == dict.fromkeys(found, ([], 0, 200))
    filters = {"state=met", "phase=2", "waiting=very_late"} if size == "phone" else set()
    assert {address.partition("?")[2] for address in found} >= filters
    assert any("after=" in address for address in found)
