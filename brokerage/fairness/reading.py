"""What the pages about fairness read. Figures are the night's or the day's increment; counts, never shares, below ten
requests are the page's own business (`FEWEST_FOR_A_SHARE`)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from brokerage.fairness import groups, mapping
from brokerage.fairness.descriptive import Wait
from brokerage.fairness.feed import Told
from brokerage.fairness.feed import read as read_feed
from brokerage.fairness.mapping import ASKERS, REASONS, Step
from brokerage.fairness.mapping import Kind as StepKind
from brokerage.fairness.models import FairnessCase, SchoolEvidence, Trial
from brokerage.fairness.parameters import DEFAULT
from brokerage.fairness.states import CaseState, Tier
from brokerage.models import Claim

LONDON: Final = ZoneInfo("Europe/London")
FEWEST_FOR_A_SHARE: Final = 10
REPLY_SCHOOL_DAYS: Final = 20
_ANSWERS: Final = frozenset(
    {
        StepKind.COUNTERED,
        StepKind.COUNTER_ACCEPTED,
        StepKind.POSTPONED,
        StepKind.GRANTED,
        StepKind.REFUSED,
        StepKind.CLAIM_ACCEPTED,
        StepKind.CLAIM_DECLINED,
    }
)
_GRANTS: Final = frozenset({StepKind.GRANTED, StepKind.COUNTER_ACCEPTED, StepKind.CLAIM_ACCEPTED})
_NOES: Final = frozenset({StepKind.REFUSED, StepKind.CLAIM_DECLINED, StepKind.COUNTER_REJECTED})


# Evidence


def evidence_of(school: Organisation, *, by: Membership | None) -> SchoolEvidence | None:
    """The latest, if `by` may see it now: for an early notice the careers leader alone, with a case the senior leader
    and link governor too, from review on trust and hub."""
    return SchoolEvidence.objects.visible_to(by).filter(school=school).order_by("-on").first()


def latest_of_schools(schools: Iterable[Organisation] | QuerySet[Organisation]) -> QuerySet[SchoolEvidence]:
    """The latest of each, unfiltered: for counts and funnels, never for naming a school."""
    found = SchoolEvidence.objects.filter(school__in=schools)
    return found.order_by("school_id", "-on").distinct("school_id")


def tier_of(school: Organisation, *, by: Membership | None) -> Tier | None:
    """None where `by` may not know."""
    evidence = evidence_of(school, by=by)
    return Tier(evidence.tier) if evidence else None


@dataclass(frozen=True)
class Point:
    """E at the end of a day on which something was scored, and the requests it was scored of."""

    on: date
    e: float
    requests: tuple[UUID, ...]


def history_of(school: Organisation) -> list[Point]:
    """Evidence over time, oldest first. Only for who may see the evidence."""
    points: dict[date, Point] = {}
    trials = Trial.objects.filter(school=school).order_by("number")
    for on, e, request in trials.values_list("matured_on", "e_after", "request"):
        known = points.get(on)
        requests = known.requests if known else ()
        points[on] = Point(on, e, requests if request in requests else (*requests, request))
    return list(points.values())


@dataclass(frozen=True)
class LeftOut:
    """E without one provider or one half-term. `half_term` counts from September 2024, six a year."""

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


# Requests


@dataclass(frozen=True)
class RequestRow:
    """A request or claim as the evidence takes it. `outcome`: granted, refused (with `reason`), silent, withdrawn or
    waiting; `exempt` says why it isn't scored, in a few words, else empty. `trials` are its scored questions."""

    request: UUID
    is_claim: bool
    asker: Organisation | None
    is_technical: bool
    asked_at: datetime
    answered_at: datetime | None
    outcome: str
    reason: str
    exempt: str
    was_cancelled: bool
    trials: tuple[Trial, ...]
    need: UUID | None = None

    @property
    def days_to_answer(self) -> int | None:
        if self.answered_at is None:
            return None
        return (self.answered_at.astimezone(LONDON).date() - self.asked_at.astimezone(LONDON).date()).days

    def wait(self, today: date) -> Wait:
        """For «still unanswered after so many days»."""
        days = self.days_to_answer
        if days is not None:
            return Wait(days, answered=True)
        return Wait(max((today - self.asked_at.astimezone(LONDON).date()).days, 0), answered=False)

    @property
    def path(self) -> str:
        """Where the school reads it."""
        return f"/school/needs/{self.need}/" if self.need else f"/school/requests/{self.request}/"


def requests_of(school: Organisation, *, today: date) -> list[RequestRow]:
    """All of the stream's years, newest first."""
    told = read_feed(until=today, school_ids=[school.pk])
    steps: dict[str, list[Step]] = {}
    for step in sorted(told.steps, key=lambda step: step.at):
        steps.setdefault(step.request_id, []).append(step)
    trials: dict[UUID, list[Trial]] = {}
    for trial in Trial.objects.filter(school=school).order_by("number"):
        trials.setdefault(trial.request, []).append(trial)
    askers = Organisation.objects.in_bulk(_askers(steps), field_name="public_id")
    claims = Claim.objects.filter(slot__need__school=school, public_id__in=steps)
    needs = dict(claims.values_list("public_id", "slot__need__public_id"))
    rows = [
        replace(
            _row(UUID(request), each, told, tuple(trials.get(UUID(request), ())), askers, today),
            need=needs.get(UUID(request)),
        )
        for request, each in steps.items()
    ]
    return sorted(rows, key=lambda row: row.asked_at, reverse=True)


def _askers(steps: dict[str, list[Step]]) -> list[str]:
    return list({step.asked.asker for each in steps.values() for step in each if step.asked})


def _row(
    request: UUID,
    steps: list[Step],
    told: Told,
    trials: tuple[Trial, ...],
    askers: dict[UUID, Organisation],
    today: date,
) -> RequestRow:
    asked = next(step.asked for step in steps if step.asked)
    kinds = {step.kind for step in steps}
    answer = next((step for step in steps if step.kind in _ANSWERS), None)
    no = next((step for step in steps if step.kind in _NOES), None)
    first = steps[0].at
    is_old = (today - first.astimezone(LONDON).date()).days >= DEFAULT.maturity_days
    left = kinds & {StepKind.WITHDRAWN, StepKind.CLAIM_WITHDRAWN}
    if kinds & _GRANTS:
        outcome = "granted"
    elif no is not None:
        outcome = "refused"
    elif left or StepKind.DUPLICATE_AGREED in kinds:
        outcome = "withdrawn"
    else:
        outcome = "silent" if is_old and answer is None else "waiting"
    return RequestRow(
        request=request,
        is_claim=told.openings[str(request)].is_claim,
        asker=askers.get(UUID(asked.asker)),
        is_technical=ASKERS[asked.asker_kind] in DEFAULT.technical_kinds,
        asked_at=first,
        answered_at=None if asked.first_come or answer is None else answer.at,
        outcome=outcome,
        reason=REASONS.get(no.reason, "no_reason") if no is not None and outcome == "refused" else "",
        exempt=_why_exempt(asked, kinds, no),
        was_cancelled=StepKind.CLAIM_CANCELLED_BY_SCHOOL in kinds,
        trials=trials,
    )


def _why_exempt(asked: mapping.Asked, kinds: set[StepKind], no: Step | None) -> str:
    if StepKind.TAKEN_OUT in kinds:
        return "taken out by a reviewer"
    if asked.first_come:
        return "booked at once: nobody decided it"
    if asked.notice is not None and asked.notice < mapping.SCHOOL_DAYS_OF_NOTICE:
        return f"under {mapping.SCHOOL_DAYS_OF_NOTICE} school days' notice"
    if StepKind.DUPLICATE_AGREED in kinds:
        return "a duplicate"
    if no is not None and no.reason in ("not_a_provider", "duplicate"):
        return "refused for a reason that says nothing of the school"
    if StepKind.SAFEGUARDING_UPHELD in kinds:
        return "a safeguarding reason that a reviewer upheld"
    return ""


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
