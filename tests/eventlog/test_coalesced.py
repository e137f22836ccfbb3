import itertools
import threading
import time

from brokerage.eventlog.coalesced import Coalesced


def test_many_asks_within_the_interval_share_one_trailing_call():
    calls = []
    soon = Coalesced(lambda: calls.append(time.monotonic()), interval=0.1)

    for _ in range(50):
        soon()
        time.sleep(0.002)
    time.sleep(0.4)

    assert 2 <= len(calls) <= 4
    assert all(later - earlier >= 0.1 for earlier, later in itertools.pairwise(calls))


def test_the_asker_never_waits_for_a_broker_that_hangs():
    hanging = threading.Event()
    soon = Coalesced(lambda: hanging.wait(5), interval=0.01)

    started = time.monotonic()
    for _ in range(100):
        soon()

    assert time.monotonic() - started < 2
    hanging.set()


def test_a_failing_call_is_followed_by_another(monkeypatch):
    monkeypatch.setattr("brokerage.eventlog.coalesced.AFTER_FAILURE", 0.05)
    done, tries = threading.Event(), []

    def work():
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("gone")
        done.set()

    soon = Coalesced(work, interval=0.01)
    soon()
    time.sleep(0.02)
    soon()

    assert done.wait(2)
