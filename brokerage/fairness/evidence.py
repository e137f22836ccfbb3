"""E-values of many units at once. A unit is a school, or a school with some of its trials left out: the same code
scores both, so what a replay says is what live said."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from brokerage.fairness.cases import Trial, half_term
from brokerage.fairness.grid import Floats, Grid
from brokerage.fairness.parameters import CHANNEL_OF_ROW, CHANNELS, Parameters

YEAR = 365
Ints = NDArray[np.int64]


class Evidence:
    """The weights W of every unit: (start, unit, channel, theta, b), H0's part summing to one."""

    def __init__(
        self, units: int, settings: Parameters, sds: Sequence[Sequence[float]] | None = None
    ) -> None:
        self.settings, self.grid = settings, Grid(settings)
        starts = len(settings.start_years)
        self.sds: list[tuple[float, ...]] = [tuple(year) for year in sds or [settings.capacity_sd]]
        self.benign_sd = np.full(len(CHANNELS), settings.benign_sd)
        shape = (starts, units, len(CHANNELS), len(self.grid.theta), len(self.grid.b))
        self.weights = np.empty(shape)
        for start in range(starts):
            self.begin(start)
        self.at_half_term = np.zeros((units, len(CHANNELS)), dtype=np.int64)
        self._drift = lru_cache(maxsize=None)(self._drift_uncached)

    def begin(self, start: int) -> None:
        """Lay the prior of the evidence that counts from this start on."""
        for channel, sd in enumerate(self._sd(self.settings.start_years[start])):
            self.weights[start, :, channel] = self.grid.start(sd)

    def learn_capacity(self, year: int, sd: Sequence[float]) -> None:
        """How much schools differ, as of 1 September of this year (counted from 0)."""
        while len(self.sds) <= year:
            self.sds.append(self.sds[-1])
        self.sds[year] = tuple(sd)
        self._drift.cache_clear()
        for start, first in enumerate(self.settings.start_years):
            if first >= year:
                self.begin(start)

    def mean_capacity(self, units: Ints, channel: int) -> Floats:
        """Posterior mean of b under H0, since joining."""
        null = self.weights[0, units, channel, : self.grid.n0].sum(axis=1)
        return np.asarray(null @ self.grid.b / null.sum(axis=1))

    def apply(self, trials: Sequence[Trial], units: Ints) -> None:
        """One round: at most one trial for each unit and channel."""
        channel = np.array([CHANNEL_OF_ROW[trial.row] for trial in trials])
        self._advance(units, channel, np.array([half_term(trial.asked, self.settings) for trial in trials]))
        likelihood = self.grid.likelihood(
            np.array([trial.offset + trial.popularity for trial in trials]),
            np.array([trial.technical for trial in trials]),
            np.array([float(trial.bad) for trial in trials]),
        )
        asked = np.array([trial.asked for trial in trials])
        for start, year in enumerate(self.settings.start_years):
            counts = asked >= year * YEAR
            if not counts.any():
                break
            at, on = units[counts], channel[counts]
            weights = self.weights[start, at, on] * likelihood[counts]
            weights /= weights[:, : self.grid.n0].sum(axis=(1, 2), keepdims=True)
            self.weights[start, at, on] = weights

    def e_values(self, units: Ints | slice) -> tuple[Floats, Floats]:
        """(E of each unit, E of each unit and channel): start mixture of the channel mixture."""
        weights = self.weights[:, units]
        n0 = self.grid.n0
        against = weights[:, :, :, n0:].sum(axis=(3, 4))
        null = weights[:, :, :, :n0].sum(axis=4)
        ratio = np.stack(
            [
                self.grid.benign_prior(float(sd)) / self.grid.benign_prior(self.settings.benign_sd)
                for sd in self.benign_sd
            ]
        )
        by_channel = against / np.einsum("kuct,ct->kuc", null, ratio)
        settings = self.settings
        by_start = by_channel @ np.array(settings.channel_weights)
        by_start = by_start + settings.product_weight * by_channel.prod(axis=2)
        mixture = np.array(settings.start_weights)
        return mixture @ by_start, np.einsum("k,kuc->uc", mixture, by_channel)

    def benign_odds(self, units: Ints, sd: float) -> Floats:
        """(unit, channel): how much better H0 predicts with this spread of benign differences than with .25."""
        ratio = self.grid.benign_prior(sd) / self.grid.benign_prior(self.settings.benign_sd)
        null = self.weights[0, units, :, : self.grid.n0].sum(axis=3)
        return np.asarray(null @ ratio)

    def against(self, units: Ints) -> Floats:
        return np.asarray(self.weights[0, units, :, self.grid.n0 :].sum(axis=(2, 3)))

    def _advance(self, units: Ints, channel: Ints, to: Ints) -> None:
        was = self.at_half_term[units, channel]
        for boundary in {(int(c), int(a), int(b)) for c, a, b in zip(channel, was, to, strict=True) if b > a}:
            these = (channel == boundary[0]) & (was == boundary[1]) & (to == boundary[2])
            moved = self.weights[:, units[these], boundary[0]] @ self._drift(*boundary)
            self.weights[:, units[these], boundary[0]] = moved
        self.at_half_term[units, channel] = np.maximum(was, to)

    def _drift_uncached(self, channel: int, was: int, to: int) -> Floats:
        steps = [self.grid.drift(self._sd(half // 6)[channel]) for half in range(was + 1, to + 1)]
        return np.asarray(np.linalg.multi_dot(steps)) if len(steps) > 1 else steps[0]

    def _sd(self, year: int) -> tuple[float, ...]:
        return self.sds[min(year, len(self.sds) - 1)]


def rounds(trials: Sequence[Trial]) -> list[list[Trial]]:
    """A day's trials, sorted, dealt so that no round has two of one school and channel."""
    dealt: list[list[Trial]] = []
    by_state = sorted(trials, key=lambda trial: (trial.school, CHANNEL_OF_ROW[trial.row], trial))
    for _, same in groupby(by_state, key=lambda trial: (trial.school, CHANNEL_OF_ROW[trial.row])):
        for number, trial in enumerate(same):
            if number == len(dealt):
                dealt.append([])
            dealt[number].append(trial)
    return dealt


def replay(trials: Sequence[Trial], keep: NDArray[np.bool_], like: Evidence) -> Floats:
    """E-values of one school's trials with each row of `keep` (unit, trial) saying which count; national
    parameters as in `like`."""
    evidence = Evidence(len(keep), like.settings, like.sds)
    evidence.benign_sd = like.benign_sd
    for number, trial in enumerate(trials):
        units = np.flatnonzero(keep[:, number])
        if len(units):
            evidence.apply([trial] * len(units), units)
    return evidence.e_values(slice(None))[0]
