"""A burst of entries to a thousand sockets, with the socket process killed in the middle: nothing lost, nothing
twice, everything in order (P11)."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import uvloop

from benchmarks.audience import Audience, Listener, connect
from benchmarks.processes import Bench
from benchmarks.scenarios import push
from benchmarks.seed import Person

PEOPLE, SOCKETS_EACH, ENTRIES = 100, 10, 300


@dataclass
class Seat:
    """A client that comes back after a loss and says what it saw last."""

    token: str
    heard: list[int] = field(default_factory=list)
    came_back: int = 0

    @property
    def path(self) -> str:
        return f"/ws/events/?after={self.heard[-1] if self.heard else 0}"


def measure(
    bench: Bench,
    people: list[Person],
    *,
    persons: int = PEOPLE,
    each: int = SOCKETS_EACH,
    entries: int = ENTRIES,
) -> dict[str, dict[str, float]]:
    publisher = push.Publisher.start(bench)
    try:
        return {"resync": uvloop.run(_burst(bench, publisher, people[:persons], each, entries))}
    finally:
        publisher.stop()


async def _burst(
    bench: Bench, publisher: push.Publisher, people: list[Person], each: int, entries: int
) -> dict[str, float]:
    server = bench.sockets()
    seats = [Seat(person.token) for person in people for _ in range(each)]
    held = [asyncio.create_task(_hold(seats, number, server.port)) for number in range(len(seats))]
    await asyncio.sleep(1.5)
    publisher.order(f"entries {entries} 0 {len(people)}")
    await _until(lambda: sum(len(seat.heard) for seat in seats) > len(seats) * entries // 3)
    server.kill()
    bench.running.remove(server)
    server = await asyncio.to_thread(bench.sockets, port=server.port)
    await _until(lambda: all(len(seat.heard) >= entries for seat in seats), seconds=120)
    await asyncio.sleep(1)
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    bench.end(server)
    right = list(range(1, entries + 1))
    return {
        "sockets": len(seats),
        "entries": entries,
        "came_back": sum(seat.came_back for seat in seats),
        "lost": sum(len(set(right) - set(seat.heard)) for seat in seats),
        "unfinished": sum(entries - (seat.heard[-1] if seat.heard else 0) for seat in seats),
        "twice": sum(len(seat.heard) - len(set(seat.heard)) for seat in seats),
        "out_of_order": sum(seat.heard != sorted(seat.heard) for seat in seats),
    }


async def _hold(seats: list[Seat], number: int, port: int) -> None:
    seat = seats[number]

    def hear(listener: Listener, words: bytes, now: int) -> None:
        frame = json.loads(words)
        if frame["type"] == "bench.said":
            seat.heard.append(frame["id"])

    audience = Audience(hear)
    while True:
        try:
            listener = await connect(audience, number, port, seat.path, seat.token)
            await listener.up
            await listener.lost
        except OSError:
            pass
        else:
            seat.came_back += 1
        await asyncio.sleep(0.5)


async def _until(is_so: Callable[[], bool], *, seconds: float = 60) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not is_so() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.05)
