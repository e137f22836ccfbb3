"""The end of a socket process: whoever was still to be let in doesn't wait for ever."""

import asyncio
import threading
from typing import Any

from brokerage.notifications.admission import Request
from brokerage.notifications.hub import ADMITTED_AT_ONCE, DOORKEEPERS, THREADS, Hub

NOBODY = Request("", "no token of ours", None)
PATIENCE = 10


async def send(message: dict[str, Any]) -> None:
    """Nothing is sent here."""


async def test_those_at_the_door_are_turned_away() -> None:
    """Some are being looked up, and one more waits for a doorkeeper."""
    hub, gate = Hub(), threading.Event()
    busy = [asyncio.ensure_future(hub.in_thread(gate.wait)) for _ in range(THREADS)]
    many = ADMITTED_AT_ONCE * DOORKEEPERS + 1
    callers = [asyncio.create_task(hub.admit(NOBODY, send)) for _ in range(many)]
    for _ in range(3):  # they come, the doorkeepers come, and call the first of them
        await asyncio.sleep(0)

    await hub.stop()
    gate.set()
    await asyncio.gather(*busy)

    async with asyncio.timeout(PATIENCE):
        became = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(each) for each in became] == [asyncio.CancelledError] * many
