"""Scales and the lines that carry them."""

from collections.abc import Callable
from math import log10

from brokerage.web.charts.marks import Line, Mark, Words, plain, text_width

Scale = Callable[[float], float]

LOWEST, HIGHEST = 0.1, 10_000.0
DECADES = (0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0)
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """`low` falls on `start`, `high` on `end`; what lies outside stays at the edge."""
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return start + (end - start) * (min(max(value, low), high) - low) / span

    return place


def logarithmic(start: float, end: float, low: float = LOWEST, high: float = HIGHEST) -> Scale:
    """Each step of ten is as wide as the last; values outside stay at the edge."""
    inside = linear(log10(low), log10(high), start, end)

    def place(value: float) -> float:
        return inside(log10(max(value, low)))

    return place


def across(y: float, left: float, right: float, kind: str = "grid") -> Line:
    return Line(kind, f"M{plain(left)} {plain(y)}H{plain(right)}")


def down(x: float, top: float, bottom: float, kind: str = "grid") -> Line:
    return Line(kind, f"M{plain(x)} {plain(top)}V{plain(bottom)}")


def shares_up(y: Scale, left: float, right: float) -> list[Mark]:
    """0% to 100% up the left side."""
    marks: list[Mark] = []
    for share in QUARTERS:
        marks.append(across(y(share), left, right))
        marks.append(Words(f"{share:.0%}", left - 7, y(share) + 5, "axis", "end"))
    return marks


def shares_along(x: Scale, top: float, bottom: float, width: float) -> list[Mark]:
    """0% to 100% along the foot, none of it outside the drawing."""
    marks: list[Mark] = []
    for share in QUARTERS:
        words, at = f"{share:.0%}", x(share)
        marks.append(down(at, top, bottom))
        if share == 0:
            marks.append(Words(words, at, bottom + 19, "axis"))
        elif at + text_width(words, 13) / 2 > width:
            marks.append(Words(words, width, bottom + 19, "axis", "end"))
        else:
            marks.append(Words(words, at, bottom + 19, "axis", "middle"))
    return marks


def decade(value: float) -> str:
    return "0.1" if value < 1 else f"{value:,.0f}"
