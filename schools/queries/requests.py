"""The requests a school has to answer, those it waits for, and one of them with everything needed to answer it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, QuerySet

from brokerage import vocabulary
from brokerage.accounts.models import Membership
from brokerage.calendar import calendars
from brokerage.calendar.calendars import Hours
from brokerage.calendar.dates import academic_year
from brokerage.calendar.school_days import SchoolDays
from brokerage.domain.slots import LONDON
from brokerage.models import AccessRequest, Hosting
from brokerage.queries import access_requests
from brokerage.queries.access_requests import Answering, Asked
from brokerage.states import OPEN_REQUESTS, AccessState
from brokerage.vocabulary import EncounterType
from brokerage.web import clocks, paging
from brokerage.web.charts import ResponseClock
from brokerage.web.dates import local_day

TABS: Final = {"to-answer": "To answer", "with-them": "With them", "answered": "Answered"}
STATES: Final[dict[str, frozenset[str]]] = {
    "to-answer": frozenset({AccessState.WAITING}),
    "with-them": frozenset(OPEN_REQUESTS) - {AccessState.WAITING},
    "answered": frozenset(AccessState) - frozenset(OPEN_REQUESTS),
}
RATE_FROM: Final = 10
"""Under so many answers no share of them is said."""


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
    found = AccessRequest.objects.visible_to(by).filter(state__in=STATES[tab])
    if tab == "to-answer":
        urgent = paging.from_the_top(
            lambda last: access_requests.most_urgent(found, days, today=today, after=last, size=paging.SIZE),
            after,
        )
        return Rows([_row(asked) for asked in urgent.items], urgent.next, urgent.size)
    page = paging.page_of(access_requests.with_everything(found), "-changed_at", "-pk", after=after)
    timed = [Asked(each, access_requests.clock_of(each, days, today=today)) for each in page.items]
    return Rows([_row(asked) for asked in timed], page.next, page.size)


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


def what(request: AccessRequest) -> str:
    """`Year 10 assembly, 40 minutes`."""
    kind = EncounterType(request.encounter_type).label
    name = kind if kind[:2].isupper() else kind[:1].lower() + kind[1:]
    return f"{vocabulary.years(request.year_groups)} {name}, {length(request)}"


def wanted(request: AccessRequest) -> str:
    """`Assembly, 40 minutes, whole year`."""
    kind = EncounterType(request.encounter_type).label
    return f"{kind}, {length(request)}, {request.get_audience_display().lower()}"


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


def visible(by: Membership) -> QuerySet[AccessRequest]:
    return access_requests.with_everything(AccessRequest.objects.visible_to(by))


def _row(asked: Asked) -> Row:
    return Row(asked, clocks.drawn(asked.clock, compact=True), clocks.badge(asked))


def _days(number: float) -> str:
    shown: Any = int(number) if number == int(number) else number
    return f"{shown} day" if shown == 1 else f"{shown} days"
