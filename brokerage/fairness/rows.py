"""Trials and evidence as rows: the same whoever works them out, night or day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import log
from typing import Any, Final
from uuid import UUID

from django.db.models import Max

from brokerage.fairness.bundles import parameters_sha256
from brokerage.fairness.feed import Opening
from brokerage.fairness.held import ENGINE_VERSION, Figures
from brokerage.fairness.models import Replay, SchoolEvidence, Trial
from brokerage.fairness.parameters import DEFAULT
from brokerage.fairness.stream import date_of
from brokerage.fairness.trials import Trials

KEPT_DAYS: Final = 40
COLUMNS: Final = (
    "event_id", "request", "is_claim", "row", "provider", "is_technical", "asked_on", "matured_on", "is_bad",
    "offset", "popularity", "e_after",
)  # fmt: skip
TrialRow = tuple[Any, ...]
_EVIDENCE: Final = (
    "replay", "is_of_the_night", "events_since", "e", "channels", "threshold", "technical",
    "technical_granted", "other", "other_granted", "technical_providers", "tier",
    "left_out", "here", "sentence", "engine_version", "parameters_sha256", "computed_at",
)  # fmt: skip


def of_trials(
    trials: Trials,
    providers: Sequence[str],
    openings: Mapping[str, Opening],
    e_on: Mapping[int, float],
    *,
    day_0: date,
) -> list[TrialRow]:
    """In the order of `COLUMNS`. `e_on`: E at the end of each day on which one matured."""
    return [
        (
            openings[case].event_id,
            UUID(case),
            openings[case].is_claim,
            row,
            UUID(providers[provider]),
            technical,
            date_of(asked, day_0),
            date_of(matured, day_0),
            bad,
            offset,
            popularity,
            e_on[matured],
        )
        for case, row, provider, technical, asked, matured, bad, offset, popularity in zip(
            trials.case,
            *(
                getattr(trials, name).tolist()
                for name in (
                    "row", "provider", "technical", "asked", "matured", "bad", "offset", "popularity",
                )
            ),
            strict=True,
        )
    ]  # fmt: skip


def keep_trials(wanted: Mapping[int, list[TrialRow]]) -> None:
    """Make these schools' rows be these. Mostly some are new at the end, and only those are written."""
    kept: dict[int, list[TrialRow]] = {school: [] for school in wanted}
    found = Trial.objects.filter(school__in=list(wanted)).order_by("school_id", "number")
    for school, *row in found.values_list("school_id", *COLUMNS):
        kept[school].append(tuple(row))
    new: list[Trial] = []
    for school, rows in wanted.items():
        have = len(kept[school])
        if kept[school] != rows[:have]:
            Trial.objects.filter(school_id=school).delete()
            have = 0
        new += [
            Trial(school_id=school, number=number, **dict(zip(COLUMNS, row, strict=True)))
            for number, row in enumerate(rows[have:], start=have + 1)
        ]
    Trial.objects.bulk_create(new, batch_size=1000)


def evidence(
    school_id: int,
    on: date,
    found: Figures,
    run: Replay,
    *,
    here: Mapping[str, tuple[float, float]],
    is_of_the_night: bool,
    at: datetime,
) -> SchoolEvidence:
    """Unsaved."""
    return SchoolEvidence(
        school_id=school_id,
        on=on,
        replay=run,
        is_of_the_night=is_of_the_night,
        e=found.e,
        channels={name: log(e) for name, e in found.channels.items()},
        threshold=found.threshold,
        technical=found.technical,
        technical_granted=found.technical_granted,
        other=found.other,
        other_granted=found.other_granted,
        technical_providers=found.technical_providers,
        tier=found.tier(),
        left_out=found.left_out,
        here=here,
        sentence=found.sentence,
        engine_version=ENGINE_VERSION,
        parameters_sha256=parameters_sha256(DEFAULT),
        computed_at=at,
    )


def keep_evidence(rows: Iterable[SchoolEvidence]) -> None:
    SchoolEvidence.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["school", "on"], update_fields=list(_EVIDENCE)
    )


def scored_of(school_id: int) -> dict[tuple[str, int], tuple[float, float]]:
    """(request, question) to the offset and popularity that it was scored with."""
    found = Trial.objects.filter(school_id=school_id).values_list("request", "row", "offset", "popularity")
    return {(str(request), row): (offset, popularity) for request, row, offset, popularity in found}


def newest_replay() -> Replay | None:
    """The last whole night."""
    whole = Replay.objects.filter(finished_at__isnull=False)
    newest = whole.aggregate(on=Max("on"))["on"]
    return whole.filter(on=newest).first() if newest else None
