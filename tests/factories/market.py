from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from brokerage.accounts.models import Membership
from brokerage.domain import claims, needs
from brokerage.domain.slots import SlotTime
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.vocabulary import EncounterType
from tests.factories.people import employer, member, school

LONDON = ZoneInfo("Europe/London")
EVERYONE = ["employer", "technical_provider", "university"]


def time_slot(
    *, days: int = 20, hour: int = 10, minutes: int = 60, places: int = 1, **fields: Any
) -> SlotTime:
    """On the local day so many days ahead."""
    day = timezone.now().astimezone(LONDON) + timedelta(days=days)
    start = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    return SlotTime(starts_at=start, ends_at=start + timedelta(minutes=minutes), places=places, **fields)


def need(
    by: Membership | None = None,
    *,
    publish: bool = False,
    slots: list[SlotTime] | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> EncounterNeed:
    """A draft: mock interviews for Year 10, open to everyone, first come, one place in twenty days."""
    return needs.post(
        fields={
            "title": "Mock interviews",
            "encounter_type": EncounterType.MOCK_INTERVIEWS,
            "year_groups": [10],
            "open_to": EVERYONE,
            "allocation": "first_come",
        }
        | fields,
        slots=[time_slot()] if slots is None else slots,
        publish=publish,
        by=by or member(school()),
        at=at or timezone.now(),
    )


def posted(by: Membership | None = None, **fields: Any) -> EncounterNeed:
    return need(by, publish=True, **fields)


def slot_of(need: EncounterNeed, number: int = 0) -> Slot:
    return Slot.objects.select_related("need__school").filter(need=need).order_by("starts_at", "id")[number]


def accepted_claim(by: Membership | None = None, *, on: EncounterNeed | None = None, **fields: Any) -> Claim:
    """Booked at once: a verified claimant on a first-come need."""
    by = by or member(employer())
    fields.setdefault("attendee", by)
    return claims.submit(slot=slot_of(on or posted()), by=by, at=timezone.now(), **fields).claim


def submitted_claim(by: Membership | None = None, *, on: EncounterNeed | None = None, **fields: Any) -> Claim:
    """Waiting for the school's answer."""
    return accepted_claim(by, on=on or posted(allocation="school_chooses"), **fields)


def over(claim: Claim, *, days_ago: int = 1) -> Slot:
    """Move a claim's slot into the past, as the passing of time would."""
    slot = claim.slot
    back = timezone.now() - timedelta(days=days_ago) - slot.ends_at
    Slot.objects.filter(pk=slot.pk).update(
        open_until=None, starts_at=slot.starts_at + back, ends_at=slot.ends_at + back
    )
    slot.refresh_from_db()
    return slot
