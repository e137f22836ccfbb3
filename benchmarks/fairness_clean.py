"""Requests needed and power on clean streams: as many comparators as technical providers, 28 % of the comparators
refused, no window, nothing else going on."""

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from brokerage.fairness.evidence import Evidence, Nation
from brokerage.fairness.parameters import ACCESS_ROW, DEFAULT
from brokerage.fairness.trials import Trials

BASE: Final = 0.28
THRESHOLD: Final = DEFAULT.threshold(1.0)  # the limit of 4 %: 456
# Target, odds ratio, technical requests, least share found by then.
POWER: Final = (("T6", 5.0, 60, 0.50), ("T6", 5.0, 100, 0.80), ("T7", 10.0, 30, 0.50), ("T7", 10.0, 60, 0.94))
# Odds ratio, at most so many technical requests until half of the schools are found.
MEDIAN: Final = ((10.0, 32), (5.0, 62), (3.0, 185))


def reached(*, odds: float, requests: int, schools: int, seed: int) -> Any:
    """For each simulated school, how many technical requests E took to reach A; infinity if more than `requests`."""
    rng = np.random.default_rng(seed)
    evidence = Evidence(schools, Nation(DEFAULT))
    offset = math.log(BASE / (1 - BASE))
    technical = np.repeat([True, False], schools)
    chance = 1 / (1 + np.exp(-offset - math.log(odds) * technical))
    took = np.full(schools, math.inf)
    for n in range(requests):
        evidence.absorb(
            Trials(
                case=np.full(2 * schools, "", dtype=object),
                row=np.full(2 * schools, ACCESS_ROW),
                school=np.tile(np.arange(schools), 2),
                provider=np.zeros(2 * schools, dtype=np.int64),
                technical=technical,
                asked=np.full(2 * schools, n // 2),
                matured=np.full(2 * schools, n // 2 + 28),
                bad=rng.random(2 * schools) < chance,
                offset=np.full(2 * schools, offset),
                popularity=np.zeros(2 * schools),
            )
        )
        over = evidence.e_values(slice(None))[0] >= THRESHOLD
        took = np.where(over & np.isinf(took), n + 1, took)
    return took


def lines(schools: int) -> Iterator[str]:
    """The table, in Markdown."""
    yield f"{schools:,} schools for each odds ratio, A = {THRESHOLD:.0f}; 95 % intervals: Wilson's of shares, order"
    yield "statistics of medians."
    yield ""
    yield "| target | odds ratio | measure | must | measured | interval | verdict |"
    yield "| --- " * 7 + "|"
    runs = {
        odds: reached(odds=odds, requests=most, schools=schools, seed=int(100 + odds))
        for odds, most in ((10.0, 60), (5.0, 100), (3.0, 250))
    }
    for target, odds, requests, least in POWER:
        hits = int((runs[odds] <= requests).sum())
        yield (
            f"| {target} | {odds:g} : 1 | found within {requests} technical requests | ≥ {least:.2f} |"
            f" {hits / schools:.3f} | {interval(hits, schools)} | {verdict(hits / schools >= least)} |"
        )
    for odds, most in MEDIAN:
        low, middle, high = median(runs[odds])
        yield (
            f"| T8 | {odds:g} : 1 | median technical requests | ≤ {most} | {middle:g} | {low:g} to {high:g} |"
            f" {verdict(middle <= most)} |"
        )
    honest = int(np.isfinite(reached(odds=1.0, requests=100, schools=schools, seed=101)).sum())
    yield (
        f"| | 1 : 1 | ever over A within 100 technical requests | ≤ {1 / THRESHOLD:.4f} (Ville) |"
        f" {honest / schools:.4f} | {interval(honest, schools)} | {verdict(honest / schools <= 1 / THRESHOLD)} |"
    )


def median(took: Any) -> tuple[float, float, float]:
    """With the order statistics that hold the true median in 95 of 100 samples."""
    ordered, half = np.sort(took), 0.98 * math.sqrt(len(took))
    return (
        float(ordered[int(len(took) / 2 - half)]),
        float(np.median(took)),
        float(ordered[int(len(took) / 2 + half)]),
    )


def interval(hits: int, n: int) -> str:
    """Wilson's, 95 %."""
    share, z = hits / max(n, 1), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n) if n else 0.5
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n) if n else 0.5
    return f"{max(0.0, middle - half):.3f} to {min(1.0, middle + half):.3f}"


def verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"
