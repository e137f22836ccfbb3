"""What an implementer would try first, looked at every day, on the ACCESS questions that the engine scored.

Each rule gives the day on which a school is first named. `technical` and `other` are a school's mature requests so
far, `refused` those not granted within 28 days."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from brokerage.fairness.engine import Engine
from brokerage.fairness.national import is_access

Named = dict[str, int]


@dataclass(frozen=True)
class Days:
    """One school, a row for each day on which something matured: running counts, and the nation's."""

    day: Any
    technical: Any
    technical_refused: Any
    other: Any
    other_refused: Any
    national: Any
    """Share of all technical requests refused so far."""


def refusal_rate(days: Days) -> Any:
    """More than half of 10 or more technical requests refused."""
    return (days.technical >= 10) & (days.technical_refused > 0.5 * days.technical)


def four_fifths(days: Days) -> Any:
    """Technical requests granted at less than four fifths of the others' rate, from 5 and 5 on."""
    granted = 1 - days.technical_refused / np.maximum(days.technical, 1)
    others = 1 - days.other_refused / np.maximum(days.other, 1)
    return _enough(days) & (granted < 0.8 * others)


def z_test(least: float) -> Callable[[Days], Any]:
    """Two proportions with a common variance, technical worse, from 5 and 5 on."""

    def rule(days: Days) -> Any:
        n, m = np.maximum(days.technical, 1), np.maximum(days.other, 1)
        both = (days.technical_refused + days.other_refused) / (n + m)
        spread = np.sqrt(np.maximum(both * (1 - both) * (1 / n + 1 / m), 1e-12))
        return _enough(days) & ((days.technical_refused / n - days.other_refused / m) / spread > least)

    return rule


def funnel(days: Days) -> Any:
    """Technical refusals three standard errors above the national technical rate, from 5 on."""
    n = np.maximum(days.technical, 1)
    spread = np.sqrt(np.maximum(days.national * (1 - days.national) / n, 1e-12))
    return (days.technical >= 5) & ((days.technical_refused / n - days.national) / spread > 3)


def _enough(days: Days) -> Any:
    return (days.technical >= 5) & (days.other >= 5)


RULES: Final[dict[str, Callable[[Days], Any]]] = {
    "refusal rate > 50 % (10 or more)": refusal_rate,
    "four-fifths (5 and 5)": four_fifths,
    "z-test, z > 1.96": z_test(1.96),
    "z-test, z > 4.2": z_test(4.2),
    "funnel, 3 sigma": funnel,
}
CUSUM: Final = "risk-adjusted CUSUM, 2 : 1, h = 4.5"


def named(engine: Engine) -> dict[str, Named]:
    """For each rule, the schools it names and when, from what the engine has scored."""
    found: dict[str, Named] = {name: {} for name in (*RULES, CUSUM)}
    for school, days in _schools(engine):
        for name, rule in RULES.items():
            hits = np.flatnonzero(rule(days))
            if len(hits):
                found[name][school] = int(days.day[hits[0]])
    found[CUSUM] = _cusum(engine)
    return found


def _schools(engine: Engine) -> Iterator[tuple[str, Days]]:
    trials = engine.trials.all()
    access = trials.where(np.flatnonzero(is_access(trials)))
    national = _national(access)
    order = np.lexsort((access.matured, access.school))
    access = access.where(order)
    starts = np.flatnonzero(np.diff(access.school, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(access)], strict=True):
        some = access.where(np.arange(first, last))
        ends = np.flatnonzero(np.diff(some.matured, append=-1))
        technical, bad = some.technical, some.bad
        yield (
            engine.schools[int(some.school[0])],
            Days(
                day=some.matured[ends],
                technical=np.cumsum(technical)[ends],
                technical_refused=np.cumsum(technical & bad)[ends],
                other=np.cumsum(~technical)[ends],
                other_refused=np.cumsum(~technical & bad)[ends],
                national=national[some.matured[ends]],
            ),
        )


def _national(access: Any) -> Any:
    """By day: the share of technical requests refused up to and with that day."""
    days = int(access.matured.max()) + 1
    asked = np.bincount(access.matured[access.technical], minlength=days).cumsum()
    refused = np.bincount(access.matured[access.technical & access.bad], minlength=days).cumsum()
    return refused / np.maximum(asked, 1)


def _cusum(engine: Engine) -> Named:
    """Steiner's, on technical requests, at the season's expected rate of refusal: restarts at nought, signals at h."""
    trials = engine.trials.all()
    access = trials.where(np.flatnonzero(is_access(trials) & trials.technical))
    expected = 1 / (1 + np.exp(-access.offset))
    more = np.where(access.bad, math.log(2), 0.0) - np.log(1 + expected)
    level: dict[int, float] = {}
    found: Named = {}
    for school, day, step in zip(access.school.tolist(), access.matured.tolist(), more.tolist(), strict=True):
        level[school] = max(0.0, level.get(school, 0.0) + step)
        if level[school] >= 4.5:
            found.setdefault(engine.schools[school], day)
    return found
