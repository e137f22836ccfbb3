"""Who gets the visits: how they are shared out among pupils in more and less disadvantaged schools. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class SchoolVisits:
    """`disadvantage` is the school's pupil-premium share: an aggregate of the school, never of a pupil."""

    pupils: int
    visits: int
    disadvantage: float


@dataclass(frozen=True)
class Concentration:
    """`curve` is (share of pupils, share of visits), cumulated from the most to the least disadvantaged school and
    beginning at (0, 0). `index` below 0: the more disadvantaged get fewer."""

    curve: tuple[tuple[float, float], ...]
    index: float
    visits: int

    def visits_of(self, pupils: float) -> float:
        """The share of visits that reached the most disadvantaged `pupils` (0 to 1), along the curve."""
        for (x0, y0), (x1, y1) in zip(self.curve, self.curve[1:], strict=False):
            if pupils <= x1:
                return y0 + (y1 - y0) * (pupils - x0) / (x1 - x0)
        return 1.0


def concentration(schools: Iterable[SchoolVisits]) -> Concentration | None:
    """The concentration curve and index of visits by pupil-premium share; None without pupils or visits.

    CI = 2·Σ(p_i·c_i·r_i)/μ - 1: p_i share of all pupils, c_i visits per pupil, μ = Σ p_i·c_i, and r_i the fractional
    rank from least to most disadvantaged, the middle of the school's own pupils. Schools equally disadvantaged share
    one rank. Source: Kakwani, Wagstaff & van Doorslaer, J Econometrics 1997;77:87.
    """
    ranked = _ranked(schools)
    pupils, visits = sum(each.pupils for each in ranked), sum(each.visits for each in ranked)
    if not pupils or not visits:
        return None
    curve, reached, got, total = [(0.0, 0.0)], 0, 0, 0.0
    for each in ranked:
        # From the most disadvantaged downwards: the rank from the other end is 1 less what lies above the middle.
        rank = 1 - (reached + each.pupils / 2) / pupils
        total += each.visits / visits * rank
        reached, got = reached + each.pupils, got + each.visits
        curve.append((reached / pupils, got / visits))
    return Concentration(tuple(curve), 2 * total - 1, visits)


def _ranked(schools: Iterable[SchoolVisits]) -> list[SchoolVisits]:
    """The most disadvantaged first; equals are one."""
    peopled = sorted((each for each in schools if each.pupils > 0), key=lambda each: -each.disadvantage)
    ranked = []
    for disadvantage, same in groupby(peopled, key=lambda each: each.disadvantage):
        alike = list(same)
        ranked.append(
            SchoolVisits(sum(each.pupils for each in alike), sum(each.visits for each in alike), disadvantage)
        )
    return ranked
