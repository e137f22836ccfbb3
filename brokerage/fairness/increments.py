"""Between two nights: one school again from the log, with the last night's national figures, so that its page says
what happened today. The night's replay says it anew."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Count

from brokerage.accounts.models import Organisation
from brokerage.domain.events import ContestSettled
from brokerage.eventlog.models import Event
from brokerage.fairness import feed, rows
from brokerage.fairness.feed import Told
from brokerage.fairness.held import Figures, Held, National, events_of, figures
from brokerage.fairness.models import Replay, SchoolEvidence
from brokerage.fairness.stream import StreamEvent, window_of
from brokerage.fairness.trials import Trials

AT_ONCE: Final = 50
TYPES: Final = [*(fact.type for fact in feed.FACTS), ContestSettled.type]
"""What can change a school's evidence."""


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
    day_0 = window_of(run.on)
    told = feed.read(
        until=until,
        since=day_0,
        school_ids=[school.pk],
        last_event_id=run.last_event_id if is_comparison else None,
    )
    stream = told.stream(until)
    night = SchoolEvidence.objects.filter(school=school, replay=run, is_of_the_night=True).first()
    here = {name: (sums[0], sums[1]) for name, sums in night.here.items()} if night else {}
    held = Held(str(school.public_id), national, rows.scored_of(school.pk), here, day_0=day_0)
    trials = events_of(held, stream, (until - day_0).days)
    found = figures(
        trials, held.nation, held.popularity.names, name=school.name, prevalence=national.prevalence
    )
    return WorkedOut(told, stream, held, trials, national, here, found)


def bring_up_to_date(*, today: date, at: datetime) -> int:
    """Some of the schools where something happened since the night; returns how many. Before the first night nothing
    is known. The log itself says where to look, so that no claim and no answer waits for fairness."""
    run = rows.newest_replay()
    if run is None:
        return 0
    found = stale(run, today=today)
    schools = Organisation.objects.in_bulk(list(found)[:AT_ONCE])
    for school in schools.values():
        _bring(school, run, found[school.pk], today=today, at=at)
    return len(schools)


def stale(run: Replay, *, today: date) -> dict[int, int]:
    """School to its number of events since the night, where today's evidence hasn't seen as many."""
    since = Event.objects.filter(pk__gt=run.last_event_id, type__in=TYPES, organisation_id__isnull=False)
    counts = dict(since.order_by().values_list("organisation_id").annotate(Count("pk")))
    fresh = SchoolEvidence.objects.filter(school__in=counts, replay=run, on=today, is_of_the_night=False)
    seen = dict(fresh.values_list("school_id", "events_since"))
    open_ = Organisation.objects.filter(pk__in=counts).exclude(closed_on__lte=today)
    ids = open_.order_by("pk").values_list("pk", flat=True)
    return {pk: counts[pk] for pk in ids if seen.get(pk) != counts[pk]}


@transaction.atomic
def _bring(school: Organisation, run: Replay, events: int, *, today: date, at: datetime) -> None:
    found = work_out(school, run, until=today)
    row = rows.evidence(school.pk, today, found.figures, run, here=found.here, is_of_the_night=False, at=at)
    row.events_since = events
    rows.keep_evidence([row])
