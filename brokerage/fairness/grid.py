"""Priors and likelihood on the grid (theta, the log odds ratio for technical providers) x (b, how strict the
school is with everybody)."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from brokerage.fairness.parameters import Parameters

Floats = NDArray[np.float64]


class Grid:
    def __init__(self, settings: Parameters) -> None:
        self.settings = settings

    @cached_property
    def benign(self) -> Floats:
        return np.linspace(
            -self.settings.benign_limit, self.settings.benign_limit, self.settings.benign_points
        )

    @cached_property
    def theta(self) -> Floats:
        """H0's points first, then H1's."""
        return np.concatenate([self.benign, np.log(np.array(self.settings.odds_ratios))])

    @cached_property
    def b(self) -> Floats:
        limit = self.settings.capacity_limit
        return np.linspace(-limit, limit, self.settings.capacity_points)

    @property
    def n0(self) -> int:
        return self.settings.benign_points

    @cached_property
    def _odds(self) -> Floats:
        """(comparator or technical, good or bad, theta, b): exp(-+(b + theta)), so that a trial costs one exp."""
        shift = np.stack([np.zeros_like(self.theta), self.theta])
        at = self.b[None, None, :] + shift[:, :, None]
        return np.stack([np.exp(at), np.exp(-at)], axis=1)

    def benign_prior(self, sd: float) -> Floats:
        return _normalised(np.exp(-0.5 * (self.benign / sd) ** 2))

    def capacity_prior(self, sd: float) -> Floats:
        heavy = self.settings.capacity_heavy_share
        narrow = _normalised(np.exp(-0.5 * (self.b / sd) ** 2))
        wide = _normalised(np.exp(-0.5 * (self.b / (2 * sd)) ** 2))
        return (1 - heavy) * narrow + heavy * wide

    def start(self, sd: float) -> Floats:
        """(theta, b): each hypothesis sums to one."""
        weights = np.concatenate(
            [self.benign_prior(self.settings.benign_sd), np.array(self.settings.odds_ratio_weights)]
        )
        return weights[:, None] * self.capacity_prior(sd)[None, :]

    def drift(self, sd: float) -> Floats:
        """AR(1) over a half-term boundary: rows to columns, rows sum to one."""
        memory = self.settings.capacity_memory
        spread = sd * np.sqrt(1 - memory**2)
        one = np.exp(-0.5 * ((self.b[None, :] - memory * self.b[:, None]) / spread) ** 2)
        return np.asarray(one / one.sum(axis=1, keepdims=True))

    def likelihood_of(self, at: Floats, bad: NDArray[np.bool_], technical: bool) -> Floats:
        """The same for trials all technical, or all not: then theta is no part of it, and the shape is (n, 1, b)."""
        width = len(self.theta) if technical else 1
        values = self._odds[int(technical), bad.astype(np.intp), :width]
        values *= np.exp(np.where(bad, -at, at))[:, None, None]
        values += 1.0
        return np.asarray(np.reciprocal(values, out=values))

    def likelihood(self, at: Floats, technical: NDArray[np.bool_], bad: NDArray[np.bool_]) -> Floats:
        """P(y) of each trial on the grid: (n, theta, b). `at` is offset plus popularity, in logits."""
        values = self._odds[technical.astype(np.intp), bad.astype(np.intp)]
        values *= np.exp(np.where(bad, -at, at))[:, None, None]
        values += 1.0
        return np.asarray(np.reciprocal(values, out=values))


def _normalised(values: Floats) -> Floats:
    return np.asarray(values / values.sum())


def logit(rate: Floats) -> Floats:
    return np.asarray(np.log(rate / (1 - rate)))
