"""One request with everything its school needs to answer it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from brokerage import vocabulary
from brokerage.accounts.models import Membership
from brokerage.calendar.clock import ClockState
from brokerage.calendar.dates import academic_year
from brokerage.calendar.school_days import SchoolDays
from brokerage.models import AccessRequest, Hosting, Step, Words
from brokerage.queries import access_requests
from brokerage.queries.access_requests import Asked
from brokerage.rules import may
from brokerage.states import ACCESS_MOVES, AccessState
from brokerage.vocabulary import Content, DeliveryMode, EncounterType, Qualification
from brokerage.web import clocks, steps
from brokerage.web.charts import ResponseClock
from brokerage.web.dates import in_list, local_day
from schools.queries import free_dates, gaps
from schools.queries.free_dates import Day, Plan
from schools.queries.requests import hosting_of, length, tab_of

COVERS: Final = {
    Content.OFFER: "what they offer",
    Content.CAREERS: "careers",
    Content.LEARNING: "what it’s like",
    Content.QUESTIONS: "questions",
}


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

    @property
    def removed(self) -> str:
        """In place of what they opened with."""
        return self.steps[0].removed if self.steps else ""


def of(
    request: AccessRequest, *, by: Membership, days: SchoolDays, hosting: Hosting | None, at: datetime
) -> Detail:
    """`request` read with `access_requests.with_everything`."""
    today = local_day(at)
    asked = Asked(request, access_requests.clock_of(request, days, today=today))
    said = steps.lines(access_requests.history(request, reader=by), request)
    can = set(ACCESS_MOVES[request.state]) if may("brokerage.answer_request", by, request) else set()
    if AccessState.DUPLICATE_MARKED in can and not earlier_of_the_same(request):
        can.remove(AccessState.DUPLICATE_MARKED)
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


def aside(request: AccessRequest, *, by: Membership, today: date) -> dict[str, Any]:
    """What stands beside every answer: the ask in their words, and its clock."""
    asked = access_requests.timed([request], today=today)[0]
    written = Words.objects.filter(request=request, step=Step.ASK).first()
    return {
        "asked": asked,
        "badge": clocks.badge(asked),
        "quoted": written.text if written and may("brokerage.read_words", by, request) else "",
        "facts": facts(request, hosting_of(by)),
    }


def facts(request: AccessRequest, hosting: Hosting | None) -> list[tuple[str, str]]:
    """What was asked for, a term and its value each."""
    who = f"{vocabulary.years(request.year_groups)}, {request.get_audience_display().lower()}"
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


def earlier_of_the_same(request: AccessRequest) -> list[AccessRequest]:
    """Those it could be a duplicate of."""
    same = AccessRequest.objects.filter(
        school=request.school_id, asker=request.asker_id, asked_at__lte=request.asked_at
    )
    return list(same.exclude(pk=request.pk).order_by("-asked_at")[:10])


def likeliest(request: AccessRequest, earlier: list[AccessRequest]) -> AccessRequest | None:
    """The newest that asked for some of the same pupils in the same school year."""
    return next((each for each in earlier if _pupils(each) & _pupils(request)), None)


def _pupils(request: AccessRequest) -> set[tuple[int, int]]:
    """The school years of its dates, each with its year groups."""
    return {(academic_year(day), year) for day in request.dates for year in request.year_groups}


def _granting(request: AccessRequest, days: SchoolDays, hosting: Hosting | None, at: datetime) -> Granting:
    plan = free_dates.plan_of(request, hosting, free_dates.last_arranged(request.school), days)
    listed = free_dates.of_dates(request.dates, plan, school=request.school, days=days, at=at)
    return Granting(plan, listed, free_dates.preselected(listed))


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
