"""What share of a group surely, and at most, met two, when only counts per session are known (R12, R13).

A class holds the sessions that can't be told apart for the duty: in phases 1 and 2 those with the same providers, in
phase 3 each session by itself. Shares are exact fractions, because «everyone» has to mean everyone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from schools.pal.parameters import DEFAULT, Parameters


@dataclass(frozen=True)
class Bounds:
    """Shares of a group, 0 to 1."""

    lower: Fraction = Fraction(0)
    upper: Fraction = Fraction(0)


def bounds(classes: Iterable[Sequence[Fraction]]) -> Bounds:
    """Bounds on the share of pupils present in at least two classes, from the shares present at each session.

    They equal the least and the greatest value of the linear programme over all ways in which attendances can
    overlap. Of one class at least its best attended session's share met it, at most the sum of all."""
    listed = [shares for shares in classes if shares]
    if len(listed) < 2:
        return Bounds()
    least = sorted((max(shares) for shares in listed), reverse=True)
    most = [min(Fraction(1), sum(shares, Fraction(0))) for shares in listed]
    lower = max((of_k - 1) / k for k, of_k in enumerate(accumulate(least)) if k)
    together = sum(most, Fraction(0))
    return Bounds(max(Fraction(0), lower), min(Fraction(1), together / 2, together - max(most)))


def whole_percent(share: Fraction) -> int:
    """Rounded, but 0 only for nobody and 100 only for everybody (R13)."""
    if share <= 0 or share >= 1:
        return 100 if share > 0 else 0
    return min(99, max(1, int(share * 100 + Fraction(1, 2))))


def percentage(share: Fraction) -> str:
    """`93%`; what rounds to all or to nobody without being it is `over 99%` or `under 1%`."""
    if 0 < share < Fraction(1, 100):
        return "under 1%"
    if Fraction(99, 100) < share < 1:
        return "over 99%"
    return f"{whole_percent(share)}%"


def band(share: Fraction, parameters: Parameters = DEFAULT) -> str:
    """The Compass-style answer."""
    percent = whole_percent(share)
    return next(band.label for band in parameters.bands if percent <= band.up_to)
