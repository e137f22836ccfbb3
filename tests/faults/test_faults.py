"""Whatever is killed at whatever moment: rows and entries are neither lost nor doubled, every debt is paid, every
socket catches up. One stage for all stories, because starting it is what takes the time."""

import signal
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.faults.stage import Claims, Stage
from tests.faults.world import STORIES, VOLUNTEERS
from tests.scenarios.processes import until

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    stage = Stage()
    try:
        stage.set_up()
        for person, token in stage.world["school"].items():
            stage.listen(person, token)
        person, token = next(iter(stage.world["volunteers"].items()))
        stage.listen(person, token)
        yield stage
    finally:
        stage.tear_down()


@pytest.fixture(autouse=True)
def kills(stage: Stage) -> Iterator[list[str]]:
    """What a story killed; how many copies of a letter that excuses."""
    yield (killed := [])
    stage.killed = [*getattr(stage, "killed", []), *killed]  # type: ignore[attr-defined]


def say(words: str) -> None:
    """The counts are part of the result: `pytest -s` or `-rP` shows them."""
    sys.stdout.write(f"\n{words}\n")


def reckon(stage: Stage, story: str, claims: Claims) -> dict[str, int]:
    """The books after a story: printed, and all of them must agree."""
    need = stage.world["stories"][story]["need"]
    stage.until_all_is_paid()
    claimed = stage.count(
        "SELECT count(*) FROM brokerage_claim c JOIN brokerage_slot s ON s.id = c.slot_id"
        " JOIN brokerage_encounterneed n ON n.id = s.need_id WHERE n.public_id = %s",
        need,
    )
    of_claims = "FROM notifications_entry e WHERE e.data->>'need' = %s AND e.type = %s"
    told_school = stage.count(f"SELECT count(*) {of_claims}", need, "claim.submitted")
    told_volunteers = stage.count(f"SELECT count(*) {of_claims}", need, "claim.accepted")
    doubled = stage.count(
        "SELECT count(*) FROM (SELECT FROM notifications_entry GROUP BY person_id, event_id, type"
        " HAVING count(*) > 1) twice"
    )
    crooked = stage.count(
        "SELECT count(*) FROM notifications_feed f WHERE last_position <>"
        " (SELECT count(*) FROM notifications_entry e WHERE e.person_id = f.person_id)"
    )
    taken = stage.count(
        "SELECT max(taken) FROM brokerage_slot WHERE public_id = %s", stage.world["stories"][story]["slot"]
    )
    for listener in stage.listeners:
        until(
            lambda listener=listener: listener.heard == stage.positions(listener.person),
            "caught up",
            None,
            20,
        )
    counts = {
        "claims answered": len(claims.made),
        "claims": claimed,
        "places taken": taken,
        "entries to the school": told_school,
        "entries to volunteers": told_volunteers,
        "doubled": doubled,
        "feeds out of step": crooked,
        "parked": stage.count("SELECT count(*) FROM eventlog_delivery WHERE parked_at IS NOT NULL"),
        "longest answer, ms": round(1000 * max(claims.seconds)),
    }
    opened = [listener.connections for listener in stage.listeners]
    say(f"{story}: {counts}; answers {dict(claims.statuses)}; sockets opened {opened}")
    assert sorted(set(claims.made)) == sorted(claims.made)
    assert {name: count for name, count in counts.items() if name != "longest answer, ms"} == {
        "claims answered": VOLUNTEERS,
        "claims": VOLUNTEERS,
        "places taken": VOLUNTEERS,
        "entries to the school": 2 * VOLUNTEERS,
        "entries to volunteers": VOLUNTEERS,
        "doubled": 0,
        "feeds out of step": 0,
        "parked": 0,
    }
    return counts


def test_a_worker_killed_between_delivery_and_tick_pays_again_and_tells_nobody_twice(stage, kills):
    """The tick waits for a lock that we hold (the table may be read and its rows locked, nothing written), so the
    kill comes exactly between the handler's work and the tick."""
    claims = stage.claim_all("worker").finish()
    owed = stage.unpaid()
    with psycopg.connect(stage.database_url) as blocker:
        blocker.execute("LOCK TABLE eventlog_delivery IN SHARE MODE")
        stage.start_worker()
        until(lambda: _ticks_waiting(stage), "a tick", stage.running["worker"])
        stage.running["worker"].kill()
        kills.append("worker")
    assert stage.unpaid() == owed
    stage.start_worker()

    reckon(stage, "worker", claims)
    assert owed > VOLUNTEERS


def test_sockets_killed_under_fire_are_caught_up_with_exactly_what_they_missed(stage, kills):
    claims = stage.claim_all("sockets", pause=0.05)
    for _ in range(2):
        time.sleep(0.5)
        stage.running["sockets"].kill()
        kills.append("sockets")
        stage.start_sockets()

    reckon(stage, "sockets", claims.finish())
    assert all(listener.connections >= 3 for listener in stage.listeners)


def test_web_killed_under_load_leaves_each_claim_wholly_there_or_not_at_all(stage, kills):
    """Three kills: while a claim's statement waits, of which nothing may stay; while its COMMIT does, which
    PostgreSQL has heard and keeps though nobody was answered; and at whatever moment."""
    _stop_commits_at_a_lock(stage)
    with psycopg.connect(stage.database_url) as blocker:
        blocker.execute("LOCK TABLE eventlog_event IN SHARE MODE")
        claims = stage.claim_all("web", at_once=8)
        taking = _kill_web_in(stage, kills, "%UPDATE brokerage_slot SET taken%")
    until(lambda: not stage.alive(taking), "what was killed to end")
    assert stage.claimed("web") == (0, 0)

    with psycopg.connect(stage.database_url) as blocker:
        blocker.execute("SELECT pg_advisory_xact_lock(%s)", [COMMITS])
        stage.start_web(wait=False)  # both its threads may be claiming before it says that it is there
        committing = _kill_web_in(stage, kills, "COMMIT")
        assert stage.claimed("web") == (0, 0)
    until(lambda: not stage.alive(committing), "what was killed to end")
    assert (len(committing), *stage.claimed("web")) == (1, 1, 1)
    assert not claims.made

    stage.start_web()
    until(lambda: len(claims.made) > VOLUNTEERS // 4, "some claims", stage.running["web"])
    _kill_web(stage, kills)
    stage.start_web()

    reckon(stage, "web", claims.finish())
    assert claims.statuses[200] >= 1
    assert sorted(claims.again(keyed=True)) == sorted(claims.again(keyed=False)) == sorted(claims.made)
    assert stage.claimed("web") == (VOLUNTEERS, VOLUNTEERS)


def test_claims_go_on_without_valkey_and_everyone_hears_when_it_is_back(stage, kills):
    stage.crash("Valkey", signal.SIGKILL)
    kills.append("Valkey")

    claims = stage.claim_all("valkey").finish()
    unheard = stage.unpaid()
    stage.restart("Valkey")

    counts = reckon(stage, "valkey", claims)
    assert unheard >= VOLUNTEERS
    assert set(claims.statuses) <= {200, 201}
    assert counts["longest answer, ms"] < 3000


def test_postgresql_crashed_under_load_keeps_every_answered_claim(stage, kills):
    claims = stage.claim_all("postgres", pause=0.1)
    restarts = threading.Thread(target=_crash_twice, args=[stage, kills])
    restarts.start()
    restarts.join()

    reckon(stage, "postgres", claims.finish())


def test_no_letter_was_lost_and_copies_are_at_most_one_for_each_kill(stage):
    """A worker killed while it sends holds a lease of a minute; we let the minute pass by turning the clock."""
    until(lambda: _unsent(stage) == 0 or _nothing_moves(stage), "letters sent", stage.running["worker"], 20)
    stage.ask("UPDATE notifications_letter SET next_try_at = now() WHERE sent_at IS NULL RETURNING 1")
    until(lambda: _unsent(stage) == 0, "letters sent", stage.running["worker"], 30)

    written = stage.count("SELECT count(*) FROM notifications_letter")
    went = stage.message_ids()
    copies = sum(went.values()) - len(went)
    killed = stage.killed  # type: ignore[attr-defined]
    say(f"letters written {written}, sent {len(went)}, copies {copies}, killed {killed}")
    assert len(went) == written
    assert copies <= len(killed)
    assert written == len(STORIES) * 3 * VOLUNTEERS


COMMITS = 20_250_101


def _stop_commits_at_a_lock(stage: Stage) -> None:
    """From here on a claim is committed only while nobody holds this lock."""
    stage.run_sql(
        "CREATE FUNCTION wait_to_commit() RETURNS trigger LANGUAGE plpgsql AS"
        f" 'BEGIN PERFORM pg_advisory_xact_lock_shared({COMMITS}); RETURN NULL; END';"
        "CREATE CONSTRAINT TRIGGER wait_to_commit AFTER INSERT ON brokerage_claim DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION wait_to_commit()"
    )


def _kill_web_in(stage: Stage, kills: list[str], query: str) -> set[int]:
    """While claims stand still in this statement; returns the backends that were left with it."""
    until(lambda: stage.standing_still(query), query, stage.running["web"])
    left = stage.standing_still(query)
    _kill_web(stage, kills)
    return left


def _kill_web(stage: Stage, kills: list[str]) -> None:
    stage.running["web"].kill()
    kills.append("web")


def _ticks_waiting(stage: Stage) -> int:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    return stage.count(waiting, 'UPDATE "eventlog_delivery"%')


def _crash_twice(stage: Stage, kills: list[str]) -> None:
    """An immediate shutdown is a crash: nothing is written out, the next start recovers from the log."""
    for _ in range(2):
        time.sleep(0.8)
        stage.crash("PostgreSQL", signal.SIGQUIT)
        kills.append("PostgreSQL")
        stage.restart("PostgreSQL")
        until(lambda: _is_up(stage), "PostgreSQL")


def _is_up(stage: Stage) -> bool:
    try:
        return stage.count("SELECT 1") == 1
    except psycopg.Error:
        return False


def _unsent(stage: Stage) -> int:
    return stage.count("SELECT count(*) FROM notifications_letter WHERE sent_at IS NULL")


def _nothing_moves(stage: Stage) -> bool:
    due = "SELECT count(*) FROM notifications_letter WHERE sent_at IS NULL AND next_try_at <= now()"
    return stage.count(due) == 0
