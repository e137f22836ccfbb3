"""The flows of a school (ux.md section 4), held to their taps and keys, and its pages at two sizes."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.models import Closure
from brokerage.domain import needs
from brokerage.domain.slots import LONDON
from brokerage.models import Claim, Encounter, EncounterNeed, Slot
from tests import factories
from tests.browser import driving
from tests.browser.driving import Hand
from tests.browser.wire import Wire, wait_for
from tests.factories import access
from tests.factories.market import time_slot
from tests.schools.pages import school_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]
Open = Callable[..., Page]
A_DATE = 10
"""Keys of a whole date, `24/11/2026`: what the table of flows allows for one."""


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy", town="Wexbourne"))


def whole_date() -> str:
    return f"{school_day(25):%d/%m/%Y}"


def posted_start(need: EncounterNeed) -> str:
    return f"{Slot.objects.get(need=need).starts_at.astimezone(LONDON):%d/%m/%Y %H:%M}"


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_post_by_copying_takes_three_taps_and_a_date(open_page: Open, leader: Membership, size: str) -> None:
    factories.posted(leader, title="Robots at work", slots=[time_slot(days=18, hour=9, places=4)])
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name="Copy my last need"))
    day = page.get_by_role("textbox", name="Date")
    hand.tap(day)
    hand.type(day, whole_date())
    hand.tap(page.get_by_role("button", name="Post this need"))

    expect(page.get_by_text("Posted: Robots at work.")).to_be_visible()
    assert posted_start(EncounterNeed.objects.latest("pk")) == f"{whole_date()} 09:00"
    assert hand.taps <= 3
    assert hand.keys <= A_DATE


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_post_from_nothing_takes_five_taps_and_eighteen_keys(
    open_page: Open, leader: Membership, size: str
) -> None:
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name="Post a need").first)
    hand.tap(page.get_by_label("Career talk", exact=True))
    hand.tap(page.get_by_label("9", exact=True))
    hand.tap(page.get_by_role("textbox", name="Date"))
    hand.type(page.get_by_role("textbox", name="Date"), whole_date())
    hand.type(page.get_by_role("textbox", name="From"), "0910")
    hand.type(page.get_by_role("textbox", name="To"), "1005")
    page.keyboard.press("Tab")
    expect(page.locator("#part-side")).to_contain_text("09:10 to 10:05")
    hand.tap(page.get_by_role("button", name="Post this need"))

    expect(page.get_by_text("Posted: Career talk, Year 9.")).to_be_visible()
    need = EncounterNeed.objects.get()
    assert (need.state, need.open_to, need.venue) == ("open", ["employer"], "Main hall")
    assert posted_start(need) == f"{whole_date()} 09:10"
    assert hand.taps <= 5
    assert hand.keys <= 18


def test_post_from_nothing_works_without_javascript(open_page: Open, leader: Membership) -> None:
    page = open_page("/school/needs/post/", user=leader.user, java_script_enabled=False)

    page.get_by_label("Career talk", exact=True).check(force=True)
    page.get_by_label("9", exact=True).check(force=True)
    page.get_by_role("textbox", name="Date").fill(whole_date())
    page.get_by_role("textbox", name="From").fill("0910")
    page.get_by_role("button", name="Add another time").click()
    expect(page.get_by_role("textbox", name="Date")).to_have_count(2)
    expect(page.get_by_role("textbox", name="Date").first).to_have_value(whole_date())
    page.get_by_role("textbox", name="From").nth(1).fill("1110")
    page.get_by_role("button", name="Post this need").click()

    expect(page.get_by_text("Posted: Career talk, Year 9.")).to_be_visible()
    assert Slot.objects.count() == 2


def test_a_double_click_posts_once_and_shows_what_was_posted(open_page: Open, leader: Membership) -> None:
    factories.posted(leader, title="R" * 120, slots=[time_slot(days=18, hour=9, places=4)])
    page = open_page("/school/", size="phone", user=leader.user)
    page.get_by_role("link", name="Copy my last need").click()
    page.get_by_role("textbox", name="Date").fill(whole_date())
    page.get_by_role("button", name="Post this need").dblclick()

    expect(page.get_by_text("Posted: RRR")).to_be_visible()
    assert EncounterNeed.objects.count() == 2
    assert driving.sideways(page) == 0


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_record_takes_three_taps_and_no_key(open_page: Open, leader: Membership, size: str) -> None:
    factories.over(factories.accepted_claim(on=factories.posted(leader)))
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name=re.compile("^Record")))
    hand.tap(page.get_by_label("Yes"))
    hand.tap(page.get_by_role("button", name="Save"))

    expect(page.get_by_text("Recorded. They're asked to confirm.")).to_be_visible()
    assert Encounter.objects.get().state == "delivered"
    assert hand.taps <= 3
    assert hand.keys == 0


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_choose_takes_two_taps_from_today(open_page: Open, leader: Membership, size: str) -> None:
    claim = factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))
    page = open_page("/school/", size=size, user=leader.user)
    hand = Hand(page)

    hand.tap(page.get_by_role("link", name="Choose"))
    hand.tap(page.get_by_role("button", name="Accept"))

    expect(page.get_by_text("They've been told.")).to_be_visible()
    assert Claim.objects.get(pk=claim.pk).state == "accepted"
    assert hand.taps <= 2


def test_several_are_ticked_and_accepted(open_page: Open, leader: Membership) -> None:
    need = factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=3)])
    for _ in range(3):
        factories.submitted_claim(on=need)
    page = open_page(f"/school/needs/{need.public_id}/", user=leader.user)

    boxes = page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(2).check()
    page.get_by_role("button", name="Accept those ticked").click()

    expect(page.get_by_text("Booked 2. They've been told.")).to_be_visible()
    assert Claim.objects.filter(state="accepted").count() == 2


def test_choosing_a_type_fills_in_and_keeps_what_was_chosen(open_page: Open, leader: Membership) -> None:
    factories.employer(easting=401000, northing=301000)
    page = open_page("/school/needs/post/", user=leader.user)

    page.get_by_label("Career talk", exact=True).check(force=True)
    expect(page.get_by_label("Employers")).to_be_checked()
    page.get_by_label("We choose").check(force=True)
    page.get_by_label("Provider encounter", exact=True).check(force=True)

    expect(page.get_by_label("Colleges and training providers")).to_be_checked()
    expect(page.get_by_label("Employers")).not_to_be_checked()
    expect(page.get_by_label("We choose")).to_be_checked()
    expect(page.locator("#fill-benchmark")).to_have_text("7, encounters with further and higher education")


def test_a_title_typed_first_keeps_no_default_from_the_type(open_page: Open, leader: Membership) -> None:
    page = open_page("/school/needs/post/", user=leader.user)

    page.locator("summary", has_text="Title").click()
    page.get_by_label("Title").fill("Robots at work")
    page.get_by_label("Work experience", exact=True).check(force=True)

    expect(page.locator("#fill-benchmark")).to_have_text("6, experiences of workplaces")
    expect(page.locator("[name=main_benchmark]")).to_have_value("6")
    expect(page.locator("[name=supervision]")).to_have_value("host_supervises")
    expect(page.get_by_label("Title")).to_have_value("Robots at work")
    expect(page.locator("#fill-title")).to_have_text("Robots at work")


def test_a_time_taken_away_comes_back_ticked_when_it_is_refused(open_page: Open, leader: Membership) -> None:
    need = factories.posted(leader)
    page = open_page(f"/school/needs/{need.public_id}/edit/", user=leader.user)

    page.get_by_role("button", name="Remove this time").click()
    page.get_by_role("button", name="Save changes").click()

    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.locator("[name=slot-0-DELETE]")).to_be_checked()
    expect(page.locator("[data-delete]").first).to_be_visible()
    page.locator("[name=slot-0-DELETE]").uncheck()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Changed:")).to_be_visible()


def test_places_never_lie_under_the_state_on_a_phone(open_page: Open, leader: Membership) -> None:
    need = factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=12)])
    for _ in range(2):
        factories.submitted_claim(on=need)
    page = open_page("/school/needs/", size="phone", user=leader.user)

    pips = page.locator(".dw-pips > span").bounding_box()
    state = page.locator("tbody .dw-st").bounding_box()

    assert pips is not None
    assert state is not None
    assert pips["x"] + pips["width"] <= state["x"]


def test_a_holiday_and_a_clash_are_told_apart_while_typing(open_page: Open, leader: Membership) -> None:
    day = school_day(25)
    Closure.objects.create(
        school=leader.organisation, kind="exams", label="Mock exam week", first_on=day, last_on=day
    )
    page = open_page("/school/needs/post/", user=leader.user)

    page.get_by_label("Career talk", exact=True).check(force=True)
    page.get_by_role("textbox", name="Date").fill(whole_date())
    page.get_by_role("textbox", name="From").fill("0910")
    page.get_by_role("textbox", name="To").focus()

    expect(page.locator("#slot-0-check")).to_have_text("Mock exam week")
    expect(page.locator("#part-side")).to_contain_text("09:10 to 10:00")


def test_enter_in_a_field_posts_and_adds_no_row(open_page: Open, leader: Membership) -> None:
    page = open_page("/school/needs/post/", user=leader.user)
    page.get_by_label("Career talk", exact=True).check(force=True)
    page.get_by_label("9", exact=True).check(force=True)
    page.get_by_role("textbox", name="From").fill("0910")
    page.get_by_role("textbox", name="Date").fill(whole_date())
    page.get_by_role("textbox", name="Date").press("Enter")

    expect(page.get_by_text("Posted: Career talk, Year 9.")).to_be_visible()


@pytest.fixture
def world(leader: Membership) -> dict[str, str]:
    """Something to see on every page; address by name."""
    today = timezone.localdate()
    closure = Closure.objects.create(
        school=leader.organisation,
        kind="holiday",
        label="Half-term",
        first_on=today + timedelta(days=10),
        last_on=today + timedelta(days=14),
    )
    need = factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=4)])
    claims = [factories.submitted_claim(on=need) for _ in range(2)]
    unverified = factories.member(factories.employer(verified_at=None))
    factories.submitted_claim(unverified, on=need)
    factories.accepted_claim(on=factories.posted(leader, title="Career talk"))
    over = factories.accepted_claim(on=factories.posted(leader, title="Assembly"))
    factories.over(over)
    draft = factories.need(leader)
    cohort = factories.cohort(leader.organisation, groups={"A": 90, "B": 90})
    factories.published_policy(leader)
    return {
        "today": "/school/",
        "needs": "/school/needs/",
        "post": "/school/needs/post/",
        "copy": "/school/needs/post/?copy=last",
        "need": f"/school/needs/{need.public_id}/",
        "edit": f"/school/needs/{draft.public_id}/edit/",
        "preview": f"/school/needs/{draft.public_id}/preview/",
        "withdraw": f"/school/needs/{need.public_id}/withdraw/",
        "decline": f"/school/claims/{claims[0].public_id}/decline/",
        "record": f"/school/needs/{over.slot.need.public_id}/record/",
        "calendar": "/school/calendar/",
        "month": f"/school/calendar/month/?from={today + timedelta(days=10)}",
        "closure": f"/school/calendar/closures/{closure.public_id}/",
        "file": "/school/calendar/import/",
        "details": "/school/details/",
        "cohorts": "/school/cohorts/",
        "cohort": f"/school/cohorts/{cohort.y7_entry}/",
        "policy": "/school/policy/",
        "policy grounds": "/school/policy/grounds/",
        "policy times": "/school/policy/times/",
        "policy anyone reads": f"/schools/{leader.organisation.urn}/provider-access-policy/",
    }


def unfit(page: Page, address: str) -> list[str]:
    """What axe finds, how far it runs over the edge, what it weighs too much."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    found = [f"{address}: {each}" for each in driving.violations(page)]
    if over := driving.sideways(page):
        found.append(f"{address}: {over} px too wide")
    return found


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_every_page_is_accessible_and_fits(
    open_page: Open, leader: Membership, world: dict[str, str], size: str
) -> None:
    page = open_page("/school/", size=size, user=leader.user)

    assert [each for address in world.values() for each in unfit(page, address)] == []


def test_post_page_is_light(open_page: Open, leader: Membership) -> None:
    page = open_page("/school/needs/post/", user=leader.user)

    assert driving.compressed_weight(page.watch) < driving.MOST_BYTES  # type: ignore[attr-defined]


def test_errors_are_accessible_and_lead_to_their_field(open_page: Open, leader: Membership) -> None:
    page = open_page("/school/needs/post/", size="phone", user=leader.user)
    page.get_by_role("button", name="Post this need").click()

    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert driving.violations(page) == []
    page.get_by_role("link", name="Add at least one time").click()
    expect(page.get_by_role("textbox", name="Date")).to_be_focused()


@pytest.mark.parametrize("role", [Role.LINK_GOVERNOR, Role.CAREERS_ADVISER])
def test_readers_pages_are_accessible(
    open_page: Open, leader: Membership, world: dict[str, str], role: Role
) -> None:
    reader = factories.member(leader.organisation, role)
    page = open_page("/school/", size="phone", user=reader.user)

    shown = [world[name] for name in ("today", "needs", "need", "record", "calendar", "details")]
    assert [each for address in shown for each in unfit(page, address)] == []


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_overseers_pages_are_accessible(open_page: Open, size: str) -> None:
    hub = factories.hub()
    leader = factories.member(factories.school(hub=hub))
    need = factories.posted(leader, slots=[time_slot(days=5)])
    factories.accepted_claim(on=factories.posted(leader, slots=[time_slot(days=4, places=2)]))
    lead: Any = factories.member(hub)
    page = open_page("/overview/", size=size, user=lead.user)

    shown = [
        "/overview/",
        "/overview/schools/",
        f"/overview/schools/{leader.organisation.public_id}/",
        f"/overview/needs/{need.public_id}/",
        "/overview/unfilled/",
    ]
    assert [each for address in shown for each in unfit(page, address)] == []


def test_an_offer_enters_the_page_while_it_is_open_and_ticks_stay(
    open_page: Open, leader: Membership, wire: Wire
) -> None:
    need = factories.posted(leader, allocation="school_chooses", slots=[time_slot(places=3)])
    first, _ = (factories.submitted_claim(on=need) for _ in range(2))
    page = open_page(f"/school/needs/{need.public_id}/", user=leader.user)
    wait_for(page, lambda: wire.connections)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("heading", level=1).click()

    factories.submitted_claim(factories.member(factories.employer(name="Brightholm")), on=need)
    wire.say(type="needs.changed")

    expect(page.locator("#need-claims")).to_contain_text("Brightholm")
    expect(page.locator(f"#tick-{first.public_id}")).to_be_checked()
    assert driving.violations(page) == []


def test_an_open_need_follows_what_a_colleague_did_with_it(
    open_page: Open, leader: Membership, wire: Wire
) -> None:
    need = factories.posted(leader)
    factories.accepted_claim(on=need)
    page = open_page(f"/school/needs/{need.public_id}/", user=leader.user)
    wait_for(page, lambda: wire.connections)
    expect(page.get_by_role("link", name=re.compile("^Cancel"))).to_be_visible()

    colleague = factories.member(leader.organisation)
    needs.withdraw(need=need, reason="other", note="", by=colleague, at=timezone.now())
    wire.say(type="work.changed")

    expect(page.locator("#need-claims")).to_contain_text("Withdrawn")
    expect(page.get_by_role("link", name=re.compile("^(Cancel|Change|Withdraw)"))).to_have_count(0)


def test_today_takes_in_what_the_feed_brings(open_page: Open, leader: Membership, wire: Wire) -> None:
    need = factories.posted(leader, allocation="school_chooses")
    page = open_page("/school/", size="phone", user=leader.user)
    wait_for(page, lambda: wire.connections)
    expect(page.get_by_text("Nothing needs you.").first).to_be_visible()

    factories.submitted_claim(on=need)
    wire.entry(1, "Somebody offered")

    expect(page.locator("#today")).to_contain_text("offered for mock interviews")


def test_a_menu_left_open_keeps_its_words_whoever_is_acted_for_elsewhere(
    open_page: Open, leader: Membership, wire: Wire
) -> None:
    college = factories.member(factories.provider(), Role.LIAISON_OFFICER, user=leader.user)
    act_for(leader)
    page = open_page("/profile/", user=leader.user)
    wait_for(page, lambda: wire.connections)
    menu = page.get_by_role("navigation", name="Menu").get_by_role("link")
    words = menu.all_inner_texts()

    act_for(college)
    with page.expect_response("**/updates/counts/**"):
        wire.entry(1, "Somebody asked")
    act_for(leader)
    access.asked(of=leader.organisation)
    wire.entry(2, "Somebody else asked")

    expect(page.locator("#waits-schools-requests")).to_have_text("1")
    assert [re.sub(r"\s*1$", "", text) for text in menu.all_inner_texts()] == words


def act_for(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(last_used_at=timezone.now())
