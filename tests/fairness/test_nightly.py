"""The night is the truth: the same rows whatever happens to the worker, and the day is held against it."""

import threading
import time as clock
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import F

from brokerage.accounts.models import Organisation
from brokerage.eventlog.models import Event
from brokerage.fairness import feed, increments, nightly, rows, spool
from brokerage.fairness.models import Replay, SchoolEvidence, Trial
from brokerage.fairness.states import Tier
from brokerage.fairness.stream import DAY_0
from tests import factories
from tests.fairness import logs
from tests.fairness.logs import NIGHT, ON


def written() -> tuple[list[Any], list[Any]]:
    """Every row of the night's, but for its number."""
    evidence = SchoolEvidence.objects.order_by("school_id", "on")
    return (
        list(Trial.objects.order_by("school_id", "number").values_list("school_id", "number", *rows.COLUMNS)),
        [
            {name: value for name, value in row.items() if name not in ("id", "replay_id")}
            for row in evidence.values()
        ],
    )


def two_schools() -> list[Organisation]:
    """In the order in which the night writes them."""
    technical, others = logs.askers(4)
    schools = [factories.school(), factories.school()]
    for school, refused in zip(schools, (7, 2), strict=True):
        logs.write(school, technical, others, refused=refused, of=12)
    return sorted(schools, key=lambda school: str(school.public_id))


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_two_schools_leaves_nothing_half_and_the_next_ends_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nightly, "AT_ONCE", 1)
    first, second = two_schools()
    nightly.replay(on=ON, at=NIGHT)
    whole = written()
    Replay.objects.all().delete()
    Trial.objects.all().delete()
    run = nightly._begin(ON, NIGHT)
    worker = Worker()

    with transaction.atomic():
        # The second school's row is taken, and not yet to be seen: there the worker has to wait.
        taken = rows.evidence(
            second.pk, ON, figures_of(first, run), run, here={}, is_of_the_night=True, at=NIGHT
        )
        taken.save()
        worker.start()
        wait_for(lambda: SchoolEvidence.objects.filter(school=first).exists())
        wait_for(worker.is_waiting)
        worker.kill()
        worker.join(60)
        transaction.set_rollback(True)

    assert isinstance(worker.died_of, DatabaseError)
    assert Replay.objects.get().finished_at is None
    assert set(Trial.objects.values_list("school_id", flat=True)) == {first.pk}

    nightly.replay(on=ON, at=NIGHT)
    assert written() == whole
    assert Replay.objects.get().finished_at == NIGHT


def figures_of(school: Organisation, run: Replay) -> Any:
    """Any figures at all."""
    return nightly.figures(
        nightly.NO_TRIALS, nightly.Engine([]).nation, [], name=school.name, prevalence=0.03
    )


class Worker(threading.Thread):
    died_of: Exception | None = None
    backend: int = 0

    def run(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self.backend,) = cursor.fetchone()
        try:
            nightly.replay(on=ON, at=NIGHT)
        except Exception as problem:
            self.died_of = problem
        finally:
            connections.close_all()

    def is_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.backend])
            return bool(cursor.fetchone()[0])

    def kill(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [self.backend])


def wait_for(condition: Any) -> None:
    until = clock.monotonic() + 60
    while not condition():
        assert clock.monotonic() < until
        clock.sleep(0.05)


@pytest.mark.django_db
def test_the_log_read_a_school_at_a_time_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    two_schools()
    run = nightly.replay(on=ON, at=NIGHT)
    together = written()
    years = {"since": DAY_0, "until": ON, "last_event_id": run.last_event_id}
    monkeypatch.setattr(spool, "SCHOOLS_AT_ONCE", 1)
    with spool.filled(**years) as stream:
        assert len(stream.files) == 2
        days = [event.day for event in stream.events()]
        assert days == sorted(days)
        assert len(days) == 2 * 2 * 2 * 12

    Trial.objects.all().delete()
    nightly.replay(on=ON, at=NIGHT)
    assert written() == together


@pytest.mark.parametrize(
    ("schools", "files", "largest"), [(0, 0, 0), (60, 3, 25), (5_000, 200, 25), (25_001, 199, 126)]
)
def test_of_many_schools_the_lots_are_larger_and_the_open_files_no_more(
    schools: int, files: int, largest: int
) -> None:
    lots = list(spool.lots(range(schools)))
    assert (len(lots), max(map(len, lots), default=0)) == (files, largest)
    assert [each for lot in lots for each in lot] == list(range(schools))


@pytest.mark.django_db
def test_the_same_night_again_writes_the_same_rows() -> None:
    two_schools()
    nightly.replay(on=ON, at=NIGHT)
    before, ids = written(), list(Trial.objects.order_by("pk").values_list("pk", flat=True))
    nightly.replay(on=ON, at=NIGHT)

    assert written() == before
    assert list(Trial.objects.order_by("pk").values_list("pk", flat=True)) == ids


@pytest.mark.django_db
def test_a_night_begun_again_reads_no_further_than_it_did() -> None:
    school, _ = two_schools()
    run = nightly._begin(ON, NIGHT)
    logs.write(school, [factories.provider()], [factories.university()], refused=0, of=1)
    nightly.replay(on=ON, at=NIGHT)

    assert Replay.objects.get() == run
    last = Event.objects.filter(pk__lte=run.last_event_id).count()
    assert last == Event.objects.count() - 4
    assert SchoolEvidence.objects.get(school=school).technical == 12


@pytest.mark.django_db
def test_the_day_between_two_nights() -> None:
    """What the log tells of a school since is on its page before the night says it anew; other schools rest."""
    school, _ = two_schools()
    nightly.replay(on=ON, at=NIGHT)
    today = ON + timedelta(days=1)
    assert increments.bring_up_to_date(today=today, at=NIGHT) == 0

    asked_on = today - timedelta(days=28)
    logs.write(school, [factories.provider()], [factories.university()], refused=1, of=1, first=asked_on)
    assert increments.bring_up_to_date(today=today, at=NIGHT) == 1
    assert increments.bring_up_to_date(today=today, at=NIGHT) == 0
    day = SchoolEvidence.objects.get(on=today)
    assert (day.school, day.is_of_the_night, day.technical) == (school, False, 13)
    assert SchoolEvidence.objects.get(school=school, on=ON).technical == 12

    logs.write(school, [factories.provider()], [factories.university()], refused=1, of=1, first=asked_on)
    assert increments.bring_up_to_date(today=today, at=NIGHT) == 1
    assert SchoolEvidence.objects.get(on=today).technical == 14

    nightly.replay(on=today, at=NIGHT + timedelta(days=1))
    night = SchoolEvidence.objects.get(school=school, on=today)
    assert (night.is_of_the_night, night.technical) == (True, 14)
    assert not Event.objects.filter(type__contains="differed").exists()


@pytest.mark.django_db
def test_a_difference_between_day_and_night_is_told() -> None:
    school, other = two_schools()
    run = nightly.replay(on=ON, at=NIGHT)
    ids = [school.pk, other.pk]
    assert nightly.compare(run, ids, at=NIGHT) == []

    Trial.objects.filter(school=school, number=3).update(offset=F("offset") + 1e-4)
    assert nightly.compare(run, ids, at=NIGHT) == [school.pk]
    (event,) = Event.objects.filter(type__contains="differed")
    assert (event.subject_id, event.organisation_id) == (school.public_id, school.pk)


@pytest.mark.django_db
def test_a_night_is_due_once_and_catches_up_after_an_outage() -> None:
    two_schools()
    at_one, at_three = datetime(2025, 7, 1, 0, 30, tzinfo=UTC), datetime(2025, 7, 1, 3, tzinfo=UTC)
    followed: list[date] = []

    def due(now: datetime) -> Replay | None:
        return nightly.replay_if_due(now=now, then=lambda run: followed.append(run.on))

    assert due(at_one) is None
    assert due(at_three) == Replay.objects.get(on=ON)
    assert due(at_three) is None
    assert due(at_three + timedelta(days=4)) is not None
    assert followed == [ON, ON + timedelta(days=4)]


@pytest.mark.django_db
def test_a_night_that_died_before_its_flags_were_raised_is_due_again() -> None:
    two_schools()

    def die(run: Replay) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        nightly.replay_if_due(now=NIGHT, then=die)
    followed: list[Replay] = []
    assert nightly.replay_if_due(now=NIGHT, then=followed.append) is not None
    assert len(followed) == 1


@pytest.mark.django_db
def test_few_requests_say_nothing_either_way() -> None:
    school = factories.school()
    technical, others = logs.askers(4)
    logs.write(school, technical, others, refused=4, of=4)
    nightly.replay(on=ON, at=NIGHT)

    assert SchoolEvidence.objects.get().tier == Tier.INSUFFICIENT


@pytest.mark.django_db
def test_a_school_with_nothing_mature_has_evidence_of_nothing() -> None:
    school = factories.school()
    logs.write(school, [factories.provider()], [factories.university()], refused=1, of=1, first=ON)
    nightly.replay(on=ON, at=NIGHT)

    evidence = SchoolEvidence.objects.get()
    assert (evidence.e, evidence.technical, evidence.tier) == (pytest.approx(1), 0, Tier.INSUFFICIENT)


@pytest.mark.django_db
def test_an_empty_log_is_a_night_too() -> None:
    run = nightly.replay(on=date(2025, 6, 30), at=NIGHT)
    assert (run.schools, run.trials, run.finished_at) == (0, 0, NIGHT)
    assert feed.read(until=ON, school_ids=[]).steps == []
