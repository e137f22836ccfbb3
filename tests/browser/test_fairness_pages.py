"""Fairness pages in a real browser: accessible at both sizes, tables open, and a reply without JavaScript."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership
from brokerage.fairness import lifecycle, nightly
from brokerage.fairness.models import FairnessCase, Trial
from tests import factories
from tests.browser import driving
from tests.web.fairness_world import Market, history, mixed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]
Open = Callable[..., Page]


@pytest.fixture
def leader() -> Membership:
    """Of a school with a case: its reply is open."""
    school, market = factories.school(name="Millrace High School", hub=factories.hub()), Market()
    today, now = timezone.localdate(), timezone.now()
    story = {"technical": mixed({"g": 2, "r": 3, "s": 7}), "other": mixed({"g": 9, "r": 2, "s": 1})}
    history(school, market, **story, until=today)
    run = nightly.replay(on=today - timedelta(days=1), at=now)
    lifecycle.flag(school=school, run=run, at=now - timedelta(days=3))
    return factories.member(school)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_evidence_reply_and_case_are_accessible_and_fit(
    open_page: Open, leader: Membership, size: str
) -> None:
    case = FairnessCase.objects.get()
    one, now = f"/fairness/cases/{case.public_id}/", timezone.now()
    hub = factories.member(leader.organisation.hub)
    request = Trial.objects.filter(is_technical=True, is_bad=True, row=0)[0].request
    found = {}

    def look(path: str, who: Membership) -> None:
        page = open_page(path, size=size, user=who.user)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found[path, who.role] = (driving.violations(page), driving.sideways(page))
        page.context.close()

    look("/fairness/", leader)
    lifecycle.contest(case=case, request=request, ground="agreed_elsewhere", by=leader, at=now)
    look(f"{one}reply/", leader)
    lifecycle.finish_reply(case=case, by=leader, at=now)
    look(one, hub)

    assert found == dict.fromkeys(
        [("/fairness/", leader.role), (f"{one}reply/", leader.role), (one, hub.role)], ([], 0)
    )


def test_a_reply_is_sent_without_javascript(open_page: Open, leader: Membership) -> None:
    page = open_page("/fairness/", user=leader.user, java_script_enabled=False)
    page.get_by_role("link", name="Reply now").click()
    page.get_by_label("Which request?").select_option(index=1)
    page.get_by_label("We agreed it without Doorway").check()
    page.get_by_role("button", name="Save this one").click()
    expect(page.get_by_text("Waits for a reviewer")).to_be_visible()

    page.get_by_label("What should a reviewer know?").fill("The hall was closed.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Send reply").click()

    expect(page.get_by_text("Sent. A named person reads it next")).to_be_visible()
    expect(page.get_by_text("With a reviewer").first).to_be_visible()
