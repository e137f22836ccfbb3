"""How likely a cohort is to be short on the next 28 February, as far as this platform's own record can say.

The model is `schools.pal.forecast`; what it is fitted on is the last whole season of every school here. Until there was
one, with enough schools in it, there is no forecast: nothing is borrowed from elsewhere."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q

from brokerage.accounts.models.organisation import TECHNICAL
from brokerage.domain.slots import LONDON
from brokerage.models import Claim, Encounter
from brokerage.states import PLACE_HOLDERS, ClaimState, EncounterState
from brokerage.vocabulary import Benchmark
from schools.models import School, Season
from schools.pal.forecast import Outlook, chance_of_missing, fit, remaining_share
from schools.pal.windows import KEY_PHASES, phase_of
from schools.queries.provider_access import CohortAccess

AGREED: Final = (*PLACE_HOLDERS, ClaimState.CANCELLED_BY_SCHOOL, ClaimState.CANCELLED_BY_CLAIMANT)
COHORTS_AT_LEAST: Final = 60
SESSIONS_AT_LEAST: Final = 30


@dataclass(frozen=True)
class Planned:
    """An encounter with a technical provider, for one key phase: when it was agreed, for which day, and whether it
    was held."""

    school_id: int
    phase: int
    agreed_on: date
    on: date
    held: bool | None


def last_season(today: date) -> int:
    """The latest that is over: 2025 for 2025/26, from 1 March 2026 on."""
    return today.year - 1 if today >= date(today.year, 3, 1) else today.year - 2


def season_days(year: int) -> tuple[date, date]:
    return date(year, 9, 1), date(year + 1, 2, 28)


@transaction.atomic
def fit_last_season(*, today: date, at: datetime) -> Season | None:
    """Fit the last season once; None while it can't be: too few schools or sessions were here."""
    year = last_season(today)
    if (known := Season.objects.filter(year=year).first()) is not None:
        return known
    first, last = season_days(year)
    planned = planned_between(first, last)
    pairs = [(school.pk, phase) for school in School.objects.all() for phase in _phases(school)]
    held = [each for each in planned if each.held]
    if len(pairs) < COHORTS_AT_LEAST or len(held) < SESSIONS_AT_LEAST:
        return None
    counts = Counter((each.school_id, each.phase) for each in held)
    given = fit(
        [counts[pair] for pair in pairs],
        [each.agreed_on.month for each in held],
        sum(each.held is not None for each in planned),
        len(held),
    )
    return Season.objects.create(
        year=year,
        cohorts=len(pairs),
        mean=given.mean,
        shape=given.shape,
        survival=given.national_survival,
        by_month=list(given.by_month),
        fitted_at=at,
    )


def planned_between(first: date, last: date, *, school_id: int | None = None) -> list[Planned]:
    """Encounters with technical providers agreed for those days, once for each phase they were for, those called off
    included. `held` is None while somebody is to come, or came and nobody has recorded it."""
    begins, ends = datetime.combine(first, time(), LONDON), datetime.combine(last, time.max, LONDON)
    technical = [str(kind) for kind in TECHNICAL]
    agreed = Q(slot__claims__claimant__provider_kind__in=technical, slot__claims__state__in=AGREED)
    coming = Claim.objects.filter(slot=OuterRef("slot"), state__in=PLACE_HOLDERS)
    encounters = Encounter.objects.filter(
        agreed,
        slot__starts_at__range=(begins, ends),
        slot__need__main_benchmark=Benchmark.FURTHER_AND_HIGHER,
    )
    if school_id is not None:
        encounters = encounters.filter(school_id=school_id)
    rows = encounters.annotate(
        agreed=Min("slot__claims__answered_at"), somebody_comes=Exists(coming)
    ).values_list(
        "school_id", "slot__need__year_groups", "slot__starts_at", "agreed", "state", "somebody_comes"
    )
    return [
        Planned(
            school,
            phase,
            (agreed or starts_at).astimezone(LONDON).date(),
            starts_at.astimezone(LONDON).date(),
            None if state == EncounterState.PLANNED and comes else state == EncounterState.DELIVERED,
        )
        for school, years, starts_at, agreed, state, comes in rows
        for phase in sorted({phase_of(year) for year in years if year > 7})
    ]


def chances(school_id: int, cohorts: Iterable[CohortAccess], *, today: date) -> dict[int, float]:
    """By Year 7 entry, for the cohorts whose phase closes next: 0 to 1. Empty without a fitted season."""
    season = Season.objects.filter(year=last_season(today)).first()
    if season is None:
        return {}
    began, ended = season_days(season.year)
    ours = planned_between(began, today, school_id=school_id)
    past = [each for each in ours if each.on <= today and each.held is not None]
    next_close = date(today.year + (today > date(today.year, 2, 28)), 2, 28)
    found: dict[int, float] = {}
    for cohort in cohorts:
        if not cohort.is_assessed or cohort.standing.window.closes != next_close:
            continue
        theirs = [each for each in ours if each.phase == cohort.phase]
        outlook = Outlook(
            wanted=cohort.standing.short_by,
            in_diary=len(cohort.booked),
            planned_before=len(past),
            held_before=sum(bool(each.held) for each in past),
            last_season=sum(bool(each.held) for each in theirs if each.on <= ended),
            this_season=sum(bool(each.held) for each in theirs if each.on >= date(season.year + 1, 9, 1))
            + len(cohort.booked),
        )
        found[cohort.cohort.y7_entry] = chance_of_missing(
            outlook, remaining_share(today, next_close, season.given), season.given
        )
    return found


def _phases(school: School) -> list[int]:
    """Those of which it teaches both years."""
    taught = set(school.year_groups)
    return [phase for phase, years in KEY_PHASES.items() if taught >= set(years)]
