"""Power and safety on clean streams (T6 to T8); `python -m benchmarks.fairness` takes more schools, with intervals."""

import numpy as np
import pytest

from benchmarks.fairness_clean import MEDIAN, POWER, reached

SCHOOLS = 150


@pytest.mark.slow
@pytest.mark.parametrize("odds", [10.0, 5.0])
def test_power(odds: float) -> None:
    limits = [(requests, least) for _, ratio, requests, least in POWER if ratio == odds]
    took = reached(odds=odds, requests=limits[-1][0], schools=SCHOOLS, seed=8)
    assert len(limits) == 2
    for requests, least in limits:
        assert (took <= requests).mean() >= least


@pytest.mark.slow
@pytest.mark.parametrize(("odds", "median"), MEDIAN)
def test_median_requests_to_the_threshold(odds: float, median: int) -> None:
    assert np.median(reached(odds=odds, requests=median, schools=SCHOOLS, seed=9)) <= median


@pytest.mark.slow
def test_honest_schools_stay_below() -> None:
    assert np.isinf(reached(odds=1.0, requests=100, schools=SCHOOLS, seed=8)).all()
