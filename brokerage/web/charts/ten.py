"""Doors in ten: a grant rate that can be counted on the fingers, always beside the exact counts."""

from dataclasses import dataclass

from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import Figure
from brokerage.web.charts.rates import GroupRate

TEN = 10


@dataclass(frozen=True)
class DoorsInTen:
    """Others first. Under ten requests there are no doors: the counts alone."""

    groups: tuple[GroupRate, ...]

    @property
    def rows(self) -> list[tuple[str, list[str], str]]:
        """Name, ten doors `lit` or `find`, and the words beside them."""
        return [(group.name, doors(group), said(group)) for group in self.groups]


def doors(group: GroupRate) -> list[str]:
    if not group.has_rate:
        return []
    lit = in_ten(group)
    return ["lit"] * lit + ["find"] * (TEN - lit)


def in_ten(group: GroupRate) -> int:
    """Rounded; but none and all are said of none and all alone."""
    if 0 < group.granted < group.asked:
        return min(max(round(group.share * TEN), 1), TEN - 1)
    return TEN if group.granted else 0


def said(group: GroupRate) -> str:
    if not group.has_rate:
        return group.counts
    lit = in_ten(group)
    exact = group.granted * TEN == lit * group.asked
    return f"{group.counts}, {'' if exact else 'about '}{lit} in {TEN}"


@figure.register
def _(chart: DoorsInTen) -> Figure:
    return Figure("ten", " ".join(f"{name}: {counts}." for name, _, counts in chart.rows), None)
