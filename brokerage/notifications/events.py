"""The facts of telling people: what the clock alone makes due."""

from dataclasses import dataclass
from uuid import UUID

from brokerage.eventlog.facts import Fact, fact


@fact("notifications.slot.due_tomorrow")
@dataclass(frozen=True, kw_only=True)
class SlotDueTomorrow(Fact):
    """`subject_id` is the slot's; `on` its local day, because a slot that moves is due again."""

    need: UUID
    on: str
