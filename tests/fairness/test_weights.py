"""What the nation teaches about where differences lie, and that it can't teach much."""

import numpy as np
import pytest

from benchmarks.fairness_worlds import World, rows
from brokerage.fairness.engine import Engine
from brokerage.fairness.parameters import CANCEL, DEFAULT
from brokerage.fairness.stream import parse_event

FIRST = np.array([*DEFAULT.channel_weights, DEFAULT.several_weight])


def learned(kinds: dict[str, float]) -> Engine:
    world = World(schools=40, years=1, volume=120.0, differing=0.3, kinds=kinds, seed=5)
    schools, stream = rows(world)
    engine = Engine([school.id for school in schools])
    list(engine.run(map(parse_event, stream), until=364))
    return engine


def test_where_schools_differ_by_cancelling_cancelling_weighs_more() -> None:
    engine = learned({"cancel12": 1.0})
    assert engine.nation.weights.sum() == pytest.approx(1.0)
    assert engine.nation.weights[CANCEL] > 1.5 * FIRST[CANCEL]
    # Forty schools, about twelve of them different, never outweigh what was assumed at first.
    assert (engine.nation.weights >= FIRST * 0.5).all()


def test_with_too_few_schools_to_learn_from_the_first_weights_stay() -> None:
    engine = Engine(["S"])
    list(engine.run([], until=100))
    assert (engine.nation.weights == FIRST).all()
