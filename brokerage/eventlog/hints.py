"""Shared hints: «something changed, read again». No id, no promise; one frame for everyone, published at most
once per 50 ms and process."""

import json
import threading
from functools import cache
from typing import Any

import redis
from django.conf import settings

from brokerage.eventlog.coalesced import Coalesced
from brokerage.eventlog.facts import Fact

CHANNEL = "doorway:hints"
NAMED_AT_MOST = 20

_lock = threading.Lock()
_waiting: dict[str, dict[str, None]] = {}


def tell(fact: Fact) -> None:
    with _lock:
        for hint in fact.hints:
            _waiting.setdefault(hint, {})[str(fact.subject_id)] = None
    _soon()


def _publish() -> None:
    global _waiting
    with _lock:
        waiting, _waiting = _waiting, {}
    for hint, subjects in waiting.items():
        frame: dict[str, Any] = {"type": hint}
        if len(subjects) <= NAMED_AT_MOST:
            frame["ids"] = list(subjects)
        broker().publish(CHANNEL, json.dumps(frame, separators=(",", ":")))


_soon = Coalesced(_publish)


@cache
def broker() -> redis.Redis:
    """The Valkey database that sockets listen to; never waits long for a dead one."""
    return redis.Redis.from_url(settings.SOCKETS_REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
