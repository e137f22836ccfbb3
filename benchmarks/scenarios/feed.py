"""Open needs at ten thousand, a hundred thousand and a million: the query, and its page (P15, P16, P21)."""

import math
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from django.utils import timezone

from benchmarks import load, processes, seed
from benchmarks.load import Ask
from benchmarks.processes import Bench, Running
from benchmarks.seed import Person
from brokerage.queries import open_needs
from brokerage.queries.open_needs import Wanted
from brokerage.vocabulary import YEAR_GROUPS, Sector

SIZES = (10_000, 100_000, 1_000_000)
QUERIES, PAGES = 80, 150
SHAPES = ("sector_year", "anything")
EXPLAIN = "EXPLAIN (ANALYZE, COSTS OFF) "


@dataclass
class World:
    schemas: dict[int, psycopg.Connection[tuple[object, ...]]]
    web: Running
    people: list[Person]
    chance: random.Random


def set_up(bench: Bench, people: list[Person], *, sizes: Sequence[int] = SIZES) -> World:
    first = seed.schools()
    names = {size: seed.country(size, first_school=first, sectors=list(Sector.values)) for size in sizes}
    connections = {size: connect(bench, name) for size, name in names.items()}
    largest = f"{bench.database_url}?options={quote(f'-c search_path={names[max(sizes)]},public')}"
    return World(connections, bench.web(database_url=largest, name="feed"), people, random.Random(7))


def connect(bench: Bench, schema: str) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(
        bench.database_url, autocommit=True, options=f"-c search_path={schema},public", prepare_threshold=3
    )
    connection.execute("SELECT 1")
    return connection


def measure(world: World, *, queries: int = QUERIES, pages: int = PAGES) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for shape in SHAPES:
        p50 = {}
        for size, connection in world.schemas.items():
            times, rows = _time(connection, world, shape, queries)
            p50[size] = statistics.median(times)
            found[f"feed_{shape}_{size}"] = {
                "p50_ms": p50[size],
                "p99_ms": sorted(times)[int(len(times) * 0.99)],
                "rows": rows,
            }
        smallest, largest = min(p50), max(p50)
        decades = math.log10(largest / smallest)
        found[f"feed_{shape}"] = {"exponent": math.log10(p50[largest] / p50[smallest]) / decades}
    return found | _pages(world, pages)


def _time(
    connection: psycopg.Connection[tuple[object, ...]], world: World, shape: str, queries: int
) -> tuple[list[float], float]:
    """Milliseconds of each, and rows on average. The first few warm plan and cache."""
    times, rows, warm = [], 0, 8
    for number in range(queries + warm):
        sql, values = a_query(world, shape)
        started = time.perf_counter()
        found = connection.execute(sql, values).fetchall()
        if number >= warm:
            times.append((time.perf_counter() - started) * 1000)
            rows += len(found)
    return times, rows / queries


def a_query(world: World, shape: str) -> tuple[str, dict[str, object]]:
    """30 km around one of the sixty largest towns, give or take five."""
    person = world.chance.choice(world.people[:60])
    organisation = person.membership.organisation
    near = (
        (organisation.easting or 0) + world.chance.randint(-5000, 5000),
        (organisation.northing or 0) + world.chance.randint(-5000, 5000),
    )
    wanted = Wanted(near=near, within_km=30)
    if shape == "sector_year":
        sector, year = world.chance.choice(Sector.values), world.chance.choice(YEAR_GROUPS[:6])
        wanted = Wanted(near=near, within_km=30, sector=sector, year_group=year)
    return open_needs.statement(wanted, by=person.membership, at=timezone.now())


def _pages(world: World, pages: int) -> dict[str, dict[str, float]]:
    """One client, one request at a time."""
    hello = [Ask("/bench/hello-token/", p.token) for p in world.chance.choices(world.people[:60], k=pages)]
    page = [
        Ask(
            f"/api/v1/needs/?sector={world.chance.choice(Sector.values)}"
            f"&year_group={world.chance.choice(YEAR_GROUPS[:6])}&within_km=30",
            person.token,
        )
        for person in world.chance.choices(world.people[:60], k=pages)
    ]
    bare = [Ask("/bench/hello/") for _ in range(pages * 8)]
    return {
        name: _sample(world, asks)
        for name, asks in {"bare": bare, "hello_token": hello, "page": page}.items()
    }


def _sample(world: World, asks: list[Ask]) -> dict[str, float]:
    idle, before = processes.idle_share(), world.web.cpu_ms()
    answers = load.run(iter(asks), port=world.web.port, connections=1, expect=200, warm=10)
    cpu = (world.web.cpu_ms() - before) / answers.sent
    return {
        "p50_ms": answers.quantile(0.5),
        "p99_ms": answers.quantile(0.99),
        "cpu_ms": cpu,
        "count": answers.sent,
        "idle_before": idle,
    }
