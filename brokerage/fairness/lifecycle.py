"""What becomes of a flag: the school replies first, a named human who is no party decides, and the school is watched
until it is clear. fairness.md section 6. Each verb one transaction: lock, authorise, guard, write, record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from brokerage.accounts.models import Kind, Membership, Organisation, Role, User
from brokerage.calendar import calendars
from brokerage.domain import events as facts
from brokerage.domain import wording
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.eventlog.record import PLATFORM, Actor, record
from brokerage.fairness import bundles, conflicts, increments, rows
from brokerage.fairness.held import e_since, e_without
from brokerage.fairness.models import Bundle, Contest, FairnessCase, Replay, SchoolEvidence
from brokerage.fairness.parameters import DEFAULT
from brokerage.fairness.reading import REPLY_SCHOOL_DAYS, reply_clock
from brokerage.fairness.states import (
    CASE_MOVES,
    DECISIONS,
    REPLYING,
    CaseState,
    ContestGround,
    ContestOutcome,
    Tier,
)
from brokerage.models import ExternalEncounter
from brokerage.states import require

LONDON: Final = ZoneInfo("Europe/London")
REPLIERS: Final = frozenset({Role.CAREERS_LEADER, Role.SENIOR_LEADER})
WITHDRAWN_BELOW: Final = 0.1
"""Of the threshold: evidence that has fallen so far is none, and the flag goes without anybody's decision."""
CLEAR_TECHNICAL: Final = 10
CLEAR_ODDS: Final = 0.05 / 0.95
"""Of a difference since the flag, at even odds before: P <= 5 %."""
WATCHED_DAYS: Final = 365
NOTICE_AGAIN: Final = timedelta(days=60)
By = Membership | User


# What follows from a night


def follow(*, run: Replay, at: datetime) -> None:
    """Once the night is whole: flags, early notices, and what is watched. Done again, nothing is done twice."""
    of_the_night = SchoolEvidence.objects.filter(replay=run, is_of_the_night=True, on=run.on)
    for evidence in of_the_night.filter(tier=Tier.FLAG).select_related("school"):
        flag(school=evidence.school, run=run, at=at)
    for evidence in of_the_night.filter(tier=Tier.EARLY_NOTICE).select_related("school"):
        give_notice(school=evidence.school, run=run, at=at)
    for case in FairnessCase.objects.standing().select_related("school"):
        watch(case=case, run=run, at=at)


@transaction.atomic(durable=True)
def flag(*, school: Organisation, run: Replay, at: datetime) -> FairnessCase | None:
    """Freeze the evidence and begin a case, unless one stands. After a case that ended, only what was asked since it
    was flagged can flag again: None otherwise."""
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=school.pk)
    cases = FairnessCase.objects.filter(school=school)
    if cases.standing().exists():
        return None
    found = increments.work_out(school, run, until=run.on, is_comparison=True)
    last = cases.order_by("-flagged_at").first()
    if last is not None:
        since, _ = e_since(found.trials, (last.flagged_on - found.held.day_0).days + 1, found.held.nation)
        if since < found.figures.threshold:
            return None
    case = FairnessCase.objects.create(
        school=school,
        follows=last if last is not None and last.state == CaseState.RENEWED else None,
        flagged_at=at,
        flagged_on=run.on,
        e_now=found.figures.e,
        threshold=found.figures.threshold,
    )
    text = bundles.freeze(
        school=str(school.public_id),
        name=school.name,
        on=run.on,
        stream=found.stream,
        held=found.held,
        trials=found.trials,
        national=found.national,
        here=found.here,
    )
    Bundle.objects.create(case=case, sha256=bundles.digest(text), content=text, made_at=at)
    _record(facts.CaseFlagged, case, by=PLATFORM, at=at, on=run.on.isoformat())
    return case


@transaction.atomic(durable=True)
def give_notice(*, school: Organisation, run: Replay, at: datetime) -> bool:
    """To the careers leader alone, and not again soon for an E that hovers; never beside a case that stands."""
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=school.pk)
    if FairnessCase.objects.standing().filter(school=school).exists():
        return False
    given = Event.objects.filter(
        subject_id=school.public_id, type=facts.EarlyNoticeGiven.type, at__gt=at - NOTICE_AGAIN
    )
    if given.exists():
        return False
    fact = facts.EarlyNoticeGiven(
        subject_id=school.public_id, organisation_id=school.pk, on=run.on.isoformat()
    )
    record(fact, by=PLATFORM, at=at)
    return True


def watch(*, case: FairnessCase, run: Replay, at: datetime) -> FairnessCase:
    """The night's word on a case that stands: closed schools' end (R29), decided ones are watched, watched ones clear
    or are seen again."""
    if case.school.closed_on is not None and case.school.closed_on <= run.on:
        return _end_of_closed(case, at=at)
    if case.state in (CaseState.CONFIRMED, CaseState.EXPLAINED):
        with _locked(case) as fresh:
            _move(fresh, CaseState.MONITORED)
            fresh.monitored_from = run.on
            fresh.save(update_fields=["state", "monitored_from"])
            _record(facts.CaseMonitored, fresh, by=PLATFORM, at=at, on=run.on.isoformat())
            return fresh
    if case.state == CaseState.MONITORED:
        return _watch_further(case, run, at=at)
    return case


def _watch_further(case: FairnessCase, run: Replay, *, at: datetime) -> FairnessCase:
    """From requests made since the flag alone: cleared at P(differs) <= 5 % with ten technical ones, or after a year
    without an early notice's worth; renewed once they alone would flag."""
    found = increments.work_out(case.school, run, until=run.on, is_comparison=True)
    e, technical = e_since(found.trials, (case.flagged_on - found.held.day_0).days + 1, found.held.nation)
    is_clear = technical >= CLEAR_TECHNICAL and e <= CLEAR_ODDS
    is_long_ago = run.on >= case.flagged_on + timedelta(days=WATCHED_DAYS) and e < DEFAULT.notice
    is_again = e >= found.figures.threshold and found.figures.tier() == Tier.FLAG
    if not (is_clear or is_long_ago or is_again):
        return case
    with _locked(case) as fresh:
        _move(fresh, CaseState.RENEWED if is_again else CaseState.CLEARED)
        fresh.ended_at = at
        fresh.save(update_fields=["state", "ended_at"])
        _record(facts.CaseEnded, fresh, by=PLATFORM, at=at, state=str(fresh.state))
    if is_again:
        flag(school=case.school, run=run, at=at)
    return fresh


def _end_of_closed(case: FairnessCase, *, at: datetime) -> FairnessCase:
    with _locked(case) as fresh:
        if CaseState.WITHDRAWN in CASE_MOVES[fresh.state]:
            _withdraw(fresh, "school_closed", at=at)
        return fresh


# The school's reply


def look_at_replies(*, at: datetime) -> None:
    """Replies open on the first school day after the flag, and end when 20 have gone by."""
    today = at.astimezone(LONDON).date()
    for case in FairnessCase.objects.filter(state__in=REPLYING).order_by("pk"):
        if case.state == CaseState.FLAGGED:
            open_reply(case=case, today=today, at=at)
        elif reply_clock(case, today=today).day > REPLY_SCHOOL_DAYS:
            with _locked(case) as fresh:
                _to_review(fresh, how="time", by=PLATFORM, at=at)


def open_reply(*, case: FairnessCase, today: date, at: datetime) -> FairnessCase:
    """Nothing happens before the school's first school day since."""
    days = calendars.days_of(case.school_id)
    if today <= case.flagged_at.astimezone(LONDON).date() or not days.is_school_day(today):
        return case
    with _locked(case) as fresh:
        if fresh.state == CaseState.FLAGGED:
            _open(fresh, today, at=at)
        return fresh


def _open(case: FairnessCase, on: date, *, at: datetime) -> None:
    _move(case, CaseState.REPLY_OPEN)
    case.reply_from = on
    case.save(update_fields=["state", "reply_from"])
    _record(facts.ReplyOpened, case, by=PLATFORM, at=at, on=on.isoformat())


def contest(
    *, case: FairnessCase, request: UUID, ground: str, note: str = "", by: Membership, at: datetime
) -> Contest:
    """Say that a request shouldn't count, and why. Said before: the ground and note are these now. Error:
    `not_in_evidence`."""
    if ground not in ContestGround:
        raise InvalidInput.on("ground", "Choose why it shouldn't count")
    note = wording.checked(note, "note", at_most=2000)
    with _replying(case, by=by, at=at) as fresh:
        if str(request) not in bundles.requests_in(fresh.bundle.content):
            raise DomainError("not_in_evidence", "This request isn't part of the evidence.")
        found, _ = Contest.objects.update_or_create(
            case=fresh,
            request=request,
            defaults={"ground": ground, "note": note, "contested_by": by, "contested_at": at},
        )
        _record(facts.RequestContested, fresh, by=by, at=at, request=request, ground=str(ground))
        return found


def add_encounter(
    *, case: FairnessCase, encounter: ExternalEncounter, by: Membership, at: datetime
) -> FairnessCase:
    """Point to an encounter held without Doorway, recorded with its evidence."""
    with _replying(case, by=by, at=at) as fresh:
        if encounter.school_id != fresh.school_id or encounter.removed_at is not None:
            raise InvalidInput.on("encounter", "Choose one of your school's encounters held elsewhere")
        if not fresh.encounters.filter(pk=encounter.pk).exists():
            fresh.encounters.add(encounter)
            _record(facts.EncounterAdded, fresh, by=by, at=at, encounter=encounter.public_id)
        return fresh


def give_context(*, case: FairnessCase, context: str, by: Membership, at: datetime) -> FairnessCase:
    """What a reviewer should know, in the school's words; the last stands."""
    context = wording.checked(context, "context", at_most=4000, required="Enter what a reviewer should know")
    with _replying(case, by=by, at=at) as fresh:
        if fresh.context != context:
            fresh.context = context
            fresh.save(update_fields=["context"])
            _record(facts.ContextGiven, fresh, by=by, at=at)
        return fresh


def finish_reply(*, case: FairnessCase, by: Membership, at: datetime) -> FairnessCase:
    """The school has said all it wants to: a reviewer may begin before the 20 days are over. Error: `reply_is_empty`,
    for nothing can be added afterwards; whoever has nothing to say waits."""
    with _replying(case, by=by, at=at) as fresh:
        if not (fresh.context or fresh.contests.exists() or fresh.encounters.exists()):
            raise DomainError(
                "reply_is_empty",
                "Nothing is saved yet. Save what you want to say in a section first. If you have nothing to say, you "
                "needn’t send anything: a reviewer reads the case after your 20 school days.",
            )
        _to_review(fresh, how="finished", by=by, at=at)
        return fresh


def _to_review(case: FairnessCase, *, how: str, by: Actor, at: datetime) -> None:
    _move(case, CaseState.REVIEW)
    case.review_from = at
    case.save(update_fields=["state", "review_from"])
    _record(facts.ReplyEnded, case, by=by, at=at, how=how)


# The review


def settle_contest(*, contest: Contest, accept: bool, answer: str, by: By, at: datetime) -> FairnessCase:
    """Accept or refuse, with reasons. What is accepted is taken out and the evidence run again, all national figures
    as frozen; below a tenth of the threshold the flag is withdrawn by itself."""
    answer = wording.checked(answer, "answer", at_most=2000, required="Enter your reason")
    with _reviewing(contest.case, by=by) as (case, reviewer):
        fresh = Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
        if fresh.outcome:
            raise DomainError("contest_settled", "This has been answered already.")
        fresh.outcome = ContestOutcome.ACCEPTED if accept else ContestOutcome.REFUSED
        fresh.answer, fresh.settled_by, fresh.settled_at = answer, reviewer, at
        fresh.e_before = case.e_now
        fresh.e_after = e_after_exclusions(case, also=[fresh.request]) if accept else case.e_now
        fresh.save()
        _record(facts.ContestSettled, case, by=by, at=at, request=fresh.request, is_accepted=accept)
        case.e_now = fresh.e_after
        case.save(update_fields=["e_now"])
        if case.e_now < WITHDRAWN_BELOW * case.threshold:
            _withdraw(case, "evidence_fell", at=at)
        return case


def e_after_exclusions(case: FairnessCase, *, also: list[UUID] | None = None) -> float:
    """E of the bundle without what was accepted (and these)."""
    accepted = case.contests.filter(outcome=ContestOutcome.ACCEPTED).values_list("request", flat=True)
    return bundles.rerun(case.bundle.content).without(map(str, [*accepted, *(also or [])]))


def decide(*, case: FairnessCase, decision: str, reason: str, by: By, at: datetime) -> FairnessCase:
    """Confirm, explain or withdraw, with a written reason. To confirm, the evidence must still reach the threshold on
    this day, after what was accepted. Errors: `contests_open`, `evidence_too_weak`."""
    if decision not in DECISIONS:
        raise InvalidInput.on("decision", "Choose a decision")
    reason = wording.checked(reason, "reason", at_most=4000, required="Enter the reasons for your decision")
    with _reviewing(case, by=by) as (fresh, reviewer):
        if fresh.contests.filter(outcome=ContestOutcome.OPEN).exists():
            raise DomainError("contests_open", "Answer each request that the school contests first.")
        if decision == CaseState.CONFIRMED and not is_strong_enough(fresh):
            raise DomainError(
                "evidence_too_weak",
                "After what was accepted, the evidence no longer reaches the threshold. Explain or withdraw it.",
            )
        _move(fresh, CaseState(decision))
        fresh.decision, fresh.reason = decision, reason
        fresh.reviewer, fresh.decided_at = reviewer, at
        fresh.ended_at = at if decision == CaseState.WITHDRAWN else None
        fresh.save(update_fields=["state", "decision", "reason", "reviewer", "decided_at", "ended_at"])
        _record(facts.CaseDecided, fresh, by=by, at=at, state=str(decision))
        return fresh


def is_strong_enough(case: FairnessCase) -> bool:
    """E >= A both as frozen, after accepted exclusions, and with all that has matured by the last night."""
    run = rows.newest_replay()
    if case.e_now < case.threshold or run is None:
        return False
    found = increments.work_out(case.school, run, until=run.on)
    accepted = case.contests.filter(outcome=ContestOutcome.ACCEPTED).values_list("request", flat=True)
    e = e_without(found.trials, frozenset(map(str, accepted)), found.held.nation)
    return e >= found.figures.threshold


def may_reply(by: Membership | None, case: FairnessCase) -> bool:
    """Its careers leader or senior leader. The link governor reads."""
    return (
        by is not None
        and by.is_active
        and by.organisation_id == case.school_id
        and by.organisation.kind == Kind.SCHOOL
        and by.role in REPLIERS
    )


def may_review(by: By | None, case: FairnessCase) -> bool:
    """Staff, or the lead of the school's hub. Whether they are a party is asked apart: `conflicts.of`."""
    if isinstance(by, User):
        return by.is_staff and by.is_active
    return (
        by is not None
        and by.is_active
        and by.organisation.kind == Kind.HUB
        and by.role == Role.HUB_LEAD
        and by.organisation_id == case.school.hub_id
    )


# Inside


@contextmanager
def _locked(case: FairnessCase) -> Iterator[FairnessCase]:
    with transaction.atomic(durable=True):
        yield (
            FairnessCase.objects.select_for_update(of=("self",))
            .select_related("school", "bundle")
            .get(pk=case.pk)
        )


@contextmanager
def _replying(case: FairnessCase, *, by: Membership, at: datetime) -> Iterator[FairnessCase]:
    """A reply that comes before its first day opens it."""
    with _locked(case) as fresh:
        if not may_reply(_as_it_is(by), fresh):
            raise NotAllowed("not_allowed", "Only this school's careers leader or senior leader can reply.")
        if fresh.state == CaseState.FLAGGED:
            _open(fresh, at.astimezone(LONDON).date(), at=at)
        if fresh.state != CaseState.REPLY_OPEN:
            raise DomainError("reply_over", "The time to reply is over.")
        yield fresh


@contextmanager
def _reviewing(case: FairnessCase, *, by: By) -> Iterator[tuple[FairnessCase, User]]:
    with _locked(case) as fresh:
        by = _as_it_is(by)
        if not may_review(by, fresh):
            raise NotAllowed("not_allowed", "Only Doorway's staff or the area's hub lead can review a case.")
        if fresh.state != CaseState.REVIEW:
            raise DomainError("not_in_review", "This case isn't with a reviewer.")
        user = by if isinstance(by, User) else by.user
        if conflicts.of(user, fresh):
            raise NotAllowed("conflict_of_interest", "You work with a party in this case. Pass it on.")
        yield fresh, user


def _as_it_is(by: Any) -> Any:
    """Read again under the lock: whoever was removed a moment ago no longer acts."""
    if isinstance(by, User):
        return User.objects.get(pk=by.pk)
    return Membership.objects.select_related("organisation", "user").get(pk=by.pk)


def _withdraw(case: FairnessCase, reason: str, *, at: datetime) -> None:
    _move(case, CaseState.WITHDRAWN)
    case.ended_at = at
    case.save(update_fields=["state", "ended_at"])
    _record(facts.CaseWithdrawn, case, by=PLATFORM, at=at, reason=reason)


def _move(case: FairnessCase, to: CaseState) -> None:
    sentence = f"This case can't be «{to.label.lower()}» now: it is «{case.get_state_display().lower()}»."
    require(CASE_MOVES, case.state, to, code="case_moved_on", message=sentence)
    case.state = to


def _record(
    fact: type[facts.FairnessFact], case: FairnessCase, *, by: Actor, at: datetime, **more: Any
) -> None:
    record(fact(subject_id=case.public_id, organisation_id=case.school_id, **more), by=by, at=at)
