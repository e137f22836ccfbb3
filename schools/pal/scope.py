"""Which schools and phases the duty reaches (R22 to R24, R29)."""

from datetime import date
from enum import StrEnum
from typing import Final

from schools.pal.records import School
from schools.pal.windows import KEY_PHASES, ORDINALS
from schools.pal.words import day_of

# GIAS type codes.
COVERED: Final = frozenset({1, 2, 3, 5, 7, 12, 14, 28, 33, 34, 35, 36, 38, 40, 41, 42, 43, 44})
NOT_COVERED: Final = frozenset({8, 10, 11, 15, 18, 24, 25, 26, 27, 29, 30, 31, 32, 37, 47, 48, 49, 56, 57})
# City technology colleges and 16 to 19 schools: nobody has settled whether they are covered.
UNRESOLVED: Final = frozenset({6, 39, 45, 46})


class Scope(StrEnum):
    IN = "in_scope"
    OUT = "not_in_scope"
    UNRESOLVED = "unresolved"


def scope(school: School) -> Scope:
    """By type code; one that isn't listed is unresolved, never guessed."""
    if school.in_scope is not None:
        return Scope.IN if school.in_scope else Scope.OUT
    if school.type_code in COVERED:
        return Scope.IN
    return Scope.OUT if school.type_code in NOT_COVERED else Scope.UNRESOLVED


def years_taught(school: School) -> range:
    """From register ages: 11 to 16 is Years 7 to 11; nothing after Year 13."""
    return range(school.low_age - 4, min(school.high_age - 5, 13) + 1)


def outside(school: School, today: date) -> tuple[str, str] | None:
    """Rule and sentence when the school as a whole can't be assessed."""
    reach = scope(school)
    if reach is Scope.OUT:
        return "R22", "The duty doesn't cover this type of school: recorded, not assessed."
    if reach is Scope.UNRESOLVED:
        return "R22", "Whether the duty covers this type of school isn't settled: recorded, not assessed."
    if school.closes_on is not None and school.closes_on <= today:
        return "R29", f"The school closed on {day_of(school.closes_on, today)}: recorded, not assessed."
    return None


def not_taught(school: School, phase: int) -> tuple[str, str] | None:
    years = years_taught(school)
    first, last = KEY_PHASES[phase]
    if first in years or last in years:
        return None
    return (
        "R23",
        f"The school teaches neither Year {first} nor Year {last}, so it has no {ORDINALS[phase]} phase.",
    )


def shared(school: School, phase: int) -> tuple[str, str] | None:
    """A phase of which the school teaches one year: whose the two occasions are is unknown."""
    years = years_taught(school)
    here = [year for year in KEY_PHASES[phase] if year in years]
    if len(here) != 1:
        return None
    return "R24", f"A shared phase: the school teaches Year {here[0]} only. Shown, not assessed."
