"""Signs of life that other processes leave in Valkey, read by the health page."""

import time

from brokerage.eventlog.hints import broker

WORKER = "worker"
SOCKETS = "sockets"
KEPT_SECONDS = 24 * 60 * 60
# A socket process says how many it holds every few seconds; silence this long means it is gone.
COUNTED_SECONDS = 20


def beat(name: str) -> None:
    broker().set(f"doorway:heart:{name}", repr(time.time()), ex=KEPT_SECONDS)


def age(name: str) -> float | None:
    """Seconds since its last beat; None when there was none for a day."""
    beaten = broker().get(f"doorway:heart:{name}")
    return max(0.0, time.time() - float(beaten)) if beaten else None


def count_sockets(process: str, sockets: int) -> None:
    broker().set(f"doorway:sockets:{process}", sockets, ex=COUNTED_SECONDS)


def sockets() -> int:
    """Open sockets over all socket processes."""
    keys = list(broker().scan_iter("doorway:sockets:*", count=1000))
    return sum(int(held) for held in broker().mget(keys) if held) if keys else 0
