"""What the law leaves open and Doorway had to choose. Each is a setting: change it here, or pass another."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from schools.pal.records import Kind


@dataclass(frozen=True)
class Band:
    """A Compass-style answer: `up_to` is its greatest whole percentage."""

    up_to: int
    label: str


@dataclass(frozen=True)
class Parameters:
    # R12: phases 1 and 2 are met when this share of the worst-served group surely met two.
    met_from: Fraction = Fraction(1)
    # R8: the duty's first day.
    duty_began: date = date(2023, 1, 1)
    # R17: kinds that are providers by what they are, and kinds that are only when flagged technical.
    providers: frozenset[Kind] = frozenset(
        {Kind.FE_COLLEGE, Kind.ITP, Kind.UTC, Kind.STUDIO_SCHOOL, Kind.EMPLOYER_PROVIDER}
    )
    providers_when_technical: frozenset[Kind] = frozenset({Kind.UNIVERSITY, Kind.EMPLOYER, Kind.OTHER})
    # R19: shorter sessions are pointed out, and count.
    short_minutes: int = 30
    # R6: when the working deadline is warned of, besides this many school days before it.
    warn_on: tuple[tuple[int, int], ...] = ((11, 1), (1, 1))
    warn_school_days: int = 20
    # R13: above 25 % Compass's labels weren't verified.
    bands: tuple[Band, ...] = (
        Band(0, "None (0%)"),
        Band(25, "A few (1% to 25%)"),
        Band(50, "Some (26% to 50%)"),
        Band(75, "Most (51% to 75%)"),
        Band(99, "The overwhelming majority (76% to 99%)"),
        Band(100, "All (100%)"),
    )


DEFAULT: Final = Parameters()
