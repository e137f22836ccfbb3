"""The demo world, loaded twice on one day (once thrown away), in a transaction that is undone at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from config.demo import world as demo
from config.demo.clock import LONDON

FINGERPRINT = {
    "organisations": "SELECT kind, name, urn, postcode, easting, verified_at IS NULL FROM accounts_organisation",
    "people": "SELECT name, email FROM accounts_user",
    "members": "SELECT role, state, user_id - (SELECT min(id) FROM accounts_user) FROM accounts_membership",
    "needs": "SELECT title, state, year_groups, published_at::date FROM brokerage_encounterneed",
    "slots": "SELECT starts_at, places, taken FROM brokerage_slot",
    "claims": "SELECT state, reason, note, submitted_at::date FROM brokerage_claim",
    "encounters": "SELECT state, attended::text, recorded_at::date FROM brokerage_encounter",
    "events": "SELECT type, count(*) FROM eventlog_event GROUP BY type",
    "entries": "SELECT type, count(*) FROM notifications_entry GROUP BY type",
    "closures": "SELECT kind, label, first_on, last_on FROM calendar_closure",
}


@dataclass(frozen=True)
class World:
    now: datetime
    this_morning: dict[str, list[Any]]
    tonight: dict[str, list[Any]]


@contextmanager
def undone() -> Iterator[None]:
    """As a test's own transaction, so that the verbs may be durable inside it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    with atomic:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    day = timezone.now().astimezone(LONDON).replace(minute=10, second=0, microsecond=0)
    with django_db_blocker.unblock():
        with undone():
            demo.load(now=day.replace(hour=7))
            this_morning = fingerprint()
        with undone():
            demo.load(now=day.replace(hour=21))
            yield World(day.replace(hour=21), this_morning, fingerprint())


def fingerprint() -> dict[str, list[Any]]:
    return {name: sorted(rows(sql), key=str) for name, sql in FINGERPRINT.items()}


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
