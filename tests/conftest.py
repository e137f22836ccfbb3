"""Real PostgreSQL, a real Redis-protocol server, no mocks of our own code."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers last: Playwright keeps an event loop running in this thread until the session ends, and nothing
    else could start one of its own."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
