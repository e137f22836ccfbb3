"""Who gets the visits, in a real browser: with its curve and with all it leaves out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests import factories
from tests.browser import driving
from tests.web.test_equity_pages import five_fifths

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_equity_pages_are_accessible_and_fit(open_page: Callable[..., Page], size: str) -> None:
    lead = factories.member(factories.hub())
    five_fifths(lead.organisation)
    found = {}
    for path in ("/overview/equity/", "/national/"):
        page = open_page(path, size=size, user=lead.user)
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        found[path] = (
            driving.violations(page),
            driving.sideways(page),
            page.locator("svg[role=img]:visible").count(),
        )
        page.context.close()

    assert found == dict.fromkeys(found, ([], 0, 1))
