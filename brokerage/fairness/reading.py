"""What the pages about fairness read. Figures are the night's or the day's increment; counts, never shares, below ten
requests are the page's own business (`FEWEST_FOR_A_SHARE`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from brokerage.accounts.models import Kind, Membership, Organisation, Role
from brokerage.calendar import calendars
from brokerage.calendar import clock as clocks
from brokerage.calendar.clock import Clock
from brokerage.eventlog.models import Event
from brokerage.fairness import groups
from brokerage.fairness.models import FairnessCase, SchoolEvidence
from brokerage.fairness.states import CaseState

LONDON: Final = ZoneInfo("Europe/London")
FEWEST_FOR_A_SHARE: Final = 10
REPLY_SCHOOL_DAYS: Final = 20


# Evidence


def evidence_of(school: Organisation, *, by: Membership | None) -> SchoolEvidence | None:
    """The latest, if `by` may see it now: for an early notice the careers leader alone, with a case the senior leader
    and link governor too, from review on trust and hub."""
    found = SchoolEvidence.objects.visible_to(by).filter(school=school).select_related("replay")
    return found.order_by("-on").first()


def latest_of_schools(schools: Iterable[Organisation] | QuerySet[Organisation]) -> QuerySet[SchoolEvidence]:
    """The latest of each, unfiltered: for counts and funnels, never for naming a school."""
    found = SchoolEvidence.objects.filter(school__in=schools)
    return found.order_by("school_id", "-on").distinct("school_id")


@dataclass(frozen=True)
class LeftOut:
    """E without one provider or one half-term. `half_term` counts from the first September that counts (`window_of` the
    night), six a year."""

    e: float
    provider: Organisation | None = None
    half_term: int | None = None


def left_out_of(evidence: SchoolEvidence) -> list[LeftOut]:
    """Weakest first. Empty below the floors."""
    providers = Organisation.objects.in_bulk(
        list(evidence.left_out.get("providers", {})), field_name="public_id"
    )
    without = [
        LeftOut(e, provider=providers[UUID(provider)])
        for provider, e in evidence.left_out.get("providers", {}).items()
    ]
    without += [
        LeftOut(e, half_term=int(half)) for half, e in evidence.left_out.get("half_terms", {}).items()
    ]
    return sorted(without, key=lambda each: each.e)


# Schools like it


@dataclass(frozen=True)
class Comparable:
    """A school of the same group, for the funnel: how many of its technical requests it granted."""

    school_id: int
    granted: int
    asked: int


def comparable_to(school: Organisation) -> list[Comparable]:
    """Technical requests, matured, of the schools of its group with any; its own among them."""
    rows = latest_of_schools(groups.comparable(school)).values_list(
        "school_id", "technical_granted", "technical"
    )
    return [Comparable(id_, granted, asked) for id_, granted, asked in rows if asked]


# Cases


def case_of(school: Organisation, *, by: Membership | None) -> FairnessCase | None:
    """The case that stands, if `by` may see it; else the last that was confirmed or explained and has ended."""
    cases = FairnessCase.objects.visible_to(by).filter(school=school).exclude(state=CaseState.WITHDRAWN)
    return cases.standing().first() or cases.first()


def cases_for(by: Membership | None) -> QuerySet[FairnessCase]:
    """A hub's or trust's caseload, or a school's own; the oldest review first."""
    return FairnessCase.objects.visible_to(by).select_related("school").order_by("review_from", "flagged_at")


def reply_clock(case: FairnessCase, *, today: date) -> Clock:
    """Where the school's 20 school days stand; its clock stops in holidays. `day` counts, `answer_by` is the last."""
    days = calendars.days_of(case.school_id)
    ended = case.review_from.astimezone(LONDON).date() if case.review_from else None
    parameters = clocks.Parameters(
        due_soon_from=REPLY_SCHOOL_DAYS - 5,
        late_after=REPLY_SCHOOL_DAYS,
        very_late_after=2 * REPLY_SCHOOL_DAYS,
    )
    return clocks.read(
        days, case.flagged_at.astimezone(LONDON).date(), today, answered_on=ended, parameters=parameters
    )


@dataclass(frozen=True)
class CaseStep:
    """One change of a case: what, when, by whom (`actor_key`), and its codes."""

    type: str
    at: datetime
    actor_id: int | None
    actor_key: str
    data: dict[str, object]


def steps_of(case: FairnessCase) -> list[CaseStep]:
    """Everything that happened to it, oldest first."""
    events = Event.objects.filter(subject_id=case.public_id).order_by("id")
    columns = ("type", "at", "actor_id", "actor_key", "data")
    return [CaseStep(*row) for row in events.values_list(*columns)]


def is_careers_leader(by: Membership | None, school: Organisation) -> bool:
    return (
        by is not None
        and by.is_active
        and by.organisation_id == school.pk
        and by.organisation.kind == Kind.SCHOOL
        and by.role == Role.CAREERS_LEADER
    )


def cases_to_decide(by: Membership | None) -> int:
    """Those that `by` may see and that wait for a reviewer."""
    return FairnessCase.objects.visible_to(by).filter(state=CaseState.REVIEW).count()
