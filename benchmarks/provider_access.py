"""python -m benchmarks.provider_access [--schools 4000] [--visits 200]

The statutory evidence of every school recomputed in one run, and one school's picture after one new encounter. Each
school teaches seven cohorts, each of which has two encounters, held elsewhere. The floor is PostgreSQL's own
aggregate over the same rows, which knows no rule. A database of its own is made afresh.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

TODAY = date(2026, 11, 18)
ENTRIES = range(2020, 2027)
PER_COHORT = 2
FLOOR = """
    SELECT held.school_id, held.y7_entry, count(*), sum(held.attended), min(held."on"), max(roll.roll)
    FROM brokerage_externalencounter held
    JOIN schools_cohort cohort ON cohort.school_id = held.school_id AND cohort.y7_entry = held.y7_entry
    JOIN schools_cohortroll roll ON roll.cohort_id = cohort.id
    WHERE held.removed_at IS NULL {where}
    GROUP BY held.school_id, held.y7_entry
"""


def seed(count: int) -> tuple[list[int], Any]:
    """Invented schools, rolls and encounters; the schools' keys, and who wrote the encounters down."""
    from django.utils import timezone

    from brokerage.accounts.models import Kind, Membership, Organisation, ProviderKind, Role, User
    from brokerage.models import ExternalEncounter
    from schools.models import Cohort, CohortRoll, School

    draw, at = random.Random(20_260_901), timezone.now()
    schools = Organisation.objects.bulk_create(
        [
            Organisation(kind=Kind.SCHOOL, name=f"Invented School {each}", verified_at=at)
            for each in range(count)
        ]
    )
    School.objects.bulk_create(
        [School(organisation=each, type_code=34, high_age=18, has_sixth_form=True) for each in schools]
    )
    cohorts = Cohort.objects.bulk_create(
        [Cohort(school_id=each.pk, y7_entry=entry) for each in schools for entry in ENTRIES], batch_size=5000
    )
    CohortRoll.objects.bulk_create(
        [CohortRoll(cohort=each, on=date(2026, 9, 1), roll=draw.randrange(60, 240)) for each in cohorts],
        batch_size=5000,
    )
    colleges = Organisation.objects.bulk_create(
        [
            Organisation(
                kind=Kind.PROVIDER,
                provider_kind=ProviderKind.FE_COLLEGE,
                name=f"College {each}",
                verified_at=at,
            )
            for each in range(60)
        ]
    )
    user = User.objects.create(email="leader@school.example")
    leader = Membership.objects.create(user=user, organisation=schools[0], role=Role.CAREERS_LEADER)
    ExternalEncounter.objects.bulk_create(
        [
            encounter(draw, each.school_id, each.y7_entry, college, leader)
            for each in cohorts
            for college in draw.sample(colleges, PER_COHORT)
        ],
        batch_size=2000,
    )
    return [each.pk for each in schools], leader


def encounter(draw: random.Random, school_id: int, y7_entry: int, college: Any, leader: Any) -> Any:
    from django.utils import timezone

    from brokerage.models import ExternalEncounter
    from brokerage.vocabulary import Content

    offered = draw.randrange(60, 240)
    return ExternalEncounter(
        school_id=school_id,
        y7_entry=y7_entry,
        provider=college,
        provider_name=college.name,
        provider_kind=college.provider_kind,
        is_technical=True,
        on=date(2026, 9, 7) + timedelta(days=draw.randrange(70)),
        starts=clock(10),
        ends=clock(10, 50),
        offered=offered,
        attended=offered - draw.randrange(20),
        delivery_mode="in_person",
        content=list(Content),
        evidence="The day's register.",
        recorded_by=leader,
        recorded_at=timezone.now(),
    )


def everything(count: int) -> dict[str, float]:
    from django.db import connection

    from brokerage.models import PhaseStanding
    from schools.domain import standings

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    floor = statistics.median(_timed(lambda: _aggregate("")) for _ in range(5))
    run = _timed(lambda: standings.recompute_all(today=TODAY, at=_now()))
    again = _timed(lambda: standings.recompute_all(today=TODAY, at=_now()))
    assert PhaseStanding.objects.count() == count * len(ENTRIES) * 3
    return {"floor": floor, "first": run, "again": again}


def one_school(schools: list[int], leader: Any, visits: int) -> list[dict[str, float]]:
    """After a new encounter: the standings written, and the page's picture read."""
    from brokerage.accounts.models import Organisation

    draw = random.Random(1)
    college = Organisation.objects.filter(kind="provider").first()
    found = []
    for school_id in draw.sample(schools, min(visits, len(schools))):
        encounter(draw, school_id, draw.choice(ENTRIES), college, leader).save()
        found.append(one_visit(Organisation.objects.get(pk=school_id)))
    return found


def one_visit(school: Any) -> dict[str, float]:
    from schools.domain import standings
    from schools.queries import provider_access

    return {
        "floor": _timed(lambda: _aggregate("AND held.school_id = %s", school.pk)),
        "recompute": _timed(lambda: standings.recompute([school.pk], today=TODAY, at=_now())),
        "picture": _timed(lambda: provider_access.of(school, today=TODAY)),
    }


def _aggregate(where: str, *values: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(FLOOR.format(where=where), values)
        cursor.fetchall()


def _now() -> datetime:
    from django.utils import timezone

    return timezone.now()


def _timed(step: Callable[[], Any]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def main(arguments: list[str]) -> int:
    from benchmarks import processes

    parser = argparse.ArgumentParser(prog="python -m benchmarks.provider_access")
    parser.add_argument("--schools", type=int, default=4_000)
    parser.add_argument("--visits", type=int, default=200)
    asked = parser.parse_args(arguments)
    processes.DATABASE += "_provider_access"  # beside the other benchmarks', which may be running
    with processes.prepare() as bench:
        os.environ.update(bench.environment)
        import django

        django.setup()
        schools, leader = seed(asked.schools)
        whole = everything(asked.schools)
        single = one_school(schools, leader, asked.visits)
    cohorts = asked.schools * len(ENTRIES)
    print(f"{asked.schools:,} schools, {cohorts:,} cohorts, {cohorts * PER_COHORT:,} encounters:")
    for step in ("floor", "first", "again"):
        print(f"  {step:9} {whole[step]:8.2f} s  {whole[step] / whole['floor']:7.1f} x a bare aggregate")
    print(f"One school after one new encounter, {len(single)} times:")
    for step in ("floor", "recompute", "picture"):
        each = sorted(one[step] * 1000 for one in single)
        p50, p99 = statistics.median(each), each[min(len(each) - 1, int(0.99 * len(each)))]
        ratio = statistics.median(one[step] / one["floor"] for one in single)
        print(f"  {step:9} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  {ratio:6.1f} x a bare aggregate")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
