"""The design system in a real browser: accessible, light, silent, and whole without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import driving

pytestmark = [pytest.mark.urls("tests.browser.urls")]
Open = Callable[..., Page]

PUBLIC = ["/", "/help/", "/accessibility/", "/privacy/", "/accounts/login/", "/accounts/signup/"]
PUBLIC += ["/accounts/password/reset/", "/accounts/login/code/", "/no-such-page/"]
COMPONENTS = ["/styleguide/", "/styleguide/form/", "/styleguide/form/?bad=1"]


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_pages_are_accessible_light_and_fit(open_page: Open, size: str) -> None:
    found = {}
    for path in PUBLIC + COMPONENTS:
        page = open_page(path, size=size)
        weight = driving.compressed_weight(page.watch)  # type: ignore[attr-defined]
        found[path] = (driving.violations(page), driving.sideways(page), weight < driving.MOST_BYTES)
        page.context.close()

    assert found == dict.fromkeys(PUBLIC + COMPONENTS, ([], 0, True))


def test_pages_fit_320_pixels(open_page: Open) -> None:
    paths = ["/", "/accounts/login/", "/styleguide/charts/", *COMPONENTS]
    narrow = {"width": 320, "height": 640}

    assert {
        path: driving.sideways(open_page(path, size="phone", viewport=narrow)) for path in paths
    } == dict.fromkeys(paths, 0)


@pytest.mark.parametrize("width", [390, 1280])
def test_charts_and_their_tables_are_accessible_and_fit(open_page: Open, width: int) -> None:
    page = open_page("/styleguide/charts/", viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('.dw-chart__table').forEach(each => each.open = true)")

    assert (driving.violations(page), driving.sideways(page)) == ([], 0)


def test_page_has_no_inline_style_and_no_inline_script(open_page: Open) -> None:
    for path in ["/", "/styleguide/", "/styleguide/charts/", "/styleguide/form/"]:
        page = open_page(path, java_script_enabled=False)
        source = page.request.get(path).text()

        assert "style=" not in source
        assert "<style" not in source
        assert "<script>" not in source


def test_every_error_link_leads_to_its_control(open_page: Open) -> None:
    page = open_page("/styleguide/form/?bad=1")
    links = page.locator("[data-error-summary] a")
    targets = [link.get_attribute("href") or "" for link in links.all()]

    assert len(targets) >= 12
    assert [target for target in targets if page.locator(target).count() != 1] == []
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.title().startswith("Error: ")

    links.first.click()
    expect(page.locator("#id_kind_0")).to_be_focused()


def test_form_can_be_filled_by_keyboard_alone(open_page: Open) -> None:
    page = open_page("/styleguide/form/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.locator("#id_kind_0").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#id_years_2").focus()
    page.keyboard.press("Space")

    assert page.locator("[name=kind]:checked").get_attribute("value") == "career_talk"
    assert page.locator("[name=years]:checked").get_attribute("value") == "9"


def fill(page: Page) -> None:
    page.get_by_label("Career talk").check()
    page.get_by_label("9", exact=True).check()
    page.get_by_label("Date", exact=True).last.fill("21 1 2030")
    page.locator("#id_starts").fill("0910")
    page.locator("#id_places").fill("1,000")
    page.locator("#id_supervision").select_option("staff")
    page.get_by_label("In person").check()
    page.get_by_label("Postcode").fill("wx4 1aa")
    page.get_by_label("Tell me when one like it appears").check()


@pytest.mark.parametrize("script", [True, False])
def test_form_is_sent_with_and_without_javascript(open_page: Open, script: bool) -> None:
    page = open_page("/styleguide/form/", java_script_enabled=script)
    fill(page)
    page.get_by_role("button", name="Post this need").click()

    expect(page.get_by_text("Understood: Monday 21 January 2030, 09:10, 1,000 places.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_row_is_added_with_and_without_javascript(open_page: Open, script: bool) -> None:
    page = open_page("/styleguide/form/", java_script_enabled=script)
    before = page.locator("[data-row]").count()
    page.get_by_role("button", name="Add another time").click()

    expect(page.locator("[data-row]")).to_have_count(before + 1)
    assert page.locator("[name=slot-TOTAL_FORMS]").input_value() == str(before + 1)


def test_a_row_is_removed(open_page: Open) -> None:
    page = open_page("/styleguide/form/")
    page.get_by_role("button", name="Remove").first.click()

    expect(page.locator("[data-row]").first).to_be_hidden()
    expect(page.locator("[name=slot-0-DELETE]")).to_be_checked()
    expect(page.get_by_role("button", name="Add another time")).to_be_focused()


def test_what_was_typed_survives_a_failed_sending(open_page: Open) -> None:
    page = open_page("/styleguide/form/")
    fill(page)
    page.route(
        "**/styleguide/form/",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_role("button", name="Post this need").click()
    page.wait_for_timeout(300)
    page.goto("/help/")
    page.goto("/styleguide/form/")

    expect(page.get_by_text("We’ve put back what you typed.")).to_be_visible()
    assert page.locator("[name=kind]:checked").get_attribute("value") == "career_talk"
    assert page.locator("#id_places").input_value() == "1,000"
    page.watch.problems.clear()  # type: ignore[attr-defined]  # the console names the request we broke


def test_what_arrived_is_not_put_back(open_page: Open) -> None:
    page = open_page("/styleguide/form/")
    fill(page)
    page.get_by_role("button", name="Post this need").click()
    expect(page.get_by_text("Understood")).to_be_visible()
    page.goto("/help/")
    page.goto("/styleguide/form/")

    expect(page.locator("#id_places")).to_have_value("")


def test_nothing_is_sent_offline(open_page: Open) -> None:
    page = open_page("/styleguide/form/")
    fill(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Post this need").click()

    expect(page.get_by_text("You’re offline, so nothing was sent.")).to_be_visible()
    assert page.locator("#id_places").input_value() == "1,000"


def test_reduced_motion_and_forced_colours_keep_the_page_whole(open_page: Open) -> None:
    options: dict[str, Any] = {"reduced_motion": "reduce", "forced_colors": "active"}
    page = open_page("/styleguide/form/", **options)
    page.get_by_label("Career talk").check()

    outline = page.locator("[for=id_kind_1]").evaluate("label => getComputedStyle(label).outlineStyle")
    assert outline == "solid"
