"""How a provider's requests were answered, by area: what the figures of its page are counted from."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from brokerage.accounts.models import Membership
from brokerage.models import AccessRequest
from brokerage.queries import access_requests
from brokerage.queries.access_requests import LONDON, Asked
from brokerage.states import AccessState

LOOKED_BACK: Final = timedelta(days=365)
NO_ANSWER_NEEDED: Final = (AccessState.WITHDRAWN, AccessState.DUPLICATE)


@dataclass(frozen=True)
class Answered:
    """One request that a school has had its ten school days for. `days` is None while there is no answer."""

    area: str
    days: int | None
    is_granted: bool


def answered(by: Membership, *, at: datetime) -> list[Answered]:
    """Asked in the last twelve months, and ten school days ago at least: answers that came quickly don't count before
    the silence of those asked beside them. What was withdrawn or settled as asked twice, unanswered, is left out."""
    today = at.astimezone(LONDON).date()
    asked = AccessRequest.objects.filter(asker=by.organisation, asked_at__gte=at - LOOKED_BACK).exclude(
        state__in=NO_ANSWER_NEEDED, answered_at__isnull=True
    )
    timed = access_requests.timed(access_requests.with_everything(asked), today=today)
    return [_counted(each) for each in timed if _has_had_its_days(each, today)]


def by_area(found: list[Answered]) -> dict[str, list[Answered]]:
    """By the schools' local authority, A to Z."""
    areas: dict[str, list[Answered]] = defaultdict(list)
    for each in found:
        areas[each.area].append(each)
    return dict(sorted(areas.items()))


def _has_had_its_days(asked: Asked, today: date) -> bool:
    return asked.clock.late_from is not None and asked.clock.late_from <= today


def _counted(asked: Asked) -> Answered:
    request = asked.request
    return Answered(
        area=request.school.local_authority or "Area not known",
        days=None if request.answered_at is None else asked.clock.day,
        is_granted=request.state == AccessState.GRANTED,
    )
