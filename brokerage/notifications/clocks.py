"""What each morning makes due: the days of the response clock on which somebody is told, and requests that were put
off until today. From seven in England; asked again later the same day, nothing is told twice, and after an outage the
first look tells what was missed, once."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from typing import Final

from brokerage.calendar.clock import ClockState, DayState
from brokerage.calendar.settings import CLOCK
from brokerage.domain import access_requests
from brokerage.domain.events import ClockReached
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest
from brokerage.notifications.sentences import LONDON
from brokerage.queries.access_requests import Asked, timed, with_everything
from brokerage.states import UNANSWERED, AccessState

logger = logging.getLogger("doorway.notifications")

FROM: Final = time(7)
TELLING_DAYS: Final = (
    6,
    CLOCK.due_soon_from,
    CLOCK.late_after,
    CLOCK.late_after + 1,
    CLOCK.very_late_after + 1,
)
BATCH: Final = 500


def look(*, at: datetime) -> int:
    """Tell and bring back what this morning makes due. Returns how many were new."""
    now = at.astimezone(LONDON)
    if now.time() < FROM:
        return 0
    back = _each(_put_off_until(now.date()), lambda one: access_requests.bring_back(request=one, at=at))
    return back + sum(_tell(batch, now.date(), at=at) for batch in _waiting())


def due(asked: Asked, today: date) -> bool:
    """Whether somebody is to be told this morning: a day with pupils on which a telling day is reached that nobody was
    told of, or on which every date that was offered is past."""
    if not any(day.on == today and day.state is DayState.COUNTED for day in asked.clock.days):
        return False
    told, day = asked.request.told_day, asked.clock.day
    if asked.clock.state is ClockState.NO_RESPONSE:
        return told < min(day, TELLING_DAYS[-1])
    return told < max((telling for telling in TELLING_DAYS if telling <= day), default=0)


def _tell(batch: list[AccessRequest], today: date, *, at: datetime) -> int:
    ready = {asked.request: asked for asked in timed(batch, today=today) if due(asked, today)}
    for request in _told_of_no_response(ready.values()):
        del ready[request]

    def tell(request: AccessRequest) -> bool:
        clock = ready[request].clock
        return access_requests.reach(request=request, day=clock.day, state=str(clock.state), at=at)

    return _each(ready, tell)


def _told_of_no_response(ready: Iterable[Asked]) -> list[AccessRequest]:
    """That every date is past is said once, since the clock began."""
    silent = [each.request for each in ready if each.clock.state is ClockState.NO_RESPONSE]
    told = Event.objects.filter(
        type=ClockReached.type,
        subject_id__in=[request.public_id for request in silent],
        data__state=str(ClockState.NO_RESPONSE),
    ).values_list("subject_id", "at")
    days = {(subject, at.astimezone(LONDON).date()) for subject, at in told}
    return [
        request
        for request in silent
        if any(subject == request.public_id and day > request.clock_from for subject, day in days)
    ]


def _waiting() -> Iterator[list[AccessRequest]]:
    """Those that somebody may still have to be told of, a batch at a time: one that waits for the asker too, for its
    clock runs on where nothing more may pause it."""
    found = with_everything(
        AccessRequest.objects.filter(state__in=UNANSWERED, told_day__lt=TELLING_DAYS[-1]).order_by("pk")
    )
    last = 0
    while batch := list(found.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _put_off_until(today: date) -> list[AccessRequest]:
    return list(
        AccessRequest.objects.filter(state=AccessState.POSTPONED, postponed_until__lte=today).order_by("pk")
    )


def _each(requests: Iterable[AccessRequest], verb: Callable[[AccessRequest], bool]) -> int:
    """Each in a transaction of its own: one that fails is logged, tried again at the next look, and keeps nobody else
    waiting."""
    done = 0
    for request in requests:
        try:
            done += verb(request)
        except Exception:
            logger.exception("the clock of request %s was not told", request.public_id)
    return done
