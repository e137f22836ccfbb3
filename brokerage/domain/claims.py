"""Claims on a slot: submit, accept, decline, withdraw, cancel, name who comes.

Whoever changes what a slot holds locks its row first, then the claims: one order for everyone. `taken` counts the
places of accepted claims; PostgreSQL refuses it above `places`, a second live claim of the same attendee, and a
person in two places at once, whatever this module forgets.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F
from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Membership
from brokerage.domain.events import (
    AttendeeNamed,
    ClaimAccepted,
    ClaimCancelled,
    ClaimDeclined,
    ClaimFact,
    ClaimKept,
    ClaimWithdrawn,
)
from brokerage.domain.idempotency import Once
from brokerage.domain.taking import retried, seemed_free, standing, take_places
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import PLATFORM, Actor, record
from brokerage.models import Claim, Encounter, Slot
from brokerage.models.claim import ClaimQuerySet
from brokerage.rules import COORDINATORS, authorise, may
from brokerage.states import CLAIM_MOVES, LIVE_CLAIMS, PLACE_HOLDERS, ClaimState, require
from brokerage.vocabulary import (
    PLACES_AT_MOST,
    Allocation,
    ClaimantReason,
    DeclineReason,
    SchoolCancelReason,
)

# What an ending writes; the claimant's word on it belongs to what was recorded last.
_ENDING: Final = (
    "state",
    "reason",
    "answer_note",
    "ended_at",
    "answered_at",
    "confirmation",
    "confirmation_note",
    "confirmed_at",
)


@dataclass(frozen=True)
class Submitted:
    claim: Claim
    is_new: bool


def default_attendee(by: Membership) -> Membership | None:
    """Who comes when nobody is named: a volunteer or liaison officer themselves; a coordinator names later."""
    return None if by.role in COORDINATORS else by


def submit(
    *,
    slot: Slot,
    attendee: Membership | None,
    places: int = 1,
    note: str = "",
    by: Membership,
    at: datetime,
    once: Once | None = None,
) -> Submitted:
    """Take places in a slot, or offer to where the school chooses or the claimant is not yet verified.

    The same live claim (slot, claimant, attendee) again is the same claim, before any look at the need's state.
    `slot` comes with its need. Errors: `not_allowed`, `already_claimed`, `need_closed`, `slot_full`,
    `person_already_booked`."""
    if not may("brokerage.submit_claim", by, slot.need):
        # The school may since have opened it to others only: a claim made before still stands.
        if same := _same(slot, by.organisation_id, attendee.pk if attendee else None, places):
            return Submitted(same, is_new=False)
        authorise("brokerage.submit_claim", by, slot.need)
    if attendee is None or attendee.pk != by.pk:
        authorise("brokerage.coordinate", by)
    if attendee and (attendee.organisation_id != by.organisation_id or not attendee.is_active):
        raise InvalidInput.on("attendee", "Choose someone of your organisation")
    if not 1 <= places <= PLACES_AT_MOST:
        raise InvalidInput.on("places", f"Enter how many places, from 1 to {PLACES_AT_MOST:,}")
    claim = _new_claim(slot, attendee, places, note, by=by, at=at)
    # On a need that everybody wants most are refused: those need no transaction. A key is looked up in one.
    if once is None and not seemed_free(slot, places, at=at) and (same := _same_or_why_not(claim, at=at)):
        return Submitted(same, is_new=False)
    try:
        made, is_new = retried(lambda: _write(claim, by=by, at=at, once=once))
    except IntegrityError as error:
        if "one_live_claim" not in str(error) and "nobody_in_two_places" not in str(error):
            raise
        made, is_new = None, False
    if made is not None:
        return Submitted(made, is_new)
    if same := _same_or_why_not(claim, at=at):
        return Submitted(same, is_new=False)
    raise DomainError("try_again", "Someone else was changing this at the same moment. Try again.")


def _new_claim(
    slot: Slot, attendee: Membership | None, places: int, note: str, *, by: Membership, at: datetime
) -> Claim:
    verified = by.organisation.is_verified
    at_once = slot.need.allocation == Allocation.FIRST_COME and verified
    return Claim(
        public_id=uuid4(),
        slot=slot,
        claimant=by.organisation,
        attendee=attendee,
        person_id=attendee.user_id if attendee else None,
        during=TimestamptzRange(slot.starts_at, slot.ends_at),
        places=places,
        state=ClaimState.ACCEPTED if at_once else ClaimState.SUBMITTED,
        submitted_by=by,
        submitted_at=at,
        answered_at=at if at_once else None,
        note=note,
        was_verified=verified,
    )


@transaction.atomic(durable=True)
def _write(claim: Claim, *, by: Membership, at: datetime, once: Once | None) -> tuple[Claim | None, bool]:
    if once and (made := once.made()):
        return _with_slot().get(public_id=made), False
    if not take_places(claim, by=by, at=at):
        return None, False
    if once:
        once.remember(claim.public_id, at=at)
    return claim, True


def _same(slot: Slot, claimant_id: int, attendee_id: int | None, places: int) -> Claim | None:
    """The live claim of the same slot, claimant and attendee, if there is one for as many places."""
    live = _with_slot().live().filter(slot=slot, claimant_id=claimant_id, attendee_id=attendee_id)
    same = live.filter(attendee_clashed=False).first()
    return None if same is None else _for_as_many(same, places)


def _for_as_many(same: Claim, places: int) -> Claim:
    if same.places != places:
        raise DomainError(
            "already_claimed",
            f"You already have a claim on this time, for {_count(same.places)}. Withdraw it to change the number.",
        )
    return same


def _same_or_why_not(wanted: Claim, *, at: datetime) -> Claim | None:
    """The same live claim, or what stands in the way, raised; None when nothing does."""
    found = standing(wanted)
    if found.same_id is not None:
        return _for_as_many(_with_slot().get(pk=found.same_id), wanted.places)
    if found.open_until is None or found.open_until <= at:
        raise DomainError(
            "need_closed",
            "The school has withdrawn this need."
            if found.is_withdrawn
            else "This need is closed: it takes no more claims.",
        )
    if found.places_left < wanted.places:
        left = found.places_left
        raise DomainError(
            "slot_full",
            "That place went a moment ago." if not left else f"Only {_count(left)} left. Claim fewer.",
        )
    if clash := booked_then(wanted.person_id, Slot.objects.get(pk=wanted.slot_id)):
        raise _already_booked(clash, wanted.attendee, wanted.submitted_by)
    return None


def booked_then(person_id: int | None, slot: Slot) -> Claim | None:
    """The accepted claim that this person's diary already holds at the slot's time."""
    return (
        Claim.objects.select_related("slot__need__school")
        .filter(
            person_id=person_id,
            state=ClaimState.ACCEPTED,
            during__overlap=TimestamptzRange(slot.starts_at, slot.ends_at),
        )
        .first()
        if person_id
        else None
    )


@contextmanager
def _answering(claim: Claim, rule: str, by: Membership) -> Iterator[Claim]:
    """The claim, freshly read under its slot's lock, if `by` may."""
    with transaction.atomic(durable=True):
        Slot.objects.select_for_update(of=("self",)).get(pk=claim.slot_id)
        fresh = _with_slot().select_for_update(of=("self",)).get(pk=claim.pk)
        authorise(rule, by, fresh)
        yield fresh


def accept(*, claim: Claim, by: Membership, at: datetime) -> Claim:
    """Book them. Errors: `claim_not_waiting`, `need_closed`, `slot_full`, `person_already_booked`."""
    return retried(lambda: _accept(claim, by=by, at=at))


def _accept(claim: Claim, *, by: Membership, at: datetime) -> Claim:
    with _answering(claim, "brokerage.answer_claim", by) as fresh:
        if fresh.state == ClaimState.ACCEPTED:
            return fresh
        _require(fresh, ClaimState.ACCEPTED, "claim_not_waiting")
        slot = fresh.slot
        if slot.starts_at <= at:
            raise DomainError("need_closed", "This time has passed.")
        if slot.places_left < fresh.places:
            left = slot.places_left
            raise DomainError(
                "slot_full",
                f"Only {_count(left)} left at this time." if left else "Every place at this time is taken.",
            )
        if clash := booked_then(fresh.person_id, slot):
            raise _already_booked(clash, fresh.attendee)
        _set_taken(slot, fresh.places)
        fresh.state, fresh.answered_at = ClaimState.ACCEPTED, at
        fresh.save(update_fields=["state", "answered_at"])
        Encounter.objects.get_or_create(
            slot=slot, defaults={"school_id": slot.need.school_id, "created_at": at}
        )
        _record(ClaimAccepted, fresh, by=by, at=at, places_left=slot.places_left - fresh.places)
        return fresh


def decline(*, claim: Claim, reason: str, note: str = "", by: Membership, at: datetime) -> Claim:
    """Say no, with a reason from the closed list."""
    if reason not in DeclineReason:
        raise InvalidInput.on("reason", "Choose a reason")
    with _answering(claim, "brokerage.answer_claim", by) as fresh:
        if fresh.state == ClaimState.DECLINED:
            return fresh
        _require(fresh, ClaimState.DECLINED, "claim_not_waiting")
        fresh.answered_at = at
        _end(fresh, ClaimState.DECLINED, reason, note, at=at)
        _record(ClaimDeclined, fresh, by=by, at=at, reason=reason)
        return fresh


def withdraw(*, claim: Claim, reason: str, note: str = "", by: Membership, at: datetime) -> Claim:
    """The claimant's way out, until the start. Leaving after the school moved the time doesn't count."""
    if reason not in ClaimantReason:
        raise InvalidInput.on("reason", "Choose a reason")
    with _answering(claim, "brokerage.leave_claim", by) as fresh:
        if fresh.state in (ClaimState.WITHDRAWN, ClaimState.CANCELLED_BY_CLAIMANT):
            return fresh
        was = fresh.state
        to = ClaimState.CANCELLED_BY_CLAIMANT if was == ClaimState.ACCEPTED else ClaimState.WITHDRAWN
        _require(fresh, to, "claim_not_live")
        if fresh.slot.starts_at <= at:
            raise DomainError(
                "already_started", "It has started, so you can't withdraw now. Call the school."
            )
        _end(fresh, to, reason, note, at=at)
        _record(
            ClaimWithdrawn,
            fresh,
            by=by,
            at=at,
            reason=reason,
            was=str(was),
            counts=fresh.slot_moved_at is None,
        )
        return fresh


def keep(*, claim: Claim, starts_at: datetime, by: Membership, at: datetime) -> Claim:
    """They can still come at the time the school moved it to; leaving counts again. `starts_at` is the time they
    were asked about. Errors: `claim_not_live`, `slot_moved_again`."""
    with _answering(claim, "brokerage.leave_claim", by) as fresh:
        if not fresh.is_live:
            raise DomainError("claim_not_live", "This claim has ended.")
        if fresh.slot.starts_at != starts_at:
            raise DomainError(
                "slot_moved_again", "The school has moved it again. Look at the new time first."
            )
        if fresh.slot_moved_at is None:
            return fresh
        fresh.slot_moved_at = None
        fresh.save(update_fields=["slot_moved_at"])
        _record(ClaimKept, fresh, by=by, at=at)
        return fresh


def cancel(*, claim: Claim, reason: str, note: str = "", by: Membership, at: datetime) -> Claim:
    """The school's, from accepted."""
    if reason not in SchoolCancelReason:
        raise InvalidInput.on("reason", "Choose a reason")
    with _answering(claim, "brokerage.answer_claim", by) as fresh:
        if fresh.state == ClaimState.CANCELLED_BY_SCHOOL:
            return fresh
        _require(fresh, ClaimState.CANCELLED_BY_SCHOOL, "claim_not_booked")
        _end(fresh, ClaimState.CANCELLED_BY_SCHOOL, reason, note, at=at)
        _record(ClaimCancelled, fresh, by=by, at=at, reason=reason)
        return fresh


def name_attendee(*, claim: Claim, attendee: Membership | None, by: Membership, at: datetime) -> Claim:
    """Say who comes, or that it is to be named. Errors: `person_already_booked`, `already_claimed`."""
    try:
        return retried(lambda: _name(claim, attendee, by=by, at=at))
    except IntegrityError as error:
        if "one_live_claim" in str(error):
            raise DomainError("already_claimed", "There's already a claim on this time for them.") from error
        if "nobody_in_two_places" in str(error):
            raise _already_booked(None, attendee) from error
        raise


def _name(claim: Claim, attendee: Membership | None, *, by: Membership, at: datetime) -> Claim:
    with _answering(claim, "brokerage.name_attendee", by) as fresh:
        if not fresh.is_live:
            raise DomainError("claim_not_live", "This claim has ended.")
        if attendee and (attendee.organisation_id != fresh.claimant_id or not attendee.is_active):
            raise InvalidInput.on("attendee", "Choose someone of your organisation")
        if fresh.attendee_id == (attendee.pk if attendee else None):
            return fresh
        if attendee and fresh.state == ClaimState.ACCEPTED:
            clash = booked_then(attendee.user_id, fresh.slot)
            is_there = clash and (clash.slot_id, clash.attendee_id) == (fresh.slot_id, attendee.pk)
            if clash and clash.pk != fresh.pk and not is_there:
                raise _already_booked(clash, attendee)
        fresh.attendee = attendee
        fresh.person_id = attendee.user_id if attendee else None
        fresh.attendee_clashed = False
        fresh.save(update_fields=["attendee", "person", "attendee_clashed"])
        _record(AttendeeNamed, fresh, by=by, at=at, attendee=attendee.public_id if attendee else None)
        return fresh


def take_off(*, attendee_id: UUID, at: datetime) -> int:
    """This membership comes nowhere any more: its live claims stand, «to be named». Returns how many."""
    theirs = Claim.objects.live().filter(attendee__public_id=attendee_id, slot__starts_at__gt=at)
    taken_off = 0
    for claim in theirs.order_by("slot_id", "id"):
        with transaction.atomic():
            Slot.objects.select_for_update(of=("self",)).get(pk=claim.slot_id)
            fresh = _with_slot().select_for_update(of=("self",)).get(pk=claim.pk)
            if not fresh.is_live or fresh.attendee_id != claim.attendee_id:
                continue
            fresh.attendee, fresh.person, fresh.attendee_clashed = None, None, True
            fresh.save(update_fields=["attendee", "person", "attendee_clashed"])
            _record(AttendeeNamed, fresh, by=PLATFORM, at=at, attendee=None)
            taken_off += 1
    return taken_off


# A need's withdrawal answers those who still waited, too: the school's reason in the words of a decline.
_DECLINED_FOR: Final = {
    SchoolCancelReason.TIMETABLE_CHANGE: DeclineReason.DATE_CLASH,
    SchoolCancelReason.STAFF_ABSENCE: DeclineReason.DATE_CLASH,
    SchoolCancelReason.EXAM_PERIOD: DeclineReason.EXAM_PERIOD,
}


def end_all(*, slot: Slot, reason: str, note: str, by: Membership, at: datetime) -> int:
    """End every live claim of a slot the caller has locked, when its need is withdrawn; returns how many."""
    live = list(_with_slot().live().select_for_update(of=("self",)).filter(slot=slot).order_by("id"))
    for claim in live:
        if claim.state == ClaimState.SUBMITTED:
            why = _DECLINED_FOR.get(SchoolCancelReason(reason), DeclineReason.OTHER)
            claim.answered_at = at
            _end(claim, ClaimState.DECLINED, why, note, at=at)
            _record(ClaimDeclined, claim, by=by, at=at, reason=str(why))
        else:
            _end(claim, ClaimState.CANCELLED_BY_SCHOOL, reason, note, at=at)
            _record(ClaimCancelled, claim, by=by, at=at, reason=reason)
    return len(live)


def end_undelivered(claim: Claim, *, by: Membership, at: datetime) -> None:
    """The day came and it didn't happen, through no fault of theirs: the school's cancellation. The caller
    holds the slot's lock."""
    reason = SchoolCancelReason.OTHER
    _end(claim, ClaimState.CANCELLED_BY_SCHOOL, reason, "", at=at)
    _record(ClaimCancelled, claim, by=by, at=at, reason=str(reason))


def end_delivered(claim: Claim, to: Literal[ClaimState.FULFILLED, ClaimState.MISSED]) -> None:
    """It happened, and they came or not; after all, where it was recorded as not held before. The caller holds the
    slot's lock."""
    if claim.state not in PLACE_HOLDERS:
        _set_taken(claim.slot, claim.places)
        claim.reason, claim.answer_note, claim.ended_at = "", "", None
    claim.state = to
    claim.save(update_fields=_ENDING)


def _end(claim: Claim, to: ClaimState, reason: str, note: str, *, at: datetime) -> None:
    """Close a claim; the places it held are free again."""
    if claim.state in PLACE_HOLDERS:
        _set_taken(claim.slot, -claim.places)
    claim.state, claim.reason, claim.answer_note, claim.ended_at = to, str(reason), note, at
    claim.save(update_fields=_ENDING)


def _set_taken(slot: Slot, change: int) -> None:
    Slot.objects.filter(pk=slot.pk).update(taken=F("taken") + change)


def _require(
    claim: Claim, to: ClaimState, code: Literal["claim_not_waiting", "claim_not_live", "claim_not_booked"]
) -> None:
    sentence = {
        "claim_not_waiting": f"This offer no longer waits for an answer: {claim.get_state_display().lower()}.",
        "claim_not_live": f"This claim has ended: {claim.get_state_display().lower()}.",
        "claim_not_booked": f"This isn't booked: {claim.get_state_display().lower()}.",
    }[code]
    if claim.state not in LIVE_CLAIMS:  # only a correction of what was recorded moves those that ended
        raise DomainError(code, sentence)
    require(CLAIM_MOVES, claim.state, to, code=code, message=sentence)


def _record(fact: type[ClaimFact], claim: Claim, *, by: Actor, at: datetime, **more: Any) -> None:
    need = claim.slot.need
    about = fact(
        subject_id=claim.public_id,
        organisation_id=need.school_id,
        need=need.public_id,
        slot=claim.slot.public_id,
        places=claim.places,
        claimant=claim.claimant.public_id,
        **more,
    )
    record(about, by=by, at=at)


def _with_slot() -> ClaimQuerySet:
    return Claim.objects.select_related(
        "slot__need__school", "claimant", "attendee__user", "submitted_by__user"
    )


def _already_booked(
    clash: Claim | None, attendee: Membership | None, by: Membership | None = None
) -> DomainError:
    who = "You're" if by is not None and attendee is not None and by.pk == attendee.pk else "They're"
    where = f" at {clash.slot.need.school.name}" if clash and by is not None else ""
    return DomainError("person_already_booked", f"{who} already booked{where} then.")


def _count(places: int) -> str:
    return "1 place" if places == 1 else f"{places} places"
