"""What a school does with a need: post it, amend it, publish it, withdraw it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar.dates import in_full
from brokerage.domain import horizon
from brokerage.domain import slots as slot_rules
from brokerage.domain.claims import end_all
from brokerage.domain.events import NeedAmended, NeedDrafted, NeedPublished, NeedWithdrawn, ProvidersInvited
from brokerage.domain.idempotency import Once
from brokerage.domain.slots import SlotTime
from brokerage.domain.taking import retried
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import record
from brokerage.models import EncounterNeed, Hosting, Slot
from brokerage.rules import authorise
from brokerage.states import NEED_MOVES, NeedState, require
from brokerage.vocabulary import (
    DEFAULTS,
    YEAR_GROUPS,
    Benchmark,
    Content,
    EncounterType,
    SchoolCancelReason,
    Sector,
    Subject,
)

# What a school may say of a need; everything else of the row is the platform's.
FIELDS: Final = frozenset(
    {
        "title",
        "encounter_type",
        "year_groups",
        "audience",
        "expected_pupils",
        "subjects",
        "sectors",
        "open_to",
        "delivery_mode",
        "main_benchmark",
        "content",
        "pupil_group",
        "description",
        "supervision",
        "allocation",
        "closes_at",
        "venue",
        "entrance",
        "visitor_notes",
        "contact",
    }
)

MISSING: Final = {
    "title": "Give it a title",
    "encounter_type": "Choose what you need",
    "year_groups": "Choose at least one year group",
    "open_to": "Choose who may take it",
    "main_benchmark": "Choose the main benchmark",
}


def post(
    *,
    fields: Mapping[str, Any],
    slots: Sequence[SlotTime],
    publish: bool,
    by: Membership,
    at: datetime,
    once: Once | None = None,
) -> EncounterNeed:
    """Draft a need, filled in with the type's defaults and the school's own; publish it at once if asked."""
    authorise("brokerage.post_need", by)
    with transaction.atomic(durable=True):
        if once and (made := once.made()):
            return EncounterNeed.objects.get(public_id=made)
        need = EncounterNeed(school=by.organisation, posted_by=by, created_at=at, changed_at=at)
        _set(need, {**filled_in(fields, by), **fields}, at=at)
        need.save()
        slot_rules.add(need=need, slots=slots, at=at)
        record(
            NeedDrafted(
                subject_id=need.public_id, organisation_id=need.school_id, encounter_type=need.encounter_type
            ),
            by=by,
            at=at,
        )
        if publish:
            _publish(need, by=by, at=at)
        if once:
            once.remember(need.public_id, at=at)
    return need


def amend(
    *,
    need: EncounterNeed,
    fields: Mapping[str, Any],
    slots: Sequence[SlotTime] | None = None,
    by: Membership,
    at: datetime,
) -> EncounterNeed:
    """Change what was said. `slots`, when given, is the whole new list: one without its id is the one at those
    very times, else new; one left out is taken away. Errors: `need_withdrawn`, `places_taken`,
    `slot_has_claims`, `need_incomplete`, `closes_after_last_time`."""
    return retried(lambda: _amend(need, fields, slots, by=by, at=at))


@transaction.atomic(durable=True)
def _amend(
    need: EncounterNeed,
    fields: Mapping[str, Any],
    slots: Sequence[SlotTime] | None,
    *,
    by: Membership,
    at: datetime,
) -> EncounterNeed:
    need = _locked(need)
    authorise("brokerage.change_need", by, need)
    if need.state == NeedState.WITHDRAWN:
        raise DomainError("need_withdrawn", "You withdrew this need. Copy it to post it again.")
    changed = _set(need, fields, at=at)
    need.changed_at = at
    slot_rules.lock(need)
    need.save()
    if slots is not None and slot_rules.replace(need=need, slots=slots, by=by, at=at):
        changed.append("slots")
    if need.state == NeedState.OPEN:
        _refuse_gaps(need)
        if not {"closes_at", "slots"}.isdisjoint(changed):
            _refuse_late_closing(need)
        if "closes_at" in changed:
            slot_rules.open_all(need=need, at=at)
    if changed:
        record(
            NeedAmended(subject_id=need.public_id, organisation_id=need.school_id, changed=changed),
            by=by,
            at=at,
        )
    return need


@transaction.atomic(durable=True)
def publish(*, need: EncounterNeed, by: Membership, at: datetime) -> EncounterNeed:
    """Open it to those it names. The same again changes nothing. Errors: `need_incomplete` names what is missing;
    `closes_after_last_time`."""
    need = _locked(need)
    authorise("brokerage.change_need", by, need)
    if need.state != NeedState.OPEN:
        _publish(need, by=by, at=at)
    return need


@transaction.atomic(durable=True)
def withdraw(
    *, need: EncounterNeed, reason: str, note: str = "", by: Membership, at: datetime
) -> EncounterNeed:
    """Take it back: everyone who offered or was booked for a time still to come is told why."""
    if reason not in SchoolCancelReason:
        raise InvalidInput.on("reason", "Choose a reason")
    need = _locked(need)
    authorise("brokerage.change_need", by, need)
    if need.state == NeedState.WITHDRAWN:
        return need
    require(
        NEED_MOVES,
        need.state,
        NeedState.WITHDRAWN,
        code="need_not_open",
        message="This need can't be withdrawn.",
    )
    locked = list(Slot.objects.select_for_update(of=("self",)).filter(need=need).order_by("id"))
    ended = sum(
        end_all(slot=slot, reason=reason, note=note, by=by, at=at) for slot in locked if slot.starts_at > at
    )
    Slot.objects.filter(need=need).update(open_until=None)
    need.state = NeedState.WITHDRAWN
    need.withdrawn_at, need.withdraw_reason, need.withdraw_note = at, reason, note
    need.save()
    record(
        NeedWithdrawn(
            subject_id=need.public_id, organisation_id=need.school_id, reason=reason, claims_ended=ended
        ),
        by=by,
        at=at,
    )
    return need


INVITED_AT_MOST: Final = 10


@transaction.atomic(durable=True)
def invite(*, need: EncounterNeed, providers: Sequence[Organisation], by: Membership, at: datetime) -> None:
    """Ask these organisations in particular to take an open need. Whoever it isn't open to can't be asked."""
    need = _locked(need)
    authorise("brokerage.change_need", by, need)
    if need.state != NeedState.OPEN or need.is_arranged:
        raise DomainError("need_not_open", "Post the need first.")
    unfit = [each.name for each in providers if each.category not in need.open_to]
    if not providers or len(providers) > INVITED_AT_MOST or unfit:
        reason = f"This need isn't open to {unfit[0]}" if unfit else f"Choose from 1 to {INVITED_AT_MOST}"
        raise InvalidInput.on("providers", reason)
    record(
        ProvidersInvited(
            subject_id=need.public_id,
            organisation_id=need.school_id,
            invited=[each.public_id for each in providers],
        ),
        by=by,
        at=at,
    )


def filled_in(fields: Mapping[str, Any], by: Membership) -> dict[str, Any]:
    """What a school needn't type: the type's defaults, its own day, rooms, rolls and visitor notes."""
    return filled_in_from(Hosting.objects.filter(school_id=by.organisation_id).first(), fields, by)


def filled_in_from(hosting: Hosting | None, fields: Mapping[str, Any], by: Membership) -> dict[str, Any]:
    """`filled_in`, for whoever has read already how the school receives visitors."""
    values: dict[str, Any] = {"contact": by}
    kind = str(fields.get("encounter_type", ""))
    if kind in EncounterType:
        defaults = DEFAULTS[EncounterType(kind)]
        values |= {
            "open_to": [str(category) for category in defaults.open_to],
            "main_benchmark": int(defaults.benchmark),
            "supervision": defaults.supervision,
            "allocation": defaults.allocation,
            "audience": defaults.audience,
            # The school must ask for all four of a technical provider (rule R18); asking others does no harm.
            "content": sorted(Content) if defaults.benchmark == Benchmark.FURTHER_AND_HIGHER else [],
        }
    if hosting is None:
        return values
    audience = fields.get("audience") or values.get("audience")
    if audience == "whole_year":
        years = fields.get("year_groups") or []
        values["expected_pupils"] = {str(year): roll for year in years if (roll := hosting.roll(year))}
    return values | {
        "venue": hosting.rooms[0] if hosting.rooms else "",
        "entrance": hosting.entrance,
        "visitor_notes": hosting.visitor_notes,
    }


def missing(need: EncounterNeed, *, slots: int) -> dict[str, str]:
    """What a draft still lacks before it can be published: field → what to do."""
    gaps = {field: sentence for field, sentence in MISSING.items() if not getattr(need, field)}
    if not slots:
        gaps["slots"] = "Add at least one time"
    return gaps


def last_posted(by: Membership) -> EncounterNeed | None:
    """For «copy my last need»."""
    return (
        EncounterNeed.objects.filter(school_id=by.organisation_id, published_at__isnull=False)
        .order_by("-published_at", "-id")
        .first()
    )


def _publish(need: EncounterNeed, *, by: Membership, at: datetime) -> None:
    require(
        NEED_MOVES,
        need.state,
        NeedState.OPEN,
        code="need_withdrawn",
        message="You withdrew this need. Copy it.",
    )
    _refuse_gaps(need)
    slots = list(Slot.objects.standing().filter(need=need))
    slot_rules.refuse_past(slots, at=at)
    if need.closes_at and need.closes_at <= at:
        raise InvalidInput.on("closes_at", "The closing date must be in the future", code="need_incomplete")
    _refuse_late_closing(need)
    need.state, need.published_at, need.changed_at = NeedState.OPEN, at, at
    need.save()
    slot_rules.open_all(need=need, at=at)
    record(
        NeedPublished(
            subject_id=need.public_id,
            organisation_id=need.school_id,
            encounter_type=need.encounter_type,
            year_groups=need.year_groups,
            sectors=need.sectors,
            open_to=need.open_to,
            slots=len(slots),
        ),
        by=by,
        at=at,
    )


def _refuse_gaps(need: EncounterNeed) -> None:
    if gaps := missing(need, slots=Slot.objects.standing().filter(need=need).count()):
        raise InvalidInput(
            "need_incomplete", "Some things are still missing before you can post this.", fields=gaps
        )


def _refuse_late_closing(need: EncounterNeed) -> None:
    """Every time takes claims until it starts: a later closing date would promise what can't be. Compared by the day,
    so that the day of the last time may be named."""
    last = Slot.objects.standing().filter(need=need).order_by("-starts_at").first()
    if need.closes_at is None or last is None:
        return
    day = timezone.localdate(last.starts_at)
    if timezone.localdate(need.closes_at) > day:
        raise InvalidInput.on(
            "closes_at",
            f"The last day to claim must be by {in_full(day)}, the day of the last time",
            code="closes_after_last_time",
        )


def _set(need: EncounterNeed, fields: Mapping[str, Any], *, at: datetime) -> list[str]:
    """Put the school's words on the row; returns the names of what changed. Error: `date_out_of_range`."""
    if unknown := set(fields) - FIELDS:
        raise InvalidInput("unknown_field", "Unknown field", fields=dict.fromkeys(unknown, "Unknown field"))
    values = dict(fields)
    for name in ("year_groups", "subjects", "sectors", "open_to", "content"):
        if name in values:
            values[name] = sorted(set(values[name]))
    if "year_groups" in values and "expected_pupils" not in values:
        values["expected_pupils"] = _of_years(need.expected_pupils, values["year_groups"])
    _refuse_unfit({**{name: getattr(need, name) for name in FIELDS if name != "contact"}, **values})
    if (contact := values.get("contact")) and contact.organisation_id != need.school_id:
        raise InvalidInput.on("contact", "Choose someone of your school")
    if (closes_at := values.get("closes_at")) and closes_at != need.closes_at:
        _refuse_too_far(closes_at, at=at)
    changed = [name for name, value in values.items() if getattr(need, name) != value]
    for name in changed:
        setattr(need, name, values[name])
    return sorted(changed)


def _refuse_too_far(closes_at: datetime, *, at: datetime) -> None:
    if far := horizon.too_far(closes_at, "The last day to claim", at=at):
        raise InvalidInput.on("closes_at", far, code=horizon.OUT_OF_RANGE)


def _of_years(pupils: Mapping[str, int], years: Sequence[int]) -> dict[str, int]:
    """Figures of year groups that no longer come go with them."""
    return {year: count for year, count in pupils.items() if int(year) in years}


def _refuse_unfit(values: Mapping[str, Any]) -> None:
    fields: dict[str, str] = {}
    if unfit := [year for year in values["year_groups"] if year not in YEAR_GROUPS]:
        fields["year_groups"] = f"Year {unfit[0]} isn't one of 7 to 13"
    if any(subject not in Subject for subject in values["subjects"]):
        fields["subjects"] = "Choose subjects from the list"
    if any(element not in Content for element in values["content"]):
        fields["content"] = "Choose what it covers from the list"
    if any(sector not in Sector for sector in values["sectors"]):
        fields["sectors"] = "Choose sectors from the list"
    pupils = values["expected_pupils"]
    if any(not year.isdigit() or int(year) not in values["year_groups"] for year in pupils):
        fields["expected_pupils"] = "Give numbers only for the year groups you chose"
    elif any(not isinstance(count, int) or not 0 < count <= 2000 for count in pupils.values()):
        fields["expected_pupils"] = "Enter how many pupils, from 1 to 2,000"
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)


def _locked(need: EncounterNeed) -> EncounterNeed:
    return (
        EncounterNeed.objects.select_for_update(of=("self",))
        .select_related("school", "contact")
        .get(pk=need.pk)
    )
