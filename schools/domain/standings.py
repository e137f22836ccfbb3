"""How each cohort stands in each key phase, written where both sides of the house can read it. Recomputed, never
incremented: an encounter, a roll, a calendar changed, or a day went by."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

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

AT_ONCE: Final = 25
"""Schools locked, read and written together: whoever changes one of them waits no longer than these few take."""
Key = tuple[int, int, int]
"""School, Year 7 entry, phase."""


class Written(NamedTuple):
    """A row, and what stands in it."""

    pk: int
    result: "Result"


class Result(NamedTuple):
    """What stands in a row besides when it was computed."""

    state: str
    occasions: int
    short_by: int
    elsewhere: int
    planned: int
    lower: float
    upper: float
    roll: int | None
    opens_on: date
    closes_on: date
    last_school_day: date | None
    why: list[str]


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
    with transaction.atomic():
        # Locked before it is read: whoever comes second sees what the first saw, and more.
        schools = Organisation.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        names = {school.pk: school for school in schools.filter(pk__in=school_ids)}
        found = _results(reading.of_schools(school_ids, today), today)
        before = _written(school_ids)
        _write(found, before, today=today, at=at)
        for key, result in found.items():
            was = before.get(key)
            if result.state == State.MET and was is not None and was.result.state != State.MET:
                _say_so(names[key[0]], key, result, at=at)
    return len(found)


def _results(schools: Mapping[int, Evidence], today: date) -> dict[Key, Result]:
    """One for each cohort taught and each phase."""
    return {
        (school_id, cohort.y7_entry, phase): _result(evidence, cohort, standing, today)
        for school_id, evidence in schools.items()
        for cohort in evidence.cohorts
        for phase, standing in read(evidence, cohort, today=today).items()
    }


def _written(school_ids: Collection[int]) -> dict[Key, Written]:
    rows = PhaseStanding.objects.filter(school_id__in=school_ids)
    return {
        (school_id, y7_entry, phase): Written(pk, Result._make(rest))
        for pk, school_id, y7_entry, phase, *rest in rows.values_list(
            "pk", "school_id", "y7_entry", "phase", *Result._fields
        )
    }


def _write(found: Mapping[Key, Result], before: Mapping[Key, Written], *, today: date, at: datetime) -> None:
    """Most standings of a night are those of the night before: of these only the day is written."""
    gone = [was.pk for key, was in before.items() if key not in found]
    same = {key: was.pk for key, was in before.items() if found.get(key) == was.result}
    PhaseStanding.objects.filter(pk__in=gone).delete()
    PhaseStanding.objects.filter(pk__in=same.values()).update(computed_on=today, computed_at=at)
    PhaseStanding.objects.bulk_create(
        [
            PhaseStanding(
                school_id=key[0],
                y7_entry=key[1],
                phase=key[2],
                computed_on=today,
                computed_at=at,
                **result._asdict(),
            )
            for key, result in found.items()
            if key not in same
        ],
        update_conflicts=True,
        unique_fields=["school", "y7_entry", "phase"],
        update_fields=[*Result._fields, "computed_on", "computed_at"],
    )


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


def _result(evidence: Evidence, cohort: TaughtCohort, standing: Standing, today: date) -> Result:
    sessions = evidence.sessions.get(cohort.y7_entry, [])
    return Result(
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


def _say_so(school: Organisation, key: Key, result: Result, *, at: datetime) -> None:
    record(
        CohortEvidenced(
            subject_id=school.public_id,
            organisation_id=school.pk,
            y7_entry=key[1],
            phase=key[2],
            occasions=result.occasions,
        ),
        by=PLATFORM,
        at=at,
    )


def _in_batches(school_ids: Iterator[int]) -> Iterator[list[int]]:
    while batch := list(islice(school_ids, AT_ONCE)):
        yield batch
