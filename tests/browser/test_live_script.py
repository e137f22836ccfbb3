"""The script against a socket that says what we tell it to: the frames are the contract, the page is the subject."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from brokerage.notifications.models import Feed
from tests.browser import driving, live_pages
from tests.browser.wire import Wire, wait_for
from tests.factories import people

pytestmark = [pytest.mark.urls("tests.browser.urls")]
Open = Callable[..., Page]


@pytest.fixture
def page(open_page: Open, wire: Wire) -> Page:
    live_pages.asked.clear()
    live_pages.ROWS.clear()
    live_pages.ROWS.update({"a": "Career talk", "b": "CV workshop"})
    leader = people.member(people.school())
    Feed.objects.create(person=leader.user, last_position=41)
    page = open_page("/live/", size="phone", user=leader.user)
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 4")
    wait_for(page, lambda: wire.connections)
    return page


def test_an_entry_rings_toasts_and_is_shown_once(page: Page, wire: Wire) -> None:
    assert wire.asked_after() == [41]
    wire.entry(42, "Sam Okafor (Brightholm) offered for mock interviews.")
    wire.entry(42, "Sam Okafor (Brightholm) offered for mock interviews.")

    expect(page.locator("[data-toasts] p")).to_have_text(
        "Sam Okafor (Brightholm) offered for mock interviews."
    )
    expect(page.locator("[data-bell-count]")).to_have_text(re.compile("^1"))
    assert driving.violations(page) == []


def test_a_toast_never_stands_beside_another_and_many_become_one(page: Page, wire: Wire) -> None:
    for position in range(42, 46):
        wire.entry(position, f"News {position}")

    expect(page.locator("[data-toasts] p")).to_have_text("News 42")
    expect(page.locator(".dw-toast")).to_have_count(1)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("[data-toasts] p")).to_have_text("3 new events")


def test_an_entry_that_does_not_ring_leaves_the_bell_alone(page: Page, wire: Wire) -> None:
    wire.entry(42, "For the record", rings=False)

    expect(page.locator("[data-toasts] p")).to_have_text("For the record")
    expect(page.locator("[data-bell-count]")).to_be_hidden()


def test_a_new_connection_asks_for_what_was_missed(page: Page, wire: Wire) -> None:
    page.evaluate("window.heard = []; document.body.addEventListener('doorway:resync', () => heard.push(1))")
    wire.entry(42, "One")
    expect(page.locator("[data-toasts] p")).to_have_text("One")
    wire.connections[-1].close(1012)
    wait_for(page, lambda: len(wire.connections) == 2)

    assert wire.asked_after() == [41, 42]
    wait_for(page, lambda: page.evaluate("heard.length") == 1)


def test_a_page_without_its_socket_says_so_after_five_seconds(page: Page, wire: Wire) -> None:
    bar = page.get_by_text("Reconnecting. This page may be a minute old.")
    wire.server.shutdown()
    wire.connections[-1].close(1012)
    page.wait_for_timeout(1000)
    expect(bar).to_be_hidden()
    expect(page.get_by_text("Live.")).to_be_visible()
    expect(bar).to_be_visible(timeout=6000)
    expect(page.get_by_text("Live.")).to_be_hidden()
    page.watch.problems.clear()  # type: ignore[attr-defined]  # the console names each failed attempt


def test_a_refused_reader_does_not_try_again(page: Page, wire: Wire) -> None:
    wire.connections[-1].close(4401)
    page.wait_for_timeout(2500)

    assert len(wire.connections) == 1
    expect(page.get_by_text("Live.")).to_be_hidden()


def test_a_storm_of_hints_is_one_request_a_second(page: Page, wire: Wire) -> None:
    for _ in range(200):
        wire.say(type="claims.changed")
    expect(page.get_by_text("Asked 1 times")).to_be_visible()
    for _ in range(200):
        wire.say(type="claims.changed")
    expect(page.get_by_text("Asked 2 times")).to_be_visible()
    page.wait_for_timeout(1500)

    assert len(live_pages.asked) == 2


def test_a_part_somebody_types_in_waits_until_they_leave_it(page: Page, wire: Wire) -> None:
    wire.say(type="claims.changed")
    page.get_by_label("Typed").press_sequentially("half a wo")
    wire.say(type="claims.changed")
    page.wait_for_timeout(2000)
    expect(page.get_by_label("Typed")).to_have_value("half a wo")

    page.get_by_role("link", name="Claim").first.focus()
    expect(page.get_by_text("Asked 2 times")).to_be_visible()


def test_a_filled_card_becomes_a_line_and_a_new_one_waits_behind_a_button(page: Page, wire: Wire) -> None:
    del live_pages.ROWS["b"]
    live_pages.ROWS["c"] = "Mock interviews"
    wire.say(type="needs.changed")

    expect(page.get_by_text("CV workshop was filled just now.")).to_be_visible()
    expect(page.get_by_role("heading", name="Mock interviews")).to_have_count(0)
    page.get_by_role("button", name="1 new").click()
    expect(page.get_by_role("heading", name="Mock interviews")).to_be_visible()


def test_nothing_moves_under_a_pointer(page: Page, wire: Wire) -> None:
    last = page.get_by_role("heading", name="CV workshop")
    last.hover()
    before = last.bounding_box()
    live_pages.ROWS.clear()
    live_pages.ROWS.update({"b": "CV workshop", "c": "Mock interviews"})
    wire.say(type="needs.changed")

    expect(page.get_by_text("Career talk was filled just now.")).to_be_visible()
    page.wait_for_timeout(300)
    assert last.bounding_box() == before


def test_a_card_that_holds_the_focus_stays(page: Page, wire: Wire) -> None:
    page.get_by_role("link", name="Claim").last.focus()
    del live_pages.ROWS["b"]
    wire.say(type="needs.changed")
    page.wait_for_timeout(2500)

    expect(page.get_by_role("heading", name="CV workshop")).to_be_visible()
    expect(page.get_by_role("link", name="Claim").last).to_be_focused()
