"""The benchmarks in small: every scenario runs against real processes, statuses and counts are right, and what can
be counted or planned meets its goal. Nothing here is timed."""

import os
from collections.abc import Iterator

import pytest
from django.db import connection

from benchmarks import report, seed
from benchmarks.processes import Bench
from benchmarks.scenarios import claim, feed, push, resync
from brokerage.models import Claim, Slot
from brokerage.states import ClaimState
from brokerage.vocabulary import Sector
from config.local import VAR

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
SAMPLES = {goal.of.partition(".")[0] for goal in report.goals()} | {
    goal.to.partition(".")[0] for goal in report.goals() if goal.to
}


@pytest.fixture
def bench() -> Iterator[Bench]:
    """The tests' own database and servers, the benchmarks' processes."""
    (VAR / "bench").mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    }
    with Bench(environment, embedded=False) as running:
        yield running


def test_claims_are_counted_and_refusals_take_nothing(bench: Bench) -> None:
    people = seed.people(100)
    found = claim.measure(claim.set_up(bench, people, rounds=1, claims=96), claims=96, hellos=96)
    assert {name: sample["count"] for name, sample in found.items()} == {
        "hello": 96, "claim": 96, "claim_keyed": 96, "spread": 96, "hot": 96, "refused": 96,
    }  # fmt: skip
    assert Claim.objects.filter(state=ClaimState.ACCEPTED).count() == 4 * 96
    assert sum(Slot.objects.values_list("taken", flat=True)) == 4 * 96 + 1
    assert set(found) <= SAMPLES


def test_a_killed_socket_process_loses_nothing(bench: Bench) -> None:
    found = resync.measure(bench, seed.people(6), persons=6, each=8, entries=60)["resync"]
    assert found["came_back"] >= 48
    assert (found["lost"], found["twice"], found["out_of_order"]) == (0, 0, 0)


def test_every_socket_hears_every_frame(bench: Bench) -> None:
    """A missing frame fails the scenario itself."""
    world = push.set_up(bench, seed.people(20), count=20)
    try:
        found = push.measure(world)
    finally:
        world.publisher.stop()
    assert set(found) == {"broadcast", "hints", "entries"}
    assert found["hints"]["burst_lost"] == 0


def test_the_open_needs_are_found_by_the_covering_indexes(bench: Bench) -> None:
    world = feed.set_up(bench, seed.people(60), sizes=(20_000,))
    plans = {shape: _plan(world, shape) for shape in feed.SHAPES}
    assert "Index Only Scan using listing_near on" in plans["sector_year"]
    assert "Index Only Scan using listing_near_any" in plans["anything"]
    for plan in plans.values():
        assert "Seq Scan on brokerage_listing" not in plan
        assert "Heap Fetches: 0" in plan
    world.schemas[20_000].close()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA bench_20000 CASCADE")


def _plan(world: feed.World, shape: str) -> str:
    sql, values = feed.a_query(world, shape)
    rows = world.schemas[20_000].execute(feed.EXPLAIN + sql, values).fetchall()
    return "\n".join(str(line) for (line,) in rows)


def test_every_goal_has_a_limit_or_says_that_it_is_reported() -> None:
    ids = [goal.id for goal in report.goals()]
    assert len(ids) == len(set(ids))
    unlimited = [goal.id for goal in report.goals() if goal.limit == ""]
    assert unlimited == ["P9 entries"]
    assert len(Sector.values) == 24, "benchmarks/seed.py draws among 24"
