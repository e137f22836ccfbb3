"""What the platform would have done about all this by now: every debt paid, no letter sent, and the bell rung for
the last fortnight at the organisations one can sign in to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from brokerage.accounts.models import Membership
from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import SUBSCRIPTIONS
from brokerage.notifications import entries
from brokerage.notifications.handlers import (
    ACCESS,
    CLAIMS,
    ENCOUNTERS,
    EXTERNALS,
    FAIRNESS,
    NEEDS,
    PEOPLE,
    news_of,
)
from brokerage.notifications.models import Entry
from config.demo.sign_ins import SIGN_INS

# Counted back from this morning's midnight.
BELL: Final = timedelta(days=13)
NEW_NEEDS: Final = timedelta(days=3)
"""A new need is news for hundreds of people: only the newest are told."""
READ: Final = timedelta(days=3)
"""What is older has been read."""

_PAY = """
    INSERT INTO eventlog_delivery (event_id, subscriber, attempts, next_try_at, last_error, paid_at)
    SELECT id, %s, 1, at, '', at + interval '1 second' FROM eventlog_event WHERE type = ANY (%s) ORDER BY id
"""
_TOLD = {
    fact.type for facts in (ACCESS, CLAIMS, ENCOUNTERS, EXTERNALS, FAIRNESS, NEEDS, PEOPLE) for fact in facts
}
_PUBLISHED = "brokerage.need.published.v1"


@contextmanager
def nobody_listening() -> Iterator[None]:
    """What is recorded meanwhile owes nobody anything, so that no worker starts on it."""
    subscriptions = dict(SUBSCRIPTIONS)
    SUBSCRIPTIONS.clear()
    try:
        yield
    finally:
        SUBSCRIPTIONS.update(subscriptions)


@transaction.atomic
def remember(*, midnight: datetime) -> None:
    for event in _worth_telling(midnight):
        entries.write(event, news_of(event), with_letters=False)
    Entry.objects.filter(at__lt=midnight - READ).update(read_at=midnight - READ)
    with connection.cursor() as cursor:
        for name, subscription in SUBSCRIPTIONS.items():
            cursor.execute(_PAY, [name, sorted(subscription.types)])


def _worth_telling(midnight: datetime) -> Iterator[Event]:
    """Oldest first."""
    here = Membership.objects.filter(user__email__in=[email for email, _ in SIGN_INS])
    own = set(here.values_list("organisation_id", flat=True))
    names = {str(name) for name in here.values_list("organisation__public_id", flat=True)}
    for event in Event.objects.filter(at__gt=midnight - BELL, type__in=_TOLD).order_by("at", "id"):
        parties = {event.data.get("claimant"), event.data.get("asker")}
        concerns_them = event.organisation_id in own or not parties.isdisjoint(names)
        if event.type == _PUBLISHED:
            concerns_them = event.at > midnight - NEW_NEEDS
        if concerns_them:
            yield event
