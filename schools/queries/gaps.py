"""What a visit would do for a year group, from how each stands in its key phase."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from brokerage import vocabulary
from brokerage.accounts.models import Organisation
from brokerage.models import AccessRequest, Claim, PhaseStanding
from brokerage.states import ClaimState
from brokerage.web.dates import local_day
from schools.pal.windows import KEY_PHASES, OCCASIONS, year_group
from schools.queries import first_days

NUMBERS: Final = {1: "one", 2: "two"}
PLACES: Final = ("First", "Second")


@dataclass(frozen=True)
class Gap:
    """A year group in an open key phase. `wanted` are the encounters still to be found, those booked left out."""

    year: int
    phase: int
    occasions: int
    wanted: int
    closes_on: date

    @property
    def years_of_phase(self) -> tuple[int, int]:
        return KEY_PHASES[self.phase]


def of_school(school: Organisation, today: date) -> list[Gap]:
    """Every year group whose phase is open, the next deadline first; empty until standings are computed."""
    standings = PhaseStanding.objects.filter(
        school=school, opens_on__lte=today, closes_on__gte=today
    ).order_by("closes_on", "phase")
    moves_up = first_days.of(school.pk)
    return [
        Gap(
            year=year_group(standing.y7_entry, today, moves_up),
            phase=standing.phase,
            occasions=standing.occasions,
            wanted=max(0, standing.short_by - standing.planned),
            closes_on=standing.closes_on,
        )
        for standing in standings
        if standing.state != "not_assessed"
    ]


def helps(request: AccessRequest, gaps: Iterable[Gap], met: set[int]) -> list[tuple[str, str]]:
    """A bold word and the rest of the sentence for each year group asked for; nothing for an asker that couldn't
    count. `met` are the year groups that have met this asker."""
    if not request.is_technical:
        return []
    return [_help(gap, gap.year in met) for gap in gaps if gap.year in request.year_groups]


def _help(gap: Gap, has_met: bool) -> tuple[str, str]:
    years = f"Year {gap.year}"
    if has_met:
        return f"{years} have met this provider.", "A second with a different mix of providers would count."
    unmet = f"{years} haven’t met this provider yet."
    if not gap.wanted:
        return f"{years} have their two already,", f"held or booked. {unmet}"
    place = PLACES[max(0, OCCASIONS - gap.wanted)] if gap.wanted <= OCCASIONS else "First"
    return f"{place} of two", f"for {years}. {unmet}"


def others_still_want(request: AccessRequest, gaps: Iterable[Gap]) -> str:
    """`Year 12 still needs one before 28 February: would that interest you?`, of those next due; else nothing."""
    if not request.is_technical:
        return ""
    open_ones = [gap for gap in gaps if gap.wanted and gap.year not in request.year_groups]
    if not open_ones:
        return ""
    first = open_ones[0]
    same = [gap for gap in open_ones if (gap.wanted, gap.closes_on) == (first.wanted, first.closes_on)]
    years = vocabulary.years(gap.year for gap in same)
    needs = "needs" if len(same) == 1 else "need"
    closes = f"{first.closes_on.day} {first.closes_on:%B}"
    return (
        f"{years} still {needs} {NUMBERS.get(first.wanted, 'two')} before {closes}: would that interest you?"
    )


def years_that_met(asker: Organisation, school: Organisation, today: date) -> set[int]:
    """Which of today's year groups have met this asker here, in whatever year they were in then."""
    visits = Claim.objects.filter(
        claimant=asker, slot__need__school=school, state=ClaimState.FULFILLED
    ).values_list("slot__starts_at", "slot__need__year_groups")
    return {year for starts_at, years in visits for year in _now(years, local_day(starts_at), today)}


def _now(years: Sequence[int], then: date, today: date) -> list[int]:
    older = (today.year - (today.month < 9)) - (then.year - (then.month < 9))
    return [year + older for year in years]
