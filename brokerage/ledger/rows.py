"""What the chained events say a request's row must be. A row is where its steps have led; whoever changes one by hand
leaves the events as they were, so that the two differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.dateparse import parse_date

from brokerage.domain import events
from brokerage.domain.slots import LONDON
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest, Claim, CounterOffer, CounterOutcome, Question
from brokerage.states import AccessState

BATCH: Final = 1000
_PREFIX: Final = "brokerage.access_request."
ASKED: Final = (
    "encounter_type",
    "year_groups",
    "audience",
    "minutes",
    "delivery_mode",
    "dates",
    "content",
    "qualifications",
)
OFFERED: Final = ("dates", "starts", "minutes", "year_groups", "audience", "delivery_mode")

Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """`field` of a request's row isn't what its events say it is."""

    school_id: int
    request: UUID
    what: str


@dataclass
class Told:
    """What the events of one request have led to, in the row's own terms."""

    row: Row = field(default_factory=dict)
    questions: list[list[datetime | None]] = field(default_factory=list)
    offers: list[Row] = field(default_factory=list)
    claim: UUID | None = None
    unread: int | None = None
    """The first event that doesn't hold what a step holds: what comes after it rests on nothing."""

    def hear(self, event: Event) -> None:
        if self.unread is not None:
            return
        try:
            self._take(event)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.unread = event.pk

    def _take(self, event: Event) -> None:
        step = _HEARD.get(event.type.removeprefix(_PREFIX).rpartition(".")[0])
        # Whatever was put in before the asking, or is a second one, is the chain's to tell.
        if step is not None and bool(self.row) != (step is _asked):
            step(self, event)

    def move(self, to: AccessState) -> None:
        self.row["state"] = str(to)

    def answered(
        self, event: Event, to: AccessState, outcome: CounterOutcome = CounterOutcome.REPLACED
    ) -> None:
        """The school's word, or the asker's yes to it: the first stops the clock."""
        self.move(to)
        self.row["answered_at"] = self.row["answered_at"] or event.at
        self.settled(event)
        self.left(event, outcome)

    def asked_back(self, event: Event, to: AccessState) -> None:
        self.move(to)
        self.settled(event)
        self.questions.append([event.at, None])

    def settled(self, event: Event) -> None:
        for pause in self.questions:
            if pause[1] is None and pause[0] is not None:
                pause[1] = max(pause[0], event.at)

    def left(self, event: Event, outcome: CounterOutcome) -> None:
        for offer in self.offers:
            if offer["outcome"] == CounterOutcome.OPEN:
                offer["outcome"], offer["settled_at"] = str(outcome), event.at


def _asked(told: Told, event: Event) -> None:
    told.row = {"state": str(AccessState.WAITING)} | {name: event.data[name] for name in ASKED}
    told.row |= {
        "school": event.organisation_id,
        "asker": event.data["asker"],
        "asked_at": event.at,
        "clock_from": event.at.astimezone(LONDON).date(),
        "answered_at": None,
        "postponed_until": None,
        "postpone_reason": "",
        "ground": "",
        "ground_is_published": None,
        "duplicate_of": None,
        "need": None,
        "told_day": 0,
        "followed_up_at": None,
        "shortfalls": [],
        "reported_minutes": None,
        "reported_at": None,
    }


def _granted(told: Told, event: Event) -> None:
    taken = CounterOutcome.ACCEPTED if event.data["counter_offer"] else CounterOutcome.REPLACED
    told.answered(event, AccessState.GRANTED, taken)
    told.row["need"], told.claim = event.data["need"], UUID(event.data["claim"])


def _countered(told: Told, event: Event) -> None:
    told.answered(event, AccessState.COUNTERED)
    offer = {name: event.data[name] for name in OFFERED}
    told.offers.append(
        offer
        | {
            "public_id": event.data.get("offer"),
            "made_at": event.at,
            "outcome": str(CounterOutcome.OPEN),
            "settled_at": None,
        }
    )


def _rejected(told: Told, event: Event) -> None:
    told.move(AccessState.REJECTED)
    told.left(event, CounterOutcome.REJECTED)


def _postponed(told: Told, event: Event) -> None:
    told.answered(event, AccessState.POSTPONED)
    told.row |= {
        "postponed_until": parse_date(event.data["until"]),
        "postpone_reason": event.data["reason"],
    }


def _returned(told: Told, event: Event) -> None:
    told.move(AccessState.WAITING)
    told.row |= {"clock_from": told.row["postponed_until"], "answered_at": None, "told_day": 0}


def _question_answered(told: Told, event: Event) -> None:
    told.move(AccessState.WAITING)
    told.settled(event)


def _refused(told: Told, event: Event) -> None:
    told.answered(event, AccessState.REFUSED)
    told.row |= {"ground": event.data["ground"], "ground_is_published": event.data["is_published"]}


def _duplicate_marked(told: Told, event: Event) -> None:
    told.asked_back(event, AccessState.DUPLICATE_MARKED)
    told.row["duplicate_of"] = event.data["duplicate_of"]


def _duplicate_settled(told: Told, event: Event) -> None:
    is_duplicate = event.data["is_duplicate"]
    told.move(AccessState.DUPLICATE if is_duplicate else AccessState.WAITING)
    told.settled(event)
    if is_duplicate:
        told.row["changed_at"] = event.at


def _withdrawn(told: Told, event: Event) -> None:
    told.move(AccessState.WITHDRAWN)
    told.settled(event)
    told.left(event, CounterOutcome.REPLACED)
    told.row["changed_at"] = event.at


def _reported(told: Told, event: Event) -> None:
    told.row |= {
        "shortfalls": event.data["kinds"],
        "reported_minutes": event.data["minutes"],
        "reported_at": event.at,
    }


_HEARD: Final[dict[str, Callable[[Told, Event], None]]] = {
    "asked": _asked,
    "granted": _granted,
    "countered": _countered,
    "counter_rejected": _rejected,
    "postponed": _postponed,
    "returned": _returned,
    "questioned": lambda told, event: told.asked_back(event, AccessState.QUESTIONED),
    "question_answered": _question_answered,
    "refused": _refused,
    "duplicate_marked": _duplicate_marked,
    "duplicate_settled": _duplicate_settled,
    "withdrawn": _withdrawn,
    "followed_up": lambda told, event: told.row.update(followed_up_at=event.at),
    "shortfall_reported": _reported,
    "clock_reached": lambda told, event: told.row.update(told_day=event.data["day"]),
}


def differences(school_id: int | None = None) -> Iterator[Difference]:
    """Every request whose row, questions or counter-offers aren't what its events say, and every one that is gone.
    Reads each row and each step once, so many at a time; what seems to differ is read again under the row's lock, for
    a step may have been taken in between."""
    requests = AccessRequest.objects.order_by("pk")
    asked = Event.objects.filter(type=events.AccessAsked.type)
    if school_id is not None:
        requests, asked = requests.filter(school=school_id), asked.filter(organisation_id=school_id)
    last = 0
    while batch := list(requests.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = batch[-1]
        suspects = {found.request for found in _compare(AccessRequest.objects.filter(pk__in=batch))}
        for suspect in sorted(suspects, key=str):
            yield from _again(suspect)
    kept = AccessRequest.objects.filter(public_id=OuterRef("subject_id"))
    for event in asked.filter(~Exists(kept)).order_by("id"):
        if event.subject_id is not None:
            yield Difference(event.organisation_id or 0, event.subject_id, "its row is gone")


@transaction.atomic
def _again(suspect: UUID) -> list[Difference]:
    locked = AccessRequest.objects.select_for_update(of=("self",)).filter(public_id=suspect)
    return list(_compare(locked))


def _compare(requests: QuerySet[AccessRequest]) -> Iterator[Difference]:
    rows = list(
        requests.select_related("asker", "need", "duplicate_of").prefetch_related(
            "questions", "counter_offers"
        )
    )
    told: dict[UUID | None, Told] = {row.public_id: Told() for row in rows}
    steps = Event.objects.filter(subject_id__in=list(told), type__startswith=_PREFIX).order_by("id")
    for event in steps.iterator(chunk_size=BATCH * 4):
        told[event.subject_id].hear(event)
    claims = [each.claim for each in told.values() if each.claim]
    needs = dict(Claim.objects.filter(public_id__in=claims).values_list("public_id", "slot__need__public_id"))
    for row in rows:
        for what in _wrong(row, told[row.public_id], needs):
            yield Difference(row.school_id, row.public_id, what)


def _wrong(row: AccessRequest, told: Told, needs: dict[UUID, UUID]) -> Iterator[str]:
    if told.unread is not None:
        yield f"a step of it can't be read: event {told.unread}"
        return
    if "state" not in told.row:
        yield "no event tells that it was asked"
        return
    kept = _kept(row)
    for name, said in told.row.items():
        if kept[name] != said:
            yield f"{name} is {_shown(kept[name])}, and by its events {_shown(said)}"
    if [[each.asked_at, each.answered_at] for each in _in_order(row.questions.all())] != told.questions:
        yield "its questions aren't those of its events"
    offers: list[CounterOffer] = sorted(row.counter_offers.all(), key=lambda offer: (offer.made_at, offer.pk))
    if len(offers) != len(told.offers) or any(map(_is_another, offers, told.offers)):
        yield "its counter-offers aren't those of its events"
    if told.claim is not None and (row.need is None or needs.get(told.claim) != row.need.public_id):
        yield "the visit it became isn't the one that was granted"


def _in_order(questions: Sequence[Question] | QuerySet[Question]) -> list[Question]:
    return sorted(questions, key=lambda question: (question.asked_at, question.pk))


def _kept(row: AccessRequest) -> Row:
    other, need = row.duplicate_of, row.need
    return {
        **{name: getattr(row, name) for name in ASKED},
        **{name: getattr(row, name) for name in _AS_IT_IS},
        "dates": [day.isoformat() for day in row.dates],
        "school": row.school_id,
        "asker": str(row.asker.public_id),
        "duplicate_of": str(other.public_id) if other else None,
        "need": str(need.public_id) if need else None,
    }


_AS_IT_IS: Final = (
    "state",
    "asked_at",
    "clock_from",
    "answered_at",
    "changed_at",
    "postponed_until",
    "postpone_reason",
    "ground",
    "ground_is_published",
    "told_day",
    "followed_up_at",
    "shortfalls",
    "reported_minutes",
    "reported_at",
)


def _is_another(offer: CounterOffer, said: Row) -> bool:
    """Offers of before they had a name are told apart by what they say."""
    kept = {name: getattr(offer, name) for name in (*OFFERED, "made_at", "outcome", "settled_at")} | {
        "dates": [day.isoformat() for day in offer.dates],
        "starts": offer.starts.isoformat("minutes"),
        "public_id": str(offer.public_id) if said["public_id"] else None,
    }
    return kept != said


def _shown(value: Any) -> str:
    match value:
        case None | "" | []:
            return "empty"
        case datetime():
            return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case list():
            return ", ".join(str(each) for each in value)
    return str(value)
