"""One line of the engine each: every test here failed when the line it names was broken on purpose."""

import math
from dataclasses import replace as changed
from typing import Any

import numpy as np
import pytest

from brokerage.fairness.engine import Engine
from brokerage.fairness.evidence import Evidence, Nation, replay
from brokerage.fairness.findings import Finding, Tally
from brokerage.fairness.held import Figures
from brokerage.fairness.national import Offsets, Popularity, capacity_spread
from brokerage.fairness.parameters import ACCESS, ACCESS_ROW, DEFAULT
from brokerage.fairness.stream import StreamEvent
from brokerage.fairness.trials import Trials
from tests.fairness.streams import granted, line, refused, request, world
from tests.fairness.test_evidence import trials

NO_ONE_NEEDS_PROOF = changed(DEFAULT, odds=1e-12, notice=1e-12, left_out_at_least=0.0)


def ended(*life: StreamEvent) -> dict[int, bool]:
    """row: whether it was bad, for one request of day 0."""
    engine = Engine(["S"])
    list(engine.run([request("A", 0, "P", "itp"), *life], until=100))
    scored = engine.trials.all() if len(engine.trials) else None
    return {} if scored is None else dict(zip(scored.row.tolist(), scored.bad.tolist(), strict=True))


# A request's life


def test_a_grant_on_day_28_is_in_time() -> None:
    assert ended(granted("A", 28, 60))[ACCESS_ROW] is False


def test_withdrawn_after_a_refusal_it_stays_refused() -> None:
    assert ended(refused("A", 3), line("withdrawn", 5, id="A"))[ACCESS_ROW] is True


def test_withdrawn_after_a_grant_it_stays_granted() -> None:
    """Even where an offer of all that was asked came first, which the asker could have turned down for nothing."""
    life = [line("answered", 3, id="A", in_full=True), granted("A", 5, 60), line("withdrawn", 9, id="A")]
    assert ended(*life)[ACCESS_ROW] is False


def test_an_exempt_reason_after_day_28_comes_too_late() -> None:
    assert ended(refused("A", 29, "duplicate")) == {ACCESS_ROW: True}


def test_a_place_taken_first_come_does_not_swallow_a_request() -> None:
    engine = Engine(["S"])
    asked = [request("A", 0, "P", "itp", first_come=True), request("B", 10, "P", "itp")]
    list(engine.run(asked, until=60))
    assert engine.tallies[0].asked[True] == 1


def test_the_same_provider_at_another_school_is_another_episode() -> None:
    engine = Engine(["S", "T"])
    list(engine.run([request("A", 0, "P", "itp"), request("B", 1, "P", "itp", school="T")], until=60))
    assert [tally.asked[True] for tally in engine.tallies] == [1, 1]


# Season: from comparators alone, shrunk, an origin's shift its own


def asked_of(offset: float, *answers: tuple[bool, bool], row: int = ACCESS_ROW) -> Trials:
    """(technical, bad) of each, at schools of their own."""
    scored = trials(*[(row, technical, bad, offset, 28) for technical, bad in answers])
    return changed(scored, school=np.arange(len(answers)))


def season(offsets: Offsets, origin: int = 0, month: int = 9) -> float:
    return float(offsets.of(np.array([origin]), np.array([ACCESS_ROW]), np.array([month]), (0.0,) * 4)[0])


def taught(origin: int, offsets: Offsets, *answers: tuple[bool, bool], month: int = 9) -> None:
    here = np.full(len(answers), origin), np.full(len(answers), month)
    offsets.add(asked_of(0.0, *answers), *here)
    offsets.refresh()


def test_a_months_rate_is_shrunk_to_the_years_and_that_to_the_guess() -> None:
    offsets = Offsets(DEFAULT)
    claim = offsets.origin("claim")
    taught(claim, offsets, *[(False, True)] * 50)
    base = (50 + 50 * 0.30) / (50 + 50)
    rate = (50 + 50 * base) / (50 + 50)
    observed, expected = (50 + 50 * base) / 100, (50 * rate + 50 * base) / 100
    shift = math.log(observed / (1 - observed)) - math.log(expected / (1 - expected))
    assert season(offsets, claim) == pytest.approx(math.log(rate / (1 - rate)) + shift)


def test_refused_technical_providers_teach_no_season() -> None:
    offsets = Offsets(DEFAULT)
    before = season(offsets, offsets.origin("claim"))
    taught(0, offsets, *[(True, True)] * 50)
    assert season(offsets) == before == pytest.approx(math.log(0.3 / 0.7))


def test_an_origin_that_is_refused_more_has_a_season_of_its_own() -> None:
    offsets = Offsets(DEFAULT)
    easy, hard = offsets.origin("claim"), offsets.origin("access_request")
    taught(easy, offsets, *[(False, False)] * 100)
    taught(hard, offsets, *[(False, True)] * 100)
    assert season(offsets, hard) > season(offsets, easy) + 1


def test_the_populations_rate_is_carried_to_the_typical_school() -> None:
    offsets = Offsets(DEFAULT)
    offsets.origin("claim")
    zero = np.zeros(1, dtype=np.int64)
    typical = offsets.of(zero, zero, zero, (2.0, 0.0, 0.0, 0.0))[0]
    assert typical == pytest.approx(season(offsets, month=0) * math.sqrt(1 + 0.346 * 4))


def test_the_season_is_learned_every_seventh_day() -> None:
    engine = Engine(["S"])
    asked = [request(f"R{n}", 0, f"P{n}", "employer") for n in range(40)]
    list(engine.run(asked, until=34))
    assert season(engine.offsets) == pytest.approx(math.log(0.3 / 0.7))
    list(engine.close(35, []))
    assert season(engine.offsets) > math.log(0.3 / 0.7) + 0.3


# Popularity: other schools', less the class's mean, shrunk, at most a logit


def popular(*answers: tuple[str, bool, int, bool], strict: float = 0.0) -> Popularity:
    """(provider, technical, school, bad), asked where half are refused."""
    popularity = Popularity(DEFAULT)
    number = [popularity.provider(name, technical) for name, technical, _, _ in answers]
    pair = [popularity.pair(one, school) for one, (_, _, school, _) in zip(number, answers, strict=True)]
    scored = asked_of(0.0, *[(technical, bad) for _, technical, _, bad in answers])
    scored = changed(scored, provider=np.array(number))
    popularity.add(scored, np.array(pair), np.full(len(answers), strict))
    return popularity


def seen_from(popularity: Popularity, name: str, school: int, technical: bool = True) -> float:
    provider = popularity.provider(name, technical)
    pair = popularity.pair(provider, school)
    return float(popularity.of(np.array([provider]), np.array([pair]), np.array([technical]))[0])


def test_a_schools_own_refusals_make_no_provider_unpopular_there() -> None:
    popularity = popular(("P", True, 1, True), ("Q", True, 2, True))
    mean = 0.5 / (0.25 + 6.25)
    assert popularity.means[1] == pytest.approx(mean)
    assert seen_from(popularity, "P", 1) == pytest.approx(0 - mean)
    assert seen_from(popularity, "P", 2) == pytest.approx(0.5 / (0.25 + 6.25) - mean)


def test_what_all_technical_providers_meet_is_nobodys_unpopularity() -> None:
    popularity = popular(*[(f"P{n}", True, 1, True) for n in range(9)], ("U", False, 1, False))
    assert seen_from(popularity, "P3", 2) == pytest.approx(0.0)


def test_popularity_is_never_more_than_a_logit() -> None:
    popularity = popular(*[("P", True, 1, True)] * 90, *[("Q", True, 1, False)] * 90)
    assert (seen_from(popularity, "P", 2), seen_from(popularity, "Q", 2)) == (1.0, -1.0)


def test_a_strict_schools_refusal_says_less_of_the_provider() -> None:
    at_ease, strict = (popular(("P", True, 1, True), strict=b).sums[0, 0] for b in (0.0, 2.0))
    assert at_ease == pytest.approx(0.5)
    assert strict == pytest.approx(1 - 1 / (1 + math.exp(-2)))


def test_a_provider_is_judged_by_the_strictness_of_the_morning() -> None:
    engine = Engine(["S"])
    list(engine.run([request("A", 0, "P", "employer")], until=28))
    chance = 1 / (1 + math.exp(-engine.trials.all().offset[0]))
    assert engine.popularity.sums[0] == pytest.approx([1 - chance, chance * (1 - chance)])


def test_popularity_is_of_access_alone() -> None:
    engine = Engine([f"S{n:03}" for n in range(6)])
    list(engine.run(world(seed=3, odds={}, schools=6, days=120), until=150))
    scored = engine.trials.all()
    assert scored.popularity[scored.row == ACCESS_ROW].any()
    assert not scored.popularity[scored.row != ACCESS_ROW].any()


# Strictness


def alike(schools: int, *, technical_too: bool = False) -> Trials:
    """Comparators refused once in two at every school; technical providers always or never, if at all."""
    rows = [(school, False, n % 2 == 0) for school in range(schools) for n in range(10)]
    if technical_too:
        rows += [(school, True, school % 2 == 0) for school in range(schools) for _ in range(10)]
    scored = trials(*[(ACCESS_ROW, technical, bad, 0.0, 28) for _, technical, bad in rows])
    return changed(scored, school=np.array([school for school, _, _ in rows]))


def test_how_much_schools_differ_is_learned_from_comparators() -> None:
    assert capacity_spread(alike(30), Nation(DEFAULT))[ACCESS] == 0.4
    assert capacity_spread(alike(30, technical_too=True), Nation(DEFAULT))[ACCESS] == 0.4


def test_fewer_than_twenty_schools_teach_nothing_of_strictness() -> None:
    assert capacity_spread(alike(19), Nation(DEFAULT)) == list(DEFAULT.capacity_sd)


def test_on_1_september_the_new_year_has_its_own_spread() -> None:
    engine = Engine([f"S{n:03}" for n in range(24)])
    list(engine.run(world(seed=5, odds={}, schools=24, days=100, requests=30), until=364))
    assert len(engine.nation.sds) == 1
    engine.close(365, [])
    assert engine.nation.sds[1] == tuple(capacity_spread(engine.trials.all(), Nation(DEFAULT)))


def test_strictness_drifts_once_for_each_boundary() -> None:
    nation = Nation(DEFAULT)
    once = nation.grid.drift(DEFAULT.capacity_sd[ACCESS])
    assert once.sum(axis=1) == pytest.approx(np.ones(21))
    assert np.diag(once).max() < 0.9
    assert nation.drift(ACCESS, 2, 3) == pytest.approx(once)
    assert nation.drift(ACCESS, 2, 4) == pytest.approx(once @ once)


def test_the_half_term_is_that_of_the_asking() -> None:
    nation = Nation(DEFAULT)
    assert [nation.clock(day) for day in (0, 28 + 55, 28 + 56, 28 + 365)] == [0, 0, 1, 6]


# Evidence


def test_the_second_years_evidence_begins_on_its_first_day() -> None:
    """A refusal of 31 August counts since joining alone, one of 1 September twice; live as in replay."""

    def live_and_replayed(asked: int) -> list[float]:
        scored = trials((ACCESS_ROW, True, True, -0.8, asked + 28))
        evidence = Evidence(1, Nation(DEFAULT))
        evidence.absorb(scored)
        again = replay(scored, np.ones((1, 1), dtype=bool), Nation(DEFAULT))
        return [float(e[0][0]) for e in (evidence.e_values(slice(None)), again)]

    before, first, second = (live_and_replayed(asked) for asked in (364, 365, 366))
    assert first == pytest.approx(second)
    assert [e - 1 for e in first] == pytest.approx([(e - 1) * 0.85 / 0.60 for e in before])


def test_the_second_years_start_is_laid_with_what_the_first_year_taught() -> None:
    engine = Engine([f"S{n:03}" for n in range(24)])
    list(engine.run(world(seed=5, odds={}, schools=24, days=100, requests=30), until=365))
    prior = engine.nation.prior(1, ACCESS)
    assert engine.nation.sds[1] != DEFAULT.capacity_sd
    assert engine.evidence.weights[1, 0, ACCESS] == pytest.approx(prior)


def test_two_thousand_answers_do_not_run_out_of_numbers() -> None:
    evidence = Evidence(1, Nation(DEFAULT))
    days = [(ACCESS_ROW, n % 2 == 0, n % 4 < 2, 0.0, 28 + n // 20) for n in range(2000)]
    scored = trials(*days)
    for day in np.unique(scored.matured):
        evidence.absorb(scored.where(np.flatnonzero(scored.matured == day)))
    again = replay(scored, np.ones((1, 2000), dtype=bool), Nation(DEFAULT))[0][0]
    assert math.log(evidence.e_values(slice(None))[0][0]) == pytest.approx(math.log(again), abs=1e-9)


def test_the_spread_of_benign_differences_stays_where_nothing_speaks_against_it() -> None:
    engine, _ = decided(5, 5, 3)
    engine._learn_benign_spread()
    assert (engine.nation.benign_sd == DEFAULT.benign_sd).all()


def test_schools_that_differ_for_real_do_not_make_differences_benign() -> None:
    """Eight of twenty refuse every technical provider: that is no wider spread among the honest."""
    engine, asked = Engine([str(number) for number in range(20)]), 20
    rows = [
        (school, technical, n % 2 == 0 or (technical and school < 8))
        for school in range(20)
        for technical in (False, True)
        for n in range(asked)
    ]
    scored = trials(*[(ACCESS_ROW, technical, bad, 0.0, 28) for _, technical, bad in rows])
    engine.evidence.absorb(changed(scored, school=np.array([school for school, _, _ in rows])))
    engine.tallies = [Tally(asked={True: asked, False: asked}) for _ in engine.schools]
    engine._learn_benign_spread()
    assert engine.nation.benign_sd[ACCESS] == DEFAULT.benign_sd


def test_the_share_that_differs_is_the_guess_worth_two_hundred_schools() -> None:
    engine, _ = decided(5, 5, 3)
    engine.e[0], engine.prevalence = 1e9, DEFAULT.prevalence_guess
    engine._learn_prevalence()
    assert engine.prevalence == pytest.approx((1 + 0.03 * 200) / 201, rel=1e-6)


def test_only_schools_with_five_of_each_teach_the_nation() -> None:
    assert [len(decided(*asked, 3)[0]._eligible()) for asked in ((5, 5), (4, 9), (9, 4))] == [1, 0, 0]


@pytest.mark.parametrize(
    ("prevalence", "share"), [(0.0, 0.01), (0.02, 0.01), (0.05, 0.025), (0.08, 0.04), (0.5, 0.04)]
)
def test_half_the_estimated_share_within_its_limits(prevalence: float, share: float) -> None:
    assert DEFAULT.share(prevalence) == pytest.approx(share)
    assert DEFAULT.threshold(prevalence) == pytest.approx(19 * (1 - share) / share)


# What follows


def decided(technical: int, other: int, providers: int, **settings: Any) -> tuple[Engine, list[Finding]]:
    """A school that never answered a technical provider and granted everybody else, by day 300; asked a week apart,
    so over several half-terms."""
    engine = Engine(["S"], changed(NO_ONE_NEEDS_PROOF, **settings))
    stream: list[StreamEvent] = []
    for n in range(technical):
        year = (8, 10, 12)[n // providers % 3]
        stream.append(request(f"T{n}", 7 * n, f"T{n % providers}", "itp", year_group=year))
    for n in range(other):
        stream += [request(f"U{n}", 7 * n, f"U{n}", "employer"), granted(f"U{n}", 7 * n + 3, 7 * n + 40)]
    stream.sort(key=lambda event: event.at)
    return engine, list(engine.run(stream, until=300))


@pytest.mark.parametrize(
    ("asked", "tiers"),
    [
        ((5, 5, 3), ["notice", "flag"]),
        ((4, 5, 3), []),
        ((5, 4, 3), []),
        ((5, 5, 2), ["notice"]),
    ],
)
def test_floors_under_which_no_evidence_is_enough(asked: tuple[int, int, int], tiers: list[str]) -> None:
    assert [finding.tier for finding in decided(*asked)[1]] == tiers


def test_a_notice_needs_less_than_a_flag() -> None:
    assert [finding.tier for finding in decided(20, 20, 5, notice=20.0, odds=1e9)[1]] == ["notice"]
    assert decided(20, 20, 5, notice=1e9, odds=1e9)[1] == []


def test_what_did_not_hold_is_looked_at_again_a_week_later() -> None:
    """Two providers alone on the day of the floors; a third's request matures three days later."""
    engine = Engine(["S"], NO_ONE_NEEDS_PROOF)
    stream = [request(f"U{n}", 0, f"U{n}", "employer") for n in range(5)]
    stream += [
        request(f"T{n}", 0, f"T{n % 2}", "itp", year_group=year) for n, year in enumerate((8, 8, 10, 10, 12))
    ]
    stream.append(request("X", 3, "X", "itp"))
    found = {finding.tier: finding.day for finding in engine.run(stream, until=60)}
    assert found == {"notice": 28, "flag": 35}


def test_one_bad_half_term_makes_no_flag() -> None:
    """Twelve refusals by twelve providers, but all in the first half-term; spread over two they are a flag."""

    def tiers(gap: int) -> set[str]:
        engine = Engine(["S"], changed(DEFAULT, odds=0.5))
        stream = [request(f"U{n}", n, f"U{n}", "employer") for n in range(40)]
        stream += [granted(f"U{n}", n + 2, n + 30) for n in range(40)]
        stream += [request(f"T{n}", gap * (n % 2) + n, f"T{n}", "itp") for n in range(24)]
        stream.sort(key=lambda event: event.at)
        return {finding.tier for finding in engine.run(stream, until=150)}

    assert tiers(0) == {"notice"}
    assert tiers(60) == {"notice", "flag"}


def test_every_provider_and_every_half_term_is_left_out_in_turn() -> None:
    engine, _ = decided(12, 12, 3)
    assert engine.left_out(0).keys() == {
        *(f"provider T{n}" for n in range(3)),
        *(f"provider U{n}" for n in range(12)),
        "half-term 0",
        "half-term 1",
    }


# The tier of one school, from its frozen figures


def figures(**known: float) -> Figures:
    given = {
        "e": 500.0,
        "technical": 9,
        "other": 9,
        "technical_providers": 3,
        "most": 1e6,
        "least": 8.0,
    } | known
    return Figures(
        e=given["e"],
        channels={},
        threshold=456.0,
        technical=int(given["technical"]),
        technical_granted=0,
        other=int(given["other"]),
        other_granted=9,
        technical_providers=int(given["technical_providers"]),
        left_out={"providers": {"P": given["least"], "Q": 99.0}, "half_terms": {"0": 50.0}},
        most=given["most"],
        sentence="",
    )


@pytest.mark.parametrize(
    ("known", "tier"),
    [
        ({}, "flag"),
        ({"e": 456.0}, "flag"),
        ({"e": 455.0}, "early_notice"),
        ({"least": 7.9}, "early_notice"),
        ({"technical_providers": 2}, "early_notice"),
        ({"technical": 4}, "insufficient"),
        ({"other": 4}, "insufficient"),
        ({"e": 20.0}, "early_notice"),
        ({"e": 19.0}, "no_concern"),
        ({"e": 1.0, "most": 455.0}, "insufficient"),
        ({"e": 1.0, "technical_providers": 2}, "insufficient"),
    ],
)
def test_a_tier_is_what_the_figures_reach_and_no_more(known: dict[str, float], tier: str) -> None:
    assert figures(**known).tier() == tier
