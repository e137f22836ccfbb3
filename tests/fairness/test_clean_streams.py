"""Power and safety on clean streams: as many comparators as technical providers, 28 % refused, no window."""

import math

import numpy as np
import pytest

from brokerage.fairness.evidence import Evidence, Nation, Trials
from brokerage.fairness.parameters import ACCESS_ROW, DEFAULT

SCHOOLS, BASE = 150, math.log(0.28 / 0.72)
THRESHOLD = DEFAULT.threshold(1.0)  # the limit of 4 %: 456


def reached(odds: float, requests: int, seed: int = 8) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """For each simulated school, how many technical requests E took to reach A; infinity if more than `requests`."""
    rng = np.random.default_rng(seed)
    evidence = Evidence(SCHOOLS, Nation(DEFAULT))
    took = np.full(SCHOOLS, math.inf)
    school = np.tile(np.arange(SCHOOLS), 2)
    technical = np.repeat([True, False], SCHOOLS)
    chance = 1 / (1 + np.exp(-(BASE + math.log(odds) * technical)))
    for n in range(requests):
        day = n // 2
        evidence.absorb(
            Trials(
                case=np.full(2 * SCHOOLS, "", dtype=object),
                row=np.full(2 * SCHOOLS, ACCESS_ROW),
                school=school,
                provider=np.zeros(2 * SCHOOLS, dtype=np.int64),
                technical=technical,
                asked=np.full(2 * SCHOOLS, day),
                matured=np.full(2 * SCHOOLS, day + 28),
                bad=rng.random(2 * SCHOOLS) < chance,
                offset=np.full(2 * SCHOOLS, BASE),
                popularity=np.zeros(2 * SCHOOLS),
            )
        )
        over = evidence.e_values(slice(None))[0] >= THRESHOLD
        took = np.where(over & np.isinf(took), n + 1, took)
    return took


@pytest.mark.slow
@pytest.mark.parametrize(
    ("odds", "half", "most"), [(10.0, (30, 0.50), (60, 0.94)), (5.0, (60, 0.50), (100, 0.80))]
)
def test_power(odds: float, half: tuple[int, float], most: tuple[int, float]) -> None:
    """T6 and T7."""
    took = reached(odds, most[0])
    for requests, share in (half, most):
        assert (took <= requests).mean() >= share


@pytest.mark.slow
@pytest.mark.parametrize(("odds", "median"), [(10.0, 32), (5.0, 62), (3.0, 185)])
def test_median_requests_to_the_threshold(odds: float, median: int) -> None:
    """T8."""
    assert np.median(reached(odds, median, seed=9)) <= median


@pytest.mark.slow
def test_honest_schools_stay_below() -> None:
    assert np.isinf(reached(1.0, 100)).all()
