"""From the event log to the steps that `mapping` tells the engine. Requests, claims and what became of them; nothing
is written here, and nothing decided.

What happened at a meeting is told as of the meeting's own end, whenever the school writes it down; a recording put
right counts as it stands last. A request outside the years that count, or of a school after it closed (R29), is left
out with all its steps."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from brokerage.accounts.models import Kind, Organisation
from brokerage.calendar import calendars
from brokerage.calendar.school_days import SchoolDays
from brokerage.domain import events as market
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.models import Event
from brokerage.fairness import mapping
from brokerage.fairness.mapping import ASKERS, SCHOOL_DAYS_OF_NOTICE, Asked, Hours, Slot, Step, Terms
from brokerage.fairness.mapping import Kind as StepKind
from brokerage.fairness.models import Contest
from brokerage.fairness.states import ContestGround, ContestOutcome
from brokerage.fairness.stream import StreamEvent, window_of
from brokerage.models import EncounterNeed, Hosting
from brokerage.models import Slot as MarketSlot
from brokerage.vocabulary import Audience

LONDON: Final = ZoneInfo("Europe/London")
FACTS: Final[tuple[type[Fact], ...]] = (
    market.AccessAsked,
    market.AccessGranted,
    market.AccessCountered,
    market.CounterOfferRejected,
    market.AccessPostponed,
    market.AccessQuestioned,
    market.QuestionAnswered,
    market.AccessRefused,
    market.DuplicateMarked,
    market.DuplicateSettled,
    market.AccessWithdrawn,
    market.ClaimSubmitted,
    market.ClaimAccepted,
    market.ClaimDeclined,
    market.ClaimWithdrawn,
    market.ClaimCancelled,
    market.SlotMoved,
    market.EncounterRecorded,
)
USUAL: Final = Hours(starts=time(8, 45), ends=time(15, 15))


class Row(NamedTuple):
    """An event as the feed needs it."""

    id: int
    type: str
    at: datetime
    school: int
    subject: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Opening:
    """The event that opened a request."""

    event_id: int
    school: int
    is_claim: bool


@dataclass
class Told:
    """Steps in the order of the log, and how each request of them was opened."""

    day_0: date
    steps: list[Step] = field(default_factory=list)
    openings: dict[str, Opening] = field(default_factory=dict)

    def stream(self, until: date) -> list[StreamEvent]:
        """In order of time, up to the end of a day."""
        last = (until - self.day_0).days
        return [event for event in mapping.events(self.steps, self.day_0) if event.day <= last]


def read(
    *, until: date, school_ids: Collection[int], since: date | None = None, last_event_id: int | None = None
) -> Told:
    """Everything of these schools, up to the end of a day; all of it in memory. `since` is day 0, that of `until`'s
    window unless it is given."""
    day_0 = since or window_of(until)
    found = _events(day_0, until, last_event_id).filter(organisation_id__in=school_ids).order_by("id")
    columns = ("id", "type", "at", "organisation_id", "subject_id", "data")
    rows = [
        Row(id_, type_, at, school, str(subject), data)
        for id_, type_, at, school, subject, data in found.values_list(*columns).iterator()
        if school is not None
    ]
    return _Feed(rows, school_ids, day_0).told()


def schools_in(*, since: date, until: date, last_event_id: int) -> list[int]:
    """The organisations of whom the log tells anything in these years."""
    found = _events(since, until, last_event_id).order_by().values_list("organisation_id", flat=True)
    return sorted(school for school in found.distinct() if school is not None)


def openings_of(
    school_ids: Collection[int], *, since: date, until: date, last_event_id: int
) -> dict[str, Opening]:
    """How each request of these schools was opened."""
    types = (market.AccessAsked.type, _SUBMITTED)
    found = _events(since, until, last_event_id).filter(organisation_id__in=school_ids, type__in=types)
    columns = ("subject_id", "id", "organisation_id", "type")
    rows = found.order_by("-id").values_list(*columns).iterator()
    return {str(subject): Opening(id_, school, type_ == _SUBMITTED) for subject, id_, school, type_ in rows}


def _events(since: date, until: date, last_event_id: int | None) -> QuerySet[Event]:
    """What the log holds of these days, both included."""
    start = datetime.combine(since, time.min, LONDON)
    end = datetime.combine(until + timedelta(days=1), time.min, LONDON)
    found = Event.objects.filter(type__in=[fact.type for fact in FACTS], at__gte=start, at__lt=end)
    return found if last_event_id is None else found.filter(pk__lte=last_event_id)


class _Feed:
    def __init__(self, rows: list[Row], school_ids: Collection[int], day_0: date) -> None:
        self.rows, self.ids, self.day_0 = rows, school_ids, day_0
        schools = Organisation.objects.filter(pk__in=school_ids, kind=Kind.SCHOOL)
        self.schools = {
            pk: (str(public_id), closed)
            for pk, public_id, closed in schools.values_list("pk", "public_id", "closed_on")
        }
        self.days: Mapping[int, SchoolDays] = calendars.days_of_many(list(self.schools))
        self.hosting = {
            hosting.school_id: hosting for hosting in Hosting.objects.filter(school__in=school_ids)
        }
        self.kinds = _asker_kinds(row.data.get("asker") or row.data.get("claimant") for row in rows)
        self.needs = _needs(row.data["need"] for row in rows if row.type in (_SUBMITTED, _MOVED))
        self.times = _first_times(rows)
        # A recording put right counts as it stands last, and so do the cancellations of one that was not held.
        recordings = [row for row in rows if row.type == _RECORDED]
        self.last_recordings = {row.subject: row.id for row in recordings}
        self.overruled = {
            (row.data["slot"], row.at) for row in recordings if row.id != self.last_recordings[row.subject]
        }
        self.request_of: dict[str, str] = {}
        self.agreed_at: dict[str, datetime] = {}
        self.what = Told(day_0)

    def told(self) -> Told:
        for row in self.rows:
            school = self.schools.get(row.school)
            if school is not None and (school[1] is None or row.at.astimezone(LONDON).date() <= school[1]):
                self.what.steps += STEPS[row.type](self, row)
        self.what.steps += self._corrections()
        return self.what

    def _corrections(self) -> Iterator[Step]:
        """What a reviewer took out, or upheld."""
        accepted = Contest.objects.filter(case__school__in=self.ids, outcome=ContestOutcome.ACCEPTED)
        for request, ground, at in accepted.values_list("request", "ground", "settled_at"):
            if str(request) in self.what.openings and at is not None:
                upheld = ground == ContestGround.SAFEGUARDING
                kind = StepKind.SAFEGUARDING_UPHELD if upheld else StepKind.TAKEN_OUT
                yield Step(kind=kind, at=at, request_id=str(request))

    # Opening

    def asked(self, row: Row) -> Iterator[Step]:
        data = row.data
        terms = Terms(
            year_groups=tuple(data["year_groups"]),
            whole_year=data["audience"] == Audience.WHOLE_YEAR,
            minutes=data["minutes"],
            dates=tuple(map(date.fromisoformat, data["dates"])),
        )
        notice = self._notice(row, terms.dates)
        yield from self._open(row, data["asker"], terms, StepKind.ASKED, notice=notice)

    def submitted(self, row: Row) -> Iterator[Step]:
        """A first-come acceptance is a claim and its answer in one event: no person decided it."""
        data = row.data
        need = self.needs.get(data["need"])
        if need is None or data["slot"] not in self.times:
            return
        starts, ends = self.times[data["slot"]]
        terms = Terms(
            year_groups=tuple(need.year_groups),
            whole_year=need.audience == Audience.WHOLE_YEAR,
            minutes=int((ends - starts).total_seconds() // 60),
            dates=(starts.astimezone(LONDON).date(),),
        )
        at_once = data["state"] == "accepted"
        yield from self._open(row, data["claimant"], terms, StepKind.CLAIM_SUBMITTED, first_come=at_once)
        if at_once:
            yield from self.accepted(row)

    def _open(self, row: Row, asker: str, terms: Terms, kind: StepKind, **more: Any) -> Iterator[Step]:
        kind_of_asker = self.kinds.get(asker, "")
        if kind_of_asker not in ASKERS or not terms.year_groups or row.subject in self.what.openings:
            return
        self.what.openings[row.subject] = Opening(row.id, row.school, kind is StepKind.CLAIM_SUBMITTED)
        asked = Asked(
            school=self.schools[row.school][0], asker=asker, asker_kind=kind_of_asker, terms=terms, **more
        )
        yield Step(kind=kind, at=row.at, request_id=row.subject, asked=asked)

    def _notice(self, row: Row, dates: tuple[date, ...]) -> int | None:
        """School days from the day after the asking to the last date asked for, counted no further than matters."""
        days = self.days[row.school]
        day, count = row.at.astimezone(LONDON).date(), 0
        while dates and day < max(dates) and count < SCHOOL_DAYS_OF_NOTICE:
            day += timedelta(days=1)
            count += days.is_school_day(day)
        return count if dates else None

    # Answers

    def granted(self, row: Row) -> Iterator[Step]:
        if row.subject not in self.what.openings:
            return
        data = row.data
        self.request_of[data["claim"]] = row.subject
        self.times[data["slot"]] = (_at(data["starts_at"]), _at(data["ends_at"]))
        self.agreed_at[data["claim"]] = row.at
        whole_year = data["audience"] == Audience.WHOLE_YEAR
        slot = self._slot(row.school, data["slot"], data["year_groups"], whole_year=whole_year)
        kind = StepKind.COUNTER_ACCEPTED if data["counter_offer"] else StepKind.GRANTED
        yield Step(kind=kind, at=row.at, request_id=row.subject, slot=slot)

    def accepted(self, row: Row) -> Iterator[Step]:
        need = self.needs.get(row.data["need"])
        if row.subject not in self.what.openings or need is None:
            return
        self.agreed_at[row.subject] = row.at
        slot = self._need_slot(row.school, row.data["slot"], need)
        yield Step(kind=StepKind.CLAIM_ACCEPTED, at=row.at, request_id=row.subject, slot=slot)

    def countered(self, row: Row) -> Iterator[Step]:
        data = row.data
        terms = Terms(
            year_groups=tuple(data["year_groups"]),
            whole_year=data["audience"] == Audience.WHOLE_YEAR,
            minutes=data["minutes"],
            dates=tuple(map(date.fromisoformat, data["dates"])),
        )
        return self._step(StepKind.COUNTERED, row, terms=terms)

    def refused(self, row: Row) -> Iterator[Step]:
        return self._step(StepKind.REFUSED, row, reason=row.data["ground"])

    def declined(self, row: Row) -> Iterator[Step]:
        return self._step(StepKind.CLAIM_DECLINED, row, reason=row.data["reason"])

    def settled(self, row: Row) -> Iterator[Step]:
        is_duplicate = row.data["is_duplicate"]
        kind = StepKind.DUPLICATE_AGREED if is_duplicate else StepKind.DUPLICATE_DENIED
        return self._step(kind, row)

    # What became of what was agreed

    def left(self, row: Row) -> Iterator[Step]:
        return self._later(StepKind.CLAIM_WITHDRAWN, row.subject, row, row.data["slot"])

    def cancelled(self, row: Row) -> Iterator[Step]:
        if (row.data["slot"], row.at) not in self.overruled:
            yield from self._later(StepKind.CLAIM_CANCELLED_BY_SCHOOL, row.subject, row, row.data["slot"])

    def moved(self, row: Row) -> Iterator[Step]:
        """The school moved the time: of those who had it, a cancellation with a new date. Who still waits has none."""
        data = row.data
        self.times[row.subject] = (_at(data["starts_at"]), _at(data["ends_at"]))
        need = self.needs[data["need"]]
        slot = self._need_slot(row.school, row.subject, need)
        for claim in data["claims"]:
            if claim in self.agreed_at:
                yield from self._later(StepKind.CLAIM_CANCELLED_BY_SCHOOL, claim, row, None, slot=slot)

    def recorded(self, row: Row) -> Iterator[Step]:
        """Those of one that didn't happen have each a cancellation of their own."""
        data = row.data
        if self.last_recordings[row.subject] != row.id:
            return
        attended = sum(data["attended"].values())
        for claim in data["fulfilled"]:
            more = {"minutes": data["minutes"] or 0, "attended": attended}
            yield from self._later(StepKind.ENCOUNTER_DELIVERED, claim, row, data["slot"], **more)
        for claim in data["missed"]:
            yield from self._later(StepKind.ENCOUNTER_NOT_DELIVERED, claim, row, data["slot"], by="asker")

    def _later(
        self, kind: StepKind, claim: str, row: Row, meeting: str | None, **more: Any
    ) -> Iterator[Step]:
        """As of the meeting's end at the latest, and never before it was agreed."""
        request = self.request_of.get(claim, claim)
        if request not in self.what.openings:
            return
        at = min(row.at, self.times[meeting][1]) if meeting in self.times else row.at
        yield Step(kind=kind, at=max(at, self.agreed_at.get(claim, at)), request_id=request, **more)

    def _step(self, kind: StepKind, row: Row, **more: Any) -> Iterator[Step]:
        if row.subject in self.what.openings:
            yield Step(kind=kind, at=row.at, request_id=row.subject, **more)

    # Slots

    def _need_slot(self, school: int, slot: str, need: EncounterNeed) -> Slot:
        whole_year = need.audience == Audience.WHOLE_YEAR
        pupils = sum(need.expected_pupils.values()) if need.expected_pupils else None
        return self._slot(school, slot, need.year_groups, whole_year=whole_year, pupils=pupils)

    def _slot(
        self, school: int, slot: str, years: Iterable[int], *, whole_year: bool, pupils: int | None = None
    ) -> Slot:
        starts, ends = (at.astimezone(LONDON) for at in self.times[slot])
        hosting = self.hosting.get(school)
        rolls = [roll for year in years if hosting and (roll := hosting.roll(year)) is not None]
        return Slot(
            on=starts.date(),
            starts=starts.time(),
            ends=ends.time(),
            whole_year=whole_year,
            hours=Hours(starts=hosting.day_starts_at, ends=hosting.day_ends_at) if hosting else USUAL,
            pupils=pupils,
            cohort=sum(rolls) if rolls else None,
        )


def _plain(kind: StepKind) -> Callable[[_Feed, Row], Iterator[Step]]:
    return lambda feed, row: feed._step(kind, row)


_SUBMITTED: Final = market.ClaimSubmitted.type
_MOVED: Final = market.SlotMoved.type
_RECORDED: Final = market.EncounterRecorded.type
STEPS: Final[Mapping[str, Callable[[_Feed, Row], Iterator[Step]]]] = {
    market.AccessAsked.type: _Feed.asked,
    market.AccessGranted.type: _Feed.granted,
    market.AccessCountered.type: _Feed.countered,
    market.CounterOfferRejected.type: _plain(StepKind.COUNTER_REJECTED),
    market.AccessPostponed.type: _plain(StepKind.POSTPONED),
    market.AccessQuestioned.type: _plain(StepKind.QUESTION_ASKED),
    market.QuestionAnswered.type: _plain(StepKind.QUESTION_ANSWERED),
    market.AccessRefused.type: _Feed.refused,
    market.DuplicateMarked.type: _plain(StepKind.DUPLICATE_MARKED),
    market.DuplicateSettled.type: _Feed.settled,
    market.AccessWithdrawn.type: _plain(StepKind.WITHDRAWN),
    _SUBMITTED: _Feed.submitted,
    market.ClaimAccepted.type: _Feed.accepted,
    market.ClaimDeclined.type: _Feed.declined,
    market.ClaimWithdrawn.type: _Feed.left,
    market.ClaimCancelled.type: _Feed.cancelled,
    _MOVED: _Feed.moved,
    _RECORDED: _Feed.recorded,
}


def _asker_kinds(askers: Iterable[str | None]) -> dict[str, str]:
    """public_id to what an asker is, as `mapping.ASKERS` names it."""
    known = Organisation.objects.filter(public_id__in={asker for asker in askers if asker})
    return {
        str(public_id): kind or provider_kind
        for public_id, provider_kind, kind in (
            (public_id, provider_kind, "employer" if kind == Kind.EMPLOYER else "")
            for public_id, provider_kind, kind in known.values_list("public_id", "provider_kind", "kind")
        )
    }


def _needs(ids: Iterable[str]) -> dict[str, EncounterNeed]:
    columns = ("public_id", "year_groups", "audience", "expected_pupils")
    found = EncounterNeed.objects.filter(public_id__in=set(ids)).only(*columns)
    return {str(need.public_id): need for need in found}


def _first_times(rows: list[Row]) -> dict[str, tuple[datetime, datetime]]:
    """Each claimed slot's time before it was ever moved."""
    ids = {row.data["slot"] for row in rows if "slot" in row.data}
    slots = MarketSlot.objects.filter(public_id__in=ids)
    times = {
        str(slot): (starts, ends)
        for slot, starts, ends in slots.values_list("public_id", "starts_at", "ends_at")
    }
    for row in reversed(rows):
        if row.type == _MOVED:
            times[row.subject] = (_at(row.data["was_starts_at"]), _at(row.data["was_ends_at"]))
    return times


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
