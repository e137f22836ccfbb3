"""The open scenarios, which aren't part of the project: DOORWAY_FAIRNESS_DATA names the folder they lie in.

DOORWAY_FAIRNESS_DATA=/path/to/fairness pytest -m slow tests/fairness/test_open_scenarios.py
"""

import json
import os
from pathlib import Path

import pytest

from brokerage.fairness.engine import Engine
from brokerage.fairness.scoring import Score, score
from brokerage.fairness.stream import read_events, read_schools

FOLDER = Path(os.environ["DOORWAY_FAIRNESS_DATA"])
pytestmark = pytest.mark.slow
NAMES = ("o1_mixed", "o2_null", "o3_busy_season", "o4_tiny", "o5_spam", "o6_other_channels")


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return {name: played(name) for name in NAMES}


def played(name: str) -> Score:
    truth = json.loads((FOLDER / f"{name}.truth.json").read_text())
    engine = Engine(read_schools(FOLDER / f"{name}.schools.jsonl"))
    events = read_events(FOLDER / f"{name}.events.jsonl.gz")
    return score(engine.run(events, until=truth["horizon_days"] - 1), truth)


def test_at_most_one_flag_in_twenty_is_false(scores: dict[str, Score]) -> None:
    """T1."""
    assert sum(one.false for one in scores.values()) <= 0.05 * sum(one.flags for one in scores.values())


def test_nobody_is_flagged_where_no_school_differs(scores: dict[str, Score]) -> None:
    """T2."""
    assert scores["o2_null"].flags == 0


def test_nobody_is_flagged_with_under_ten_technical_requests(scores: dict[str, Score]) -> None:
    """T5."""
    assert all(one.under_ten_flagged == 0 for one in scores.values())


def test_recall_of_findable_schools(scores: dict[str, Score]) -> None:
    """T10: what the method is known to reach."""
    findable = sum(one.findable for one in scores.values())
    assert findable == 78
    assert sum(one.found for one in scores.values()) >= 0.42 * findable


def test_at_most_one_victim_of_spam_is_flagged(scores: dict[str, Score]) -> None:
    """T12."""
    assert scores["o5_spam"].spam_victims_flagged <= 1
