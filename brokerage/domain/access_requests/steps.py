"""What the verbs share: the lock, the moves, and one way to write a step down."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from brokerage.accounts.models import Membership
from brokerage.domain import arranging, wording
from brokerage.domain.arranging import Arrangement
from brokerage.domain.events import (
    AccessFact,
    AccessGranted,
)
from brokerage.domain.slots import LONDON
from brokerage.eventlog.record import Actor, record
from brokerage.models import AccessRequest, CounterOffer, CounterOutcome, Question, Slot, Step
from brokerage.states import ACCESS_MOVES, AccessState, require
from brokerage.vocabulary import (
    Content,
    Qualification,
    Shortfall,
)

DATES_AT_MOST: Final = 10
FARTHEST: Final = timedelta(days=550)
"""How far ahead a date may lie: as long as a key phase."""


@contextmanager
def locked(request: AccessRequest) -> Iterator[AccessRequest]:
    with transaction.atomic(durable=True):
        yield (
            AccessRequest.objects.select_for_update(of=("self",))
            .select_related("school", "asker", "asked_by", "visitor", "need", "duplicate_of")
            .get(pk=request.pk)
        )


_ENDED: Final[Mapping[str, str]] = {
    AccessState.GRANTED: "This request was granted.",
    AccessState.REFUSED: "This request has been answered: not this time.",
    AccessState.REJECTED: "They couldn't take the other dates, so this request has ended.",
    AccessState.DUPLICATE: "This request repeats another. Answer that one.",
    AccessState.WITHDRAWN: "They withdrew this request. Nothing to answer.",
}


def require_move(request: AccessRequest, to: AccessState) -> None:
    code = "request_withdrawn" if request.state == AccessState.WITHDRAWN else "request_answered"
    message = _ENDED.get(request.state, f"This can't be done now: {request.get_state_display().lower()}.")
    require(ACCESS_MOVES, request.state, to, code=code, message=message)


def is_granted_for(request: AccessRequest, starts_at: datetime) -> bool:
    """Whether it was granted, and for that very time."""
    return starts_at in _times(request)


def is_granted_on(request: AccessRequest, day: date) -> bool:
    return any(starts_at.astimezone(LONDON).date() == day for starts_at in _times(request))


def _times(request: AccessRequest) -> list[datetime]:
    """By the row's own column: a need made while this waited for the lock isn't yet beside it."""
    slots = Slot.objects.filter(need=request.need_id) if request.need_id else Slot.objects.none()
    return list(slots.values_list("starts_at", flat=True))


def answer(request: AccessRequest, to: AccessState, *, at: datetime) -> None:
    """The school's word: the clock stops at the first."""
    request.state, request.changed_at = to, at
    request.answered_at = request.answered_at or at
    request.save()
    settle_questions(request, at=at)
    replace_offers(request, at=at)


def back_to_waiting(request: AccessRequest, *, at: datetime) -> None:
    request.state, request.changed_at = AccessState.WAITING, at
    request.save(update_fields=["state", "changed_at"])
    settle_questions(request, at=at)


def settle_questions(request: AccessRequest, *, at: datetime) -> None:
    """`at` was read before the lock: beside a question put a moment earlier it may lie before it."""
    open_ones = Question.objects.filter(request=request, answered_at__isnull=True)
    open_ones.update(answered_at=Greatest(F("asked_at"), Value(at)))


def replace_offers(request: AccessRequest, *, at: datetime) -> None:
    CounterOffer.objects.filter(request=request, outcome=CounterOutcome.OPEN).update(
        outcome=CounterOutcome.REPLACED, settled_at=at
    )


def arrange(
    request: AccessRequest,
    arrangement: Arrangement,
    *,
    words: str,
    host: Membership,
    by: Membership,
    at: datetime,
    offer: CounterOffer | None = None,
) -> None:
    """`offer`: the counter-offer that the asker accepts."""
    made = arranging.arrange(request=request, what=arrangement, host=host, by=by, at=at)
    request.need = made.slot.need
    answer(request, AccessState.GRANTED, at=at)
    record_step(
        AccessGranted,
        request,
        by=by,
        at=at,
        need=made.slot.need.public_id,
        slot=made.slot.public_id,
        claim=made.public_id,
        minutes=arrangement.minutes,
        starts_at=made.slot.starts_at,
        ends_at=made.slot.ends_at,
        year_groups=made.slot.need.year_groups,
        audience=str(made.slot.need.audience),
        delivery_mode=str(made.slot.need.delivery_mode),
        counter_offer=offer is not None,
        offer=offer.public_id if offer else None,
        words=wording.keep(words, request, Step.GRANT, by=by, at=at),
    )


def in_order(
    given: Sequence[str], choices: type[Content] | type[Qualification] | type[Shortfall]
) -> list[str]:
    return [str(choice) for choice in choices if choice in given]


def unfit_dates(dates: Sequence[date], *, at: datetime) -> dict[str, str]:
    today = at.astimezone(LONDON).date()
    if not dates:
        return {"dates": "Enter at least one date"}
    if len(set(dates)) > DATES_AT_MOST:
        return {"dates": f"Enter up to {DATES_AT_MOST} dates"}
    if min(dates) <= today:
        return {"dates": "Every date must be in the future"}
    if max(dates) > today + FARTHEST:
        return {"dates": "Choose dates within the next 18 months"}
    return {}


def record_step(
    fact: type[AccessFact], request: AccessRequest, *, by: Actor, at: datetime, **more: Any
) -> None:
    about = fact(
        subject_id=request.public_id,
        organisation_id=request.school_id,
        asker=request.asker.public_id,
        category=str(request.asker.category or ""),
        **more,
    )
    record(about, by=by, at=at)
