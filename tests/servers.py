"""The servers behind the tests: a pytest plugin, loaded with `-p tests.servers`.

Starts an embedded PostgreSQL and Valkey of the tests' own under var/test unless DATABASE_URL and
REDIS_URL name others, before Django's settings are read, and stops them at the end. Also says where
Chromium is, and skips the browser tests where there is none; with CI=true it refuses to.
"""

import fcntl
import os
from collections.abc import Iterator
from typing import IO

import pytest

from config.local import VAR, SetupError, chromium, servers

PLACE = VAR / "test/servers"
BROWSER_MARK = "browser"
_lock: IO[str] | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper, because pytest-django reads the settings in this same hook."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        try:
            _give_servers()
        except SetupError as problem:
            raise pytest.UsageError(str(problem)) from problem
    return (yield)


def pytest_unconfigure() -> None:
    if _lock is not None:
        servers.stop(PLACE)
        _lock.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    browser_tests = [item for item in items if item.get_closest_marker(BROWSER_MARK)]
    if not browser_tests or chromium.find():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{chromium.NONE_FOUND} Under CI=true the browser tests can't be skipped.")
    for item in browser_tests:
        item.add_marker(pytest.mark.skip(reason=chromium.NONE_FOUND))


def _give_servers() -> None:
    """Into the environment, where the settings, the processes under test and xdist's workers find them."""
    global _lock
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    _lock = (PLACE.parent / ".tests.lock").open("w")
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _lock = None
        raise SetupError(
            "Tests already run in this folder: wait for them, or set DATABASE_URL and REDIS_URL."
        ) from None
    database_url, redis_url = servers.start(PLACE, durable=False)
    os.environ.setdefault("DATABASE_URL", database_url)
    os.environ.setdefault("REDIS_URL", redis_url)
