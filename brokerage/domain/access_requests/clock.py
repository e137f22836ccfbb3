"""What the passing days do to a request."""

from datetime import datetime

from brokerage.domain.access_requests import steps
from brokerage.domain.events import (
    AccessReturned,
    ClockReached,
)
from brokerage.domain.slots import LONDON
from brokerage.eventlog.record import PLATFORM
from brokerage.models import AccessRequest
from brokerage.states import AccessState


def bring_back(*, request: AccessRequest, at: datetime) -> bool:
    """The day a request was postponed to has come: it waits again. False when it no longer stood postponed."""
    today = at.astimezone(LONDON).date()
    with steps.locked(request) as fresh:
        if fresh.state != AccessState.POSTPONED or fresh.postponed_until is None:
            return False
        if fresh.postponed_until > today:
            return False
        fresh.clock_from, fresh.answered_at, fresh.told_day = fresh.postponed_until, None, 0
        fresh.state, fresh.changed_at = AccessState.WAITING, at
        fresh.save(update_fields=["clock_from", "answered_at", "told_day", "state", "changed_at"])
        steps.record_step(AccessReturned, fresh, by=PLATFORM, at=at)
        return True


def reach(*, request: AccessRequest, day: int, state: str, at: datetime) -> bool:
    """The clock stands at a day on which somebody is told. False when they were told already, or when it has moved on
    since `request` was read: a question may have paused the clock."""
    with steps.locked(request) as fresh:
        if not fresh.is_unanswered or fresh.state != request.state or fresh.told_day >= day:
            return False
        fresh.told_day = day
        fresh.save(update_fields=["told_day"])
        steps.record_step(ClockReached, fresh, by=PLATFORM, at=at, day=day, state=state)
        return True
