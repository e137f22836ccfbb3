"""What all schools together teach: the season, how popular a provider is elsewhere, how much schools differ."""

import numpy as np

from brokerage.fairness.evidence import CHANNEL, Nation
from brokerage.fairness.grid import Floats, logit
from brokerage.fairness.parameters import ACCESS, CHANNELS, Parameters
from brokerage.fairness.trials import Bools, Ints, Trials

ROWS, MONTHS = 5, 13


class Offsets:
    """eta: the logit of how often each question ends badly in each month, from comparators alone. The season is
    all origins' together; an origin adds a shift of its own, shrunk, so that a split costs little precision."""

    def __init__(self, settings: Parameters) -> None:
        self.settings = settings
        self._origins: dict[str, int] = {}
        self._bad = np.zeros((0, ROWS, MONTHS))
        self._all = np.zeros((0, ROWS, MONTHS))
        self._logits = np.zeros((0, ROWS, MONTHS))

    def origin(self, name: str) -> int:
        """The number of an origin; a new one starts with everybody's season."""
        if name not in self._origins:
            self._origins[name] = len(self._origins)
            empty = np.zeros((1, ROWS, MONTHS))
            self._bad, self._all = np.concatenate([self._bad, empty]), np.concatenate([self._all, empty])
            self.refresh()
        return self._origins[name]

    def add(self, trials: Trials, origin: Ints, month: Ints) -> None:
        count = ~trials.technical
        at = origin[count], trials.row[count], month[count]
        np.add.at(self._bad, at, trials.bad[count])
        np.add.at(self._all, at, 1.0)

    def refresh(self) -> None:
        weight, guesses = self.settings.offset_weight, np.array(self.settings.guesses)
        bad, n = self._bad.sum(axis=0), self._all.sum(axis=0)
        base = (bad.sum(axis=1) + weight * guesses) / (n.sum(axis=1) + weight)
        season = (bad + weight * base[:, None]) / (n + weight)
        expected = (self._all * season).sum(axis=2)
        observed = self._bad.sum(axis=2)
        total = self._all.sum(axis=2)
        shift = logit((observed + weight * base) / (total + weight)) - logit(
            (expected + weight * base) / (total + weight)
        )
        self._logits = logit(season)[None] + shift[:, :, None]

    def logits_by_origin(self) -> dict[str, list[list[float]]]:
        """By question and month, as last refreshed: what a bundle freezes."""
        return {name: self._logits[number].tolist() for name, number in self._origins.items()}

    def of(self, origin: Ints, row: Ints, month: Ints, sds: tuple[float, ...]) -> Floats:
        """In logits, corrected from the population's to the typical school's."""
        spread = np.sqrt(1 + self.settings.population_to_school * np.array(sds) ** 2)
        return np.asarray(self._logits[origin, row, month] * spread[CHANNEL[row]])


class Popularity:
    """v: how much more or less often a provider is refused at *other* schools, less its class's mean, so that a
    difference common to all technical providers stays visible. A pair is a provider at a school."""

    def __init__(self, settings: Parameters) -> None:
        self.settings = settings
        self._providers: dict[str, int] = {}
        self._pairs: dict[tuple[int, int], int] = {}
        self._technical = np.zeros(0, dtype=bool)
        # Columns: sum of residuals, sum of information.
        self._all, self._here = np.zeros((0, 2)), np.zeros((0, 2))
        self._mean = np.zeros(2)
        self.names: list[str] = []

    def provider(self, name: str, technical: bool) -> int:
        if name not in self._providers:
            number = self._providers[name] = len(self._providers)
            self.names.append(name)
            self._all = _room(self._all, number)
            missing = len(self._all) - len(self._technical)
            self._technical = np.concatenate([self._technical, np.zeros(missing, dtype=bool)])
            self._technical[number] = technical
        return self._providers[name]

    def pair(self, provider: int, school: int) -> int:
        key = (provider, school)
        number = self._pairs.get(key)
        if number is None:
            number = self._pairs[key] = len(self._pairs)
            self._here = _room(self._here, number)
        return number

    @property
    def sums(self) -> Floats:
        """Each provider's residual and information at all schools."""
        return self._all

    @property
    def means(self) -> Floats:
        """Of comparators and of technical providers."""
        return self._mean

    def here(self) -> dict[tuple[int, int], tuple[float, float]]:
        """(provider, school) to residual and information there."""
        return {
            key: (float(self._here[number, 0]), float(self._here[number, 1]))
            for key, number in self._pairs.items()
        }

    def of(self, provider: Ints, pair: Ints, technical: Bools) -> Floats:
        """In logits, as other schools' answers have it."""
        elsewhere = self._all[provider] - self._here[pair]
        known = self._all[provider, 1] > 0
        value = self._shrunk(elsewhere) - np.where(known, self._mean[technical.astype(np.intp)], 0.0)
        limit = self.settings.popularity_limit
        return np.clip(value, -limit, limit)

    def add(self, trials: Trials, pair: Ints, strict: Floats) -> None:
        """A day's ACCESS trials against offset and the school's own strictness of this morning; they count from
        tomorrow."""
        expected = 1 / (1 + np.exp(-(trials.offset + strict)))
        more = np.stack([trials.bad - expected, expected * (1 - expected)], axis=1)
        np.add.at(self._all, trials.provider, more)
        np.add.at(self._here, pair, more)
        self._settle()

    def _settle(self) -> None:
        known = self._all[:, 1] > 0
        shrunk = self._shrunk(self._all)
        for technical in (0, 1):
            these = known & (self._technical == bool(technical))
            if these.any():
                self._mean[technical] = float(shrunk[these].mean())

    def _shrunk(self, sums: Floats) -> Floats:
        return np.asarray(sums[:, 0] / (sums[:, 1] + self.settings.popularity_weight))


def _room(table: Floats, number: int) -> Floats:
    """The same table with a row of this number."""
    if number < len(table):
        return table
    return np.concatenate([table, np.zeros((max(256, len(table)), table.shape[1]))])


def capacity_spread(trials: Trials, nation: Nation) -> list[float]:
    """sigma of each channel: how much schools differ in strictness, by marginal likelihood on comparators."""
    settings, grid = nation.settings, nation.grid
    fitted = list(nation.sds[-1])
    for channel in range(len(CHANNELS)):
        at = trials.where(np.flatnonzero(~trials.technical & (CHANNEL[trials.row] == channel)))
        if len(np.unique(at.school)) < settings.schools_to_learn:
            continue
        at = at.where(np.argsort(at.school, kind="stable"))
        first = np.flatnonzero(np.diff(at.school, prepend=-1))
        logits = (at.offset + at.popularity)[:, None] + grid.b[None, :]
        log = np.add.reduceat(-np.logaddexp(0, np.where(at.bad[:, None], -logits, logits)), first, axis=0)
        top = log.max(axis=1, keepdims=True)
        scores = [
            np.log(np.exp(log - top) @ grid.capacity_prior(sd)).sum() for sd in settings.capacity_sd_choices
        ]
        fitted[channel] = settings.capacity_sd_choices[int(np.argmax(scores))]
    return fitted


def is_access(trials: Trials) -> Bools:
    return np.asarray(CHANNEL[trials.row] == ACCESS)
