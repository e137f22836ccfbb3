"""Very many WebSocket clients in one process, on raw frames: who hears what, and when."""

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Heard = Callable[["Listener", bytes, int], None]


class Listener(asyncio.Protocol):
    """One socket. Calls `heard(self, text, nanoseconds)` for each text frame."""

    def __init__(self, audience: "Audience", number: int, handshake: bytes) -> None:
        self.audience, self.number, self.handshake = audience, number, handshake
        self.buffer = bytearray()
        self.is_up = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.up: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.handshake)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self.buffer += data
        if not self.is_up and not self._shake_hands():
            return
        while (frame := self._frame()) is not None:
            code, words = frame
            if code == 1:
                self.audience.heard(self, words, now)
            elif code == 9:
                self.transport.write(bytes([0x8A, 0x80 | len(words)]) + bytes(4) + words)  # type: ignore[attr-defined]
            elif code == 8:
                self.transport.close()

    def _shake_hands(self) -> bool:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if b" 101 " not in self.buffer[:20]:
            self.up.set_exception(ConnectionError(bytes(self.buffer[:200]).decode(errors="replace")))
            self.transport.close()
            return False
        del self.buffer[: end + 4]
        self.is_up = True
        self.up.set_result(None)
        return True

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 127, 2
        if length == 126:
            if len(buffer) < 4:
                return None
            length, start = struct.unpack_from(">H", buffer, 2)[0], 4
        elif length == 127:
            if len(buffer) < 10:
                return None
            length, start = struct.unpack_from(">Q", buffer, 2)[0], 10
        if len(buffer) < start + length:
            return None
        code, words = buffer[0] & 15, bytes(buffer[start : start + length])
        del buffer[: start + length]
        return code, words

    def connection_lost(self, error: Exception | None) -> None:
        if not self.up.done():
            self.up.set_exception(ConnectionError(f"refused: {error}"))
        if not self.lost.done():
            self.lost.set_result(None)


@dataclass
class Audience:
    heard: Heard
    listeners: list[Listener] = field(default_factory=list)

    async def gather(self, port: int, paths: Sequence[str], tokens: Sequence[str]) -> float:
        """Open a socket for each path; returns the seconds that took."""
        at_once = asyncio.Semaphore(50)
        started = time.perf_counter()

        async def open_one(number: int) -> Listener:
            async with at_once:
                token = tokens[number % len(tokens)] if tokens else ""
                listener = await connect(self, number, port, paths[number], token)
                await asyncio.wait_for(listener.up, 60)
                return listener

        self.listeners = list(await asyncio.gather(*(open_one(number) for number in range(len(paths)))))
        return time.perf_counter() - started

    async def leave(self) -> None:
        for listener in self.listeners:
            listener.transport.close()
        await asyncio.gather(*(listener.lost for listener in self.listeners))
        self.listeners = []


async def connect(audience: Audience, number: int, port: int, path: str, token: str) -> Listener:
    key = base64.b64encode(os.urandom(16)).decode()
    head = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
    head += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    head += [f"Authorization: Token {token}"] if token else []
    handshake = "\r\n".join([*head, "", ""]).encode()
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(
        lambda: Listener(audience, number, handshake), "127.0.0.1", port
    )
    return listener
