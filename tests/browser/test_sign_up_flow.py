"""Signing up as a volunteer, held to the taps and keys of ux.md section 4: e-mail, code, one page, in."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from brokerage.accounts.models import Membership, MembershipState
from brokerage.models import Outcode
from tests import factories
from tests.browser import driving
from tests.browser.driving import Hand

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wire")]
Open = Callable[..., Page]
TAPS, KEYS = 4, 60


@pytest.fixture(autouse=True)
def leeds(transactional_db: None) -> None:
    """The tests before this one empty every table, the list of places with them."""
    Outcode.objects.get_or_create(outcode="LS6", defaults={"easting": 428000, "northing": 436000})


def test_volunteer_of_a_known_employer_is_in_within_four_taps(open_page: Open) -> None:
    firm = factories.employer(name="Brightholm", email_domain="brightholm.example")
    page = open_page("/", size="phone", java_script_enabled=False)
    hand = Hand(page)

    confirm_address(page, hand, "sam@brightholm.example")
    hand.type(page.get_by_label("Your name"), "Sam Okafor")
    hand.type(page.get_by_label("Who do you work for?"), "Brightholm")
    hand.tap(page.get_by_role("button", name="Join", exact=True))

    expect(page.get_by_role("heading", level=1)).to_have_text("Visits near you")
    within_the_table(hand)
    joined = Membership.objects.get()
    assert (joined.organisation, joined.state) == (firm, MembershipState.ACTIVE)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_volunteer_of_a_new_employer_is_in_within_four_taps(open_page: Open, script: bool) -> None:
    page = open_page("/", size="phone", java_script_enabled=script)
    hand = Hand(page)

    confirm_address(page, hand, "sam.okafor@post.example")
    hand.type(page.get_by_label("Your name"), "Sam Okafor")
    hand.type(page.get_by_label("Who do you work for?"), "Okafor Joinery")
    hand.type(page.get_by_label("Postcode"), "LS6")
    hand.tap(page.get_by_role("button", name="Join", exact=True))

    expect(page.get_by_role("heading", level=1)).to_have_text("Visits near you")
    expect(page.get_by_text("Not yet verified").first).to_be_visible()
    within_the_table(hand)
    assert Membership.objects.get().organisation.name == "Okafor Joinery"


def test_who_works_alone_needs_no_employers_name(open_page: Open) -> None:
    page = open_page("/", size="phone")
    hand = Hand(page)

    confirm_address(page, hand, "ruth@post.example")
    hand.type(page.get_by_label("Your name"), "Ruth Amadi")
    page.get_by_label("I work for myself").check()
    hand.type(page.get_by_label("Postcode"), "LS6")
    hand.tap(page.get_by_role("button", name="Join", exact=True))

    expect(page.get_by_role("heading", level=1)).to_have_text("Visits near you")
    assert Membership.objects.get().organisation.name == "Ruth Amadi"


def test_a_mistyped_form_keeps_every_word_and_leads_to_the_field(open_page: Open) -> None:
    page = open_page("/", size="phone")
    confirm_address(page, Hand(page), "sam@post.example")
    page.get_by_label("Your name").fill("Sam Okafor")
    page.get_by_label("Who do you work for?").fill("Okafor Joinery")
    page.get_by_label("Postcode").fill("ZZ1 1ZZ")
    page.get_by_role("button", name="Join", exact=True).click()

    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Postcode")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("Sam Okafor")
    expect(page.get_by_label("Who do you work for?")).to_have_value("Okafor Joinery")
    expect(page.get_by_label("Postcode")).to_have_value("ZZ1 1ZZ")
    assert driving.violations(page) == []


def confirm_address(page: Page, hand: Hand, address: str) -> None:
    hand.tap(page.get_by_role("link", name="Join in under a minute"))
    hand.type(page.get_by_label("E-mail address"), address)
    hand.tap(page.get_by_role("button", name="Continue"))
    hand.type(page.get_by_label("Code"), code_sent(page))
    hand.tap(page.get_by_role("button", name="Continue"))
    expect(page.get_by_label("Your name")).to_be_visible()


def code_sent(page: Page) -> str:
    expect(page.get_by_label("Code")).to_be_visible()
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found is not None
    return found[0]


def within_the_table(hand: Hand) -> None:
    assert hand.taps <= TAPS
    assert hand.keys <= KEYS
