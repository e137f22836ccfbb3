"""A live server and a real Chromium at two sizes. A page that fails to load something, logs an error, or asks
another host for anything fails its test."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import driving
from tests.browser.driving import Hand, Watch
from tests.browser.wire import Wire

# Playwright's loop runs in this thread; our own code is never called from inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = driving.find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium here, and CI=true never skips browser tests.")
        pytest.skip("No Chromium on this machine: browser tests skipped.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=driving.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def open_page(chromium: Browser, contexts: list[BrowserContext], live_server: Any) -> Iterator[Open]:
    """`open_page("/needs/", size="phone", user=member.user)`; every page it opened is checked at the end."""
    watches: list[Watch] = []
    host = live_server.url.split("//")[1].split(":")[0]

    def open_one(path: str = "/", *, size: str = "desktop", user: Any = None, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **driving.SIZES[size] | options)
        context.set_default_timeout(8000)
        contexts.append(context)
        if user is not None:
            driving.sign_in(context, user, live_server.url)
        page = context.new_page()
        watches.append(Watch(page, host))
        page.watch = watches[-1]  # type: ignore[attr-defined]
        page.goto(path)
        return page

    yield open_one
    assert [problem for watch in watches for problem in watch.problems] == []


@pytest.fixture
def hand() -> Callable[[Page], Hand]:
    return Hand


@pytest.fixture
def wire(settings: Any) -> Iterator[Wire]:
    """Where each page's socket ends: `usefixtures("wire")` where nothing is said on it."""
    wire = Wire()
    settings.SOCKET_PORT = wire.port
    yield wire
    wire.server.shutdown()
