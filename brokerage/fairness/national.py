"""What all schools together teach: the season, how popular a provider is elsewhere, how much schools differ."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from brokerage.fairness.cases import Trial
from brokerage.fairness.evidence import Evidence
from brokerage.fairness.grid import Floats, Grid, logit
from brokerage.fairness.parameters import CHANNEL_OF_ROW, CHANNELS, Parameters


class Offsets:
    """eta: the logit of how often each question ends badly in each month, per origin, from comparators alone."""

    def __init__(self, settings: Parameters) -> None:
        self.settings = settings
        self._bad: dict[str, Floats] = {}
        self._all: dict[str, Floats] = {}
        self._logits: dict[str, Floats] = {}

    def add(self, trial: Trial) -> None:
        if trial.technical:
            return
        for counts, more in ((self._bad, trial.bad), (self._all, 1)):
            counts.setdefault(trial.origin, np.zeros((5, 13)))[trial.row, trial.month] += more

    def refresh(self) -> None:
        self._logits = {origin: self._fit(self._bad[origin], self._all[origin]) for origin in self._all}

    def of(self, origin: str, row: int, month: int, sds: Sequence[float]) -> float:
        """In logits, corrected from the population's to the typical school's."""
        if origin not in self._logits:
            empty = np.zeros((5, 13))
            self._logits[origin] = self._fit(empty, empty)
        spread = 1 + self.settings.population_to_school * sds[CHANNEL_OF_ROW[row]] ** 2
        return float(self._logits[origin][row, month]) * math.sqrt(spread)

    def _fit(self, bad: Floats, n: Floats) -> Floats:
        weight, guesses = self.settings.offset_weight, np.array(self.settings.guesses)
        base = (bad.sum(axis=1) + weight * guesses) / (n.sum(axis=1) + weight)
        return logit((bad + weight * base[:, None]) / (n + weight))


class Popularity:
    """v: how much more or less often a provider is refused at *other* schools, less its class's mean, so that a
    difference common to all technical providers stays visible."""

    def __init__(self, settings: Parameters) -> None:
        self.settings = settings
        self._all: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._here: dict[tuple[str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._technical: dict[str, bool] = {}
        self._mean = {True: 0.0, False: 0.0}
        self._waiting: list[tuple[Trial, float, float]] = []

    def of(self, provider: str, school: int, technical: bool) -> float:
        """In logits, as other schools' answers have it."""
        if provider not in self._all:
            return 0.0
        everywhere = self._all[provider]
        here = self._here.get((provider, school), [0.0, 0.0])
        value = self._shrunk(everywhere[0] - here[0], everywhere[1] - here[1]) - self._mean[technical]
        limit = self.settings.popularity_limit
        return float(min(max(value, -limit), limit))

    def add(self, trials: Sequence[Trial], strict: Floats) -> None:
        """Residuals of ACCESS trials against offset and the school's own strictness; they count from tomorrow."""
        expected = 1 / (1 + np.exp(-(np.array([trial.offset for trial in trials]) + strict)))
        for trial, p in zip(trials, expected, strict=True):
            self._waiting.append((trial, trial.bad - float(p), float(p * (1 - p))))

    def settle(self) -> None:
        """The day is over: let today's residuals count, in an order of their own."""
        for trial, residual, information in sorted(self._waiting):
            for sums in (self._all[trial.provider], self._here[trial.provider, trial.school]):
                sums[0] += residual
                sums[1] += information
            self._technical[trial.provider] = trial.technical
        if self._waiting:
            self._waiting = []
            for technical in (True, False):
                table = np.array(
                    [self._all[name] for name, is_ in self._technical.items() if is_ == technical]
                )
                if len(table):
                    shrunk = table[:, 0] / (table[:, 1] + self.settings.popularity_weight)
                    self._mean[technical] = float(shrunk.mean())

    def _shrunk(self, residual: float, information: float) -> float:
        return residual / (information + self.settings.popularity_weight)


def capacity_spread(trials: Sequence[Sequence[Trial]], evidence: Evidence) -> list[float]:
    """sigma of each channel: how much schools differ in strictness, by marginal likelihood on comparators."""
    settings, grid = evidence.settings, Grid(evidence.settings)
    fitted = []
    for channel in range(len(CHANNELS)):
        by_school = []
        for mine in trials:
            at = [t for t in mine if not t.technical and CHANNEL_OF_ROW[t.row] == channel]
            if at:
                logits = np.array([t.offset + t.popularity for t in at])[:, None] + grid.b[None, :]
                bad = np.array([t.bad for t in at])[:, None]
                by_school.append(-np.logaddexp(0, np.where(bad > 0, -logits, logits)).sum(axis=0))
        if len(by_school) < 20:
            fitted.append(evidence.sds[-1][channel])
            continue
        log = np.array(by_school)
        top = log.max(axis=1, keepdims=True)
        scores = [
            (np.log(np.exp(log - top) @ grid.capacity_prior(sd)) + top[:, 0]).sum()
            for sd in settings.capacity_sd_choices
        ]
        fitted.append(settings.capacity_sd_choices[int(np.argmax(scores))])
    return fitted
