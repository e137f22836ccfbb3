"""Employers and providers in a real browser: the claim as ux.md section 4 counts it, every page at both sizes."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, Role
from brokerage.domain import claims, encounters
from brokerage.models import Claim, Encounter, EncounterNeed
from tests import factories
from tests.browser import driving
from tests.browser.driving import Hand
from tests.browser.wire import Wire, wait_for
from tests.factories.market import time_slot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]

Open = Callable[..., Page]
TAPS, KEYS, SECONDS = 2, 0, 20
TAB_BAR = 64
HERE = {"easting": 400000, "northing": 300000, "outcode": "LS6", "town": "Leeds"}


@pytest.fixture
def volunteer() -> Membership:
    return factories.member(factories.employer(name="Brightholm", **HERE), Role.VOLUNTEER)


@pytest.fixture
def need() -> EncounterNeed:
    leader = factories.member(factories.school(name="St Orrin’s Catholic School"))
    return factories.posted(
        leader,
        title="Mock interviews for everyone in Year 11 who wants one",
        year_groups=[11],
        expected_pupils={"11": 24},
        description="Each visitor sits with one pupil at a time for 15 minutes.",
        slots=[time_slot(places=2)],
    )


def test_claim_on_a_phone_is_two_taps(open_page: Open, volunteer: Membership, need: EncounterNeed) -> None:
    page = open_page("/find/", size="phone", user=volunteer.user)
    hand, began = Hand(page), time.monotonic()

    hand.tap(page.get_by_role("link", name="Claim this place"))
    confirm = page.get_by_role("button", name="Confirm")
    expect(confirm).to_be_in_viewport()
    box = confirm.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= driving.PHONE["viewport"]["height"] - TAB_BAR
    hand.tap(confirm)

    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")
    assert (hand.taps, hand.keys) == (TAPS, KEYS)
    assert time.monotonic() - began < SECONDS
    claim = Claim.objects.get()
    assert (claim.attendee, claim.state) == (volunteer, "accepted")


def test_claim_without_javascript(open_page: Open, volunteer: Membership, need: EncounterNeed) -> None:
    page = open_page("/find/", size="phone", user=volunteer.user, java_script_enabled=False)

    page.get_by_role("link", name="Claim this place").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_text("I can’t come").click()
    page.get_by_label("Ill", exact=True).check()
    page.get_by_role("button", name="Give the place back").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("This booking was cancelled on your side")


def test_claim_by_keyboard_alone(open_page: Open, volunteer: Membership, need: EncounterNeed) -> None:
    page = open_page("/find/", user=volunteer.user)

    _tab_to(page, "Claim this place")
    page.keyboard.press("Enter")
    page.wait_for_url("**/needs/**")
    _tab_to(page, "Confirm")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")


def test_a_place_that_went_meanwhile_is_said_and_what_is_left_is_one_tap_away(
    open_page: Open, volunteer: Membership
) -> None:
    need = factories.posted(slots=[time_slot(), time_slot(days=25)])
    page = open_page("/find/", size="phone", user=volunteer.user)
    page.get_by_role("link", name="Claim this place").click()
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    factories.accepted_claim(on=need)

    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("That place went a moment ago. Another time is free.")
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You’re booked")


def test_open_needs_join_and_leave_the_list_by_themselves(
    open_page: Open, volunteer: Membership, need: EncounterNeed, wire: Wire
) -> None:
    page = open_page("/find/", user=volunteer.user)
    expect(page.locator("[data-id]")).to_have_count(1)
    factories.posted(title="Just posted", slots=[time_slot(days=30)])
    claims.submit(
        slot=factories.slot_of(need), attendee=None, places=2, at=timezone.now(),
        by=factories.member(factories.employer()),
    )  # fmt: skip

    wire.say(type="needs.changed")

    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(page.locator("article")).to_contain_text("St Orrin’s Catholic School was filled just now.")
    page.get_by_role("button", name="1 new").click()
    expect(page.get_by_role("link", name="Just posted")).to_be_visible()


def test_an_open_claim_keeps_neither_act_nor_praise_that_no_longer_holds(
    open_page: Open, volunteer: Membership, need: EncounterNeed, wire: Wire
) -> None:
    lead = factories.member(volunteer.organisation, Role.COORDINATOR)
    claim = factories.accepted_claim(lead, on=need)
    page = open_page(f"/claims/{claim.public_id}/", size="phone", user=lead.user)
    page.get_by_role("button", name="Save who comes").click()
    expect(page.locator("[data-said=success]")).to_be_visible()
    page.get_by_text("I can’t come").click()
    page.get_by_label("Anything to add").fill("The train")
    page.get_by_role("heading", level=1).click()

    call_off(claim)
    wait_for(page, lambda: wire.connections)
    wire.entry(1, "The school cancelled", type="claim.cancelled")

    expect(page.get_by_role("heading", level=1)).to_contain_text("cancelled")
    expect(page.locator("[data-said=success]")).to_have_count(0)
    expect(page.get_by_label("Anything to add")).to_have_value("The train")
    page.get_by_label("Anything to add").fill("")
    page.get_by_label("Anything to add").blur()
    expect(page.get_by_text("I can’t come")).to_have_count(0)


def call_off(claim: Claim) -> None:
    school = Membership.objects.get(organisation=claim.slot.need.school)
    claims.cancel(claim=claim, reason="other", note="", by=school, at=timezone.now())


def test_places_left_follow_on_the_open_page(
    open_page: Open, volunteer: Membership, need: EncounterNeed, wire: Wire
) -> None:
    page = open_page(f"/needs/{need.public_id}/", user=volunteer.user)
    expect(page.locator("#places")).to_have_text("2 places left")
    factories.accepted_claim(on=need)

    wire.say(type="needs.changed")

    expect(page.locator("#places")).to_have_text("1 place left")

    last = factories.accepted_claim(on=need)
    wire.say(type="needs.changed")
    expect(page.get_by_role("heading", name="Full")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)

    call_off(last)
    wire.say(type="needs.changed")
    expect(page.locator("#places")).to_have_text("1 place left")
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()

    page.get_by_text("Add a note for the school").click()
    page.get_by_label("note").fill("By train")
    factories.accepted_claim(on=need)
    wire.say(type="needs.changed")
    expect(page.locator("#places")).to_have_text("Full")
    expect(page.get_by_label("note")).to_have_value("By train")
    page.get_by_label("note").fill("")
    page.get_by_label("note").blur()
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)


@pytest.mark.parametrize("size", list(driving.SIZES))
def test_every_page_is_accessible_fits_and_is_light(
    open_page: Open, volunteer: Membership, need: EncounterNeed, size: str
) -> None:
    coordinator = factories.member(volunteer.organisation)
    several = factories.posted(slots=[time_slot(days=days) for days in (31, 32, 33)])
    unnamed = factories.accepted_claim(coordinator, on=several, attendee=None)
    booked = factories.accepted_claim(volunteer, on=need)
    asked = factories.posted(allocation="school_chooses", slots=[time_slot(days=40)])
    waiting = factories.submitted_claim(volunteer, on=asked)
    done = factories.accepted_claim(volunteer, on=factories.posted(slots=[time_slot(days=50)]))
    encounter = _recorded(done)
    firm = f"/employers/{coordinator.organisation.public_id}/"
    pages = [
        "/find/",
        "/find/?filters=1&near=ZZ99&order=nearest",
        "/find/?type=taster_day",
        f"/needs/{need.public_id}/",
        f"/needs/{several.public_id}/",
        f"/claims/{unnamed.public_id}/",
        f"/claims/{booked.public_id}/withdraw/",
        f"/claims/{waiting.public_id}/",
        f"/claims/{done.public_id}/",
        "/visits/",
        "/visits/?show=past",
        "/visits/?show=waiting",
        f"/encounters/{encounter.public_id}/dispute/",
        firm,
        f"{firm}edit/",
    ]
    page = open_page("/find/", size=size, user=coordinator.user)
    assert driving.compressed_weight(page.watch) < driving.MOST_BYTES  # type: ignore[attr-defined]

    found = []
    for path in pages:
        page.goto(path)
        found += [f"{path} {violation}" for violation in driving.violations(page)]
        if driving.sideways(page) > 0:
            found.append(f"{path} is {driving.sideways(page)} px too wide")
    assert found == []


def _recorded(claim: Claim) -> Encounter:
    factories.over(claim)
    return encounters.record(
        encounter=Encounter.objects.get(slot=claim.slot),
        delivered=True,
        minutes=55,
        attended={"10": 22},
        by=factories.member(claim.slot.need.school),
        at=timezone.now(),
    )


def _tab_to(page: Page, words: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent.trim()"):
            return
    raise AssertionError(f"{words} isn't reached by the Tab key")
