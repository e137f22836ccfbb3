"""The far end of a page's socket, and patience."""

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page
from websockets.sync.server import ServerConnection, serve

from tests.scenarios.processes import until


class Wire:
    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.server = serve(self._accept, "127.0.0.1", 0)
        self.port = self.server.socket.getsockname()[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _accept(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        for _ in connection:
            pass

    def say(self, **frame: Any) -> None:
        """To the page that connected last: one that is drawn may not have connected yet."""
        until(lambda: self.connections, "a page's socket")
        self.connections[-1].send(json.dumps(frame))

    def entry(self, position: int, text: str, type: str = "claim.submitted", **more: Any) -> None:
        self.say(id=position, type=type, at="2026-11-24T09:00:00Z", data={}, text=text, **more)

    def asked_after(self) -> list[int]:
        paths = [connection.request.path for connection in self.connections if connection.request]
        return [int(parse_qs(urlsplit(path).query)["after"][0]) for path in paths]


def wait_for(page: Page, is_so: Callable[[], object]) -> None:
    for _ in range(80):
        if is_so():
            return
        page.wait_for_timeout(100)
    pytest.fail("waited 8 s")
