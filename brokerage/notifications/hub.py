"""The heart of a socket process: one subscription for all its sockets, every frame serialised once.

Entries are never pushed from Valkey. A «look» only says whose feed has grown; the hub then reads all those feeds
with one statement, after each socket's last position, so that nothing is missed and nothing comes twice whatever
looks were lost. When Valkey or PostgreSQL was away, everybody's feed is read again."""

import asyncio
import json
import logging
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, TypeVar

import redis.asyncio as valkey
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from brokerage.eventlog import control, heartbeat, hints
from brokerage.notifications import admission, feed, looks
from brokerage.notifications.admission import Request
from brokerage.notifications.contract import Close, Entry, Resync, WorkChanged
from brokerage.notifications.line import Line, Send
from brokerage.notifications.models import Entry as EntryRow

logger = logging.getLogger("doorway.sockets")

R = TypeVar("R")
Caller = tuple[Request, Send, asyncio.Future[Line]]
THREADS = 3
QUIET_SECONDS = 5.0
"""Without a word from Valkey for so long we ask whether it is still there."""
AGAIN_SECONDS = 0.5
BEAT_SECONDS = 5.0
READ_AT_ONCE = 500
DOORKEEPERS, ADMITTED_AT_ONCE = 2, 50
"""One thread is always left for the feeds."""
RESYNC = Resync().model_dump_json()
WORK_CHANGED = WorkChanged().model_dump_json()


class Hub:
    """Of one process and its event loop."""

    def __init__(self) -> None:
        self._lines: dict[int, set[Line]] = {}
        self._grown: set[int] = set()
        self._has_grown = asyncio.Event()
        self._callers: asyncio.Queue[Caller] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="feed")
        self._tasks: list[asyncio.Task[None]] = []
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    def start(self) -> None:
        if not self._tasks:
            for work in (self._listen, self._read, self._recheck, self._beat, *[self._admit] * DOORKEEPERS):
                self._tasks.append(asyncio.create_task(_for_ever(work)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._callers.empty():
            *_, answer = self._callers.get_nowait()
            answer.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def admit(self, request: Request, send: Send) -> Line:
        """Those who come while others are looked up are looked up together: after a restart of this process everybody
        comes at once. Raises RefusedError, and what the database raises."""
        self.start()
        answer: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self._callers.put_nowait((request, send, answer))
        return await answer

    async def _admit(self) -> None:
        while True:
            some = [await self._callers.get()]
            while len(some) < ADMITTED_AT_ONCE and not self._callers.empty():
                some.append(self._callers.get_nowait())
            found: Sequence[Line | Exception]
            try:
                found = await self.in_thread(partial(admission.admit, [caller[:2] for caller in some]))
            except Exception as problem:
                found = [problem] * len(some)
            except asyncio.CancelledError:
                for caller in some:  # `stop` turns them away with those still in the queue
                    self._callers.put_nowait(caller)
                raise
            for (*_, answer), became in zip(some, found, strict=True):
                if answer.cancelled():  # the caller has gone
                    continue
                if isinstance(became, Line):
                    answer.set_result(became)
                else:
                    answer.set_exception(became)

    def enter(self, line: Line) -> None:
        """From here on the line hears everything; what it missed before comes first."""
        self.start()
        line.when_drained(self._catch_up)
        self._lines.setdefault(line.person_id, set()).add(line)
        self._look_at([line.person_id])

    def leave(self, line: Line) -> None:
        lines = self._lines.get(line.person_id)
        if lines is not None:
            lines.discard(line)
            if not lines:
                del self._lines[line.person_id]

    async def in_thread(self, work: Callable[[], R]) -> R:
        """Run a piece of Django's synchronous database work; a connection that broke is thrown away."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: _with_connection(work))

    # What comes from Valkey

    async def _listen(self) -> None:
        client = valkey.Redis.from_url(
            settings.SOCKETS_REDIS_URL, socket_connect_timeout=1, socket_timeout=QUIET_SECONDS * 2
        )
        async with client, client.pubsub() as news:
            await news.subscribe(hints.CHANNEL, looks.CHANNEL, looks.WORK_CHANNEL, control.CHANNEL)
            self._everyone_again()
            was_quiet = False
            while True:
                message = await news.get_message(timeout=QUIET_SECONDS)
                if message is None and was_quiet:
                    raise ConnectionError("Valkey has gone quiet")
                was_quiet = message is None
                if message is None:
                    await news.ping()
                elif message["type"] == "message":
                    self._hear(message["channel"].decode(), message["data"].decode())

    def _hear(self, channel: str, words: str) -> None:
        if channel == hints.CHANNEL:
            self._push_to_all(words)
        elif channel == looks.CHANNEL:
            self._look_at(json.loads(words))
        elif channel == looks.WORK_CHANNEL:
            self._push_to(json.loads(words), WORK_CHANGED)
        elif channel == control.CHANNEL:
            self._close_what_ended(json.loads(words))

    def _push_to_all(self, frame: str) -> None:
        self._push_to(list(self._lines), frame)

    def _push_to(self, people: Iterable[int], frame: str) -> None:
        for person in people:
            for line in self._lines.get(person, ()):
                line.push(frame)

    def _close_what_ended(self, said: dict[str, str]) -> None:
        match said:
            case {"close": "session", "session": fingerprint}:
                self._close(lambda line: line.session == fingerprint, Close.NOT_SIGNED_IN)
            case {"close": "token", "token": token}:
                self._close(lambda line: line.token == token, Close.NOT_SIGNED_IN)
            case {"close": "user", "user": person}:
                self._close(lambda line: line.person == person, Close.NOT_SIGNED_IN)
            case {"close": "membership", "user": person}:
                self._close(lambda line: line.person == person, Close.NO_MEMBERSHIP)
            case _:
                logger.warning("not understood: %s", sorted(said))

    def _close(self, is_meant: Callable[[Line], bool], code: Close) -> None:
        for line in self._all():
            if is_meant(line):
                line.close(code)

    # What comes from the feeds

    def _everyone_again(self) -> None:
        """Something may have been lost: shared hints for certain, looks perhaps."""
        self._push_to_all(RESYNC)
        self._look_at(self._lines)

    def _catch_up(self, line: Line) -> None:
        line.push(RESYNC)
        self._look_at([line.person_id])

    def _look_at(self, people: Iterable[int]) -> None:
        self._grown.update(person for person in people if person in self._lines)
        if self._grown:
            self._has_grown.set()

    async def _read(self) -> None:
        """One read at a time; those whose feeds grow meanwhile share the next one."""
        while True:
            await self._has_grown.wait()
            people = [self._grown.pop() for _ in range(min(len(self._grown), READ_AT_ONCE))]
            if not self._grown:
                self._has_grown.clear()
            try:
                await self._tell(people)
            except Exception:
                self._look_at(people)
                raise

    async def _tell(self, people: list[int]) -> None:
        wanted = {
            person: min(line.position for line in lines)
            for person in people
            if (lines := self._lines.get(person))
        }
        if not wanted:
            return
        found = await self.in_thread(lambda: feed.after_many(wanted))
        for person, entries in found.items():
            frames = [(entry.position, frame(entry)) for entry in entries]
            for line in self._lines.get(person, ()):
                push_after(line, frames, read_from=wanted[person])
            if len(entries) == feed.AT_MOST:
                self._look_at([person])

    # What time brings

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(settings.SOCKET_RECHECK_SECONDS)
            lines = self._all()
            for start in range(0, len(lines), READ_AT_ONCE):
                some = lines[start : start + READ_AT_ONCE]
                for line, code in (await self.in_thread(lambda some=some: admission.ended(some))).items():  # type: ignore[misc]
                    line.close(code)

    async def _beat(self) -> None:
        while True:
            held = len(self._all())
            await self.in_thread(lambda: _sign_of_life(self._name, held))  # noqa: B023
            await asyncio.sleep(BEAT_SECONDS)

    def _all(self) -> list[Line]:
        return [line for lines in self._lines.values() for line in lines]


@cache
def hub() -> Hub:
    """Made in the event loop at first use."""
    return Hub()


def frame(entry: EntryRow) -> str:
    """As it travels."""
    return Entry(
        id=entry.position, type=entry.type, at=entry.at, data=entry.data, text=entry.text
    ).model_dump_json()


def push_after(line: Line, frames: list[tuple[int, str]], *, read_from: int) -> None:
    """In order; what a full transport doesn't take any more is read again when it has drained.

    A line that came while the feed was read, from further back than `read_from`, would miss what lies between:
    it gets nothing now, and everything from the read that its coming has asked for."""
    if line.position < read_from:
        return
    for position, words in frames:
        if position <= line.position:
            continue
        if not line.push(words):
            return
        line.position = position


async def _for_ever(work: Callable[[], Any]) -> None:
    """A server that is away is asked again until it is back."""
    while True:
        try:
            await work()
        except Exception as problem:
            level = logging.INFO if isinstance(problem, OSError | valkey.RedisError) else logging.WARNING
            logger.log(level, "again in %.1f s after %s: %s", AGAIN_SECONDS, type(problem).__name__, problem)
        await asyncio.sleep(AGAIN_SECONDS)


def _with_connection(work: Callable[[], R]) -> R:
    """Each thread keeps its connection. A restart of PostgreSQL breaks it, and each of those that wait in the pool
    behind it, once."""
    for _ in range(THREADS):
        try:
            return work()
        except (OperationalError, InterfaceError):
            connection.close()
    return work()


def _sign_of_life(name: str, held: int) -> None:
    heartbeat.beat(heartbeat.SOCKETS)
    heartbeat.count_sockets(name, held)
