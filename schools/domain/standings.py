"""How each cohort stands in each key phase, written where both sides of the house can read it. Recomputed, never
incremented: an encounter, a roll, a calendar changed, or a day went by."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from brokerage.accounts.models import Organisation
from brokerage.domain.events import CohortEvidenced
from brokerage.eventlog.record import PLATFORM, record
from brokerage.models import PhaseStanding
from schools.models import School
from schools.pal import standing as pal
from schools.pal.counting import is_provider
from schools.pal.parameters import DEFAULT
from schools.pal.records import Cohort, Session, Status
from schools.pal.standing import Standing, State
from schools.pal.windows import working_deadline
from schools.pal.words import day_and_time
from schools.queries import evidence as reading
from schools.queries.cohorts import TaughtCohort
from schools.queries.evidence import HELD_ELSEWHERE, Evidence

AT_ONCE: Final = 200
"""Schools read and written together: memory stays flat however many there are."""
_FIELDS: Final = (
    "state", "occasions", "short_by", "elsewhere", "planned", "lower", "upper", "roll", "opens_on",
    "closes_on", "last_school_day", "why", "computed_on", "computed_at",
)  # fmt: skip


def recompute_all(*, today: date, at: datetime) -> int:
    """Every school's; returns how many standings there are."""
    return _recompute_each(School.objects.order_by("pk"), today=today, at=at)


def recompute_stale(*, today: date, at: datetime) -> int:
    """Those of schools whose standings aren't today's yet. Broken off, it goes on where it stopped."""
    fresh = PhaseStanding.objects.filter(school=OuterRef("pk"), computed_on=today)
    return _recompute_each(School.objects.filter(~Exists(fresh)).order_by("pk"), today=today, at=at)


def _recompute_each(schools: QuerySet[School], *, today: date, at: datetime) -> int:
    ids = list(schools.values_list("pk", flat=True))
    return sum(recompute(batch, today=today, at=at) for batch in _in_batches(iter(ids)))


def recompute(school_ids: Collection[int], *, today: date, at: datetime) -> int:
    """These schools', in one go. A cohort that has just been evidenced is said to be, once."""
    rows = [
        row
        for school_id, evidence in reading.of_schools(school_ids, today).items()
        for row in standings_of(school_id, evidence, today=today, at=at)
    ]
    with transaction.atomic():
        schools = Organisation.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        names = {school.pk: school for school in schools.filter(pk__in=school_ids)}
        before = {
            (row.school_id, row.y7_entry, row.phase): row.state
            for row in PhaseStanding.objects.filter(school_id__in=school_ids)
        }
        PhaseStanding.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["school", "y7_entry", "phase"],
            update_fields=list(_FIELDS),
        )
        kept = {(row.school_id, row.y7_entry, row.phase) for row in rows}
        for school_id, y7_entry, phase in set(before) - kept:
            PhaseStanding.objects.filter(school_id=school_id, y7_entry=y7_entry, phase=phase).delete()
        for row in rows:
            was = before.get((row.school_id, row.y7_entry, row.phase))
            if row.state == State.MET and was is not None and was != State.MET:
                _say_so(names[row.school_id], row, at=at)
    return len(rows)


def standings_of(school_id: int, evidence: Evidence, *, today: date, at: datetime) -> list[PhaseStanding]:
    """Unsaved rows, one for each cohort taught and each phase."""
    return [
        _row(school_id, evidence, cohort, standing, today=today, at=at)
        for cohort in evidence.cohorts
        for standing in read(evidence, cohort, today=today).values()
    ]


def read(evidence: Evidence, cohort: TaughtCohort, *, today: date) -> dict[int, Standing]:
    """One cohort's standing in every phase. Without a roll nothing can be assessed, and what is missing is said."""
    record = cohort.record or Cohort(cohort.y7_entry, 0)
    return pal.standings(evidence.school, record, evidence.sessions.get(cohort.y7_entry, []), today)


def could_still_count(
    evidence: Evidence, standing: Standing, sessions: Iterable[Session], today: date
) -> int:
    """Sessions in the diary of this phase with somebody who is a provider."""
    return sum(
        session.status is Status.PLANNED
        and session.on >= today
        and session.on in standing.window
        and evidence.days.is_school_day(session.on)
        and any(is_provider(who, DEFAULT) for who in session.providers)
        for session in sessions
    )


def _row(
    school_id: int,
    evidence: Evidence,
    cohort: TaughtCohort,
    standing: Standing,
    *,
    today: date,
    at: datetime,
) -> PhaseStanding:
    sessions = evidence.sessions.get(cohort.y7_entry, [])
    return PhaseStanding(
        school_id=school_id,
        y7_entry=cohort.y7_entry,
        phase=standing.phase,
        state=standing.state.value,
        occasions=standing.occasions,
        short_by=standing.short_by,
        elsewhere=sum(session.key.startswith(HELD_ELSEWHERE) for session in standing.counted),
        planned=could_still_count(evidence, standing, sessions, today),
        lower=float(standing.bounds.lower),
        upper=float(standing.bounds.upper),
        roll=cohort.roll,
        opens_on=standing.window.opens,
        closes_on=standing.window.closes,
        last_school_day=working_deadline(standing.window.closes, evidence.days),
        why=_why(evidence, cohort, standing, today),
        computed_on=today,
        computed_at=at,
    )


def _why(evidence: Evidence, cohort: TaughtCohort, standing: Standing, today: date) -> list[str]:
    said = list(standing.why)
    if cohort.roll is None and said and said[0].startswith("R12"):
        said[0] = f"R12: Add the roll for Year {cohort.year} to see coverage."
    said += [
        f"{rule}: {day_and_time(session.on, session.starts, today)}: {why}"
        for session, rule, why in evidence.set_apart.get(cohort.y7_entry, [])
        if session.on in standing.window
    ]
    return said


def _say_so(school: Organisation, row: PhaseStanding, *, at: datetime) -> None:
    record(
        CohortEvidenced(
            subject_id=school.public_id,
            organisation_id=school.pk,
            y7_entry=row.y7_entry,
            phase=row.phase,
            occasions=row.occasions,
        ),
        by=PLATFORM,
        at=at,
    )


def _in_batches(school_ids: Iterator[int]) -> Iterator[list[int]]:
    while batch := list(islice(school_ids, AT_ONCE)):
        yield batch
