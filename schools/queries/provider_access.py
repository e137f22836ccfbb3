"""Provider access at one school: what each cohort has had, what is booked, what is missing and by when, and why some
of what happened doesn't count. Read afresh from what was recorded, with the rules of `pal`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from brokerage.accounts.models import Organisation
from schools.domain import standings
from schools.pal import scope
from schools.pal.counting import NOT_COUNTED, NOTE, STANDING, Reason, is_provider
from schools.pal.parameters import DEFAULT
from schools.pal.records import Session, Status
from schools.pal.standing import Standing, State
from schools.pal.windows import OCCASIONS, phase_of, working_deadline
from schools.queries import evidence as reading
from schools.queries.cohorts import TaughtCohort
from schools.queries.evidence import HELD_ELSEWHERE, Evidence, Source

AMBER_UNTIL: Final = 20
"""School days: `1 short` stays amber while more are left (ux.md 2.2)."""


@dataclass(frozen=True)
class Held:
    """A session as a page shows it: when, with whom, for how many, and where it comes from."""

    session: Session
    source: Source

    @property
    def is_elsewhere(self) -> bool:
        return self.source.kind == HELD_ELSEWHERE

    @property
    def providers(self) -> str:
        return ", ".join(self.source.providers)


@dataclass(frozen=True)
class Uncounted:
    """Something that happened and isn't an occasion: the rule's number and the reason in words."""

    rule: str
    why: str
    held: Held


@dataclass(frozen=True)
class CohortAccess:
    """One cohort in the key phase it is in, or was in last. `wanted` are encounters still to be found, those booked
    left out; `school_days_left` up to the working deadline (R6)."""

    cohort: TaughtCohort
    standing: Standing
    counted: tuple[Held, ...]
    booked: tuple[Held, ...]
    uncounted: tuple[Uncounted, ...]
    notes: tuple[str, ...]
    last_school_day: date | None
    school_days_left: int

    @property
    def name(self) -> str:
        return f"Year {self.cohort.year}"

    @property
    def phase(self) -> int:
        return self.standing.phase

    @property
    def state(self) -> State:
        return self.standing.state

    @property
    def wanted(self) -> int:
        return max(0, self.standing.short_by - len(self.booked))

    @property
    def is_assessed(self) -> bool:
        return self.state is not State.NOT_ASSESSED

    @property
    def is_pressing(self) -> bool:
        """Brick rather than amber: two missing, or one with a month of school days left."""
        return self.wanted >= OCCASIONS or bool(self.wanted and self.school_days_left <= AMBER_UNTIL)

    @property
    def met_providers(self) -> frozenset[str]:
        """By UKPRN or id: who wouldn't make a second occasion different (R10)."""
        return frozenset(who.id for held in self.counted for who in held.session.providers)


@dataclass(frozen=True)
class Access:
    """A school's whole picture. `scope` says whether the duty reaches it, and by which rule (R22)."""

    school: Organisation
    evidence: Evidence
    cohorts: tuple[CohortAccess, ...]
    outside: str | None
    today: date

    @property
    def assessed(self) -> list[CohortAccess]:
        return [each for each in self.cohorts if each.is_assessed]

    @property
    def open(self) -> list[CohortAccess]:
        """Those whose window is open, the next deadline first."""
        return sorted(
            (each for each in self.assessed if self.today in each.standing.window),
            key=lambda each: (each.standing.window.closes, each.phase),
        )

    @property
    def wanting(self) -> list[CohortAccess]:
        return [each for each in self.open if each.wanted]

    @property
    def sentence(self) -> str:
        """What the page answers first."""
        if self.outside:
            return self.outside
        there = self.open
        if not there:
            return "No year group has an open window now."
        done = sum(each.state is State.MET for each in there)
        wanted = sum(each.wanted for each in there)
        groups = "year group has" if len(there) == 1 else "year groups have"
        begun = f"{done} of {len(there)} {groups} had all it should." if len(there) == 1 else (
            f"{done} of {len(there)} year groups have had all they should."
        )  # fmt: skip
        if not wanted:
            return begun
        next_due = self.wanting[0]
        day = next_due.last_school_day or next_due.standing.window.closes
        many = "1 encounter is" if wanted == 1 else f"{wanted} encounters are"
        return f"{begun} {many} still to be found, the next by {day:%A} {day.day} {day:%B}."


def of(school: Organisation, *, today: date) -> Access | None:
    """None where the organisation has no profile of a school."""
    evidence = reading.of_school(school, today)
    if evidence is None:
        return None
    outside = scope.outside(evidence.school, today)
    cohorts = tuple(
        _cohort(evidence, cohort, today=today)
        for cohort in evidence.cohorts
        if any(cohort.year in years for years in _PHASE_YEARS)
    )
    return Access(school, evidence, cohorts, str(outside[1]) if outside else None, today)


_PHASE_YEARS: Final = ((8, 9), (10, 11), (12, 13))


def _cohort(evidence: Evidence, cohort: TaughtCohort, *, today: date) -> CohortAccess:
    standing = standings.read(evidence, cohort, today=today)[phase_of(cohort.year)]
    sessions = [each for each in evidence.sessions.get(cohort.y7_entry, []) if each.on in standing.window]
    last = working_deadline(standing.window.closes, evidence.days)
    return CohortAccess(
        cohort=cohort,
        standing=standing,
        counted=tuple(_held(evidence, each) for each in standing.counted),
        booked=tuple(_held(evidence, each) for each in sessions if _is_booked(evidence, each, today)),
        uncounted=tuple(_uncounted(evidence, cohort, standing)),
        notes=tuple(_notes(cohort, standing.reasons)),
        last_school_day=last,
        school_days_left=evidence.days.count(today, last) if last and last >= today else 0,
    )


def _is_booked(evidence: Evidence, session: Session, today: date) -> bool:
    return (
        session.status is Status.PLANNED
        and session.on >= today
        and evidence.days.is_school_day(session.on)
        and any(is_provider(who, DEFAULT) for who in session.providers)
    )


def _held(evidence: Evidence, session: Session) -> Held:
    return Held(session, evidence.sources[session.key])


def _uncounted(evidence: Evidence, cohort: TaughtCohort, standing: Standing) -> Iterable[Uncounted]:
    for reason in standing.reasons:
        booked = reason.session is not None and reason.session.status is Status.PLANNED
        if reason.kind == NOT_COUNTED and reason.session is not None and not booked:
            yield Uncounted(reason.rule, reason.text, _held(evidence, reason.session))
    for session, rule, why in evidence.set_apart.get(cohort.y7_entry, []):
        if session.on in standing.window:
            yield Uncounted(rule, f"{session.on.day} {session.on:%B}: {why}", _held(evidence, session))


def _notes(cohort: TaughtCohort, reasons: Sequence[Reason]) -> Iterable[str]:
    if cohort.roll is None:
        yield f"Add the roll for Year {cohort.year} to see coverage."
        return
    for reason in reasons:
        # What a whole cohort still wants stands in the count beside it.
        is_said = reason.rule in ("R1", "R11") and not reason.text.startswith("Group ")
        if reason.kind in (STANDING, NOTE) and not is_said:
            yield str(reason.text)
