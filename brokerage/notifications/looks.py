"""«Look»: word to the socket processes that these people's feeds have grown. It carries no news itself and may
be lost: the entry stands in the feed, and a socket that connects again reads what it missed."""

import json
import threading
from collections.abc import Iterable

from brokerage.eventlog.coalesced import Coalesced
from brokerage.eventlog.hints import broker

CHANNEL = "doorway:looks"
WORK_CHANNEL = "doorway:work"
INTERVAL = 0.02

_lock = threading.Lock()
_waiting: set[int] = set()
_working: set[int] = set()


def tell(people: Iterable[int]) -> None:
    """`people` are users' primary keys, which never leave our own processes."""
    with _lock:
        _waiting.update(people)
    _soon()


def tell_of_work(people: Iterable[int]) -> None:
    """The same word where there is nothing to tell: what they see of their organisation's work has changed."""
    with _lock:
        _working.update(people)
    _soon()


def _publish() -> None:
    global _waiting, _working
    with _lock:
        waiting, _waiting = _waiting, set()
        working, _working = _working, set()
    for channel, people in ((CHANNEL, waiting), (WORK_CHANNEL, working)):
        if people:
            broker().publish(channel, json.dumps(sorted(people)))


_soon = Coalesced(_publish, interval=INTERVAL)
