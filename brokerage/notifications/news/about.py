"""What all news starts from: the rows an event is about, the day it happened, the ids it carries along."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.models.claim import ClaimQuerySet
from brokerage.notifications import recipients, sentences
from brokerage.notifications.letters import Draft
from brokerage.notifications.recipients import Recipient

Letter = Callable[[Recipient], Draft]

FOR_THE_SCHOOL = "You got this because you run needs for your school."
FOR_THE_CLAIMANT = "You got this because you offered to come."
FOR_THE_BOOKED = "You got this because you are booked to come."

# The columns that news is made of. Reading whole rows of all seven tables would cost four times as much, on the
# path that every claim's news takes; a column forgotten here is still read, by a query of its own.
_CLAIM = ("slot__need__school", "slot__need__contact__user", "claimant", "attendee__user")
_COLUMNS = (
    *("public_id", "places", "state", "was_verified", "person_id", "submitted_by_id", "attendee_id"),
    *(f"slot__{name}" for name in ("public_id", "starts_at", "ends_at")),
    *(
        f"slot__need__{name}"
        for name in (
            *("public_id", "state", "title", "encounter_type", "closes_at", "allocation", "delivery_mode"),
            *("supervision", "venue", "entrance", "visitor_notes"),
        )
    ),
    *(f"slot__need__school__{name}" for name in ("public_id", "name", "town", "postcode")),
    *(f"slot__need__contact__{name}" for name in ("state", "user__name", "user__email")),
    *(f"claimant__{name}" for name in ("public_id", "name")),
    *(f"attendee__user__{name}" for name in ("name", "email")),
)


def subject(event: Event) -> UUID:
    """What it is about; every fact that is told of has one."""
    if event.subject_id is None:
        raise ValueError(f"event {event.pk} is about nothing")
    return event.subject_id


def claim_of(event: Event) -> Claim:
    return _claims().get(public_id=subject(event))


def claims_of(public_ids: Sequence[str]) -> list[Claim]:
    return list(_claims().filter(public_id__in=public_ids).order_by("id"))


def claims_on(need: EncounterNeed) -> list[Claim]:
    """Live, for times still to come."""
    return list(_claims().live().filter(slot__need=need).order_by("slot__starts_at", "id"))


def _claims() -> ClaimQuerySet:
    return Claim.objects.select_related(*_CLAIM).only(*_COLUMNS)


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
