"""The e-values: golden values worked by hand, and what must hold whatever the numbers."""

import math
from dataclasses import replace as changed
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokerage.fairness.engine import Engine
from brokerage.fairness.evidence import CHANNEL, Evidence, Nation, replay
from brokerage.fairness.parameters import ACCESS_ROW, DEFAULT, Parameters
from brokerage.fairness.trials import Trials
from tests.fairness.streams import delivered, granted, request, world

# One benign point (0), one alternative (3 : 1), one strictness (0), no popularity, no correction of the offsets.
BY_HAND = changed(
    DEFAULT,
    benign_limit=0.0,
    benign_points=1,
    odds_ratios=(3.0,),
    odds_ratio_weights=(1.0,),
    capacity_points=1,
    capacity_limit=0.0,
    popularity_limit=0.0,
    population_to_school=0.0,
)


def trials(*rows: tuple[int, bool, bool, float, int]) -> Trials:
    """Of one school: (row, technical, bad, offset, day scored), each from a provider of its own."""
    row, technical, bad, offset, matured = (np.array(column) for column in zip(*rows, strict=True))
    return Trials(
        case=np.array([f"R{n:03}" for n in range(len(rows))], dtype=object),
        row=row,
        school=np.zeros(len(rows), dtype=np.int64),
        provider=np.arange(len(rows)),
        technical=technical,
        asked=matured - 28,
        matured=matured,
        bad=bad,
        offset=offset.astype(float),
        popularity=np.zeros(len(rows)),
    )


def e_of(some: Trials, settings: Parameters = DEFAULT) -> float:
    keep = np.ones((1, len(some)), dtype=bool)
    return float(replay(some, keep, Nation(settings))[0][0])


def test_golden_values_of_a_small_stream() -> None:
    """Day 0: a college never answered, a college granted on day 3 for day 30 and met, a university never answered.

    Offsets are the first guesses: ACCESS .30, SPEED .45, CANCEL .06, MARGINAL .25. At 3 : 1,
      ACCESS    odds 3/7  -> 9/7:   P1(bad) = 9/16,  bad (9/16)/(3/10) = 15/8;   good (7/16)/(7/10) = 5/8
      SPEED     odds 9/11 -> 27/11: P1(good) = 11/38, good (11/38)/(11/20) = 10/19
      CANCEL    odds 3/47 -> 9/47:  P1(good) = 47/56, good (47/56)/(47/50) = 25/28
      MARGINAL  odds 1/3  -> 1:     P1(good) = 1/2,   good (1/2)/(3/4) = 2/3
    The university says nothing about theta, since b is one point. ACCESS: 15/8 * 5/8 = 75/64.
    E of the start = .50*75/64 + .11*(10/19 + 25/28 + 2/3) + .17 * the product of (1 + each)/2:
    (139/128) * (29/38) * (53/56) * (5/6).
    The second and third years' starts have no trial yet, and no weight."""
    engine = Engine(["S"], BY_HAND)
    stream = [
        request("A", 0, "P1", "fe_college"),
        request("B", 0, "P2", "itp"),
        request("C", 0, "P3", "university"),
        granted("B", 3, 30),
        delivered("B", 30),
    ]
    list(engine.run(stream, until=60))
    single = 0.5 * 75 / 64 + 0.11 * (10 / 19 + 25 / 28 + 2 / 3)
    several = 0.17 * (139 / 128) * (29 / 38) * (53 / 56) * (5 / 6)
    assert engine.e[0] == pytest.approx(START_WEIGHT * (single + several) + (1 - START_WEIGHT), rel=1e-12)


START_WEIGHT = 0.6


def test_two_trials_against_sums_written_out() -> None:
    """The default grid, by two plain loops over theta and b instead of arrays: a university granted, a college
    refused, both in the first half-term."""
    some = trials((ACCESS_ROW, False, False, -0.9, 28), (ACCESS_ROW, True, True, -0.9, 30))
    benign = [-0.5 + 0.125 * n for n in range(9)]
    rho = [math.exp(-0.5 * (theta / 0.20) ** 2) for theta in benign]
    grid = [-4 + 0.4 * n for n in range(21)]
    narrow = [math.exp(-0.5 * (b / 0.9) ** 2) for b in grid]
    wide = [math.exp(-0.5 * (b / 1.8) ** 2) for b in grid]
    prior = [0.9 * n / sum(narrow) + 0.1 * w / sum(wide) for n, w in zip(narrow, wide, strict=True)]

    def predicted(theta: float) -> float:
        def good(b: float) -> float:
            return 1 / (1 + math.exp(-0.9 + b))

        def bad(b: float) -> float:
            return 1 / (1 + math.exp(0.9 - b - theta))

        return sum(p * good(b) * bad(b) for p, b in zip(prior, grid, strict=True))

    null = sum(r * predicted(theta) for r, theta in zip(rho, benign, strict=True)) / sum(rho)
    real = zip((2, 3, 5, 10, 25), (0.20, 0.30, 0.30, 0.15, 0.05), strict=True)
    access = sum(weight * predicted(math.log(odds)) for odds, weight in real) / null
    nation = Nation(DEFAULT)
    assert replay(some, np.ones((1, 2), dtype=bool), nation)[1][0, 0] == pytest.approx(
        START_WEIGHT * access + 1 - START_WEIGHT, rel=1e-12
    )


answer = st.tuples(
    st.just(ACCESS_ROW), st.booleans(), st.booleans(), st.floats(-2.0, 0.5), st.integers(28, 300)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(answer, max_size=30), st.floats(-2.0, 0.5))
def test_one_more_silent_refusal_of_a_new_technical_provider_never_lowers_e(
    history: list[tuple[int, bool, bool, float, int]], offset: float
) -> None:
    """National figures held. A silent refusal is one ACCESS trial, and no question of speed."""
    history = sorted(history, key=lambda row: row[4])
    refusal = (ACCESS_ROW, True, True, offset, 300)
    before = e_of(trials(*history)) if history else 1.0
    assert e_of(trials(*history, refusal)) >= before * (1 - 1e-9)


@settings(max_examples=15, deadline=None)
@given(st.lists(answer, min_size=1, max_size=30))
def test_a_comparator_alone_says_nothing(history: list[tuple[int, bool, bool, float, int]]) -> None:
    rows = [
        (row, False, bad, offset, day) for row, _, bad, offset, day in sorted(history, key=lambda r: r[4])
    ]
    assert e_of(trials(*rows)) == pytest.approx(1.0, rel=1e-9)


def test_e_has_mean_one_when_schools_follow_the_null() -> None:
    """Every sequence of four answers, weighted by how likely H0 makes it: an e-value's mean is exactly one."""
    nation = Nation(DEFAULT)
    total = 0.0
    for bads in product((False, True), repeat=4):
        some = trials(*[(ACCESS_ROW, n % 2 == 0, bad, -0.8, 28) for n, bad in enumerate(bads)])
        likelihood = nation.grid.likelihood(some.offset, some.technical, some.bad).prod(axis=0)
        null = (nation.prior(0, 0) * likelihood)[: nation.grid.n0].sum()
        total += null * replay(some, np.ones((1, 4), dtype=bool), nation)[1][0, 0]
    assert total == pytest.approx(1.0, rel=1e-9)


def test_days_added_one_by_one_equal_the_replay() -> None:
    engine = Engine([f"S{n:03}" for n in range(6)])
    list(engine.run(world(seed=3, odds={"S000": 8.0}, schools=6, days=500), until=540))
    for unit in range(6):
        mine = engine.trials.of(unit)
        again = replay(mine, np.ones((1, len(mine)), dtype=bool), engine.nation)[0][0]
        assert abs(math.log(again) - math.log(engine.e[unit])) <= 1e-9


def test_excluding_cases_equals_the_replay_of_a_stream_without_them() -> None:
    """National figures frozen: the day-by-day path is fed the stream without the cases."""
    engine = Engine([f"S{n:03}" for n in range(6)])
    list(engine.run(world(seed=4, odds={"S000": 8.0}, schools=6), until=340))
    mine = engine.trials.of(0)
    out = frozenset(np.unique(mine.case)[::5].tolist())
    left = mine.where(np.array([case not in out for case in mine.case]))
    evidence = Evidence(1, engine.nation)
    for day in np.unique(left.matured):
        evidence.absorb(left.where(np.flatnonzero(left.matured == day)))
    expected = evidence.e_values(slice(None))[0][0]
    assert 0 < len(left) < len(mine)
    assert engine.without(0, out) == pytest.approx(expected, rel=1e-9)
    early = mine.asked < 60
    late = mine.where(~early)
    assert engine.without(0, frozenset(mine.case[early].tolist())) == pytest.approx(
        replay(late, np.ones((1, len(late)), dtype=bool), engine.nation)[0][0], rel=1e-9
    )
    assert engine.without(0, frozenset()) == pytest.approx(engine.e[0], rel=1e-9)


def test_the_spread_of_benign_differences_is_applied_afterwards_as_if_from_the_start() -> None:
    some = trials(
        *[(ACCESS_ROW, n % 2 == 0, n % 2 == 0, -0.8, 28 + n) for n in range(12)],
    )
    nation = Nation(DEFAULT)
    nation.benign_sd = np.full(4, 0.4)
    later = replay(some, np.ones((1, 12), dtype=bool), nation)[0][0]
    assert later == pytest.approx(e_of(some, changed(DEFAULT, benign_sd=0.4)), rel=1e-9)
    assert later < e_of(some)
    assert set(CHANNEL[some.row]) == {0}
