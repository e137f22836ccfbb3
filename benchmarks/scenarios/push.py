"""From a commit to a thousand sockets, beside a bare broadcast (P9, P10, P12, P13)."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import uvloop

from benchmarks import processes
from benchmarks.audience import Audience, Listener
from benchmarks.processes import Bench, Running
from benchmarks.seed import Person
from config.local import ROOT

SOCKETS, COMMITS, GAP, BURST, SIZE = 1000, 12, 0.15, 300, 90
ENTRIES = 3
_SENT_AT = re.compile(rb'"t": ?(\d+)')
_NUMBER = re.compile(rb'"number": ?(\d+)')


@dataclass
class Publisher:
    """The process that commits, and when it did."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, bench: Bench) -> "Publisher":
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.publisher"],
            cwd=ROOT, env=bench.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        publisher = cls(process)
        publisher.hear()
        return publisher

    def order(self, words: str) -> None:
        if self.process.stdin is not None:
            print(words, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError("the publisher stopped")
        return line.strip()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@dataclass
class World:
    sockets: Running
    broadcast: Running
    publisher: Publisher
    people: list[Person]
    count: int
    is_fresh: bool = True
    """Until the first audience has left: memory that a process has once had, it keeps."""


def set_up(bench: Bench, people: list[Person], *, count: int = SOCKETS) -> World:
    return World(bench.sockets(), bench.broadcast(), Publisher.start(bench), people[:count], count)


def measure(world: World) -> dict[str, dict[str, float]]:
    figures = {"broadcast": uvloop.run(_floor(world)), **uvloop.run(_ours(world))}
    world.is_fresh = False
    return figures


@dataclass
class Ear:
    """Every frame heard that holds these words: what it was, and when."""

    words: bytes = b""
    heard: list[tuple[bytes, int]] = field(default_factory=list)

    def listen_for(self, words: bytes) -> None:
        self.words = words
        self.heard.clear()

    def __call__(self, listener: Listener, words: bytes, now: int) -> None:
        if self.words in words:
            self.heard.append((words, now))

    async def until(self, count: int, *, seconds: float = 60) -> None:
        """All of them, or as many as came when nothing has come for ten seconds."""
        deadline, last, quiet = time.monotonic() + seconds, -1, time.monotonic()
        while len(self.heard) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            if len(self.heard) != last:
                last, quiet = len(self.heard), time.monotonic()
            elif time.monotonic() - quiet > 10:
                return


async def _floor(world: World) -> dict[str, float]:
    ear = Ear()
    audience, figures = await _gather(world, world.broadcast, ear, "/", [])
    processes.order(world.broadcast, f"{COMMITS} {GAP} {SIZE}")
    await ear.until(COMMITS * world.count)
    figures |= _latencies(ear, lambda words: int(_found(_SENT_AT, words)), COMMITS * world.count)
    ear.heard.clear()
    processes.order(world.broadcast, f"{BURST} 0 {SIZE}")
    await ear.until(BURST * world.count)
    figures |= _burst(ear, BURST * world.count)
    await audience.leave()
    return figures


async def _ours(world: World) -> dict[str, dict[str, float]]:
    ear = Ear()
    tokens = [person.token for person in world.people]
    audience, figures = await _gather(world, world.sockets, ear, "/ws/events/", tokens)
    ear.listen_for(b'"ids"')
    world.publisher.order(f"commits {COMMITS} {GAP}")
    await ear.until(COMMITS * world.count)
    commits = {subject: int(at) for subject, at in (world.publisher.hear().split() for _ in range(COMMITS))}
    # Channels know no database numbers: on a server that others use too, their hints come along.
    await asyncio.sleep(0.5)
    ear.heard = [(words, now) for words, now in ear.heard if _subject(words) in commits]
    figures |= _latencies(ear, lambda words: commits[_subject(words)], COMMITS * world.count)
    ear.listen_for(b'"filling"')
    world.publisher.order(f"frames {BURST} {SIZE}")
    await ear.until(BURST * world.count)
    world.publisher.hear()
    figures |= _burst(ear, BURST * world.count)
    entries = await _entries(world, ear)
    await audience.leave()
    return {"hints": figures, "entries": entries}


async def _entries(world: World, ear: Ear) -> dict[str, float]:
    """One each to every person."""
    ear.listen_for(b'"bench.said"')
    world.publisher.order(f"entries {ENTRIES} 0.5 {len(world.people)}")
    await ear.until(ENTRIES * world.count)
    told = {int(n): int(at) for n, at in (world.publisher.hear().split() for _ in range(ENTRIES))}
    world.publisher.hear()
    return _latencies(ear, lambda words: told[int(_found(_NUMBER, words))], ENTRIES * world.count)


async def _gather(
    world: World, server: Running, ear: Ear, path: str, tokens: list[str]
) -> tuple[Audience, dict[str, float]]:
    idle = processes.idle_share()
    before = server.pss_kib()
    audience = Audience(ear)
    took = await audience.gather(server.port, [path] * world.count, tokens)
    await asyncio.sleep(0.7)
    figures = {"set_up_rate": world.count / took, "idle_before": idle}
    if world.is_fresh:
        figures["kib_each"] = (server.pss_kib() - before) / world.count
    return audience, figures


def _latencies(ear: Ear, sent_at: Callable[[bytes], int], expected: int) -> dict[str, float]:
    times = sorted((now - sent_at(words)) / 1e6 for words, now in ear.heard)
    if len(times) != expected:
        raise AssertionError(f"{expected} frames were due, {len(times)} came")
    return {"p50_ms": times[len(times) // 2], "p99_ms": times[int(len(times) * 0.99)]}


def _burst(ear: Ear, expected: int) -> dict[str, float]:
    """Frames a second from the first sending to the last hearing."""
    sent = [int(found[1]) for words, _ in ear.heard if (found := _SENT_AT.search(words))]
    seconds = (max(now for _, now in ear.heard) - min(sent)) / 1e9
    return {"burst_rate": len(sent) / seconds, "burst_lost": 1 - len(sent) / expected}


def _subject(words: bytes) -> str:
    return str(next(iter(json.loads(words).get("ids", ())), ""))


def _found(pattern: re.Pattern[bytes], words: bytes) -> bytes:
    found = pattern.search(words)
    if found is None:
        raise AssertionError(f"an unexpected frame: {words[:200]!r}")
    return found[1]
