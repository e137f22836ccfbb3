"""Who gets the visits: how they are shared out among pupils in more and less disadvantaged schools. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

FIFTHS: Final = 5


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


def gini(values: Sequence[float]) -> float | None:
    """How unequal values of 0 or more are: 0 when all are the same, 1 - 1/n when one has everything; None without any.

    G = Σ_i Σ_j |x_i - x_j| / (2·n²·μ), computed as 2·Σ i·x_(i)/(n·Σ x) - (n + 1)/n over the sorted values.
    Source: Sen, On Economic Inequality, 1973, section 2.2.
    """
    total, count = _total(values), len(values)
    if not total:
        return None
    ranked = sum(place * value for place, value in enumerate(sorted(values), 1))
    return max(0.0, 2 * ranked / (count * total) - (count + 1) / count)


def jain(values: Sequence[float]) -> float | None:
    """How evenly values of 0 or more are shared: 1 when all are the same, 1/n when one has everything.

    J = (Σ x)² / (n·Σ x²). Source: Jain, Chiu & Hawe, DEC-TR-301, 1984.
    """
    total = _total(values)
    if not total:
        return None
    # In shares of the largest: squares of small numbers would vanish.
    most = max(values)
    shares = [value / most for value in values]
    return min(1.0, sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares)))


def share_without(values: Sequence[float]) -> float | None:
    """The share that have none."""
    return sum(not value for value in values) / len(values) if values else None


def ratio(count: float, pupils: int, other_count: float, other_pupils: int) -> float | None:
    """So many per pupil for each one per pupil of the others: 1 is equal, below 1 less. Of counts or of exposure
    (Singh & Joachims, KDD 2018: exposure in proportion to merit, here to pupils). None where the others have none."""
    if not pupils or not other_pupils or not other_count:
        return None
    return (count / pupils) / (other_count / other_pupils)


def fifths(schools: Sequence[SchoolVisits]) -> list[int | None]:
    """In which fifth of all pupils each school lies, 0 the most disadvantaged: by the middle of its own pupils, and of
    all those of schools equally disadvantaged. None for a school without pupils."""
    pupils = sum(each.pupils for each in schools if each.pupils > 0)
    found, reached = dict[float, int](), 0
    for each in _ranked(schools):
        middle = (reached + each.pupils / 2) / pupils
        found[each.disadvantage] = min(int(middle * FIFTHS), FIFTHS - 1)
        reached += each.pupils
    return [found[each.disadvantage] if each.pupils > 0 else None for each in schools]


def pools(schools: Sequence[SchoolVisits], at_least: int) -> list[list[int]]:
    """Places in `schools` of neighbours in disadvantage, the most disadvantaged first, so many at least together: what
    may be shown where no school may be told from it. What is left over joins the last; fewer in all are one."""
    ranked = sorted(
        (place for place, each in enumerate(schools) if each.pupils > 0),
        key=lambda place: -schools[place].disadvantage,
    )
    cuts = range(0, max(len(ranked) - len(ranked) % at_least, 1), at_least)
    groups = [ranked[cut : cut + at_least] for cut in cuts]
    groups[-1] = ranked[cuts[-1] :]
    return [group for group in groups if group]


def together(schools: Sequence[SchoolVisits]) -> SchoolVisits:
    """As one school, with the mean share of its pupils."""
    if len(schools) == 1:  # whose share stays what it is to the last digit: equals stay equal
        return schools[0]
    pupils = sum(each.pupils for each in schools)
    share = sum(each.pupils * each.disadvantage for each in schools) / pupils
    return SchoolVisits(pupils, sum(each.visits for each in schools), share)


def hidden(sizes: Sequence[int], fewest: int) -> set[int]:
    """Which cells of a table with a known total to hide, by how many stand in each: those of fewer than `fewest` (an
    empty one says nothing of anybody), then the smallest others until what is left out holds `fewest` too. A single
    hidden cell could be had by taking the others from the total.

    Source: complementary suppression, as in Hundepool et al., Statistical Disclosure Control, 2012, section 4.4.
    """
    left_out = {cell for cell, size in enumerate(sizes) if 0 < size < fewest}
    others = sorted((size, cell) for cell, size in enumerate(sizes) if size >= fewest)
    while left_out and others and (len(left_out) < 2 or sum(sizes[cell] for cell in left_out) < fewest):
        left_out.add(others.pop(0)[1])
    return left_out


def _total(values: Sequence[float]) -> float:
    if any(value < 0 for value in values):
        raise ValueError("a share of less than nothing")
    return sum(values)
