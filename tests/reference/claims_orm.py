"""`claims.submit` once more, in plain ORM: slower, and easier to believe. The differential test compares them."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Membership
from brokerage.domain.claims import Submitted
from brokerage.domain.events import ClaimSubmitted
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import record
from brokerage.models import Claim, Encounter, Slot
from brokerage.rules import authorise


def submit(
    *, slot: Slot, attendee: Membership | None, places: int = 1, by: Membership, at: datetime
) -> Submitted:
    authorise("brokerage.submit_claim", by, slot.need)
    if attendee != by:
        authorise("brokerage.coordinate", by)
    if attendee is not None and attendee.organisation_id != by.organisation_id:
        raise InvalidInput.on("attendee", "not theirs")
    with transaction.atomic():
        slot = Slot.objects.select_for_update(of=("self",)).select_related("need").get(pk=slot.pk)
        same = Claim.objects.live().filter(
            slot=slot, claimant=by.organisation, attendee=attendee, attendee_clashed=False
        )
        if (claim := same.first()) is not None:
            if claim.places != places:
                raise DomainError("already_claimed", "for another number of places")
            return Submitted(claim, is_new=False)
        _refuse(slot, attendee, places, at)
        return Submitted(_make(slot, attendee, places, by, at), is_new=True)


def _refuse(slot: Slot, attendee: Membership | None, places: int, at: datetime) -> None:
    if slot.open_until is None or slot.open_until <= at:
        raise DomainError("need_closed", "closed")
    if slot.places - slot.taken < places:
        raise DomainError("slot_full", "full")
    if attendee is not None:
        booked = Claim.objects.filter(person=attendee.user, state="accepted").select_related("slot")
        if any(one.slot.starts_at < slot.ends_at and slot.starts_at < one.slot.ends_at for one in booked):
            raise DomainError("person_already_booked", "booked")


def _make(slot: Slot, attendee: Membership | None, places: int, by: Membership, at: datetime) -> Claim:
    at_once = slot.need.allocation == "first_come" and by.organisation.verified_at is not None
    claim = Claim.objects.create(
        public_id=uuid4(),
        slot=slot,
        claimant=by.organisation,
        attendee=attendee,
        person=attendee.user if attendee else None,
        during=TimestamptzRange(slot.starts_at, slot.ends_at),
        places=places,
        state="accepted" if at_once else "submitted",
        submitted_by=by,
        submitted_at=at,
        answered_at=at if at_once else None,
        was_verified=by.organisation.verified_at is not None,
    )
    if at_once:
        slot.taken += places
        slot.save()
        Encounter.objects.get_or_create(slot=slot, defaults={"school": slot.need.school, "created_at": at})
    record(
        ClaimSubmitted(
            subject_id=claim.public_id,
            organisation_id=slot.need.school_id,
            need=slot.need.public_id,
            slot=slot.public_id,
            places=places,
            claimant=by.organisation.public_id,
            state=claim.state,
            places_left=slot.places - slot.taken,
        ),
        by=by,
        at=at,
    )
    return claim
