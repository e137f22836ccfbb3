"""The times of a need: what makes one valid, and what happens to its claims when it changes."""

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Membership
from brokerage.domain import closures, horizon
from brokerage.domain.events import SlotMoved
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import record
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.states import ClaimState, NeedState
from brokerage.vocabulary import PLACES_AT_MOST, SLOTS_AT_MOST

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, kw_only=True)
class SlotTime:
    """A time as the school gave it; `public_id` when it is one the need already has."""

    starts_at: datetime
    ends_at: datetime
    places: int = 1
    public_id: UUID | None = None


def add(*, need: EncounterNeed, slots: Sequence[SlotTime], at: datetime) -> None:
    """The first slots of a need. A draft may still hold none."""
    refuse_unfit(slots, at=at)
    _refuse_holidays(need, slots, at=at)
    Slot.objects.bulk_create(
        [Slot(need=need, starts_at=s.starts_at, ends_at=s.ends_at, places=s.places) for s in slots]
    )


def refuse_unfit(slots: Sequence[SlotTime], *, at: datetime, known: frozenset[UUID] = frozenset()) -> None:
    """Each in the future and within the horizon (unless it stood already), ending after it starts on the same local
    day. Error: `date_out_of_range` when nothing else is wrong."""
    fields: dict[str, str] = {}
    too_far: dict[str, str] = {}
    if len(slots) > SLOTS_AT_MOST:
        fields["slots"] = f"A need can have up to {SLOTS_AT_MOST} times"
    for number, slot in enumerate(slots):
        start, end = slot.starts_at.astimezone(LONDON), slot.ends_at.astimezone(LONDON)
        if end <= start:
            fields[f"slots.{number}.ends_at"] = f"The end time must be after {start:%H:%M}"
        elif start.date() != end.date():
            fields[f"slots.{number}.ends_at"] = "It must end on the day it starts"
        if start <= at and slot.public_id not in known:
            fields[f"slots.{number}.starts_at"] = "The date must be in the future"
        elif slot.public_id not in known and (far := horizon.too_far(slot.starts_at, "The date", at=at)):
            too_far[f"slots.{number}.starts_at"] = far
        if not 1 <= slot.places <= PLACES_AT_MOST:
            fields[f"slots.{number}.places"] = f"Enter how many places, from 1 to {PLACES_AT_MOST:,}"
    if fields or too_far:
        code = "invalid" if fields else horizon.OUT_OF_RANGE
        raise InvalidInput(code, "Check the times.", fields=fields | too_far)


def _refuse_holidays(
    need: EncounterNeed, slots: Sequence[SlotTime], *, at: datetime, known: frozenset[UUID] = frozenset()
) -> None:
    days = {
        f"slots.{number}.starts_at": slot.starts_at.astimezone(LONDON).date()
        for number, slot in enumerate(slots)
        if slot.public_id not in known
    }
    if days:
        closures.refuse_holidays(need.school, days, at=at)


def refuse_past(slots: Iterable[Slot], *, at: datetime) -> None:
    fields = {
        f"slots.{number}.starts_at": "The date must be in the future"
        for number, slot in enumerate(slots)
        if slot.starts_at <= at
    }
    if fields:
        raise InvalidInput("need_incomplete", "Some times have passed.", fields=fields)


def lock(need: EncounterNeed) -> None:
    """Before a published need is written: writing it lists its slots anew, and a claim holds its slot before it
    takes it off that list."""
    list(Slot.objects.select_for_update(of=("self",)).filter(need=need).order_by("id").values_list("pk"))


def open_all(*, need: EncounterNeed, at: datetime) -> None:
    """Let claims in until the closing date or the start, whichever is first."""
    for slot in Slot.objects.select_for_update(of=("self",)).standing().filter(need=need).order_by("id"):
        slot.open_until = _open_until(need, slot.starts_at)
        slot.save(update_fields=["open_until"])


def replace(*, need: EncounterNeed, slots: Sequence[SlotTime], by: Membership, at: datetime) -> bool:
    """Make the need's times these, under lock; true when anything changed."""
    standing = {
        slot.public_id: slot
        for slot in Slot.objects.select_for_update(of=("self",)).standing().filter(need=need).order_by("id")
    }
    slots = _recognised(slots, standing.values())
    untouched = frozenset(
        slot.public_id
        for slot in slots
        if slot.public_id in standing and standing[slot.public_id].starts_at == slot.starts_at
    )
    refuse_unfit(slots, at=at, known=untouched)
    _refuse_holidays(need, slots, at=at, known=untouched)
    if unknown := {s.public_id for s in slots if s.public_id} - set(standing):
        raise InvalidInput.on("slots", f"{next(iter(unknown))} isn't a time of this need")
    kept = {slot.public_id for slot in slots if slot.public_id}
    gone = [_remove(slot, at=at) for public_id, slot in standing.items() if public_id not in kept]
    changed = [
        _change(standing[s.public_id], s, number=number, need=need, by=by, at=at)
        for number, s in enumerate(slots)
        if s.public_id
    ]
    new = [s for s in slots if s.public_id is None]
    Slot.objects.bulk_create(
        [
            Slot(
                need=need,
                starts_at=s.starts_at,
                ends_at=s.ends_at,
                places=s.places,
                open_until=_open_until(need, s.starts_at) if need.state == NeedState.OPEN else None,
            )
            for s in new
        ]
    )
    return bool(gone or new or any(changed))


def _recognised(slots: Sequence[SlotTime], standing: Collection[Slot]) -> list[SlotTime]:
    """One given without its id is the one that stands at those very times, if there is one."""
    named = {slot.public_id for slot in slots}
    unnamed = [slot for slot in standing if slot.public_id not in named]
    found = []
    for slot in slots:
        if slot.public_id is None:
            times = slot.starts_at, slot.ends_at
            same = next((each for each in unnamed if (each.starts_at, each.ends_at) == times), None)
            if same is not None:
                unnamed.remove(same)
                slot = dataclasses.replace(slot, public_id=same.public_id)
        found.append(slot)
    return found


def _open_until(need: EncounterNeed, starts_at: datetime) -> datetime | None:
    """Until when a time takes claims; one that answers an access request takes none but its own."""
    if need.is_arranged:
        return None
    return min(need.closes_at, starts_at) if need.closes_at else starts_at


def _remove(slot: Slot, *, at: datetime) -> Slot:
    if Claim.objects.live().filter(slot=slot).exists():
        raise DomainError(
            "slot_has_claims", "Someone has offered or is booked for this time. Answer or cancel that first."
        )
    if Claim.objects.filter(slot=slot).exists():
        slot.removed_at, slot.open_until = at, None
        slot.save(update_fields=["removed_at", "open_until"])
    else:
        slot.delete()
    return slot


def _change(
    slot: Slot, wanted: SlotTime, *, number: int, need: EncounterNeed, by: Membership, at: datetime
) -> bool:
    if wanted.places < slot.taken:
        taken = f"{slot.taken} places are taken. Cancel a booking before you offer fewer."
        raise DomainError("places_taken", taken, fields={f"slots.{number}.places": taken})
    moved = (wanted.starts_at, wanted.ends_at) != (slot.starts_at, slot.ends_at)
    if not moved and wanted.places == slot.places:
        return False
    was = slot.starts_at, slot.ends_at
    slot.starts_at, slot.ends_at, slot.places = wanted.starts_at, wanted.ends_at, wanted.places
    if need.state == NeedState.OPEN:
        slot.open_until = _open_until(need, slot.starts_at)
    slot.save(update_fields=["starts_at", "ends_at", "places", "open_until"])
    if moved:
        _move_claims(slot, need=need, was=was, by=by, at=at)
    return True


def _move_claims(
    slot: Slot, *, need: EncounterNeed, was: tuple[datetime, datetime], by: Membership, at: datetime
) -> None:
    """Claims follow their slot. Whoever is now booked elsewhere at that time comes off; the claim stands."""
    live = list(Claim.objects.live().select_for_update(of=("self",)).filter(slot=slot).order_by("id"))
    during = TimestamptzRange(slot.starts_at, slot.ends_at)
    booked = set(
        Claim.objects.filter(
            state=ClaimState.ACCEPTED,
            person__in=[claim.person_id for claim in live if claim.person_id],
            during__overlap=during,
        )
        .exclude(slot=slot)
        .values_list("person_id", flat=True)
    )
    for claim in live:
        claim.during, claim.slot_moved_at = during, at
        if claim.state == ClaimState.ACCEPTED and claim.person_id in booked:
            claim.attendee, claim.person, claim.attendee_clashed = None, None, True
    Claim.objects.bulk_update(live, ["during", "slot_moved_at", "attendee", "person", "attendee_clashed"])
    record(
        SlotMoved(
            subject_id=slot.public_id,
            organisation_id=need.school_id,
            need=need.public_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            was_starts_at=was[0],
            was_ends_at=was[1],
            claims=[claim.public_id for claim in live],
            unnamed=[claim.public_id for claim in live if claim.attendee_clashed and claim.person_id is None],
        ),
        by=by,
        at=at,
    )
