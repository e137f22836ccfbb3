"""E-values of many units at once. A unit is a school, or a school with some of its trials left out: both paths share
prior, drift, likelihood and mixture, so what a replay says is what live said."""

from collections.abc import Sequence

import numpy as np

from brokerage.fairness.cases import half_term
from brokerage.fairness.grid import Floats, Grid
from brokerage.fairness.parameters import CHANNEL_OF_ROW, CHANNELS, Parameters
from brokerage.fairness.trials import Bools, Ints, Trials

YEAR = 365
CHANNEL = np.array(CHANNEL_OF_ROW)
UNTOUCHED = -1
# Weights are scaled up again when H0's part falls below this: only ratios count.
SMALL = 1e-100


class Nation:
    """What the evidence takes from all schools: sigma of each year, tau of each channel, and how often a difference
    lies in each channel or in several. Frozen with a bundle."""

    def __init__(self, settings: Parameters) -> None:
        self.settings, self.grid = settings, Grid(settings)
        self.sds: list[tuple[float, ...]] = [tuple(settings.capacity_sd)]
        self.benign_sd = np.full(len(CHANNELS), settings.benign_sd)
        self.weights = np.array([*settings.channel_weights, settings.several_weight])
        self._drifts: dict[tuple[int, int, int], Floats] = {}

    def sd(self, year: int) -> tuple[float, ...]:
        return self.sds[min(year, len(self.sds) - 1)]

    def learn_capacity(self, year: int, sd: Sequence[float]) -> None:
        """How much schools differ, as of 1 September of this year (counted from 0)."""
        while len(self.sds) <= year:
            self.sds.append(self.sds[-1])
        self.sds[year] = tuple(sd)
        self._drifts.clear()

    def prior(self, start: int, channel: int) -> Floats:
        return self.grid.start(self.sd(self.settings.start_years[start])[channel])

    def drift(self, channel: int, was: int, to: int) -> Floats:
        """From one half-term to a later one, each boundary with its year's sigma."""
        key = (channel, was, to)
        if key not in self._drifts:
            kernel = np.eye(len(self.grid.b))
            for half in range(was + 1, to + 1):
                kernel = kernel @ self.grid.drift(self.sd(half // 6)[channel])
            self._drifts[key] = kernel
        return self._drifts[key]

    def clock(self, matured: int) -> int:
        """The half-term whose decisions are being scored."""
        return half_term(max(matured - self.settings.maturity_days, 0), self.settings)

    def mixed(self, null: Floats, against: Floats) -> tuple[Floats, Floats]:
        """(E of each unit, E of each unit and channel): the start mixture of the channel mixture."""
        parts = self.parts(null, against)
        return parts @ self.weights, parts[:, : len(CHANNELS)]

    def parts(self, null: Floats, against: Floats) -> Floats:
        """E of each unit by what the difference lies in, each channel and then several: (unit, 5), over all starts,
        from null (start, unit, channel, theta) and against (start, unit, channel). The product of (1 + E_c)/2 is the
        mean over all sets of channels, so that two channels that differ need not be paid for by two that don't."""
        ratio = np.stack([self.benign_ratio(float(sd)) for sd in self.benign_sd])
        by_channel = against / np.einsum("kuct,ct->kuc", null, ratio)
        several = ((1 + by_channel) / 2).prod(axis=2, keepdims=True)
        by_start = np.concatenate([by_channel, several], axis=2)
        return np.asarray(np.einsum("k,kuj->uj", np.array(self.settings.start_weights), by_start))

    def benign_ratio(self, sd: float) -> Floats:
        """rho_tau over the rho the state was built with, on H0's points: re-weights a finished state to another tau."""
        return np.asarray(self.grid.benign_prior(sd) / self.grid.benign_prior(self.settings.benign_sd))


class Evidence:
    """The weights W of every school, up to a factor: (start, school, channel, theta, b). `null` and `against` are H0's
    part by theta and H1's part, where H0's sums to one."""

    def __init__(self, schools: int, nation: Nation) -> None:
        self.nation, self.grid = nation, nation.grid
        starts = len(nation.settings.start_years)
        shape = (starts, schools, len(CHANNELS))
        self.weights = np.empty((*shape, len(self.grid.theta), len(self.grid.b)))
        self.null = np.empty((*shape, self.grid.n0))
        self.against = np.ones(shape)
        self.half = np.full(shape, UNTOUCHED, dtype=np.int64)
        self.begin(0)

    def begin(self, year: int) -> None:
        """Lay the prior of the evidence that counts from this year on."""
        for start, first in enumerate(self.nation.settings.start_years):
            for channel in range(len(CHANNELS)):
                if first >= year:
                    prior = self.nation.prior(start, channel)
                    self.weights[start, :, channel] = prior
                    self.null[start, :, channel] = prior[: self.grid.n0].sum(axis=1)

    def mean_capacity(self, schools: Ints, channel: int) -> Floats:
        """Posterior mean of b if H0 holds, since joining."""
        null = self.weights[0, schools, channel, : self.grid.n0].sum(axis=1)
        return np.asarray(null @ self.grid.b / null.sum(axis=1))

    def absorb(self, trials: Trials) -> None:
        """A day's trials, all at once: the likelihoods of a school and channel multiply, so their order is moot.
        Comparators go first, and alone: theta is no part of theirs, which makes them a fourteenth of the work."""
        for technical in (False, True):
            some = trials.where(np.flatnonzero(trials.technical == technical))
            if len(some):
                self._absorb(some, technical)

    def _absorb(self, trials: Trials, technical: bool) -> None:
        state = trials.school * len(CHANNELS) + CHANNEL[trials.row]
        order = np.argsort(state, kind="stable")
        asked, state = trials.asked[order], state[order]
        at = (trials.offset + trials.popularity)[order]
        likelihood = self.grid.likelihood_of(at, trials.bad[order], technical)
        to, years = self.nation.clock(int(trials.matured[0])), np.array(self.nation.settings.start_years)
        sizes = np.array([(asked >= year * YEAR).sum() for year in years])
        for size in np.unique(sizes[sizes > 0]):  # mostly all of them count for every start that has begun
            starts = np.flatnonzero(sizes == size)
            counts = np.flatnonzero(asked >= years[starts[0]] * YEAR)
            first = np.flatnonzero(np.diff(state[counts], prepend=-1))
            self._update(starts, state[counts][first], _multiplied(likelihood[counts], first), to)

    def _update(self, starts: Ints, states: Ints, likelihood: Floats, to: int) -> None:
        """`likelihood` of each state, at each of these starts."""
        at = (starts[:, None] * (self.half.size // len(self.half)) + states).ravel()
        every, null, half = (
            flat.reshape(-1, *flat.shape[3:]) for flat in (self.weights, self.null, self.half)
        )
        weights, was, channels = every.take(at, axis=0), half[at], at % len(CHANNELS)
        for old in np.unique(was[(was != UNTOUCHED) & (was < to)]):
            for channel in range(len(CHANNELS)):
                these = np.flatnonzero((was == old) & (channels == channel))
                weights[these] = weights[these] @ self.nation.drift(channel, int(old), to)
        by_start = weights.reshape(len(starts), *likelihood.shape[:1], *weights.shape[1:])
        by_start *= likelihood
        by_theta = weights @ np.ones(weights.shape[2])
        total = by_theta[:, : self.grid.n0].sum(axis=1)
        small = np.flatnonzero(total < SMALL)
        weights[small] /= total[small, None, None]
        every[at], half[at] = weights, to
        null[at] = by_theta[:, : self.grid.n0] / total[:, None]
        self.against.reshape(-1)[at] = by_theta[:, self.grid.n0 :].sum(axis=1) / total

    def e_values(self, schools: Ints | slice) -> tuple[Floats, Floats]:
        """(E of each school, E of each school and channel)."""
        return self.nation.mixed(self.null[:, schools], self.against[:, schools])


def _multiplied(likelihood: Floats, first: Ints) -> Floats:
    """The product of each group; groups are short, and `multiply.reduceat` is slow along the first axis."""
    sizes = np.diff(first, append=len(likelihood))
    together = likelihood[first]
    for number in range(1, int(sizes.max())):
        longer = np.flatnonzero(sizes > number)
        together[longer] *= likelihood[first[longer] + number]
    return together


def replay(trials: Trials, keep: Bools, nation: Nation) -> tuple[Floats, Floats]:
    """As `Evidence.e_values`, from one school's trials, with each row of `keep` (unit, trial) saying which count."""
    starts, units, grid = len(nation.settings.start_years), len(keep), nation.grid
    null = np.empty((starts, units, len(CHANNELS), grid.n0))
    against = np.ones((starts, units, len(CHANNELS)))
    clock = np.array([nation.clock(int(day)) for day in trials.matured], dtype=np.int64)
    likelihood = np.log(
        grid.likelihood(trials.offset + trials.popularity, trials.technical, trials.bad)
    ).reshape(len(trials), len(grid.theta) * len(grid.b))
    for start, year in enumerate(nation.settings.start_years):
        for channel in range(len(CHANNELS)):
            chosen = np.flatnonzero((CHANNEL[trials.row] == channel) & (trials.asked >= year * YEAR))
            weights = _replayed(likelihood[chosen], keep[:, chosen], clock[chosen], nation, (start, channel))
            by_theta = weights.sum(axis=2)
            total = by_theta[:, : grid.n0].sum(axis=1)
            null[start, :, channel] = by_theta[:, : grid.n0] / total[:, None]
            against[start, :, channel] = by_theta[:, grid.n0 :].sum(axis=1) / total
    return nation.mixed(null, against)


def _replayed(likelihood: Floats, keep: Bools, clock: Ints, nation: Nation, where: tuple[int, int]) -> Floats:
    """The weights (unit, theta, b) of one start and channel after these trials, half-term by half-term."""
    prior = nation.prior(*where)
    weights = np.repeat(prior[None], len(keep), axis=0)
    touched, was = np.zeros(len(keep), dtype=bool), 0
    for half in np.unique(clock):
        if touched.any() and half > was:
            weights[touched] = weights[touched] @ nation.drift(where[1], was, int(half))
        now = np.flatnonzero(clock == half)
        log = (keep[:, now].astype(np.float64) @ likelihood[now]).reshape(weights.shape)
        weights *= np.exp(log - log.max(axis=(1, 2), keepdims=True))
        weights /= weights[:, : nation.grid.n0].sum(axis=(1, 2))[:, None, None]
        touched |= keep[:, now].any(axis=1)
        was = int(half)
    return weights
