"""Scored questions in columns: a day's batch, and the table that keeps every one for replay."""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from brokerage.fairness.grid import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Trials:
    """Parallel columns. Offset and popularity are fixed when scored, so that a replay of one school needs no other."""

    case: NDArray[np.object_]
    row: Ints
    school: Ints
    provider: Ints
    technical: Bools
    asked: Ints
    matured: Ints
    bad: Bools
    offset: Floats
    popularity: Floats

    def __len__(self) -> int:
        return len(self.row)

    def where(self, chosen: Ints | Bools) -> Self:
        return type(self)(*(getattr(self, name)[chosen] for name in COLUMNS))


COLUMNS: Final = tuple(field.name for field in fields(Trials))


class Table:
    """Every trial so far, in the order scored."""

    def __init__(self) -> None:
        self._batches: list[Trials] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, batch: Trials) -> None:
        self._batches.append(batch)
        self._count += len(batch)

    def all(self) -> Trials:
        """One set of columns; joining is paid once, not each time something is asked."""
        if len(self._batches) != 1:
            joined = Trials(
                *(np.concatenate([getattr(batch, name) for batch in self._batches]) for name in COLUMNS)
            )
            self._batches = [joined]
        return self._batches[0]

    def of(self, school: int) -> Trials:
        parts = [batch.where(np.flatnonzero(batch.school == school)) for batch in self._batches]
        return Trials(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))
