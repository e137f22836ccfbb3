"""What anybody could have found. The oracle knows every probability; the semi-oracle knows how large a difference is,
in which channels and since when, but learns from a school's own comparators how strict it is with everybody.

T9 compares the engine with both on clean streams (`fairness_clean`). In simulated nations the semi-oracle says which
schools were findable at all."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from benchmarks.fairness_clean import BASE, THRESHOLD, verdict
from benchmarks.fairness_worlds import CHANNELS, YEAR
from brokerage.fairness.engine import Engine
from brokerage.fairness.evidence import CHANNEL, Evidence, Nation
from brokerage.fairness.grid import Grid
from brokerage.fairness.parameters import ACCESS_ROW, DEFAULT
from brokerage.fairness.trials import Trials

ODDS: Final = (5.0, 10.0)
MOST: Final = 200
# How an honest school is made to look guilty, so that the rare false alarm is seen often enough to be counted: odds
# ratios of refusal, (technical, others). Every path is weighed by how much likelier this made it.
TILTS: Final = ((5.0, 1.0), (10.0, 1.0), (3.0, 0.5), (5.0, 0.5), (10.0, 0.6), (2.0, 0.4), (25.0, 1.0))
BENIGN_SD: Final = 0.20
OFFSET: Final = math.log(BASE / (1 - BASE))


def refused(rng: np.random.Generator, odds: Any, requests: int) -> Any:
    """(school, request): whether it was refused, at this odds ratio to the base rate."""
    odds = np.asarray(odds)
    return rng.random((len(odds), requests)) < _chance(np.log(odds))[:, None]


def log_ratio(bad: Any, odds: float) -> Any:
    """(school, request): log of how much likelier the answers so far are at this odds ratio than at 1 : 1."""
    more = _chance(math.log(odds))
    return np.where(bad, math.log(more / BASE), math.log((1 - more) / (1 - BASE))).cumsum(axis=1)


def engine_took(technical: Any, others: Any) -> Any:
    """For each school, how many technical requests E took to reach A, with as many comparators."""
    schools = len(technical)
    evidence = Evidence(schools, Nation(DEFAULT))
    kind = np.repeat([True, False], schools)
    took = np.full(schools, math.inf)
    for n in range(technical.shape[1]):
        evidence.absorb(_asked(np.concatenate([technical[:, n], others[:, n]]), kind, n))
        over = evidence.e_values(slice(None))[0] >= THRESHOLD
        took = np.where(over & np.isinf(took), n + 1, took)
    return took


def semi_oracle_took(technical: Any, others: Any, odds: float) -> Any:
    """The same for one that knows the odds ratio and holds the engine's prior of strictness."""
    grid = Grid(DEFAULT)
    prior = np.log(grid.capacity_prior(DEFAULT.capacity_sd[0]))
    ratio = np.tile(prior[:, None], (len(technical), 1, 2))
    at = OFFSET + grid.b[:, None] + np.array([0.0, math.log(odds)])
    took = np.full(len(technical), math.inf)
    for n in range(technical.shape[1]):
        for bad, logits in ((technical[:, n], at), (others[:, n], at[:, :1])):
            ratio = ratio - np.logaddexp(0, np.where(bad[:, None, None], -logits, logits))
        null, real = np.logaddexp.reduce(ratio, axis=1).T
        took = np.where((real - null >= math.log(THRESHOLD)) & np.isinf(took), n + 1, took)
    return took


def first_over(log_ratios: Any, threshold: float) -> Any:
    """The number of the first request at which each row is over; infinity if none is."""
    over = log_ratios >= math.log(threshold)
    return np.where(over.any(axis=1), over.argmax(axis=1) + 1.0, math.inf)


def false_alarms(schools: int, seed: int) -> tuple[float, float]:
    """The share of honest schools, their benign differences spread as in the simulated nations, for whom E ever
    reaches A within `MOST` technical requests; and its standard error. By importance sampling: brute force would
    see a handful in ten thousand."""
    rng = np.random.default_rng(seed)
    tilts = np.array(TILTS * (schools // len(TILTS)))
    technical, others = (refused(rng, tilts[:, n], MOST) for n in (0, 1))
    took = engine_took(technical, others)
    hits = np.flatnonzero(np.isfinite(took))
    at = took[hits].astype(int) - 1
    bad = [which[hits].cumsum(axis=1)[np.arange(len(hits)), at] for which in (technical, others)]

    def log_chance(theta: Any, refusals: Any) -> Any:
        """(hit, theta): of this many refusals among the requests up to the hit."""
        chance = _chance(theta)
        return refusals[:, None] * np.log(chance) + (at + 1 - refusals)[:, None] * np.log(1 - chance)

    thetas = np.linspace(-4 * BENIGN_SD, 4 * BENIGN_SD, 81)
    spread = -0.5 * (thetas / BENIGN_SD) ** 2
    honest = np.logaddexp.reduce(log_chance(thetas, bad[0]) + spread - np.logaddexp.reduce(spread), axis=1)
    honest += log_chance(np.zeros(1), bad[1])[:, 0]
    made = np.log(np.array(TILTS))
    likely = log_chance(made[:, 0], bad[0]) + log_chance(made[:, 1], bad[1])
    weights = np.zeros(len(tilts))
    weights[hits] = np.exp(honest - np.logaddexp.reduce(likely, axis=1) + math.log(len(TILTS)))
    return float(weights.mean()), float(weights.std() / math.sqrt(len(weights)))


def equal_alarm_threshold(log_ratios: Any, share: float) -> float:
    """A' at which the oracle alarms for this share of honest schools; `log_ratios` are those of schools that differ,
    so that each path that crosses weighs its inverse likelihood ratio."""

    def alarms(threshold: float) -> float:
        took = first_over(log_ratios, threshold)
        hits = np.flatnonzero(np.isfinite(took))
        return float(np.exp(-log_ratios[hits, took[hits].astype(int) - 1]).sum() / len(took))

    low, high = 0.0, 30.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if alarms(math.exp(middle)) > share else (low, middle)
    return math.exp(high)


def lines(schools: int) -> Iterator[str]:
    """T9 as a table in Markdown."""
    share, error = false_alarms(schools, seed=90)
    yield f"{schools:,} schools for each odds ratio. False alarms of the engine, by importance sampling:"
    yield f"{share:.1e} (standard error {error:.0e}) of honest schools within {MOST} technical requests."
    yield ""
    yield (
        "| odds ratio | engine, median | semi-oracle, same A | oracle, same A | oracle, equal false alarms"
        " | engine / semi-oracle (must: 1.8 at most) | engine / oracle, equal false alarms (must: 2.7 at most) |"
    )
    yield "| --- " * 7 + "|"
    met = []
    for odds in ODDS:
        rng = np.random.default_rng(int(900 + odds))
        technical = refused(rng, np.full(schools, odds), MOST)
        others = refused(rng, np.ones(schools), MOST)
        ratios = log_ratio(technical, odds)
        equal = equal_alarm_threshold(ratios, share)
        own, semi, same, fair = (
            float(np.median(took))
            for took in (
                engine_took(technical, others),
                semi_oracle_took(technical, others, odds),
                first_over(ratios, THRESHOLD),
                first_over(ratios, equal),
            )
        )
        met.append(own / semi <= 1.8 and own / fair <= 2.7)
        yield (
            f"| {odds:g} : 1 | {own:g} | {semi:g} | {same:g} | {fair:g} (A = {equal:,.0f}) | {own / semi:.2f}"
            f" | {own / fair:.2f} |"
        )
    yield ""
    yield f"- T9: {verdict(all(met))}."


def findable(engine: Engine, told: Mapping[str, Any]) -> dict[str, int]:
    """The schools of a nation that the semi-oracle finds at the engine's least A, and on which day. It takes season
    and popularity from the engine. On the open scenarios it agrees with what their truth files call findable (o1: the
    same 11; o6: 20 of the 21, and one more)."""
    trials = engine.trials.all()
    order = np.lexsort((trials.matured, trials.school))
    ends = np.searchsorted(trials.school[order], np.arange(len(engine.schools) + 1))
    found: dict[str, int] = {}
    for id_, one in told["schools"].items():
        if one["planted"]:
            number = engine.number[id_]
            mine = trials.where(order[ends[number] : ends[number + 1]])
            day = _found_on(mine, engine.nation, one)
            if day is not None:
                found[id_] = day
    return found


def _found_on(trials: Trials, nation: Nation, one: Mapping[str, Any]) -> int | None:
    """One school, trial by trial: (null or real, b) for each channel, drifting as the engine's does."""
    effect = np.array([one["log_or"][name] for name in CHANNELS])
    first, last = YEAR * (one["onset"] == "late"), YEAR if one["onset"] == "reformed" else math.inf
    grid, at = nation.grid, trials.offset + trials.popularity
    weights = [np.tile(grid.capacity_prior(sd), (2, 1)) for sd in nation.sds[0]]
    was, ratio = [0] * len(CHANNELS), np.zeros(len(CHANNELS))
    for n, channel in enumerate(CHANNEL[trials.row].tolist()):
        half = nation.clock(int(trials.matured[n]))
        if half > was[channel]:
            weights[channel] = weights[channel] @ nation.drift(channel, was[channel], half)
            was[channel] = half
        shift = effect[channel] * trials.technical[n] * (first <= trials.asked[n] < last)
        logits = at[n] + grid.b + np.array([[0.0], [shift]])
        weights[channel] = weights[channel] / (1 + np.exp(np.where(trials.bad[n], -logits, logits)))
        totals = weights[channel].sum(axis=1)
        weights[channel] /= totals[0]
        ratio[channel] = math.log(totals[1] / totals[0])
        if ratio.sum() >= math.log(THRESHOLD):
            return int(trials.matured[n])
    return None


def _chance(log_odds: Any) -> Any:
    return 1 / (1 + np.exp(-OFFSET - np.asarray(log_odds)))


def _asked(bad: Any, technical: Any, n: int) -> Trials:
    """One request of each kind at every school, the n-th."""
    schools = len(bad) // 2
    return Trials(
        case=np.full(len(bad), "", dtype=object),
        row=np.full(len(bad), ACCESS_ROW),
        school=np.tile(np.arange(schools), 2),
        provider=np.zeros(len(bad), dtype=np.int64),
        technical=technical,
        asked=np.full(len(bad), n // 2),
        matured=np.full(len(bad), n // 2 + 28),
        bad=bad,
        offset=np.full(len(bad), OFFSET),
        popularity=np.zeros(len(bad)),
    )
