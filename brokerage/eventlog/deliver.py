"""Pay the debts: lock, handle, tick, each in one transaction of its own.

A process that dies between the handler and the tick leaves the debt unpaid and nothing of the handler's behind.
Two drains beside each other (a nudge and a sweep) skip what the other holds, so each debt is paid once.
A handler that fails is tried again after 2, 4, 8 ... seconds and parked after eight attempts; it never holds
up the others.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from brokerage.eventlog.models import Delivery, Event
from brokerage.eventlog.subscriptions import SUBSCRIPTIONS

logger = logging.getLogger("doorway.eventlog")

BATCH = 100
ATTEMPTS_AT_MOST = 8


class PartlyPaidError(Exception):
    """Raised by a handler that could serve some people and not others: what it wrote stands, and it is asked
    again later for the rest."""


@dataclass(frozen=True)
class Debts:
    """What is owed, for those who watch over the platform."""

    unpaid: int
    oldest_seconds: float
    parked: int


def pay_due(*, seconds: float) -> bool:
    """Pay what is due, oldest first, for about so long. True when the time ran out before the debts did."""
    until = time.monotonic() + seconds
    while ids := _due():
        paid = 0
        for debt_id in ids:
            paid += pay(debt_id)
            if time.monotonic() > until:
                return True
        if not paid:  # somebody else holds them, or they have just been put off
            return False
    return False


def pay(debt_id: int) -> bool:
    """Whether this call paid it. False when somebody else holds it, when it isn't due, or when it failed."""
    try:
        with transaction.atomic():
            debt = _take(debt_id)
            if debt is None:
                return False
            try:
                _handler(debt)(debt.event)
            except PartlyPaidError as problem:
                _put_off(debt, problem)
                return False
            Delivery.objects.filter(pk=debt.pk).update(
                paid_at=Now(), attempts=F("attempts") + 1, last_error=""
            )
            return True
    except Exception as problem:
        if _connection_is_lost(problem):
            raise
        _put_off_afresh(debt_id, problem)
        return False


def figures() -> Debts:
    unpaid = Delivery.objects.filter(paid_at=None, parked_at=None).aggregate(
        count=Count("id"), oldest=Min("event__at")
    )
    oldest: datetime | None = unpaid["oldest"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return Debts(unpaid["count"], max(0.0, age), parked().count())


def parked() -> QuerySet[Delivery]:
    """Those that failed eight times, newest last, each with its last error."""
    return Delivery.objects.filter(parked_at__isnull=False).select_related("event").order_by("id")


def take_up_again(debt_id: int) -> bool:
    """Give a parked debt eight more attempts, starting now."""
    return bool(parked().filter(pk=debt_id).update(parked_at=None, attempts=0, next_try_at=Now()))


def _due() -> Sequence[int]:
    due = Delivery.objects.filter(paid_at=None, parked_at=None, next_try_at__lte=Now())
    return list(due.order_by("next_try_at", "id").values_list("id", flat=True)[:BATCH])


def _take(debt_id: int) -> Delivery | None:
    """The debt under its row lock, still unpaid; None when another process has it or had it."""
    return (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("event")
        .filter(pk=debt_id, paid_at=None, parked_at=None, next_try_at__lte=Now())
        .first()
    )


def _handler(debt: Delivery) -> Callable[[Event], None]:
    return SUBSCRIPTIONS[debt.subscriber].handle


def _put_off_afresh(debt_id: int, problem: Exception) -> None:
    """The handler's transaction is undone; count the attempt in another."""
    with transaction.atomic():
        debt = _take(debt_id)
        if debt is not None:
            _put_off(debt, problem)


def _put_off(debt: Delivery, problem: Exception) -> None:
    attempts = debt.attempts + 1
    is_last = attempts >= ATTEMPTS_AT_MOST
    log = logger.error if is_last else logger.warning
    log(
        "%s: attempt %d at event %d (%s) failed%s: %s: %s",
        debt.subscriber, attempts, debt.event_id, debt.event.type, ", parked" if is_last else "",
        type(problem).__name__, problem, exc_info=not isinstance(problem, PartlyPaidError),
    )  # fmt: skip
    Delivery.objects.filter(pk=debt.pk).update(
        attempts=attempts,
        last_error=f"{type(problem).__name__}: {problem}"[:500],
        next_try_at=Now() + timedelta(seconds=2**attempts),
        parked_at=Now() if is_last else None,
    )


def _connection_is_lost(problem: Exception) -> bool:
    """Whether PostgreSQL went away rather than the handler failing: nobody's attempt then."""
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    if connection.connection is not None and not connection.connection.closed:
        return False
    connection.close()
    return True
