"""Access requests as both sides read them: each with its clock, its history, and what was written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar import calendars, clock
from brokerage.calendar.clock import Clock, ClockState, Pause
from brokerage.calendar.school_days import SchoolDays
from brokerage.calendar.settings import CLOCK
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest, CounterOffer, CounterOutcome, Question, TermAnswer, Words, term_of
from brokerage.queries import cursors
from brokerage.queries.cursors import SIZE, Page
from brokerage.rules import may
from brokerage.states import AccessState

LONDON: Final = ZoneInfo("Europe/London")
ASKERS_TURN: Final = timedelta(days=14)
LATE: Final = frozenset({ClockState.LATE, ClockState.VERY_LATE, ClockState.NO_RESPONSE})


@dataclass(frozen=True)
class Asked:
    """A request with its clock, which both sides see alike."""

    request: AccessRequest
    clock: Clock

    @property
    def is_late(self) -> bool:
        return self.request.is_unanswered and self.clock.state in LATE

    @property
    def offer(self) -> CounterOffer | None:
        """The counter-offer that waits for the asker."""
        return next(
            (each for each in self.request.counter_offers.all() if each.outcome == CounterOutcome.OPEN), None
        )


@dataclass(frozen=True)
class HistoryStep:
    """One event of a request. `words` is what was written with it, where the reader may read it and it still stands.
    `by_platform`: the clock or Doorway's staff did it, neither side."""

    type: str
    at: datetime
    by_school: bool
    data: dict[str, object]
    words: Words | None = None
    by_platform: bool = False


def with_everything(requests: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    """What a row of any list needs, in three statements."""
    return requests.select_related(
        "school", "asker", "asked_by__user", "visitor__user", "need", "duplicate_of"
    ).prefetch_related(
        Prefetch("questions", Question.objects.order_by("asked_at")),
        Prefetch("counter_offers", CounterOffer.objects.order_by("made_at")),
    )


def timed(requests: Iterable[AccessRequest], *, today: date) -> list[Asked]:
    """Each with its clock: two more statements, however many there are. Read with `with_everything`."""
    listed = list(requests)
    days = calendars.days_of_many({request.school_id for request in listed})
    return [Asked(request, clock_of(request, days[request.school_id], today=today)) for request in listed]


def clock_of(request: AccessRequest, days: SchoolDays, *, today: date) -> Clock:
    """Withdrawn, and settled as a duplicate, stop it as an answer does. Dates that were past before the clock began,
    because the school had put the request off, don't end it."""
    last = max(request.dates)
    return clock.read(
        days,
        request.clock_from,
        today,
        pauses=_pauses(request),
        answered_on=_stopped_on(request),
        last_offered_on=last if last > request.clock_from else None,
        parameters=CLOCK,
        ended_by=clock.ANSWERED if request.answered_at else _STOPPED.get(request.state, clock.ANSWERED),
    )


def one(request: AccessRequest, *, today: date) -> Asked:
    return timed([with_everything(AccessRequest.objects.filter(pk=request.pk)).get()], today=today)[0]


def listed(
    *,
    by: Membership,
    today: date,
    state: str | None = None,
    school: UUID | None = None,
    cursor: str | None = None,
    size: int = SIZE,
) -> Page[Asked]:
    """What `by` may see, newest first."""
    requests = with_everything(AccessRequest.objects.visible_to(by))
    if state:
        requests = requests.filter(state=state)
    if school:
        requests = requests.filter(school__public_id=school)
    if cursor:
        (last,) = cursors.read(cursor, cursors.key)
        requests = requests.filter(id__lt=last)
    rows = list(requests.order_by("-id")[: size + 1])
    following = cursors.write([rows[size - 1].pk]) if len(rows) > size else None
    return Page(timed(rows[:size], today=today), following, size)


def inbox(school: Organisation, *, today: date) -> list[Asked]:
    """What waits for the school's word, the most used clock first; those that wait for the asker are not here."""
    waiting = AccessRequest.objects.filter(school=school, state=AccessState.WAITING)
    return sorted(timed(with_everything(waiting), today=today), key=urgency)


def urgency(asked: Asked) -> tuple[int, datetime, int]:
    return -asked.clock.day, asked.request.asked_at, asked.request.pk


def most_urgent(
    waiting: QuerySet[AccessRequest], days: SchoolDays, *, today: date, after: str | None, size: int = SIZE
) -> Page[Asked]:
    """A page of what waits for one school's word, the most used clock first."""
    asked = [Asked(each, clock_of(each, days, today=today)) for each in with_everything(waiting)]
    kinds = (cursors.number, cursors.moment, cursors.key)
    return cursors.page_of(asked, urgency, *kinds, after=after, size=size)


def waiting_count(school: Organisation) -> int:
    """For the navigation's number."""
    return AccessRequest.objects.filter(school=school, state=AccessState.WAITING).count()


def history(request: AccessRequest, *, reader: Membership) -> list[HistoryStep]:
    """Every step in order, from the log; the words only to the two sides."""
    theirs = may("brokerage.read_words", reader, request)
    written = {words.sha256: words for words in Words.objects.filter(request=request)} if theirs else {}
    school_people = set(
        Membership.objects.filter(organisation_id=request.school_id).values_list("public_id", flat=True)
    )
    keys = {f"membership:{public_id}" for public_id in school_people}
    return [
        HistoryStep(
            type=event.type.removeprefix("brokerage.access_request.").rpartition(".")[0],
            at=event.at,
            by_school=event.actor_key in keys,
            data=event.data,
            words=written.get(event.data.get("words") or ""),
            by_platform=not event.actor_key.startswith("membership:"),
        )
        for event in Event.objects.filter(
            subject_id=request.public_id, type__startswith="brokerage.access_request."
        ).order_by("id")
    ]


def unsettled_duplicates(*, at: datetime) -> QuerySet[AccessRequest]:
    """Marked as a duplicate, and the asker hasn't said for a fortnight whether it is: staff may."""
    return (
        AccessRequest.objects.filter(state=AccessState.DUPLICATE_MARKED, changed_at__lt=at - ASKERS_TURN)
        .select_related("school", "asker", "duplicate_of")
        .order_by("changed_at")[:50]
    )


def term_answer(school: Organisation, *, today: datetime) -> TermAnswer | None:
    return (
        TermAnswer.objects.select_related("words")
        .filter(school=school, term=term_of(today.astimezone(LONDON)))
        .first()
    )


@dataclass(frozen=True)
class Answering:
    """How a school has answered: counts, and school days to the first answer."""

    answered: int = 0
    granted: int = 0
    days: Sequence[int] = field(default=())

    @property
    def median_days(self) -> float | None:
        middle = sorted(self.days)
        if not middle:
            return None
        half = len(middle) // 2
        return float(middle[half]) if len(middle) % 2 else (middle[half - 1] + middle[half]) / 2


def answering(requests: Iterable[Asked]) -> Answering:
    answered = [asked for asked in requests if asked.request.answered_at is not None]
    return Answering(
        answered=len(answered),
        granted=sum(asked.request.state == AccessState.GRANTED for asked in answered),
        days=tuple(asked.clock.day for asked in answered),
    )


_STOPPED: Final[Mapping[str, str]] = {
    AccessState.WITHDRAWN: "Withdrawn",
    AccessState.DUPLICATE: "Settled as a duplicate",
}


def _stopped_on(request: AccessRequest) -> date | None:
    stopped = request.answered_at or (request.changed_at if request.state in _STOPPED else None)
    return stopped.astimezone(LONDON).date() if stopped else None


def _pauses(request: AccessRequest) -> list[Pause]:
    """Questions since the clock began; one answered on the day it was put still takes that day."""
    return [
        Pause(
            max(question.asked_at.astimezone(LONDON).date(), request.clock_from),
            question.answered_at.astimezone(LONDON).date() if question.answered_at else None,
        )
        for question in request.questions.all()
        if question.answered_at is None
        or question.answered_at.astimezone(LONDON).date() >= request.clock_from
    ]
