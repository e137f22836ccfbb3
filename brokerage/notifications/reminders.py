"""What the clock makes due: the day before a visit, from eight in the morning in England."""

from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from brokerage.eventlog.models import Event
from brokerage.eventlog.record import PLATFORM, record
from brokerage.models import Claim, Slot
from brokerage.notifications.events import SlotDueTomorrow
from brokerage.notifications.sentences import LONDON
from brokerage.states import ClaimState

FROM = time(8)
_LOCK = 7_302_117


def remind(*, at: datetime) -> int:
    """Record that tomorrow's slots are due, once for each slot and day. Returns how many were new.

    Who is booked after eight on the day before has just had the confirmation, which says the same."""
    now = at.astimezone(LONDON)
    if now.time() < FROM:
        return 0
    with transaction.atomic():
        if not _alone():
            return 0
        slots = list(_due(now))
        for slot in slots:
            fact = SlotDueTomorrow(
                subject_id=slot.public_id,
                organisation_id=slot.need.school_id,
                need=slot.need.public_id,
                on=_tomorrow(now).isoformat()[:10],
            )
            record(fact, by=PLATFORM, at=at)
    return len(slots)


def _due(now: datetime) -> "list[Slot]":
    tomorrow = _tomorrow(now)
    eight_today = now.replace(hour=FROM.hour, minute=0, second=0, microsecond=0)
    booked = Claim.objects.filter(slot=OuterRef("pk"), state=ClaimState.ACCEPTED, answered_at__lt=eight_today)
    known = Event.objects.filter(
        subject_id=OuterRef("public_id"), type=SlotDueTomorrow.type, data__on=tomorrow.isoformat()[:10]
    )
    slots = Slot.objects.select_related("need").filter(
        Exists(booked), ~Exists(known), starts_at__gte=tomorrow, starts_at__lt=_tomorrow(tomorrow)
    )
    return list(slots.order_by("starts_at", "id"))


def _tomorrow(now: datetime) -> datetime:
    """Midnight in England, whatever the clocks do that night."""
    return datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=LONDON)


def _alone() -> bool:
    """Two reminders beside each other would each find the same slots not yet due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
