"""What every browser test watches for, and a hand that counts what a flow asks of people."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
SIZES: dict[str, dict[str, Any]] = {"phone": PHONE, "desktop": DESKTOP}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_VIOLATIONS = """async (options) => (await axe.run(options)).violations.flatMap(
    (each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 160)}`))"""
MOST_BYTES = 100_000
# A refused or invalid form answers with its status, which the console repeats; that is no fault of the page.
EXPECTED_STATUS = ("status of 403", "status of 404", "status of 409", "status of 422")


def find_chromium() -> str | None:
    """A Chromium of this machine, or the one that Playwright keeps."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    return next(
        (str(path) for path in sorted(cache.glob("chromium*/chrome-linux*/*chrom*")) if path.is_file()), None
    )


@dataclass
class Watch:
    """Listens to one page from its first request; `problems` must stay empty."""

    page: Page
    host: str
    problems: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.page.on(
            "response", lambda response: self.responses.append(response)
        )  # a method of ours, not a built-in

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in EXPECTED_STATUS):
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:", "ws:", "wss:")) and self.host not in request.url:
            self.problems.append(f"request to another host: {request.url}")


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, a line for each element. What it finds in order stays in the browser: to
    carry that here takes nearly as long as to find it."""
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_VIOLATIONS, {"runOnly": RULES, "resultTypes": ["violations"]})
    return found


def compressed_weight(watch: Watch) -> int:
    """Bytes of everything fetched since the page was opened, as brotli would send them."""
    return sum(_compressed(response) for response in watch.responses if response.status == 200)


def _compressed(response: Response) -> int:
    body = response.body()
    return len(body) if response.url.endswith((".woff2", ".png")) else len(brotli.compress(body, quality=5))


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def sign_in(context: BrowserContext, user: Any, host: str) -> None:
    """A session without the sign-in page; that page has tests of its own."""
    client = Client()
    client.force_login(user, backend="brokerage.accounts.backends.PasswordBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": host}])


@dataclass
class Hand:
    """Counts taps and required keystrokes, so that a flow can be held to ux.md section 4."""

    page: Page
    taps: int = 0
    keys: int = 0

    def tap(self, target: Locator) -> None:
        target.click()
        self.taps += 1

    def type(self, target: Locator, text: str) -> None:
        """Typing over what is there; reaching the field by Tab or tap isn't counted, as in the table."""
        target.fill("")
        target.press_sequentially(text)
        self.keys += len(text)
