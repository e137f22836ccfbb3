"""A need's history from the event log, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from brokerage.accounts.models import Organisation, User
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, EncounterNeed, Slot
from brokerage.vocabulary import ClaimantReason, DeclineReason, SchoolCancelReason
from brokerage.web.dates import clock, in_list

SHOWN: Final = 30
FIELDS: Final = {
    "slots": "the times",
    "closes_at": "the last day to claim",
    "open_to": "who may take it",
    "year_groups": "the year groups",
    "expected_pupils": "how many pupils",
    "main_benchmark": "the benchmark",
    "delivery_mode": "how they meet",
    "encounter_type": "the type",
    "allocation": "who chooses",
    "visitor_notes": "the notes for visitors",
    "subjects": "subjects",
    "sectors": "sectors",
    "contact": "the contact",
}


@dataclass(frozen=True)
class Line:
    at: datetime
    words: str
    icon: str


def of_need(need: EncounterNeed, slots: Iterable[Slot]) -> list[Line]:
    """The newest first; whoever acted for the school is named, other organisations by their name."""
    subjects: list[UUID] = [need.public_id, *(slot.public_id for slot in slots)]
    subjects += (
        Claim.objects.filter(slot__need=need).order_by("-pk").values_list("public_id", flat=True)[:200]
    )
    subjects += Encounter.objects.filter(slot__need=need).values_list("public_id", flat=True)
    events = list(
        Event.objects.filter(organisation_id=need.school_id, subject_id__in=subjects).order_by("-id")[:SHOWN]
    )
    people = dict(User.objects.filter(pk__in={event.actor_id for event in events}).values_list("pk", "name"))
    claimants = {event.data.get("claimant") for event in events} - {None}
    names = {
        str(public_id): name
        for public_id, name in Organisation.objects.filter(public_id__in=claimants).values_list(
            "public_id", "name"
        )
    }
    # What didn't happen also ended each claim: said once.
    undelivered = {
        (event.data["slot"], event.at)
        for event in events
        if event.type.startswith("brokerage.encounter.recorded.") and not event.data["delivered"]
    }
    return [
        line
        for event in events
        if (event.data.get("slot"), event.at) not in undelivered or ".claim." not in event.type
        if (line := _line(event, people, names))
    ]


def _line(event: Event, people: dict[int, str], names: dict[str, str]) -> Line | None:
    data = event.data
    by = people.get(event.actor_id or 0) or "Doorway"
    them = names.get(str(data.get("claimant")), "Someone")
    made = _SENTENCES.get(event.type.removeprefix("brokerage.").rpartition(".")[0])
    if made is None:
        return None
    words, icon = made(data, by, them)
    return Line(event.at, words, icon)


def _drafted(_: dict[str, Any], by: str, __: str) -> tuple[str, str]:
    return f"{by} drafted this", "plus"


def _published(data: dict[str, Any], by: str, _: str) -> tuple[str, str]:
    times = data.get("slots", 1)
    return f"{by} posted it with {times} {'time' if times == 1 else 'times'}", "live"


def _amended(data: dict[str, Any], by: str, _: str) -> tuple[str, str]:
    changed = [FIELDS.get(field, f"the {field.replace('_', ' ')}") for field in data.get("changed", ())]
    listed = ", ".join(changed[:3]) + (" and more" if len(changed) > 3 else "")
    return f"{by} changed {listed or 'it'}", "clock"


def _withdrawn(data: dict[str, Any], by: str, _: str) -> tuple[str, str]:
    return f"{by} withdrew it: {_reason(SchoolCancelReason, data)}", "cross"


def _moved(data: dict[str, Any], by: str, _: str) -> tuple[str, str]:
    was, now = (datetime.fromisoformat(data[name]) for name in ("was_starts_at", "starts_at"))
    told = len(data.get("claims", ()))
    tail = f". {told} told" if told else ""
    return f"{by} moved {in_list(was)}, {clock(was)} to {in_list(now)}, {clock(now)}{tail}", "clock"


def _submitted(data: dict[str, Any], _: str, them: str) -> tuple[str, str]:
    places = data.get("places", 1)
    if data.get("state") == "accepted":
        return f"{them} took {'a place' if places == 1 else f'{places} places'}", "tick"
    return f"{them} offered to come", "clock"


def _accepted(_: dict[str, Any], by: str, them: str) -> tuple[str, str]:
    return f"{by} accepted {them}", "tick"


def _declined(data: dict[str, Any], by: str, them: str) -> tuple[str, str]:
    return f"{by} declined {them}: {_reason(DeclineReason, data)}", "cross"


def _left(data: dict[str, Any], _: str, them: str) -> tuple[str, str]:
    said = "can't come" if data.get("was") == "accepted" else "withdrew"
    return f"{them} {said}: {_reason(ClaimantReason, data)}", "cross"


def _cancelled(data: dict[str, Any], by: str, them: str) -> tuple[str, str]:
    return f"{by} cancelled {them}: {_reason(SchoolCancelReason, data)}", "cross"


def _named(data: dict[str, Any], _: str, them: str) -> tuple[str, str]:
    return (f"{them} named who comes" if data.get("attendee") else f"{them} will name who comes"), "clock"


def _recorded(data: dict[str, Any], by: str, _: str) -> tuple[str, str]:
    if not data.get("delivered"):
        return f"{by} recorded that it didn't happen", "cross"
    return f"{by} recorded that it happened: {data.get('minutes')} minutes", "tick"


def _confirmed(_: dict[str, Any], __: str, them: str) -> tuple[str, str]:
    return f"{them} confirmed it", "tick"


def _disputed(_: dict[str, Any], __: str, them: str) -> tuple[str, str]:
    return f"{them} saw it differently", "late"


def _reason(choices: Any, data: dict[str, Any]) -> str:
    value = data.get("reason", "")
    label = str(choices(value).label) if value in choices else "another reason"
    return label[:1].lower() + label[1:]


_SENTENCES: Final = {
    "need.drafted": _drafted,
    "need.published": _published,
    "need.amended": _amended,
    "need.withdrawn": _withdrawn,
    "slot.moved": _moved,
    "claim.submitted": _submitted,
    "claim.accepted": _accepted,
    "claim.declined": _declined,
    "claim.withdrawn": _left,
    "claim.cancelled": _cancelled,
    "claim.attendee_named": _named,
    "encounter.recorded": _recorded,
    "encounter.confirmed": _confirmed,
    "encounter.disputed": _disputed,
}
