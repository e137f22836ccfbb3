"""The visits already booked on days that a school has just listed as closed: nothing cancels them by itself."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch, Q

from brokerage.domain.slots import LONDON
from brokerage.models import Claim, Slot
from brokerage.states import ClaimState, NeedState

Span = tuple[date, date]


def booked_in(school_id: int, spans: Iterable[Span], *, at: datetime) -> list[Slot]:
    """Those still to come with somebody accepted, granted requests among them; the earliest first."""
    within = Q(pk__in=[])
    for first, last in spans:
        within |= Q(starts_at__gte=_midnight(first), starts_at__lt=_midnight(last + timedelta(days=1)))
    accepted = Claim.objects.filter(state=ClaimState.ACCEPTED).select_related("claimant", "attendee__user")
    return list(
        Slot.objects.standing()
        .filter(within, need__school_id=school_id, need__state=NeedState.OPEN, ends_at__gt=at)
        .filter(claims__state=ClaimState.ACCEPTED)
        .distinct()
        .select_related("need")
        .prefetch_related(Prefetch("claims", accepted.order_by("pk"), to_attr="accepted"))
        .order_by("starts_at", "pk")
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LONDON)
