"""Work that many ask for at once is done once: at the first ask, and at most once an interval after it."""

import logging
import os
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("doorway.eventlog")

INTERVAL = 0.05
AFTER_FAILURE = 1.0


class Coalesced:
    """Call `work` at the first ask and at most once an interval after it, never in the asker's thread."""

    def __init__(self, work: Callable[[], object], *, interval: float = INTERVAL) -> None:
        self._work = work
        self._interval = interval
        self._asked = threading.Event()
        self._starting = threading.Lock()
        self._pid = 0

    def __call__(self) -> None:
        self._asked.set()
        if self._pid != os.getpid():
            self._start()

    def _start(self) -> None:
        """A forked process has no thread of its parent's."""
        with self._starting:
            if self._pid != os.getpid():
                threading.Thread(target=self._run, name="nudge", daemon=True).start()
                self._pid = os.getpid()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            time.sleep(self._interval if self._succeeds() else AFTER_FAILURE)

    def _succeeds(self) -> bool:
        try:
            self._work()
        except Exception as error:  # the claim stands whatever becomes of the nudge
            logger.warning("nudge lost: %s", error)
            return False
        return True
