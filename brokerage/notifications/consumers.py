"""The socket: `/ws/events/`. Outward only; every command is HTTP."""

import logging
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import InterfaceError, OperationalError

from brokerage.notifications import admission
from brokerage.notifications.admission import RefusedError, Request
from brokerage.notifications.contract import Close
from brokerage.notifications.hub import hub
from brokerage.notifications.line import Line

logger = logging.getLogger("doorway.sockets")


class EventsConsumer(AsyncConsumer):  # type: ignore[misc]
    """Channels routes to it; from then on the hub does the work."""

    line: Line | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Not Channels' own, which hops to a thread for every message to close database connections: measured,
        that alone makes a fan-out four times slower."""
        match message["type"]:
            case "websocket.connect":
                await self._connect()
            case "websocket.disconnect":
                if self.line is not None:
                    hub().leave(self.line)
                raise StopConsumer
            case _:
                pass  # nobody listens

    async def _connect(self) -> None:
        """A refusal accepts first: a browser can't see why a handshake failed, but it can see a close code."""
        await self.send({"type": "websocket.accept", "subprotocol": admission.subprotocol(self.scope)})
        try:
            line = await hub().admit(Request.of(self.scope), self.base_send)
        except RefusedError as refused:
            await self._close(refused.code)
        except (OperationalError, InterfaceError) as problem:
            logger.info("nobody can be looked up: %s", problem)
            await self._close(Close.TRY_LATER)
        else:
            self.line = line
            hub().enter(line)

    async def _close(self, code: Close) -> None:
        await self.send({"type": "websocket.close", "code": int(code)})
