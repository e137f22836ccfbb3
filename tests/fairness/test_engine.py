"""What the engine says of a whole stream."""

import random
import re
from dataclasses import replace as changed
from itertools import groupby

import pytest

from brokerage.fairness.engine import Engine
from brokerage.fairness.findings import Finding, Tally, sentence
from brokerage.fairness.parameters import DEFAULT
from brokerage.fairness.stream import StreamEvent
from tests.fairness.streams import request, world

SCHOOLS = [f"S{n:03}" for n in range(12)]
GATE = "S005"
SWAPPED = {"fe_college": "university", "itp": "employer", "university": "fe_college", "employer": "itp"}


@pytest.fixture(scope="module")
def stream() -> list[StreamEvent]:
    return world(seed=11, odds={GATE: 12.0}, schools=12, days=200, requests=110)


@pytest.fixture(scope="module")
def played(stream: list[StreamEvent]) -> tuple[Engine, list[Finding]]:
    return play(stream)


def play(stream: list[StreamEvent]) -> tuple[Engine, list[Finding]]:
    engine = Engine(SCHOOLS)
    return engine, list(engine.run(stream, until=240))


def flagged(findings: list[Finding]) -> set[str]:
    return {finding.school for finding in findings if finding.tier == "flag"}


def test_the_school_that_differs_is_flagged_and_no_other(played: tuple[Engine, list[Finding]]) -> None:
    assert flagged(played[1]) == {GATE}
    flag = next(finding for finding in played[1] if finding.tier == "flag")
    assert flag.e >= flag.threshold
    assert flag.technical >= 5
    assert flag.other >= 5
    assert "They can't say why." in flag.sentence


def test_the_same_school_is_not_flagged_with_the_labels_swapped(stream: list[StreamEvent]) -> None:
    swapped = [
        changed(event, data={**event.data, "ptype": SWAPPED.get(event.data["ptype"], "itp")})
        if event.type == "request"
        else event
        for event in stream
    ]
    engine, findings = play(swapped)
    assert flagged(findings) == set()
    assert engine.e[5] < 1


def test_the_same_stream_gives_the_same_findings(
    stream: list[StreamEvent], played: tuple[Engine, list[Finding]]
) -> None:
    assert play(stream)[1] == played[1]


def test_the_order_within_an_hour_is_irrelevant(
    stream: list[StreamEvent], played: tuple[Engine, list[Finding]]
) -> None:
    rng = random.Random(7)
    shuffled: list[StreamEvent] = []
    for _, same in groupby(stream, key=lambda event: event.at):
        hour = list(same)
        rng.shuffle(hour)
        shuffled += hour
    engine, findings = play(shuffled)
    assert shuffled != stream
    assert findings == played[1]
    assert (engine.e == played[0].e).all()


def test_duplicates_change_nothing(stream: list[StreamEvent], played: tuple[Engine, list[Finding]]) -> None:
    engine, findings = play([event for event in stream for _ in range(2)])
    assert findings == played[1]
    assert (engine.e == played[0].e).all()


def test_spam_inside_an_episode_adds_nothing(
    stream: list[StreamEvent], played: tuple[Engine, list[Finding]]
) -> None:
    """Every request that opened an episode is repeated the next day and never answered."""
    spam = [
        request(
            f"X{event.data['id']}",
            event.day + 1,
            event.data["provider"],
            event.data["ptype"],
            event.data["school"],
            year_group=event.data["year_group"],
        )
        for event in stream
        if event.type == "request" and event.data["id"] in played[0].cases
    ]
    engine, findings = play(sorted([*stream, *spam], key=lambda event: event.at))
    assert findings == played[1]
    assert (engine.e == played[0].e).all()


def test_one_provider_cannot_make_a_flag(stream: list[StreamEvent]) -> None:
    """The honest school S000, asked again and again by one college that is never answered."""
    honest = [event for event in stream if event.type != "request" or event.data["school"] != GATE]
    spam = [
        request(f"X{n}-{year}", 43 * n, "one-college", "fe_college", "S000", year_group=year)
        for n in range(4)
        for year in (8, 10, 12)
    ]
    engine, findings = play(sorted([*honest, *spam], key=lambda event: event.at))
    assert flagged(findings) == set()
    without = engine.left_out(0)["provider one-college"]
    assert without < engine.e[0]


def test_fewer_than_five_of_either_kind_are_never_named(stream: list[StreamEvent]) -> None:
    """Even when next to no evidence would do."""
    few = [
        event
        for event in stream
        if event.type != "request" or event.data["school"] != GATE or "fe" in event.data["ptype"]
    ]
    eager = changed(DEFAULT, odds=0.01, notice=0.01, left_out_at_least=0.0)
    engine = Engine(SCHOOLS, eager)
    named = {finding.school for finding in engine.run(few, until=240)}
    assert "S000" in named
    assert GATE not in named


def test_the_same_request_told_again_weeks_later_is_no_new_one() -> None:
    engine = Engine(SCHOOLS)
    list(engine.run([request("A", day, "P", "itp", "S000") for day in (0, 60)], until=100))
    assert engine.tallies[0].asked[True] == 1


def test_evidence_from_one_provider_alone_does_not_hold(played: tuple[Engine, list[Finding]]) -> None:
    engine = played[0]
    assert engine.e[5] >= engine.threshold
    assert engine._holds(5)
    strict = Engine(SCHOOLS, changed(DEFAULT, left_out_at_least=1e9))
    strict.trials, strict.tallies, strict.nation = engine.trials, engine.tallies, engine.nation
    assert not strict._holds(5)


def test_a_flag_needs_three_technical_providers(stream: list[StreamEvent]) -> None:
    one_name = [
        changed(event, data={**event.data, "provider": f"{event.data['ptype']}-only"})
        if event.type == "request" and event.data["ptype"] in ("fe_college", "itp")
        else event
        for event in stream
    ]
    assert flagged(play(one_name)[1]) == set()


def test_an_event_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="comes after a later one"):
        play([request("A", 3, "P", "itp", "S000"), request("B", 2, "P", "itp", "S000")])


def test_under_ten_requests_there_is_no_percentage() -> None:
    tally = Tally(asked={True: 9, False: 10}, granted={True: 3, False: 5})
    said = sentence("S000", tally, 500.0, 0.04)
    assert "5 of 10 (50%) requests" in said
    assert "3 of 9 from" in said


@pytest.mark.parametrize("prevalence", [0.001, 0.05, 0.3])
def test_the_sentence_quotes_the_odds_that_the_flag_decides_with(prevalence: float) -> None:
    tally = Tally(asked={True: 10, False: 10}, granted={True: 1, False: 9})
    at_the_threshold = DEFAULT.threshold(prevalence)
    assert "about 19 to 1" in sentence("S000", tally, at_the_threshold, DEFAULT.share(prevalence))


def test_a_flag_never_quotes_less_than_19_to_1(played: tuple[Engine, list[Finding]]) -> None:
    notice, flag = (next(one for one in played[1] if one.tier == tier) for tier in ("notice", "flag"))
    odds = re.compile(r"(?:about|more than) ([\d,]+) to 1")
    quoted = odds.search(flag.sentence)
    assert quoted
    assert int(quoted[1].replace(",", "")) >= 19
    below = odds.search(notice.sentence)
    assert notice.e < notice.threshold
    assert below is None or int(below[1].replace(",", "")) <= 19
