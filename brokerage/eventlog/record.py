"""One door for events: the fact, and a debt per subscriber, in one statement of the verb's transaction."""

import json
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction

from brokerage.eventlog import hints, nudge
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.subscriptions import subscribers


class Actor(Protocol):
    """Whoever acted: a membership, a member of staff, or the platform."""

    @property
    def actor_id(self) -> int | None: ...
    @property
    def actor_key(self) -> str: ...


class Platform:
    """The clock or a rule acted; nobody pressed a button."""

    actor_id: int | None = None
    actor_key = "platform"


PLATFORM = Platform()

# Shared with verbs that record inside a statement of their own (claims.submit). Due by PostgreSQL's own clock,
# which is also the one that decides what is due: the caller's may run ahead of it.
DEBTS_SQL = """
    INSERT INTO eventlog_delivery (event_id, subscriber, attempts, next_try_at, last_error)
    SELECT event.id, subscriber, 0, now(), '' FROM event, unnest(%(subscribers)s::text[]) AS subscriber
"""

_RECORD_SQL = f"""
WITH event AS (
    INSERT INTO eventlog_event (type, at, actor_id, actor_key, organisation_id, subject_id, data)
    VALUES (%(type)s, %(at)s, %(actor_id)s, %(actor_key)s, %(organisation_id)s, %(subject_id)s, %(data)s::jsonb)
    RETURNING id
), debts AS ({DEBTS_SQL})
SELECT id FROM event
"""  # noqa: S608 (no value is interpolated)


def record(fact: Fact, *, by: Actor, at: datetime) -> int:
    """Write the event and its debts; nudge the deliverer once the transaction commits. Returns the event's id."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded in the transaction that makes it true")
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_SQL, parameters(fact, by=by, at=at))
        (event_id,) = cursor.fetchone()
    after_commit(fact)
    return int(event_id)


def after_commit(fact: Fact) -> None:
    """Wake the deliverer and, for what concerns every open page, publish the hint."""
    transaction.on_commit(nudge.soon, robust=True)
    if fact.hints:
        transaction.on_commit(lambda: hints.tell(fact), robust=True)


def parameters(
    fact: Fact, *, by: Actor, at: datetime
) -> dict[str, str | int | datetime | UUID | list[str] | None]:
    return {
        "type": fact.type,
        "at": at,
        "actor_id": by.actor_id,
        "actor_key": by.actor_key,
        "organisation_id": fact.organisation_id,
        "subject_id": fact.subject_id,
        "data": json.dumps(fact.data()),
        "subscribers": subscribers(fact.type),
    }
