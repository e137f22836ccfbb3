"""Which questions a request's life answers, and when: a row of the channel table a test."""

import pytest

from brokerage.fairness.engine import Engine
from brokerage.fairness.parameters import ACCESS_ROW, CANCEL_ROW, MARGINAL_ROW, SPEED_7, SPEED_14
from brokerage.fairness.stream import StreamEvent
from tests.fairness.streams import delivered, granted, line, refused, request

ASKED = 10


def answers(*life: StreamEvent, until: int = 200, **asked: object) -> dict[int, tuple[bool, int]]:
    """row: (bad, day scored) of one request made on day 10."""
    engine = Engine(["S"])
    list(engine.run([request("A", ASKED, "P", "fe_college", **asked), *life], until=until))
    if not len(engine.trials):
        return {}
    trials = engine.trials.all()
    return {
        int(row): (bool(bad), int(day))
        for row, bad, day in zip(trials.row, trials.bad, trials.matured, strict=True)
    }


def test_a_request_never_answered_is_a_silent_refusal_on_day_28() -> None:
    assert answers() == {ACCESS_ROW: (True, 38)}


def test_nothing_is_scored_before_day_28_however_fast_the_answer() -> None:
    assert answers(refused("A", 11), until=37) == {}


def test_a_refusal_is_bad_for_access_and_its_speed_is_scored() -> None:
    assert answers(refused("A", 11)) == {ACCESS_ROW: (True, 38), SPEED_7: (False, 38)}


@pytest.mark.parametrize(
    ("took", "speed"),
    [
        (7, {SPEED_7: (False, 38)}),
        (8, {SPEED_7: (True, 38), SPEED_14: (False, 38)}),
        (14, {SPEED_7: (True, 38), SPEED_14: (False, 38)}),
        (15, {SPEED_7: (True, 38), SPEED_14: (True, 38)}),
        (28, {SPEED_7: (True, 38), SPEED_14: (True, 38)}),
    ],
)
def test_speed_asks_whether_it_took_more_than_a_week_then_more_than_two(
    took: int, speed: dict[int, tuple[bool, int]]
) -> None:
    assert answers(refused("A", ASKED + took)) == {ACCESS_ROW: (True, 38), **speed}


def test_an_answer_after_day_28_is_none() -> None:
    late = answers(granted("A", ASKED + 29, 60), delivered("A", 60))
    assert late[ACCESS_ROW] == (True, 38)
    assert SPEED_7 not in late


def test_a_grant_that_took_place_is_good_throughout() -> None:
    assert answers(granted("A", 12, 60), delivered("A", 60)) == {
        ACCESS_ROW: (False, 38),
        SPEED_7: (False, 38),
        CANCEL_ROW: (False, 60),
        MARGINAL_ROW: (False, 60),
    }


def test_a_day_agreed_within_four_weeks_is_scored_on_day_28() -> None:
    assert answers(granted("A", 12, 20), delivered("A", 20))[CANCEL_ROW] == (False, 38)


def test_cancelled_by_the_school() -> None:
    life = answers(granted("A", 12, 60), line("cancelled", 50, id="A", by="school"))
    assert life[CANCEL_ROW] == (True, 60)
    assert MARGINAL_ROW not in life


def test_cancelled_by_the_provider_says_nothing_of_the_school() -> None:
    life = answers(granted("A", 12, 60), line("cancelled", 50, id="A", by="provider"))
    assert life == {ACCESS_ROW: (False, 38), SPEED_7: (False, 38)}


@pytest.mark.parametrize(
    ("offer", "asked", "marginal"),
    [
        ({"minutes": 24}, {"minutes": 30}, True),
        ({"minutes": 25}, {"minutes": 30}, False),
        ({"minutes": 35}, {"minutes": 60}, True),
        ({"minutes": 36}, {"minutes": 60}, False),
        ({"slot": "lunchtime"}, {}, True),
        ({"slot": "before_school"}, {}, True),
        ({"slot": "after_school"}, {}, True),
        ({"slot": "assembly"}, {}, False),
        ({"slot": "tutor_time"}, {}, False),
        ({"audience_kind": "selected"}, {}, True),
        ({"audience_kind": "selected"}, {"whole_year": False}, False),
        ({"audience_planned": 49}, {}, True),
        ({"audience_planned": 50}, {}, False),
        ({"audience_planned": 49}, {"whole_year": False}, False),
    ],
)
def test_what_makes_a_slot_marginal(
    offer: dict[str, object], asked: dict[str, object], marginal: bool
) -> None:
    assert answers(granted("A", 12, 60, **offer), delivered("A", 60), **asked)[MARGINAL_ROW] == (marginal, 60)


@pytest.mark.parametrize("reason", ["duplicate", "safeguarding_upheld", "not_a_provider"])
def test_reasons_that_say_nothing_of_the_school_are_exempt(reason: str) -> None:
    assert answers(refused("A", 12, reason)) == {}


@pytest.mark.parametrize(
    "reason", ["capacity", "exam_period", "already_covered", "not_relevant", "no_reason"]
)
def test_every_other_reason_counts(reason: str) -> None:
    assert answers(refused("A", 12, reason))[ACCESS_ROW] == (True, 38)


def test_withdrawn_before_an_answer_is_exempt() -> None:
    assert answers(line("withdrawn", 38, id="A", by="provider")) == {}


def test_withdrawn_after_day_28_is_too_late_to_be_exempt() -> None:
    assert answers(line("withdrawn", 39, id="A", by="provider")) == {ACCESS_ROW: (True, 38)}


@pytest.mark.parametrize(("gap", "scored"), [(41, 1), (42, 2)])
def test_requests_within_42_days_are_one_episode(gap: int, scored: int) -> None:
    engine = Engine(["S"])
    asked = [request("A", 0, "P", "itp"), request("B", gap, "P", "itp")]
    list(engine.run(asked, until=200))
    assert engine.tallies[0].asked[True] == scored


def test_another_key_stage_is_another_episode() -> None:
    engine = Engine(["S"])
    asked = [request("A", 0, "P", "itp", year_group=10), request("B", 1, "P", "itp", year_group=12)]
    list(engine.run(asked, until=200))
    assert engine.tallies[0].asked[True] == 2


@pytest.mark.parametrize(
    ("kind", "technical"),
    [("fe_college", True), ("itp", True), ("university", False), ("employer", False), ("other", False)],
)
def test_who_counts_as_technical(kind: str, technical: bool) -> None:
    engine = Engine(["S"])
    list(engine.run([request("A", 0, "P", kind)], until=40))
    assert engine.tallies[0].asked[technical] == 1


def test_a_clock_paused_for_no_day_asks_each_question_once() -> None:
    engine = Engine(["S"])
    life = [request("A", 0, "P", "itp"), line("question", 2, id="A"), line("reply", 2, 10, id="A")]
    list(engine.run(life, until=60))
    assert engine.tallies[0].asked[True] == 1


def test_a_visit_moved_to_its_own_day_is_asked_after_once() -> None:
    slot = granted("A", 3, 40).data
    engine = Engine(["S"])
    life = [request("A", 0, "P", "itp"), granted("A", 3, 40), moved(slot, 10), moved(slot, 11)]
    list(engine.run(life, until=60))
    assert engine.trials.all().row.tolist().count(CANCEL_ROW) == 1


def test_a_moved_visit_is_asked_after_on_its_new_day() -> None:
    slot = granted("A", 3, 80).data
    assert answers(granted("A", 12, 60), moved(slot, 50), until=79).keys() == {ACCESS_ROW, SPEED_7}
    assert answers(granted("A", 12, 60), moved(slot, 50))[CANCEL_ROW] == (False, 80)


def moved(slot: dict[str, object], day: int) -> StreamEvent:
    fields = ("scheduled", "minutes", "slot", "audience_planned", "audience_kind", "cohort")
    return line("moved", day, id="A", **{name: slot[name] for name in fields})


def test_a_second_question_does_not_start_the_pause_again() -> None:
    life = [line("question", 12, id="A"), line("question", 20, id="A"), line("reply", 22, id="A")]
    assert answers(*life) == {ACCESS_ROW: (True, 48)}


def test_a_case_marked_exempt_is_never_scored_and_keeps_its_episode() -> None:
    engine = Engine(["S"])
    asked = [request("A", 0, "P", "itp", exempt=True), request("B", 20, "P", "itp")]
    list(engine.run(asked, until=200))
    assert len(engine.trials) == 0
