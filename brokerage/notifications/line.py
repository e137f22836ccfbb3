"""One socket's way out: frames go straight to the transport; one that reads too slowly is dropped to a resync."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

logger = logging.getLogger("doorway.sockets")

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Line:
    """What the hub knows of one open socket.

    The transport's own buffer (64 KiB) is the bound. Beyond it the frame at hand waits, everything after is
    dropped, and once the transport drains the hub reads again what the person has missed."""

    __slots__ = (
        "_on_drained", "_send", "_waiting", "is_closed", "is_missing", "person", "person_id", "position", "session",
        "session_key", "token", "token_digest",
    )  # fmt: skip

    def __init__(
        self,
        send: Send,
        *,
        person: str,
        person_id: int,
        position: int,
        session_key: str = "",
        session: str = "",
        token: str = "",
        token_digest: str = "",
    ) -> None:
        self._send = send
        self._waiting: asyncio.Task[None] | None = None
        self._on_drained: Callable[[Line], None] | None = None
        self.person = person
        self.person_id = person_id
        self.position = position
        """Of the last entry handed to the transport."""
        self.session_key, self.session = session_key, session
        self.token, self.token_digest = token, token_digest
        self.is_missing = False
        """Something was dropped since the transport filled up."""
        self.is_closed = False

    def when_drained(self, call: "Callable[[Line], None]") -> None:
        self._on_drained = call

    @property
    def is_full(self) -> bool:
        return self._waiting is not None

    def push(self, frame: str) -> bool:
        """Hand a frame to the transport; false when it was dropped."""
        if self.is_closed:
            return False
        if self._waiting is not None:
            self.is_missing = True
            return False
        self._start({"type": "websocket.send", "text": frame})
        return True

    def close(self, code: int) -> None:
        if not self.is_closed:
            self.is_closed = True
            if self._waiting is not None:
                self._waiting.cancel()
            self._start({"type": "websocket.close", "code": code})

    def _start(self, message: dict[str, Any]) -> None:
        """Run the server's `send` here and now as far as it goes.

        It ends at once unless the transport is full, so that a frame for a thousand sockets costs a thousand
        calls and not a thousand tasks; only a full transport costs a task, to wait until it drains."""
        sending = self._send(message).__await__()
        try:
            waited = next(sending)
        except StopIteration:
            return
        except Exception as problem:  # the client has gone; its consumer hears of it by itself
            logger.debug("not sent: %s", problem)
            self.is_closed = True
            return
        self._waiting = asyncio.get_running_loop().create_task(self._finish(_Rest(sending, waited)))

    async def _finish(self, rest: "_Rest") -> None:
        try:
            await rest
        except Exception as problem:
            logger.debug("not sent: %s", problem)
            self.is_closed = True
        finally:
            self._waiting = None
        if self.is_missing and not self.is_closed:
            self.is_missing = False
            if self._on_drained is not None:
                self._on_drained(self)


class _Rest:
    """What is left of an awaitable that was started outside any task."""

    def __init__(
        self, started: Generator[Any, Any, None] | Coroutine[Any, Any, None] | Any, waited: Any
    ) -> None:
        self._started = started
        self._waited = waited

    def __await__(self) -> Generator[Any, Any, None]:
        waited = self._waited
        while True:
            try:
                got = yield waited
            except BaseException as problem:
                step = self._started.throw
                value: Any = problem
            else:
                step, value = self._started.send, got
            try:
                waited = step(value)
            except StopIteration:
                return
