"""Wake the deliverer soon after a commit: at most one nudge per 50 ms and process, however many claims.

The first commit after a quiet spell nudges at once; those that follow within the interval share one trailing
nudge. A nudge may be lost (a dead broker, a killed process): the sweep pays what it missed.
"""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("doorway.eventlog")

INTERVAL = 0.05
AFTER_FAILURE = 1.0


class Coalesced:
    """Call `work` at the first ask and at most once an interval after it."""

    def __init__(self, work: Callable[[], object], *, interval: float = INTERVAL) -> None:
        self._work = work
        self._interval = interval
        self._lock = threading.Lock()
        self._next_at = 0.0
        self._timer: threading.Timer | None = None

    def __call__(self) -> None:
        with self._lock:
            if self._timer is not None:
                return
            wait = self._next_at - time.monotonic()
            if wait > 0:
                self._timer = threading.Timer(wait, self._run)
                self._timer.daemon = True
                self._timer.start()
                return
            self._next_at = time.monotonic() + self._interval
        self._run()

    def _run(self) -> None:
        with self._lock:
            self._timer = None
            self._next_at = time.monotonic() + self._interval
        try:
            self._work()
        except Exception as error:  # the claim stands whatever becomes of the nudge
            logger.warning("nudge lost: %s", error)
            with self._lock:
                self._next_at = time.monotonic() + AFTER_FAILURE


def _deliver() -> None:
    from brokerage.eventlog.tasks import deliver

    deliver.apply_async(expires=30, retry=False)


soon = Coalesced(_deliver)
