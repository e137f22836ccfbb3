"""python -m benchmarks.provider_access [--schools 250 1000 4000] [--visits 200] [--write]

The statutory evidence of every school recomputed in one run, and what one school waits for after a visit: recorded by
the product's verb, its standings brought up to date by the product's handler, its page asked for through every
middleware. Each school teaches seven cohorts with two encounters each (`benchmarks/provider_access_world.py`). The
floor is PostgreSQL's own aggregate over the same rows in the same run, which knows no rule. A database of its own is
made afresh, and grows from size to size.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from benchmarks.provider_access_world import World

RESULTS: Final = Path(__file__).parent.parent / "docs/provider-access-measured.md"
ROUNDS: Final = 3
FLOOR: Final = """
    SELECT held.school_id, held.y7_entry, count(*), sum(held.attended), min(held.held_on), max(roll.roll)
    FROM (
        SELECT school_id, y7_entry, attended, "on" AS held_on
        FROM brokerage_externalencounter WHERE removed_at IS NULL {where}
        UNION ALL
        SELECT encounter.school_id, %(year)s + 7 - year_group, (encounter.attended->>year_group::text)::int,
            slot.starts_at::date
        FROM brokerage_encounter encounter
        JOIN brokerage_slot slot ON slot.id = encounter.slot_id
        JOIN brokerage_encounterneed need ON need.id = slot.need_id
        JOIN brokerage_claim claim ON claim.slot_id = slot.id AND claim.state = 'fulfilled'
        CROSS JOIN unnest(need.year_groups) AS year_group
        WHERE true {where_encounter}
    ) held
    JOIN schools_cohort cohort ON cohort.school_id = held.school_id AND cohort.y7_entry = held.y7_entry
    JOIN schools_cohortroll roll ON roll.cohort_id = cohort.id
    GROUP BY held.school_id, held.y7_entry
"""


@dataclass(frozen=True)
class Cost:
    """Seconds: on the clock, of this process's CPU, of PostgreSQL's CPU."""

    wall: float
    cpu: float
    database: float


@dataclass(frozen=True)
class Run:
    """One size of world. `memory`: the process's greatest resident memory during the runs, MiB."""

    schools: int
    seeded: Cost
    floor: Cost
    first: Cost
    again: Cost
    memory: float


@dataclass(frozen=True)
class Visit:
    """One school after one new encounter."""

    floor: Cost
    recorded: Cost
    refreshed: Cost
    page: Cost


def run(world: "World", count: int) -> Run:
    from brokerage.models import PhaseStanding
    from schools.domain import standings

    seeded = measured(lambda: world.grow(count - len(world.schools)))
    PhaseStanding.objects.all().delete()
    Path("/proc/self/clear_refs").write_text("5")
    floors = [measured(lambda: aggregate(world)) for _ in range(ROUNDS)]

    def everything() -> None:
        made = standings.recompute_all(today=world.today, at=_now())
        assert made == count * 7 * 3 == PhaseStanding.objects.count()

    first = measured(everything)
    again = [measured(everything) for _ in range(ROUNDS)]
    return Run(count, seeded, _median(floors), first, _median(again), _memory())


def visits(world: "World", count: int) -> list[Visit]:
    schools = world.draw.sample(world.schools, min(count + 1, len(world.schools)))
    one_visit(world, schools[0])  # warms the templates
    return [one_visit(world, school) for school in schools[1:]]


def one_visit(world: "World", school_id: int) -> Visit:
    from django.test import Client

    from benchmarks.provider_access_world import leader_of
    from brokerage.domain import encounters
    from brokerage.eventlog import deliver
    from brokerage.eventlog.models import Delivery
    from brokerage.models import Encounter, PhaseStanding

    leader = leader_of(school_id)
    client = Client(SERVER_NAME="localhost")
    client.force_login(leader.user)
    encounter = Encounter.objects.get(school_id=school_id, state="planned")
    occasions = PhaseStanding.objects.filter(school_id=school_id, y7_entry=world.year - 3, phase=2)
    before = occasions.get().occasions
    floor = measured(lambda: aggregate(world, school_id))
    recorded = measured(
        lambda: encounters.record(
            encounter=encounter, delivered=True, attended={"10": 60}, by=leader, at=_now()
        )
    )
    debt = Delivery.objects.filter(subscriber="bring_standings_up_to_date").latest("pk")
    refreshed = measured(lambda: _sure(deliver.pay(debt.pk)))
    assert occasions.get().occasions == before + 1
    page = measured(lambda: _sure(client.get("/school/provider-access/").status_code == 200))
    return Visit(floor, recorded, refreshed, page)


def aggregate(world: "World", school_id: int | None = None) -> None:
    from django.db import connection

    ours = {"where": "", "where_encounter": ""} if school_id is None else {
        "where": "AND school_id = %(school)s", "where_encounter": "AND encounter.school_id = %(school)s"
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FLOOR.format(**ours), {"year": world.year, "school": school_id})
        cursor.fetchall()


def measured(step: Callable[[], Any]) -> Cost:
    from benchmarks import processes

    database = processes.database_cpu_ms()
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall, cpu, (processes.database_cpu_ms() - database) / 1000)


def growth(small: Run, large: Run) -> float:
    """Of Python's CPU: 1 is as much for each school however many there are."""
    return math.log(large.again.cpu / small.again.cpu) / math.log(large.schools / small.schools)


def report(runs: Sequence[Run], visited: Sequence[Visit], versions: dict[str, str]) -> str:
    lines = [
        "# What the statutory evidence was measured to cost",
        "",
        f"Written by `python -m benchmarks.provider_access --write` on {_now():%d %B %Y}. "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ". Invented schools; what each has stands in `benchmarks/provider_access_world.py`. The machine is shared "
        f"(load average {os.getloadavg()[2]:.0f}): "
        "seconds on the clock say more about it than about the code, so CPU is given beside them. Every ratio is of "
        "two figures of the same run.",
        "",
        "## Every school in one run",
        "",
        "Seven cohorts a school, three phases a cohort, two encounters a cohort (one through Doorway, one held "
        f"elsewhere); «again» and the bare aggregate are medians of {ROUNDS}. «x bare»: seconds on the clock of "
        "«again», of PostgreSQL's own aggregate over the same rows.",
        "",
        "| Schools | Cohorts | Encounters | First, s | Again, s | Python CPU, s | PostgreSQL CPU, s | CPU ms a school "
        "| Bare aggregate, s | x bare | Greatest memory, MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in runs:
        again = each.again
        a_school = (again.cpu + again.database) * 1000 / each.schools
        lines.append(
            f"| {each.schools:,} | {each.schools * 7:,} | {each.schools * 15:,} | {each.first.wall:.2f} "
            f"| {again.wall:.2f} | {again.cpu:.2f} | {again.database:.2f} | {a_school:.2f} "
            f"| {each.floor.wall:.4f} | {again.wall / each.floor.wall:.0f} | {each.memory:.0f} |"
        )
    if len(runs) > 1:
        lines += ["", *_growths(runs)]
    lines += [
        "",
        "## One school after one new encounter",
        "",
        f"{len(visited)} schools of {runs[-1].schools:,}: the visit is recorded by its verb, the debt of "
        "`bring_standings_up_to_date` is paid, the school's page is asked for through every middleware. "
        "Milliseconds; the bare aggregate is over that one school's rows.",
        "",
        "| Step | p50 | p99 | Python CPU p50 | x bare, median |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, step in (
        ("Bare aggregate", "floor"),
        ("Recorded", "recorded"),
        ("Standings up to date", "refreshed"),
        ("Page", "page"),
    ):
        costs = [getattr(each, step) for each in visited]
        ratio = statistics.median(getattr(each, step).wall / each.floor.wall for each in visited)
        p50, p99 = (_quantile([each.wall for each in costs], share) * 1000 for share in (0.5, 0.99))
        cpu = statistics.median(each.cpu for each in costs) * 1000
        lines.append(f"| {name} | {p50:.2f} | {p99:.2f} | {cpu:.2f} | {ratio:.1f} |")
    whole = [each.recorded.wall + each.refreshed.wall + each.page.wall for each in visited]
    p50, p99 = (_quantile(whole, share) * 1000 for share in (0.5, 0.99))
    lines += [f"| From the record to the page | {p50:.2f} | {p99:.2f} |  |  |", ""]
    return "\n".join(lines)


def _growths(runs: Sequence[Run]) -> list[str]:
    pairs = [*pairwise(runs), *([(runs[0], runs[-1])] if len(runs) > 2 else [])]
    told = [f"{small.schools:,} to {large.schools:,}: {growth(small, large):.2f}" for small, large in pairs]
    return [f"Growth exponent of «again», Python CPU (1 is as much for each school): {'; '.join(told)}."]


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _median(costs: Sequence[Cost]) -> Cost:
    return sorted(costs, key=lambda each: each.wall)[len(costs) // 2]


def _memory() -> float:
    """MiB: the high-water mark since it was last cleared."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _now() -> datetime:
    from django.utils import timezone

    return timezone.now()


def _sure(is_so: bool) -> None:
    assert is_so


def main(arguments: list[str]) -> int:
    from benchmarks import processes

    parser = argparse.ArgumentParser(prog="python -m benchmarks.provider_access")
    parser.add_argument("--schools", type=int, nargs="+", default=[250, 1_000, 4_000])
    parser.add_argument("--visits", type=int, default=200)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args(arguments)
    processes.DATABASE += "_provider_access"  # beside the other benchmarks', which may be running
    with processes.prepare() as bench:
        os.environ.update(bench.environment)
        import django

        django.setup()
        from benchmarks.provider_access_world import World

        world = World()
        runs = [run(world, count) for count in sorted(asked.schools)]
        found = processes.versions(bench.database_url, {})
        used = {name: found[name] for name in ("Python", "django", "psycopg", "PostgreSQL", "cores")}
        told = report(runs, visits(world, asked.visits), used)
    print(told)
    if asked.write:
        RESULTS.write_text(told)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
