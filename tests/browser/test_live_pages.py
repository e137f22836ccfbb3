"""Two browsers side by side, with the real socket and worker processes between them: what one does the other sees,
without a reload."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, Role
from brokerage.models import EncounterNeed
from tests import factories
from tests.factories.market import time_slot
from tests.scenarios import processes
from tests.scenarios.processes import Running
from tests.scenarios.test_socket import environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
Open = Callable[..., Page]
HERE = {"easting": 400000, "northing": 300000, "outcode": "LS6", "town": "Leeds"}
SOON = 15_000
"""Milliseconds within which a page must have followed, on a machine that is busy with the whole suite."""
TOLD = "Brightholm took a place on Mock interviews"


@dataclass
class Between:
    """The processes between the two browsers."""

    environment: dict[str, str]
    sockets: Running

    def lose_sockets(self) -> None:
        self.sockets.kill()

    def bring_sockets_back(self) -> None:
        self.sockets = processes.sockets(self.environment, self.sockets.port)


@pytest.fixture(scope="module")
def between(django_db_setup: None, live_server: Any) -> Iterator[Between]:
    """Sockets that answer this live server's pages, and a worker that pays the debts of its claims."""
    surroundings = environment() | {"PORT": live_server.url.rpartition(":")[2]}
    with processes.all_stopped() as started:
        started.append(processes.worker(surroundings))
        between = Between(surroundings, processes.sockets(surroundings))
        yield between
        started.append(between.sockets)


@pytest.fixture(autouse=True)
def socket_port(settings: Any, between: Between) -> None:
    settings.SOCKET_PORT = between.sockets.port


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy", **HERE))


@pytest.fixture
def need(leader: Membership) -> EncounterNeed:
    return factories.posted(leader, title="Mock interviews", slots=[time_slot(places=1)])


@pytest.fixture
def volunteer() -> Membership:
    return factories.member(factories.employer(name="Brightholm", **HERE), Role.VOLUNTEER)


@pytest.fixture
def rival() -> Membership:
    return factories.member(factories.employer(name="Stane Water", **HERE), Role.VOLUNTEER)


def test_a_claim_appears_at_the_school_and_leaves_the_other_volunteers_list(
    open_page: Open, leader: Membership, volunteer: Membership, rival: Membership, need: EncounterNeed
) -> None:
    today = listening(open_page("/school/", user=leader.user))
    offered = listening(open_page(f"/school/needs/{need.public_id}/", user=leader.user))
    feed = listening(open_page("/find/", size="phone", user=rival.user))
    expect(feed.get_by_role("link", name="Mock interviews")).to_be_visible()
    expect(offered.get_by_role("heading", name="Nobody yet")).to_be_visible()
    expect(today.locator("[data-bell-count]")).to_be_hidden()

    claim(open_page, volunteer, need)

    expect(offered.locator(".dw-toast")).to_contain_text(TOLD, timeout=SOON)
    expect(offered.get_by_role("heading", name="Booked")).to_be_visible(timeout=SOON)
    expect(today.get_by_role("main").get_by_text(TOLD)).to_be_visible(timeout=SOON)
    expect(today.locator("[data-bell-count]")).to_have_text("1 new")
    expect(feed.get_by_text("was filled just now")).to_be_visible(timeout=SOON)
    expect(feed.get_by_role("link", name="Mock interviews")).to_have_count(0)


def test_pages_catch_up_when_the_socket_process_was_killed_and_came_back(
    open_page: Open,
    between: Between,
    leader: Membership,
    volunteer: Membership,
    rival: Membership,
    need: EncounterNeed,
) -> None:
    offered = listening(open_page(f"/school/needs/{need.public_id}/", user=leader.user))
    feed = listening(open_page("/find/", size="phone", user=rival.user))

    between.lose_sockets()
    expect(offered.get_by_text("Reconnecting")).to_be_visible(timeout=SOON)
    claimed = claim(open_page, volunteer, need)
    between.bring_sockets_back()

    expect(offered.locator(".dw-toast")).to_contain_text(TOLD, timeout=2 * SOON)
    expect(offered.get_by_role("heading", name="Booked")).to_be_visible(timeout=SOON)
    expect(offered.locator("[data-bell-count]")).to_have_text("1 new")
    expect(offered.get_by_text("Reconnecting")).to_be_hidden()
    expect(feed.get_by_text("was filled just now")).to_be_visible(timeout=2 * SOON)
    for page in (offered, feed, claimed):
        forgive_the_lost_socket(page)


def test_a_page_opened_while_the_sockets_are_away_catches_up_once_they_are_back(
    open_page: Open, between: Between, volunteer: Membership, rival: Membership, need: EncounterNeed
) -> None:
    between.lose_sockets()
    feed = open_page("/find/", size="phone", user=rival.user)
    expect(feed.get_by_role("link", name="Mock interviews")).to_be_visible()
    claimed = claim(open_page, volunteer, need)
    between.bring_sockets_back()

    expect(feed.get_by_text("was filled just now")).to_be_visible(timeout=2 * SOON)
    for page in (feed, claimed):
        forgive_the_lost_socket(page)


def listening(page: Page) -> Page:
    """The page again, once it holds its socket."""
    with page.expect_websocket(timeout=SOON):
        page.reload()
    return page


def claim(open_page: Open, volunteer: Membership, need: EncounterNeed) -> Page:
    page = open_page(f"/needs/{need.public_id}/", size="phone", user=volunteer.user)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    return page


def forgive_the_lost_socket(page: Page) -> None:
    """The console repeats each refused connection; that refusal is what the test causes."""
    watch = page.watch  # type: ignore[attr-defined]
    watch.problems[:] = [problem for problem in watch.problems if "WebSocket connection" not in problem]
