"""The requests a school has to answer, those it waits for, and one of them with everything needed to answer it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, QuerySet

from brokerage.accounts.models import Membership
from brokerage.calendar import calendars
from brokerage.calendar.calendars import Hours
from brokerage.calendar.clock import ClockState
from brokerage.calendar.dates import academic_year
from brokerage.calendar.school_days import SchoolDays
from brokerage.domain.slots import LONDON
from brokerage.models import AccessRequest, AccessTerms, Hosting
from brokerage.queries import access_requests
from brokerage.queries.access_requests import Answering, Asked
from brokerage.rules import may
from brokerage.states import ACCESS_MOVES, OPEN_REQUESTS, AccessState
from brokerage.vocabulary import Content, DeliveryMode, EncounterType, Qualification
from brokerage.web import clocks, paging, steps
from brokerage.web.charts import ResponseClock
from brokerage.web.dates import in_list, local_day
from schools import words
from schools.queries import free_dates, gaps
from schools.queries.free_dates import Day, Plan

TABS: Final = {"to-answer": "To answer", "with-them": "With them", "answered": "Answered"}
STATES: Final[dict[str, frozenset[str]]] = {
    "to-answer": frozenset({AccessState.WAITING}),
    "with-them": frozenset(OPEN_REQUESTS) - {AccessState.WAITING},
    "answered": frozenset(AccessState) - frozenset(OPEN_REQUESTS),
}
SHOWN_AT_ONCE: Final = 100
RATE_FROM: Final = 10
"""Under so many answers no share of them is said."""
COVERS: Final = {
    Content.OFFER: "what they offer",
    Content.CAREERS: "careers",
    Content.LEARNING: "what it’s like",
    Content.QUESTIONS: "questions",
}


@dataclass(frozen=True)
class Row:
    asked: Asked
    clock: ResponseClock
    badge: clocks.Badge
    is_open: bool = False
    is_new: bool = False

    @property
    def request(self) -> AccessRequest:
        return self.asked.request

    @property
    def about(self) -> str:
        return f"{what(self.request)}. Asked {asked_words(self.request, self.asked.clock.today)}"


@dataclass(frozen=True)
class Rows:
    items: list[Row]
    next: str | None = None
    size: int = paging.SIZE


@dataclass(frozen=True)
class Figures:
    """How the school has answered since September."""

    answering: Answering
    last_days: int | None = None

    @property
    def last_words(self) -> str:
        if self.last_days is None:
            return "Colleges and training providers can ask you at any time."
        return f"The last request was answered in {_days(self.last_days)}.".replace(" day", " school day")

    @property
    def usual(self) -> str:
        median = self.answering.median_days
        return "" if median is None else _days(median)

    @property
    def nine_in_ten(self) -> str:
        """Empty under ten answers: too few to say."""
        days = sorted(self.answering.days)
        return _days(days[ceil(len(days) * 0.9) - 1]) if len(days) >= RATE_FROM else ""


def tab_of(request: AccessRequest) -> str:
    return next(tab for tab, states in STATES.items() if request.state in states)


def tabs(by: Membership) -> list[tuple[str, str, int]]:
    """Each with how many are in it."""
    found = AccessRequest.objects.visible_to(by).order_by().values_list("state").annotate(count=Count("pk"))
    of_state = dict(found)
    return [(tab, label, sum(of_state.get(state, 0) for state in STATES[tab])) for tab, label in TABS.items()]


def rows(by: Membership, tab: str, days: SchoolDays, *, today: date, after: str | None = None) -> Rows:
    """Those to answer by their clocks, the most used first; the others by what happened last."""
    found = visible(by).filter(state__in=STATES[tab])
    if tab == "answered":
        page = paging.page_of(found, "-changed_at", "-pk", after=after)
        return Rows([_row(request, days, today) for request in page.items], page.next, page.size)
    listed = [_row(request, days, today) for request in found.order_by("-changed_at", "-pk")[:SHOWN_AT_ONCE]]
    if tab == "to-answer":
        listed.sort(key=lambda row: access_requests.urgency(row.asked))
    return Rows(listed)


def placed(listed: Sequence[Row], *, open_one: UUID | None, seen: Iterable[str]) -> list[Row]:
    """The rows as a page that is being read takes them in: the open one marked, and what its reader hasn't seen yet
    marked and at its place, but never above the open one. Nothing seen: a page of its own."""
    known = set(seen)
    marked = [
        replace(
            row,
            is_open=row.request.public_id == open_one,
            is_new=bool(known) and str(row.request.public_id) not in known,
        )
        for row in listed
    ]
    place = next((number for number, row in enumerate(marked) if row.is_open), 0)
    above = [row for row in marked[:place] if row.is_new]
    kept = [row for row in marked[:place] if not row.is_new]
    return [*kept, *marked[place : place + 1], *above, *marked[place + 1 :]] if above else marked


def figures(by: Membership, days: SchoolDays, *, today: date) -> Figures:
    since = datetime(academic_year(today), 9, 1, tzinfo=LONDON)
    found = AccessRequest.objects.visible_to(by).filter(answered_at__gte=since)
    answered = [
        Asked(request, access_requests.clock_of(request, days, today=today))
        for request in found.prefetch_related("questions").order_by("answered_at", "pk")
    ]
    return Figures(access_requests.answering(answered), answered[-1].clock.day if answered else None)


@dataclass(frozen=True)
class Granting:
    """What the primary button does: the date it names, and what is filled in beside it."""

    plan: Plan
    days: list[Day]
    chosen: Day | None


@dataclass(frozen=True)
class Detail:
    asked: Asked
    tab: str
    badge: clocks.Badge
    chart: ResponseClock
    clock_words: str
    opening: steps.Line | None
    talk: list[steps.Line]
    steps: list[steps.Line]
    facts: list[tuple[str, str]]
    covers: list[tuple[str, bool]]
    helps: list[tuple[str, str]]
    can: set[str]
    granting: Granting | None = None

    @property
    def request(self) -> AccessRequest:
        return self.asked.request


def detail(
    request: AccessRequest, *, by: Membership, days: SchoolDays, hosting: Hosting | None, at: datetime
) -> Detail:
    """`request` read with `access_requests.with_everything`."""
    today = local_day(at)
    asked = Asked(request, access_requests.clock_of(request, days, today=today))
    said = steps.lines(access_requests.history(request, reader=by), request)
    can = set(ACCESS_MOVES[request.state]) if may("brokerage.answer_request", by, request) else set()
    school_gaps = gaps.of_school(request.school, today) if request.is_open else []
    met = gaps.years_that_met(request.asker, request.school, today) if school_gaps else set()
    return Detail(
        asked=asked,
        tab=tab_of(request),
        badge=_due(asked),
        chart=clocks.drawn(asked.clock, said=" ".join(asked.clock.working[1:])),
        clock_words=clocks.named(asked.clock),
        opening=next((line for line in said if line.quoted), None) if said and said[0].quoted else None,
        talk=[line for line in said[1:] if line.quoted],
        steps=said,
        facts=facts(request, hosting),
        covers=[(label, element in request.content) for element, label in COVERS.items()],
        helps=gaps.helps(request, school_gaps, met),
        can=can,
        granting=_granting(request, days, hosting, at) if AccessState.GRANTED in can else None,
    )


def facts(request: AccessRequest, hosting: Hosting | None) -> list[tuple[str, str]]:
    """What was asked for, a term and its value each."""
    who = f"{words.years(request.year_groups)}, {request.get_audience_display().lower()}"
    rolls = [hosting.roll(year) for year in request.year_groups] if hosting else []
    pupils = sum(filter(None, rolls))
    whole = request.audience == "whole_year" and pupils
    return [
        ("For", f"{who} ({pupils:,})" if whole else who),
        ("Wants", f"{EncounterType(request.encounter_type).label}, {length(request)}, {_mode(request)}"),
        (
            "Represents",
            ", ".join(Qualification(each).label for each in request.qualifications) or "Didn’t say",
        ),
        ("Who comes", str(request.visitor.user) if request.visitor else "To be named"),
    ]


def what(request: AccessRequest) -> str:
    """`Year 10 assembly, 40 minutes`."""
    kind = EncounterType(request.encounter_type).label
    name = kind if kind[:2].isupper() else kind[:1].lower() + kind[1:]
    return f"{words.years(request.year_groups)} {name}, {length(request)}"


def length(request: AccessRequest) -> str:
    hours, minutes = divmod(request.minutes, 60)
    if minutes or hours < 2:
        return f"{request.minutes} minutes"
    return f"{hours} hours"


def asked_words(request: AccessRequest, today: date) -> str:
    on = local_day(request.asked_at)
    if on == today:
        return "today"
    return "yesterday" if on == today - timedelta(days=1) else f"{on.day} {on:%B}"


def days_of(by: Membership, hosting: Hosting | None) -> SchoolDays:
    hours = Hours(hosting.day_starts_at, hosting.day_ends_at) if hosting else calendars.USUAL
    return calendars.days_of(by.organisation_id, hours)


def hosting_of(by: Membership) -> Hosting | None:
    return Hosting.objects.filter(school_id=by.organisation_id).first()


def terms_of(by: Membership) -> AccessTerms | None:
    return AccessTerms.objects.filter(school_id=by.organisation_id).first()


def visible(by: Membership) -> QuerySet[AccessRequest]:
    return access_requests.with_everything(AccessRequest.objects.visible_to(by))


def earlier_of_the_same(request: AccessRequest) -> list[AccessRequest]:
    """Those it could be a duplicate of."""
    same = AccessRequest.objects.filter(
        school=request.school_id, asker=request.asker_id, asked_at__lte=request.asked_at
    )
    return list(same.exclude(pk=request.pk).order_by("-asked_at")[:10])


def _granting(request: AccessRequest, days: SchoolDays, hosting: Hosting | None, at: datetime) -> Granting:
    plan = free_dates.plan_of(request, hosting, free_dates.last_arranged(request.school), days)
    listed = free_dates.of_dates(request.dates, plan, school=request.school, days=days, at=at)
    return Granting(plan, listed, free_dates.preselected(listed))


def _row(request: AccessRequest, days: SchoolDays, today: date) -> Row:
    asked = Asked(request, access_requests.clock_of(request, days, today=today))
    return Row(asked, clocks.drawn(asked.clock, compact=True), clocks.badge(asked))


def _due(asked: Asked) -> clocks.Badge:
    """The detail's badge: by when, while there is still time."""
    clock = asked.clock
    waits = asked.request.state == AccessState.WAITING
    if waits and clock.answer_by and clock.state in (ClockState.RUNNING, ClockState.DUE_SOON):
        kind = "soon" if clock.state == ClockState.DUE_SOON else "day"
        return kind, f"Answer by {in_list(clock.answer_by, clock.today)}"
    return clocks.badge(asked)


def _mode(request: AccessRequest) -> str:
    label = str(DeliveryMode(request.delivery_mode).label)
    return label[:1].lower() + label[1:]


def _days(number: float) -> str:
    shown: Any = int(number) if number == int(number) else number
    return f"{shown} day" if shown == 1 else f"{shown} days"
