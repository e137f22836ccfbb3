"""What nobody at the school decided is no trial: instant claims make no honest school look guilty."""

from typing import Any

import pytest

from benchmarks.fairness_worlds import World, rows
from brokerage.fairness.engine import Engine
from brokerage.fairness.parameters import CANCEL_ROW, MARGINAL_ROW
from brokerage.fairness.stream import parse_event

# Busy honest schools; nine of ten requests of employers and others are places taken first come.
HONEST = World(schools=40, years=1, volume=120.0, differing=0.0, first_come=0.9, seed=21)


@pytest.fixture(scope="module")
def stream() -> list[dict[str, Any]]:
    return rows(HONEST)[1]


def flagged(stream: list[dict[str, Any]]) -> tuple[int, Engine]:
    engine = Engine([f"S{n:05}" for n in range(HONEST.schools)])
    found = engine.run(map(parse_event, stream), until=400)
    return sum(finding.tier == "flag" for finding in found), engine


def test_first_come_claims_flag_no_honest_school(stream: list[dict[str, Any]]) -> None:
    flags, engine = flagged(stream)
    assert flags == 0
    trials = engine.trials.all()
    instant = {row["id"] for row in stream if row.get("first_come")}
    asked = {int(row) for case, row in zip(trials.case, trials.row, strict=True) if case in instant}
    assert asked == {CANCEL_ROW, MARGINAL_ROW}


def test_the_same_claims_counted_as_answers_would(stream: list[dict[str, Any]]) -> None:
    """Which is what the mark is for, and why a product that forgot it would accuse."""
    unmarked = [{**row, "origin": "access_request"} for row in stream]
    for row in unmarked:
        row.pop("first_come", None)
    assert flagged(unmarked)[0] > 10


def test_a_replay_file_without_the_mark_counts_as_given() -> None:
    request = {
        "seq": 0, "at": "2024-09-02T09:00:00Z", "type": "request", "id": "A", "school": "S", "provider": "P",
        "ptype": "employer", "origin": "claim", "year_group": 10, "minutes": 60, "whole_year": True,
    }  # fmt: skip
    engine = Engine(["S"])
    list(engine.run([parse_event(request)], until=60))
    assert engine.tallies[0].asked == {True: 0, False: 1}
    marked = Engine(["S"])
    list(marked.run([parse_event({**request, "first_come": True})], until=60))
    assert marked.tallies[0].asked == {True: 0, False: 0}


def test_the_mark_must_be_true_or_false() -> None:
    with pytest.raises(ValueError, match="first_come is 'yes'"):
        parse_event(
            {
                "at": "2024-09-02T09:00:00Z", "type": "request", "id": "A", "school": "S", "provider": "P",
                "ptype": "employer", "origin": "claim", "year_group": 10, "minutes": 60, "whole_year": True,
                "first_come": "yes",
            }
        )  # fmt: skip
