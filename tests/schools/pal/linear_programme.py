"""A small exact linear programme: two-phase simplex on fractions, with Bland's rule so that it ends."""

from collections.abc import Sequence
from fractions import Fraction

Row = list[Fraction]


def least(costs: Sequence[int], rows: Sequence[Sequence[int]], totals: Sequence[Fraction]) -> Fraction:
    """min costs·x with rows·x = totals, x >= 0, for totals >= 0. Raises ValueError when nothing fits."""
    n, m = len(costs), len(rows)
    table = [
        [*map(Fraction, row), *(Fraction(i == j) for j in range(m)), Fraction(total)]
        for i, (row, total) in enumerate(zip(rows, totals, strict=True))
    ]
    basis = [n + i for i in range(m)]
    if _minimise(table, basis, [0] * n + [1] * m, n + m) != 0:
        raise ValueError("no point satisfies the constraints")
    # One that can't be pivoted out belongs to a redundant row: all zeros, so it stays at 0.
    for i, column in enumerate(basis):
        if column >= n:
            entering = next((j for j in range(n) if table[i][j] != 0), None)
            if entering is not None:
                _pivot(table, basis, i, entering)
    return _minimise(table, basis, [*costs, *[0] * m], n)


def _minimise(table: list[Row], basis: list[int], costs: Sequence[int], columns: int) -> Fraction:
    while True:
        entering = next(
            (j for j in range(columns) if j not in basis and _reduced(table, basis, costs, j) < 0), None
        )
        if entering is None:
            return sum((costs[b] * row[-1] for b, row in zip(basis, table, strict=True)), Fraction(0))
        ratios = [(row[-1] / row[entering], basis[i], i) for i, row in enumerate(table) if row[entering] > 0]
        _pivot(table, basis, min(ratios)[2], entering)


def _reduced(table: list[Row], basis: list[int], costs: Sequence[int], j: int) -> Fraction:
    return costs[j] - sum((costs[b] * row[j] for b, row in zip(basis, table, strict=True)), Fraction(0))


def _pivot(table: list[Row], basis: list[int], i: int, j: int) -> None:
    table[i] = [value / table[i][j] for value in table[i]]
    for other, row in enumerate(table):
        if other != i and row[j] != 0:
            table[other] = [value - row[j] * pivot for value, pivot in zip(row, table[i], strict=True)]
    basis[i] = j
