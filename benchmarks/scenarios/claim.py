"""Claims over HTTP beside a bare answer of the same process (P1, P2, P4, P6)."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import load, processes, seed
from benchmarks.load import Answers, Ask
from benchmarks.processes import Bench, Running
from benchmarks.seed import Person, Place

HELLOS, CLAIMS, RIVALS = 3000, 500, 64
PEOPLE, SLOTS = 1000, 40


@dataclass
class World:
    """Every claim is somebody's first on that slot."""

    web: Running
    people: list[Person]
    market: seed.Market
    spread: Iterator[tuple[Person, Place]]


def set_up(bench: Bench, people: list[Person], *, rounds: int, claims: int = CLAIMS) -> World:
    market = seed.Market.found()
    slots = market.post(max(SLOTS, rounds * claims * 4 // len(people) + 1))
    pairs = itertools.product(slots, people)
    return World(bench.web(), people, market, ((person, slot) for slot, person in _mixed(pairs, len(slots))))


def _mixed(pairs: Iterator[tuple[Place, Person]], slots: int) -> Iterator[tuple[Place, Person]]:
    """Neighbours in time claim different slots."""
    everything = list(pairs)
    step = len(everything) // slots + 1
    for start in range(step):
        yield from everything[start::step]


def measure(world: World, *, claims: int = CLAIMS, hellos: int = HELLOS) -> dict[str, dict[str, float]]:
    """One round: the floor and each scenario, one after the other."""
    hot, full = world.market.post(1)[0], world.market.post(1, places=1, taken=1)[0]
    rivals = itertools.islice(itertools.cycle(world.people), claims)
    losers = itertools.islice(itertools.cycle(world.people), claims)
    return {
        "hello": _sample(world, (Ask("/bench/hello/") for _ in range(hellos)), 16, 200),
        "claim": _sample(world, _claims(itertools.islice(world.spread, claims)), 16, 201),
        "claim_keyed": _sample(world, _claims(itertools.islice(world.spread, claims), keyed=True), 16, 201),
        "spread": _sample(world, _claims(itertools.islice(world.spread, claims)), RIVALS, 201),
        "hot": _sample(world, _claims((person, hot) for person in rivals), RIVALS, 201),
        "refused": _sample(world, _claims((person, full) for person in losers), RIVALS, 409),
    }


_keys = itertools.count()


def _claims(pairs: Iterator[tuple[Person, Place]], *, keyed: bool = False) -> Iterator[Ask]:
    for person, place in pairs:
        body = json.dumps({"slot": place.slot, "places": 1}).encode()
        headers = (f"Idempotency-Key: bench-{next(_keys)}",) if keyed else ()
        yield Ask(f"/api/v1/needs/{place.need}/claims/", person.token, body, headers)


def _sample(world: World, asks: Iterator[Ask], connections: int, expect: int) -> dict[str, float]:
    idle = processes.idle_share()
    server, database = world.web.cpu_ms(), processes.database_cpu_ms()
    answers: Answers = load.run(
        asks, port=world.web.port, connections=connections, expect=expect, warm=connections
    )
    return {
        "rate": answers.rate,
        "cpu_ms": (world.web.cpu_ms() - server) / answers.sent,
        "database_cpu_ms": (processes.database_cpu_ms() - database) / answers.sent,
        "p50_ms": answers.quantile(0.5),
        "p99_ms": answers.quantile(0.99),
        "count": answers.sent,
        "idle_before": idle,
    }
