"""What happened: the school records it per slot, those who came confirm or dispute. Counts, never pupils."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brokerage.accounts import organisations
from brokerage.accounts.models import Membership
from brokerage.domain import claims
from brokerage.domain.events import EncounterConfirmed, EncounterDisputed, EncounterRecorded
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.record import record as record_event
from brokerage.models import Claim, Encounter, Hosting, Slot
from brokerage.rules import authorise, may
from brokerage.states import (
    ENCOUNTER_MOVES,
    ClaimState,
    Confirmation,
    EncounterState,
    require,
)

SMALL_GROUP = 5
MINUTES_AT_MOST = 24 * 60
HOW_LONG = f"Enter how many minutes it lasted, from 1 to {MINUTES_AT_MOST:,}"


def record(
    *,
    encounter: Encounter,
    delivered: bool,
    minutes: int | None = None,
    attended: Mapping[str, int] | None = None,
    pupil_premium_attended: int | None = None,
    send_attended: int | None = None,
    missed: Collection[UUID] = (),
    note: str = "",
    corrects: bool = False,
    by: Membership,
    at: datetime,
) -> Encounter:
    """Say what happened once it is over. Its numbers may be corrected later; whether it happened only by who says
    that it `corrects`, or two colleagues who record at once would overrule each other unseen.

    `attended` counts pupils per year group; a year left out counts as nobody (rule R12), so the page asks for each.
    `missed` names the claims whose people didn't come. Everyone else's claim is fulfilled when it was delivered,
    cancelled by the school when it was not. A correction asks the claimants again. Errors: `encounter_not_over`,
    `encounter_closed`, `invalid` (naming the field)."""
    with transaction.atomic(durable=True):
        Slot.objects.select_for_update(of=("self",)).get(pk=encounter.slot_id)
        encounter = _locked(encounter)
        authorise("brokerage.record_encounter", by, encounter)
        _refuse_early(encounter, at=at)
        attended = dict(attended or {}) if delivered else {}
        if delivered:
            minutes = minutes or int(
                (encounter.slot.ends_at - encounter.slot.starts_at).total_seconds() // 60
            )
            _refuse_unfit(encounter, minutes, attended, pupil_premium_attended, send_attended)
        booked = _booked(encounter)
        if unknown := set(missed) - {claim.public_id for claim in booked}:
            raise InvalidInput.on("missed", f"{next(iter(unknown))} wasn't booked for this time")
        _move(encounter, EncounterState.DELIVERED if delivered else EncounterState.NOT_DELIVERED, corrects)
        encounter.minutes, encounter.attended = (minutes if delivered else None), attended
        encounter.pupil_premium_attended = pupil_premium_attended if delivered else None
        encounter.send_attended = send_attended if delivered else None
        encounter.note, encounter.recorded_by, encounter.recorded_at = note, by, at
        encounter.save()
        fulfilled, absent = _settle(booked, delivered, missed, by=by, at=at)
        record_event(
            EncounterRecorded(
                subject_id=encounter.public_id,
                organisation_id=encounter.school_id,
                need=encounter.slot.need.public_id,
                slot=encounter.slot.public_id,
                delivered=delivered,
                minutes=encounter.minutes,
                attended={year: count for year, count in attended.items() if count >= SMALL_GROUP},
                fulfilled=fulfilled,
                missed=absent,
            ),
            by=by,
            at=at,
        )
    return encounter


def confirm(*, encounter: Encounter, by: Membership, at: datetime) -> Encounter:
    """The claimant's people agree with what the school recorded. Error: `not_recorded_yet`."""
    return _say(encounter, Confirmation.CONFIRMED, "", by=by, at=at)


def dispute(*, encounter: Encounter, note: str, by: Membership, at: datetime) -> Encounter:
    """The claimant's people saw it otherwise, and say how. Error: `not_recorded_yet`."""
    if not note.strip():
        raise InvalidInput.on("note", "Say what was different")
    return _say(encounter, Confirmation.DISPUTED, note, by=by, at=at)


@transaction.atomic(durable=True)
def _say(encounter: Encounter, word: Confirmation, note: str, *, by: Membership, at: datetime) -> Encounter:
    encounter = _locked(encounter)
    theirs = list(
        Claim.objects.booked_on_the_day()
        .select_for_update(of=("self",))
        .filter(slot=encounter.slot, claimant=by.organisation)
        .order_by("id")
    )
    mine = [claim for claim in theirs if may("brokerage.confirm_encounter", by, claim)]
    if not mine:
        raise NotAllowed("not_allowed", "Only the person who came or your coordinator can say what happened.")
    if encounter.state == EncounterState.PLANNED:
        raise DomainError("not_recorded_yet", "The school hasn't recorded what happened yet.")
    for claim in mine:
        if claim.confirmation == word and claim.confirmation_note == note:
            continue
        claim.confirmation, claim.confirmation_note, claim.confirmed_at = word, note, at
        claim.save(update_fields=["confirmation", "confirmation_note", "confirmed_at"])
        fact = EncounterConfirmed if word == Confirmation.CONFIRMED else EncounterDisputed
        record_event(
            fact(
                subject_id=encounter.public_id,
                organisation_id=encounter.school_id,
                claim=claim.public_id,
                claimant=by.organisation.public_id,
            ),
            by=by,
            at=at,
        )
    return encounter


def _refuse_early(encounter: Encounter, *, at: datetime) -> None:
    if encounter.slot.ends_at > at:
        raise DomainError("encounter_not_over", "It isn't over yet. Record it afterwards.")


def _move(encounter: Encounter, to: EncounterState, corrects: bool) -> None:
    was = encounter.state
    if was == to == EncounterState.DELIVERED:
        return
    said = "it happened" if was == EncounterState.DELIVERED else "it didn't happen"
    closed = f"It is already recorded that {said}. Correct that if it is wrong."
    if was != EncounterState.PLANNED and not corrects:
        raise DomainError("encounter_closed", closed)
    require(ENCOUNTER_MOVES, was, to, code="encounter_closed", message=closed)
    encounter.state = to


def _refuse_unfit(
    encounter: Encounter,
    minutes: int,
    attended: Mapping[str, int],
    pupil_premium: int | None,
    send: int | None,
) -> None:
    fields: dict[str, str] = {}
    if not 1 <= minutes <= MINUTES_AT_MOST:
        fields["minutes"] = HOW_LONG
    hosting = Hosting.objects.filter(school_id=encounter.school_id).first()
    for year, count in attended.items():
        if not year.isdigit() or int(year) not in encounter.slot.need.year_groups:
            fields["attended"] = "Give numbers only for the year groups of this need"
        elif count < 0:
            fields["attended"] = "Enter how many pupils attended, from 0"
        elif hosting and (roll := hosting.roll(int(year))) is not None and count > roll:
            fields["attended"] = f"You have {roll} on roll in Year {year}. {count} is more. Check the number."
    total = sum(attended.values())
    for field, some, what in (
        ("pupil_premium_attended", pupil_premium, "had pupil premium"),
        ("send_attended", send, "had SEND"),
    ):
        if some is not None and not 0 <= some <= total:
            fields[field] = f"Enter how many {what}, from 0 to {total}"
    if fields:
        raise InvalidInput("invalid", "Check the numbers.", fields=fields)


def _booked(encounter: Encounter) -> list[Claim]:
    """Whose word it concerns, before what is recorded changes."""
    return list(
        Claim.objects.booked_on_the_day()
        .select_for_update(of=("self",))
        .select_related("slot__need", "claimant")
        .filter(slot=encounter.slot)
        .order_by("id")
    )


def _settle(
    booked: list[Claim], delivered: bool, missed: Collection[UUID], *, by: Membership, at: datetime
) -> tuple[list[UUID], list[UUID]]:
    """Give every claim of the slot its ending; the first delivered encounter verifies a claimant."""
    fulfilled: list[UUID] = []
    for claim in booked:
        claim.confirmation, claim.confirmation_note, claim.confirmed_at = Confirmation.NONE, "", None
        if claim.public_id in missed:
            claims.end_delivered(claim, ClaimState.MISSED)
        elif delivered:
            claims.end_delivered(claim, ClaimState.FULFILLED)
            fulfilled.append(claim.public_id)
            organisations.verify_by_first_delivery(claim.claimant, at=at)
        else:
            claims.end_undelivered(claim, by=by, at=at)
    return fulfilled, [claim.public_id for claim in booked if claim.public_id in missed]


def _locked(encounter: Encounter) -> Encounter:
    return (
        Encounter.objects.select_for_update(of=("self",))
        .select_related("slot__need", "school")
        .get(pk=encounter.pk)
    )
