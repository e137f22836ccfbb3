"""«Look»: word to the socket processes that these people's feeds have grown. It carries no news itself and may
be lost: the entry stands in the feed, and a socket that connects again reads what it missed."""

import json
import threading
from collections.abc import Iterable

from brokerage.eventlog.coalesced import Coalesced
from brokerage.eventlog.hints import broker

CHANNEL = "doorway:looks"
INTERVAL = 0.02

_lock = threading.Lock()
_waiting: set[int] = set()


def tell(people: Iterable[int]) -> None:
    """`people` are users' primary keys, which never leave our own processes."""
    with _lock:
        _waiting.update(people)
    _soon()


def _publish() -> None:
    global _waiting
    with _lock:
        waiting, _waiting = _waiting, set()
    broker().publish(CHANNEL, json.dumps(sorted(waiting)))


_soon = Coalesced(_publish, interval=INTERVAL)
