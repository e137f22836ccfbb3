"""Every night the whole log again: the truth. What all schools teach is learned anew, each school's trials and evidence
are written, and what the day's increments had worked out is held against the same rows.

The log itself isn't: each lot of schools is put aside once told (`spool`), and read back day by day.

Broken off at any point and begun again, a night ends with the same rows: it reads the log no further than it did when
it began, computes without chance, and writes batches of schools, each in one transaction."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from brokerage.accounts.models import Organisation
from brokerage.domain.events import ReplayDiffered
from brokerage.eventlog.models import Event
from brokerage.eventlog.record import PLATFORM, record
from brokerage.fairness import feed, increments, rows, spool
from brokerage.fairness.bundles import parameters_sha256
from brokerage.fairness.engine import Engine
from brokerage.fairness.feed import Opening
from brokerage.fairness.held import ENGINE_VERSION, NO_TRIALS, National, figures
from brokerage.fairness.models import Replay, SchoolEvidence
from brokerage.fairness.parameters import DEFAULT
from brokerage.fairness.stream import StreamEvent, window_of
from brokerage.fairness.trials import Ints, Trials

logger = logging.getLogger("doorway.fairness")

LONDON: Final = ZoneInfo("Europe/London")
NOT_BEFORE: Final = 2
"""The hour at which a night begins: by then the day before has been paid in full."""
AT_ONCE: Final = 100
"""Schools written together."""
SAME: Final = 1e-9
_LOCK: Final = 7_302_119


class Recorded(Engine):
    """Keeps E of a school at the end of each day on which something was scored there."""

    def __init__(self, schools: Sequence[str], day_0: date) -> None:
        super().__init__(schools, DEFAULT, day_0=day_0)
        self.e_on: dict[tuple[int, int], float] = {}
        self._touched: Ints = np.zeros(0, dtype=np.int64)

    def _score(self, day: int) -> Ints:
        self._touched = super()._score(day)
        return self._touched

    def close(self, day: int, events: Sequence[StreamEvent]) -> list[Any]:
        found = super().close(day, events)
        for unit in self._touched.tolist():
            self.e_on[unit, day] = float(self.e[unit])
        return found


@dataclass(frozen=True)
class Night:
    """What was worked out, in memory, before anything of a school's is written."""

    run: Replay
    day_0: date
    engine: Recorded
    national: National
    schools: dict[str, Organisation]


def replay_if_due(*, now: datetime, then: Callable[[Replay], None]) -> Replay | None:
    """Yesterday's night, unless it is whole already, the night is young, or somebody else is at it. After an outage
    the next call catches up: one night's replay holds all that was missed."""
    local = now.astimezone(LONDON)
    on = local.date() - timedelta(days=1)
    if local.hour < NOT_BEFORE or Replay.objects.filter(on=on, finished_at__isnull=False).exists():
        return None
    with _alone() as is_alone:
        return replay(on=on, at=now, then=then) if is_alone else None


def replay(*, on: date, at: datetime, then: Callable[[Replay], None] | None = None) -> Replay:
    """The log up to the end of a day. `then` is what follows from it: a night is whole once that is done too."""
    run = _begin(on, at)
    increments_of_the_day = list(
        SchoolEvidence.objects.filter(on=on, is_of_the_night=False).values_list("school_id", flat=True)
    )
    night = _compute(run)
    units = _units(night)
    for first in range(0, len(units), AT_ONCE):
        write(night, units[first : first + AT_ONCE], at=at)
    compare(run, [*increments_of_the_day, *_touched_on(night, on)], at=at)
    _forget(on)
    if then is not None:
        then(run)
    run.finished_at = at
    run.save(update_fields=["finished_at"])
    return run


def _begin(on: date, at: datetime) -> Replay:
    """The same run again when one was broken off: what it may read was fixed when it began."""
    last = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    run, _ = Replay.objects.get_or_create(
        on=on,
        defaults={
            "last_event_id": last,
            "started_at": at,
            "engine_version": ENGINE_VERSION,
            "parameters_sha256": parameters_sha256(DEFAULT),
        },
    )
    return run


def _compute(run: Replay) -> Night:
    day_0 = window_of(run.on)
    with spool.filled(since=day_0, until=run.on, last_event_id=run.last_event_id) as stream:
        schools = {str(school.public_id): school for school in _known(stream.schools)}
        engine = Recorded(sorted(schools), day_0)
        for _ in engine.run(stream.events(), until=(run.on - day_0).days):
            pass
    national = National.of(engine)
    run.national, run.threshold = national.as_json(), engine.threshold
    run.schools, run.trials = len(schools), len(engine.trials)
    run.save(update_fields=["national", "threshold", "schools", "trials"])
    return Night(run, day_0, engine, national, schools)


def _known(asked: frozenset[str]) -> QuerySet[Organisation]:
    """Where anything was asked, and where something was known: a school of whose requests none counts any more is
    told so."""
    of_before = SchoolEvidence.objects.values("school")
    return Organisation.objects.filter(Q(public_id__in=asked) | Q(pk__in=of_before))


def _units(night: Night) -> list[int]:
    """Those that are open on that day (R29)."""
    schools = [night.schools[school] for school in night.engine.schools]
    return [
        unit
        for unit, school in enumerate(schools)
        if school.closed_on is None or school.closed_on > night.run.on
    ]


@transaction.atomic
def write(night: Night, units: Sequence[int], *, at: datetime) -> None:
    """These schools' trials and evidence, in one go. Written already: nothing changes."""
    engine = night.engine
    here, openings = _here(engine, units), _openings(night, units)
    evidence = []
    trials: dict[int, list[rows.TrialRow]] = {}
    for unit, of_unit in zip(units, _split(engine, units), strict=True):
        school = night.schools[engine.schools[unit]]
        e_on = {day: engine.e_on[unit, day] for day in set(of_unit.matured.tolist())}
        trials[school.pk] = rows.of_trials(
            of_unit, engine.popularity.names, openings, e_on, day_0=night.day_0
        )
        found = figures(
            of_unit,
            engine.nation,
            engine.popularity.names,
            name=school.name,
            prevalence=engine.prevalence,
        )
        evidence.append(
            rows.evidence(
                school.pk, night.run.on, found, night.run, here=here[unit], is_of_the_night=True, at=at
            )
        )
    rows.keep_trials(trials)
    rows.keep_evidence(evidence)


def _openings(night: Night, units: Sequence[int]) -> dict[str, Opening]:
    return feed.openings_of(
        [night.schools[night.engine.schools[unit]].pk for unit in units],
        since=night.day_0,
        until=night.run.on,
        last_event_id=night.run.last_event_id,
    )


def _split(engine: Engine, units: Sequence[int]) -> Iterator[Trials]:
    """Each school's trials in the order scored."""
    every = engine.trials.all() if len(engine.trials) else NO_TRIALS
    order = np.argsort(every.school, kind="stable")
    in_order = every.school[order]
    for unit in units:
        yield every.where(order[np.searchsorted(in_order, unit) : np.searchsorted(in_order, unit, "right")])


def _here(engine: Engine, units: Sequence[int]) -> dict[int, dict[str, tuple[float, float]]]:
    wanted: dict[int, dict[str, tuple[float, float]]] = {unit: {} for unit in units}
    for (provider, unit), sums in engine.popularity.here().items():
        if unit in wanted:
            wanted[unit][engine.popularity.names[provider]] = sums
    return wanted


def _touched_on(night: Night, on: date) -> list[int]:
    """Where something was scored that day."""
    day = (on - night.day_0).days
    units = [unit for unit, scored in night.engine.e_on if scored == day]
    return [night.schools[night.engine.schools[unit]].pk for unit in units]


def compare(run: Replay, school_ids: Sequence[int], *, at: datetime) -> list[int]:
    """Hold the day's way of working against the night's, with the night's figures for both: the same school, the
    same day. Returns those that differ; staff are told of each."""
    differing = []
    of_the_night = SchoolEvidence.objects.filter(on=run.on, is_of_the_night=True)
    for evidence in of_the_night.filter(school_id__in=set(school_ids)).select_related("school"):
        again = increments.work_out(evidence.school, run, until=run.on, is_comparison=True)
        if abs(again.figures.e - evidence.e) <= SAME * max(1.0, evidence.e):
            continue
        differing.append(evidence.school_id)
        logger.error(
            "school %s on %s: E is %r by night and %r by day",
            evidence.school_id, run.on, evidence.e, again.figures.e,
        )  # fmt: skip
        with transaction.atomic():
            record(
                ReplayDiffered(
                    subject_id=evidence.school.public_id,
                    organisation_id=evidence.school_id,
                    on=run.on.isoformat(),
                ),
                by=PLATFORM,
                at=at,
            )
    return differing


def _forget(on: date) -> None:
    """Old evidence can be computed again; what a case rests on is in its bundle. The newest of each stays."""
    old = Q(on__lt=on - timedelta(days=rows.KEPT_DAYS))
    newest = SchoolEvidence.objects.order_by("school_id", "-on").distinct("school_id").values("pk")
    SchoolEvidence.objects.filter(old).exclude(pk__in=newest).delete()
    Replay.objects.filter(old).filter(evidence__isnull=True).delete()


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else is at it. The lock goes with the connection: a worker that is killed holds up nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (is_alone,) = cursor.fetchone()
    try:
        yield bool(is_alone)
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
