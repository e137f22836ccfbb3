"""How a school answers who asks to meet its pupils (ux.md section 4), held to its taps, and its pages at two sizes."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, Role
from brokerage.domain import access_requests as verbs
from brokerage.models import AccessRequest, TermAnswer
from brokerage.web.dates import in_list
from tests import factories
from tests.browser import driving
from tests.browser.driving import Hand
from tests.browser.wire import Wire, wait_for
from tests.factories import access
from tests.schools.pages import open_days

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]
Open = Callable[..., Page]
SIZES = ["phone", "desktop"]
MET = "We've met our need for this phase"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy", town="Wexbourne"))


def ask(
    leader: Membership, name: str = "Forge & Field Training", days_ago: int = 0, **fields: Any
) -> AccessRequest:
    return access.asked(
        access.college(name=name),
        of=leader.organisation,
        at=timezone.now() - timedelta(days=days_ago),
        **{"dates": open_days(leader, 3)} | fields,
    )


@pytest.mark.parametrize("size", SIZES)
def test_yes_takes_two_taps(open_page: Open, leader: Membership, size: str) -> None:
    request = ask(leader)
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name=re.compile("^Answer")))
    hand.tap(page.get_by_role("button", name=f"Grant {in_list(request.dates[0])}"))

    expect(page.get_by_text("Granted: Forge & Field Training")).to_be_visible()
    request.refresh_from_db()
    assert request.state == "granted"
    assert (hand.taps, hand.keys) == (2, 0)


@pytest.mark.parametrize("size", SIZES)
def test_a_polite_no_takes_four_taps(open_page: Open, leader: Membership, size: str) -> None:
    request = ask(leader)
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name=re.compile("^Answer")))
    hand.tap(page.get_by_role("link", name="Refuse…"))
    hand.tap(page.get_by_label(MET))
    hand.tap(page.get_by_role("button", name="Send"))

    expect(page.get_by_text("they’ve been told, with your reason.")).to_be_visible()
    request.refresh_from_db()
    assert request.state == "refused"
    assert request.words.get(step="refuse").text.startswith("Thank you for offering to meet our Year 10.")
    assert (hand.taps, hand.keys) == (4, 0)


@pytest.mark.parametrize("size", SIZES)
def test_not_this_term_takes_two_taps(open_page: Open, leader: Membership, size: str) -> None:
    page = open_page("/school/requests/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_text("Not this term, because…"))
    hand.tap(page.get_by_role("button", name="The timetable is full"))

    expect(page.get_by_text("Providers now see: not this term.")).to_be_visible()
    assert TermAnswer.objects.get().reason == "timetable_full"
    assert (hand.taps, hand.keys) == (2, 0)


def test_button_and_message_follow_what_is_chosen_without_javascript(
    open_page: Open, leader: Membership
) -> None:
    request = ask(leader)
    address = f"/school/requests/{request.public_id}/"
    page = open_page(address, user=leader.user, java_script_enabled=False)

    page.get_by_label(in_list(request.dates[1])).check(force=True)
    expect(page.get_by_role("button", name=f"Grant {in_list(request.dates[1])}")).to_be_visible()

    page.goto(f"{address}refuse/")
    expect(page.get_by_label("They’ll read this")).to_have_count(8)
    expect(page.get_by_text("Choose a reason, and your message writes itself.")).to_be_visible()
    page.get_by_label(MET).check()
    expect(page.locator("textarea:visible")).to_have_count(1)
    expect(page.locator("textarea:visible")).to_have_value(
        re.compile("two encounters for them in the second")
    )


def test_a_request_enters_below_the_open_one_and_takes_nothing_from_it(
    open_page: Open, leader: Membership, wire: Wire
) -> None:
    request = ask(leader, days_ago=3)
    page = open_page(f"/school/requests/{request.public_id}/", user=leader.user)
    wait_for(page, lambda: wire.connections)
    page.get_by_label(in_list(request.dates[1])).check(force=True)

    ask(leader, "Older College", days_ago=30)
    wire.entry(1, "Older College ask to meet Year 10", type="access_request.asked")

    rows = page.locator("#requests-list h2")
    expect(rows).to_have_text(["Forge & Field Training", "Older College"])
    expect(page.locator(".dw-row--new")).to_contain_text("New.")
    expect(page.get_by_label("Menu").get_by_role("link", name="Requests 2")).to_be_visible()
    expect(page.get_by_label(in_list(request.dates[1]))).to_be_checked()
    assert driving.violations(page) == []


def test_what_a_colleague_answered_can_no_longer_be_answered_here(
    open_page: Open, leader: Membership, wire: Wire
) -> None:
    request = ask(leader)
    page = open_page(f"/school/requests/{request.public_id}/", user=leader.user)
    wait_for(page, lambda: wire.connections)
    expect(page.get_by_role("button", name=re.compile("^Grant"))).to_be_visible()

    colleague = factories.member(leader.organisation)
    verbs.refuse(request=request, ground="no_capacity", by=colleague, at=timezone.now())
    wire.say(type="work.changed")

    expect(page.locator("#request-acts")).to_contain_text("Every step")
    expect(page.get_by_role("button", name=re.compile("^Grant"))).to_have_count(0)
    expect(page.get_by_role("link", name="Refuse…")).to_have_count(0)
    expect(page.locator("#requests-list .dw-tabs [aria-current]")).to_have_text("Answered 1")
    expect(page.locator("#waits-schools-requests")).to_be_hidden()


@pytest.fixture
def world(leader: Membership) -> list[str]:
    late = ask(leader, "Lattice Digital", days_ago=34, message="Our apprentices would love to come.")
    asked = ask(leader, "Saltmere College", days_ago=2)
    verbs.ask_back(request=asked, question="How many come?", by=leader, at=timezone.now())
    ended = ask(leader, "Northgale")
    verbs.refuse(request=ended, ground="no_capacity", by=leader, at=timezone.now())
    access.asked(late.asked_by, of=leader.organisation, year_groups=[12], dates=open_days(leader, 1))
    one = f"/school/requests/{late.public_id}/"
    answers = [f"{one}{page}/" for page in ("offer", "postpone", "ask", "refuse", "duplicate")]
    others = [f"/school/requests/{each.public_id}/" for each in (asked, ended)]
    return [one, "/school/requests/", "/school/", *others, *answers]


def unfit(page: Page, address: str) -> list[str]:
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    wide = driving.sideways(page)
    found = [f"{address}: {each}" for each in driving.violations(page)]
    return [*found, *([f"{address}: {wide} pixels too wide"] if wide else [])]


@pytest.mark.parametrize(("size", "count"), [("phone", 10), ("desktop", 3)])
def test_the_pages_are_accessible(
    open_page: Open, leader: Membership, world: list[str], size: str, count: int
) -> None:
    page = open_page(world[0], size=size, user=leader.user)

    assert [each for address in world[:count] for each in unfit(page, address)] == []


def test_readers_pages_are_accessible(open_page: Open, leader: Membership, world: list[str]) -> None:
    reader = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    page = open_page(world[0], size="phone", user=reader.user)

    assert [each for address in world[:2] for each in unfit(page, address)] == []


def test_what_was_wrong_is_said_accessibly(open_page: Open, leader: Membership) -> None:
    request = ask(leader)
    page = open_page(f"/school/requests/{request.public_id}/refuse/", size="phone", user=leader.user)

    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("link", name="Choose a reason")).to_be_visible()
    assert driving.violations(page) == []
