"""What all news starts from: the rows an event is about, the day it happened, the ids it carries along."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.notifications import recipients, sentences
from brokerage.notifications.letters import Draft
from brokerage.notifications.recipients import Recipient

Letter = Callable[[Recipient], Draft]

FOR_THE_SCHOOL = "You got this because you run needs for your school."
FOR_THE_CLAIMANT = "You got this because you offered to come."
FOR_THE_BOOKED = "You got this because you are booked to come."

_CLAIM = (
    "slot__need__school",
    "slot__need__contact__user",
    "slot__encounter",
    "claimant",
    "attendee__user",
    "submitted_by__user",
)


def subject(event: Event) -> UUID:
    """What it is about; every fact that is told of has one."""
    if event.subject_id is None:
        raise ValueError(f"event {event.pk} is about nothing")
    return event.subject_id


def claim_of(event: Event) -> Claim:
    return Claim.objects.select_related(*_CLAIM).get(public_id=subject(event))


def claims_of(public_ids: Sequence[str]) -> list[Claim]:
    return list(Claim.objects.select_related(*_CLAIM).filter(public_id__in=public_ids).order_by("id"))


def claims_on(need: EncounterNeed) -> list[Claim]:
    """Live, for times still to come."""
    live = Claim.objects.live().filter(slot__need=need)
    return list(live.select_related(*_CLAIM).order_by("slot__starts_at", "id"))


def slot_of(event: Event) -> Slot:
    return Slot.objects.select_related("need__school", "need__contact__user").get(public_id=subject(event))


def today(event: Event) -> date:
    return sentences.local(event.at).date()


def ids(claim: Claim) -> dict[str, Json]:
    return {
        "claim": str(claim.public_id),
        "need": str(claim.slot.need.public_id),
        "slot": str(claim.slot.public_id),
        "claimant": str(claim.claimant.public_id),
        "school": str(claim.slot.need.school.public_id),
        "places": claim.places,
    }


def others(event: Event, people: Sequence[Recipient]) -> list[Recipient]:
    """Without the one who did it: they know."""
    return [recipient for recipient in people if recipient.user.pk != event.actor_id]


def school(event: Event, need: EncounterNeed) -> list[Recipient]:
    return others(event, recipients.school_writers(need))


def claimants(event: Event, claim: Claim) -> list[Recipient]:
    return others(event, recipients.claims_people(claim))
