"""Real PostgreSQL, a real Redis-protocol server, no mocks of our own code."""

import gc

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from tests import emptying

# How long an example takes says how busy the machine is.
settings.register_profile("doorway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("doorway")


def pytest_configure() -> None:
    # A busy machine takes long to fork a backend for each of a test's threads; in here nobody waits for a page.
    if pool := django_settings.DATABASES["default"].get("OPTIONS", {}).get("pool"):
        pool["timeout"] = 30
    TransactionTestCase._fixture_teardown = lambda case: emptying.empty()  # type: ignore[method-assign]


def pytest_collection_finish() -> None:
    """What is imported and collected by now stays until the end: there is no use in looking through it for garbage
    again and again, a twentieth of the time that a test of a page takes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers last: Playwright keeps an event loop running in this thread until the session ends, and nothing
    else could start one of its own."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
