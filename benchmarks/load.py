"""A closed-loop HTTP/1.1 client on raw protocols: about ten times cheaper per request than a client library, so
that what is measured is the server."""

import asyncio
import collections
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvloop


@dataclass(frozen=True)
class Ask:
    path: str
    token: str = ""
    body: bytes = b""
    headers: tuple[str, ...] = ()

    def raw(self, port: int) -> bytes:
        head = [f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        head += [f"Authorization: Token {self.token}"] if self.token else []
        head += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"] if self.body else []
        return "\r\n".join([*head, *self.headers, "", ""]).encode() + self.body


@dataclass
class Answers:
    seconds: list[float] = field(default_factory=list)
    statuses: collections.Counter[int] = field(default_factory=collections.Counter)
    took: float = 0.0
    sent: int = 0
    wrong: bytes = b""

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took if self.took else 0.0

    def quantile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def run(asks: Iterator[Ask], *, port: int, connections: int, expect: int, warm: int = 0) -> Answers:
    """Send them all over so many keep-alive connections. A status other than `expect` is an error, however fast."""
    answers = uvloop.run(_run(asks, port, connections, warm, expect))
    if set(answers.statuses) != {expect}:
        raise AssertionError(
            f"expected {expect} alone, got {dict(answers.statuses)}: {answers.wrong[:300]!r}"
        )
    return answers


async def _run(asks: Iterator[Ask], port: int, connections: int, warm: int, expect: int) -> Answers:
    answers = Answers()
    run_of = _Run(asks, port, warm, expect, answers)
    await asyncio.gather(*(run_of.connection() for _ in range(connections)))
    answers.took = run_of.last - run_of.first
    return answers


class _Run:
    def __init__(self, asks: Iterator[Ask], port: int, warm: int, expect: int, answers: Answers) -> None:
        self.asks, self.port, self.warm, self.expect, self.answers = asks, port, warm, expect, answers
        self.first = self.last = 0.0

    async def connection(self) -> None:
        loop = asyncio.get_running_loop()
        transport, wire = await loop.create_connection(_Wire, "127.0.0.1", self.port)
        for ask in self.asks:
            if not self.first and self.answers.sent >= self.warm:
                self.first = time.perf_counter()
            counts = self.answers.sent >= self.warm
            self.answers.sent += 1
            started = time.perf_counter()
            status, body = await asyncio.wait_for(wire.ask(ask.raw(self.port)), 60)
            self.last = time.perf_counter()
            self.answers.statuses[status] += 1
            if status != self.expect:
                self.answers.wrong = body
            if counts:
                self.answers.seconds.append(self.last - started)
        transport.close()


class _Wire(asyncio.Protocol):
    """One answer at a time, each with its Content-Length."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, raw: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(raw)  # type: ignore[attr-defined]
        return self.answer

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0 or self.answer is None:
            return
        head = bytes(self.buffer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) >= end + 4 + length:
            body = bytes(self.buffer[end + 4 : end + 4 + length])
            del self.buffer[: end + 4 + length]
            self.answer.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionError(f"the server hung up: {error}"))
