"""Between two nights: one school again from the log, with the last night's national figures, so that its page says
what happened today. The night's replay says it anew."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction

from brokerage.accounts.models import Organisation
from brokerage.fairness import feed, rows
from brokerage.fairness.feed import Told
from brokerage.fairness.held import Figures, Held, National, events_of, figures
from brokerage.fairness.models import Replay, SchoolEvidence, StaleSchool
from brokerage.fairness.stream import DAY_0, StreamEvent
from brokerage.fairness.trials import Trials

AT_ONCE: Final = 50


@dataclass(frozen=True)
class WorkedOut:
    """One school with the figures of a night, and what it was worked out from."""

    told: Told
    stream: list[StreamEvent]
    held: Held
    trials: Trials
    national: National
    here: dict[str, tuple[float, float]]
    figures: Figures


def work_out(school: Organisation, run: Replay, *, until: date, is_comparison: bool = False) -> WorkedOut:
    """`is_comparison`: reads the log no further than the night did."""
    if run.national is None:
        raise ValueError(f"the night of {run.on} has no national figures")
    national = National.from_json(run.national)
    told = feed.read(
        until=until, school_ids=[school.pk], last_event_id=run.last_event_id if is_comparison else None
    )
    stream = told.stream(until)
    night = SchoolEvidence.objects.filter(school=school, replay=run, is_of_the_night=True).first()
    here = {name: (sums[0], sums[1]) for name, sums in night.here.items()} if night else {}
    held = Held(str(school.public_id), national, rows.scored_of(school.pk), here)
    trials = events_of(held, stream, (until - DAY_0).days)
    found = figures(
        trials, held.nation, held.popularity.names, name=school.name, prevalence=national.prevalence
    )
    return WorkedOut(told, stream, held, trials, national, here, found)


def mark_stale(school_id: int) -> None:
    """By PostgreSQL's clock, so that marking again while it is being worked out shows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fairness_staleschool (school_id, since) VALUES (%s, clock_timestamp())"
            " ON CONFLICT (school_id) DO UPDATE SET since = excluded.since",
            [school_id],
        )


def bring_up_to_date(*, today: date, at: datetime) -> int:
    """Some of the schools where something happened; returns how many. Before the first night nothing is known."""
    run = rows.newest_replay()
    if run is None:
        return 0
    stale = list(StaleSchool.objects.order_by("since").values_list("school_id", "since")[:AT_ONCE])
    schools = Organisation.objects.in_bulk([school_id for school_id, _ in stale])
    for school_id, since in stale:
        _bring(schools[school_id], since, run, today=today, at=at)
    return len(stale)


@transaction.atomic
def _bring(school: Organisation, since: datetime, run: Replay, *, today: date, at: datetime) -> None:
    if school.closed_on is None or school.closed_on > today:
        found = work_out(school, run, until=today).figures
        night = SchoolEvidence.objects.filter(school=school, replay=run, is_of_the_night=True).first()
        row = rows.evidence(
            school.pk, today, found, run, here=night.here if night else {}, is_of_the_night=False, at=at
        )
        rows.keep_evidence([row])
    # Marked again meanwhile: its turn comes again.
    StaleSchool.objects.filter(school=school, since=since).delete()
