"""How a cohort's standing is said and drawn: for its school, its governors, its trust and its hub alike."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from brokerage.web import charts
from brokerage.web.charts import words as charted
from schools.pal.standing import State
from schools.pal.windows import OCCASIONS
from schools.queries.provider_access import Access, CohortAccess, Held

PHASES: Final = {1: "First phase", 2: "Second phase", 3: "Third phase"}
MONTH: Final = 30.44


def state_of(each: CohortAccess, today: date) -> tuple[str, str]:
    """Kind and words for the status tag. Never «in breach»: not yet evidenced on this platform."""
    match each.state:
        case State.NOT_ASSESSED:
            return "na", "Not assessed"
        case State.NOT_OPEN:
            return "na", "Too early"
        case State.MET:
            return "ok", "Offered" if each.phase == 3 else "Evidenced"
        case State.COVERAGE_UNPROVEN:
            return "soon", "Coverage not yet proven"
        case State.WINDOW_CLOSED:
            return "na", "Closed, not evidenced here"
    if not each.wanted:
        return "book", "On course"
    if (each.standing.window.closes - today).days > 365:
        return "na", f"{round((each.standing.window.closes - today).days / MONTH)} months left"
    return ("late" if each.is_pressing else "soon"), f"Short by {each.wanted}"


def timeline(
    access: Access,
    only: Iterable[CohortAccess] | None = None,
    chances: Mapping[int, float] | None = None,
    *,
    guarded: bool = False,
) -> charts.EvidenceTimeline:
    """`chances` of missing the deadline, by Year 7 entry, where there is a forecast. `guarded` for eyes outside the
    staff of the school: no share from which 1 to 4 pupils could be counted."""
    shown = access.open if only is None else list(only)
    known = chances or {}
    return charts.EvidenceTimeline(
        access.today,
        tuple(
            _row(each, access.today, in_a_hundred(known.get(each.cohort.y7_entry)), guarded=guarded)
            for each in shown
        ),
    )


def in_a_hundred(chance: float | None) -> str:
    """`18 in 100`; never 0 or 100: a forecast isn't a fact."""
    return "" if chance is None else f"{min(99, max(1, round(100 * chance)))} in 100"


def _row(each: CohortAccess, today: date, chance: str, *, guarded: bool) -> charts.TimelineCohort:
    kind, words = state_of(each, today)
    doors = sorted(
        [
            *(_door(held, each, guarded=guarded) for held in each.counted),
            *(_booked(held) for held in each.booked),
        ],
        key=lambda door: door.on,
    )
    lower = float(each.standing.bounds.lower)
    if guarded:
        lower, _ = charted.safe_bounds(lower, float(each.standing.bounds.upper), each.cohort.roll or 0)
    return charts.TimelineCohort(
        name=each.name,
        phase=PHASES[each.phase],
        opens=each.standing.window.opens,
        closes=each.standing.window.closes,
        doors=tuple(doors),
        kind=kind,
        state=words,
        verb="offered" if each.phase == 3 else "held",
        wanted=OCCASIONS,
        share=lower if each.phase != 3 and len(each.counted) >= OCCASIONS else None,
        chance=chance,
        to_find=_to_find(each),
    )


def _door(held: Held, each: CohortAccess, *, guarded: bool) -> charts.TimelineDoor:
    reached = held.session.offered if each.phase == 3 else held.session.attended + held.session.caught_up
    whole = held.session.offered or 1
    share = min(1.0, reached / whole)
    if guarded:
        share, _ = charted.safe_bounds(share, share, whole)
    return charts.TimelineDoor(held.session.on, held.providers, share=share)


def _booked(held: Held) -> charts.TimelineDoor:
    return charts.TimelineDoor(held.session.on, held.providers, "booked")


def _to_find(each: CohortAccess) -> str:
    if each.phase == 3 or not each.counted:
        return "Any provider"
    return "Another provider" if len(each.counted) == 1 else "A different mix"


def coverage(access: Access) -> charts.CoverageBounds | None:
    """For the cohorts that have had two, but not surely everyone."""
    unproven = [each for each in access.open if each.state is State.COVERAGE_UNPROVEN]
    if not unproven:
        return None
    return charts.CoverageBounds(
        tuple(
            charts.Coverage(
                each.name,
                each.cohort.roll or 0,
                float(each.standing.bounds.lower),
                float(each.standing.bounds.upper),
            )
            for each in unproven
        )
    )


def guarded(access: Access) -> Access:
    """As governors, trust and hub may read it: shares are said by the guarded charts alone, and cohorts of fewer
    than 5 pupils aren't assessed in public."""
    return replace(
        access,
        cohorts=tuple(
            replace(each, notes=tuple(note for note in each.notes if "%" not in note))
            for each in access.cohorts
            if not charted.is_few(each.cohort.roll or 0)
        ),
    )


def questions(access: Access, *, answered: int, late: int, policy: str) -> list[str]:
    """Five at most, chosen from the figures, for a governor to ask."""
    asked: list[str] = []
    for each in access.wanting[:2]:
        day = each.last_school_day or each.standing.window.closes
        asked.append(f"Which provider will {each.name} meet, and when, before {day:%A} {day.day} {day:%B}?")
    for each in access.open:
        if each.state is State.COVERAGE_UNPROVEN:
            asked.append(f"How will the pupils of {each.name} who missed an encounter catch up?")
            break
    if any(each.uncounted for each in access.cohorts):
        asked.append("What would have made the encounters that didn’t count, count?")
    if late:
        asked.append("What kept some requests from colleges waiting for more than 10 school days?")
    elif answered:
        asked.append("Which requests did we refuse, and on which grounds of our policy?")
    if policy != "current":
        asked.append("When will our provider access policy statement be complete and approved?")
    asked.append(
        "Do pupils who are disadvantaged or have special needs come to these encounters as often as others?"
    )
    return asked[:5]
