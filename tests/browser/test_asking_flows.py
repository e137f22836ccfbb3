"""Colleges in a real browser: ask a school, see its answer arrive, every page of theirs at both sizes."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, Role
from brokerage.domain import access_requests, terms
from brokerage.models import AccessRequest, AccessTerms
from tests import factories
from tests.browser import driving
from tests.browser.driving import Hand
from tests.browser.wire import Wire, wait_for
from tests.factories import access

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]

Open = Callable[..., Page]
HERE = {"easting": 400000, "northing": 300000, "outcode": "LS6", "town": "Leeds"}


@pytest.fixture
def officer() -> Membership:
    return access.college(name="Forge & Field Training", **HERE)


@pytest.fixture
def leader() -> Membership:
    return school("Fernlow Academy")


def school(name: str) -> Membership:
    return factories.member(factories.school(name=name, local_authority="Leeds", **HERE), Role.CAREERS_LEADER)


def test_ask_on_a_phone_and_see_the_answer_arrive(
    open_page: Open, officer: Membership, leader: Membership, wire: Wire
) -> None:
    on = access.weekday()
    page = open_page("/requests/ask/", size="phone", user=officer.user)
    hand = Hand(page)
    hand.tap(page.get_by_role("link", name="Ask Fernlow Academy"))
    hand.tap(page.get_by_label("Year 10"))
    hand.type(page.get_by_label("First date"), f"{on.day}/{on.month}")
    hand.tap(page.get_by_role("button", name="Send request"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Fernlow Academy")
    expect(page.get_by_text("Sent to Fernlow Academy.")).to_be_visible()
    assert (hand.taps, hand.keys) == (3, len(f"{on.day}/{on.month}"))
    request = AccessRequest.objects.get()
    assert (request.dates, request.year_groups, request.visitor) == ([on], [10], officer)

    wait_for(page, lambda: wire.connections)
    access_requests.grant(
        request=request, on=on, starts=time(8, 50), venue="Main hall", by=leader, at=timezone.now()
    )
    wire.entry(1, "Fernlow Academy said yes.", type="access_request.granted")

    expect(page.get_by_role("heading", name="You’re booked")).to_be_visible()
    expect(page.locator("#request-head")).to_contain_text("Fernlow Academy said yes:")


def test_accept_another_date_and_follow_up_are_one_tap_each(
    open_page: Open, officer: Membership, leader: Membership
) -> None:
    countered = access.asked(officer, of=leader.organisation)
    access_requests.counter_offer(
        request=countered, dates=[access.weekday(days=30)], starts=time(9), by=leader, at=timezone.now()
    )
    late = access.asked(officer, of=school("St Orrin’s").organisation, at=timezone.now() - timedelta(days=21))

    page = open_page(f"/requests/{countered.public_id}/", size="phone", user=officer.user)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", name="You’re booked")).to_be_visible()

    page.goto(f"/requests/{late.public_id}/follow-up/")
    page.get_by_role("button", name="Send the follow-up").click()
    expect(page.get_by_text("Sent to St Orrin’s.")).to_be_visible()


def test_a_refused_date_keeps_everything_else(
    open_page: Open, officer: Membership, leader: Membership
) -> None:
    page = open_page(f"/requests/ask/{leader.organisation.public_id}/?year=9", user=officer.user)
    page.get_by_label("First date").fill("1 January 2020")
    page.get_by_label("Your message").fill("Could we come?")
    page.get_by_role("button", name="Send request").click()

    expect(page.get_by_role("alert")).to_contain_text("Choose a date in the future")
    expect(page.get_by_label("Your message")).to_have_value("Could we come?")
    expect(page.get_by_label("Year 9")).to_be_checked()


@pytest.mark.parametrize("size", list(driving.SIZES))
def test_every_page_is_accessible_fits_and_is_light(open_page: Open, officer: Membership, size: str) -> None:
    pages = [*_every_state(officer), "/requests/", "/requests/?show=ended", "/requests/how-we-fare/"]
    page = open_page("/requests/ask/", size=size, user=officer.user)
    assert driving.compressed_weight(page.watch) < driving.MOST_BYTES  # type: ignore[attr-defined]

    found = []
    for path in ["/requests/ask/", "/requests/ask/?q=nowhere", *pages]:
        page.goto(path)
        found += [f"{path} {violation}" for violation in driving.violations(page)]
        if driving.sideways(page) > 0:
            found.append(f"{path} is {driving.sideways(page)} px too wide")
    assert found == []


def _every_state(officer: Membership) -> list[str]:
    """A request in each state, a school with something to say, an encounter elsewhere; their pages."""
    now = timezone.now()
    answers: dict[str, Callable[[AccessRequest, Membership], object]] = {
        "Aston Manor": lambda *_: None,
        "Birch Grove": lambda it, by: access_requests.counter_offer(
            request=it,
            dates=[access.weekday(days=30), access.weekday(days=37)],
            starts=time(9),
            venue="Main hall",
            note="Our hall is free then.",
            by=by,
            at=now,
        ),
        "Cedar Park": lambda it, by: access_requests.ask_back(
            request=it, question="How many of you?", by=by, at=now
        ),
        "Dene Valley": lambda it, by: access_requests.postpone(
            request=it, until=access.weekday(days=60), reason="exam_period", by=by, at=now
        ),
        "Elm Hill": lambda it, by: access_requests.refuse(request=it, ground="already_met", by=by, at=now),
        "Fernlow Academy": lambda it, by: access_requests.grant(
            request=it, on=it.dates[0], starts=time(10), by=by, at=now
        ),
        "Gorse Road": lambda it, by: access_requests.mark_duplicate(
            request=access.asked(officer, of=it.school, year_groups=[9], at=now),
            duplicate_of=it,
            by=by,
            at=now,
        ),
    }
    pages = []
    for name, answer in answers.items():
        by = school(name)
        request = access.asked(
            officer, of=by.organisation, at=now - timedelta(days=21), dates=[access.weekday(days=35)]
        )
        answer(request, by)
        pages.append(f"/requests/{request.public_id}/")
    says = by.organisation
    AccessTerms.objects.create(school=says, grounds=["exam_period"], policy_published_at=now, shows_gaps=True)
    terms.answer(is_interested=False, reason="building_work", note="Until Easter.", by=by, at=now)
    marked = AccessRequest.objects.get(state="duplicate_marked")
    held = access.held_elsewhere(by, officer.organisation)
    return [
        *pages,
        f"/requests/{marked.public_id}/",
        f"/requests/ask/{says.public_id}/",
        "/encounters/elsewhere/",
        f"/encounters/elsewhere/{held.public_id}/dispute/",
    ]
