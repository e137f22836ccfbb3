"""One school's evidence again, with everything it takes from other schools held fixed: for the day between two nights,
for a frozen bundle, and for what remains when something is left out. Pure; the same code path as the night's."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

import numpy as np

from brokerage.fairness.cases import half_term
from brokerage.fairness.engine import Engine
from brokerage.fairness.evidence import CHANNEL, Evidence, Nation, replay
from brokerage.fairness.findings import Finding, Tally, sentence
from brokerage.fairness.national import Offsets, Popularity
from brokerage.fairness.parameters import ACCESS, CHANNELS, DEFAULT, Parameters
from brokerage.fairness.stream import StreamEvent
from brokerage.fairness.trials import Bools, Ints, Trials

ENGINE_VERSION: Final = "2"
"""Of the rules a figure is computed by. 2: an offer that is taken back for less still counts."""
Here = Mapping[str, tuple[float, float]]
Scored = Mapping[tuple[str, int], tuple[float, float]]
"""(request, question) to the offset and popularity with which it was scored."""


@dataclass(frozen=True, kw_only=True)
class National:
    """All that one school's evidence takes from all schools, as of the end of a day. `origins`: eta by question and
    month; `providers`: residual and information at all schools; `means` of comparators and technical providers."""

    sds: tuple[tuple[float, ...], ...]
    benign_sd: tuple[float, ...]
    weights: tuple[float, ...]
    prevalence: float
    origins: Mapping[str, Any]
    providers: Mapping[str, tuple[float, float]]
    means: tuple[float, float]

    @classmethod
    def of(cls, engine: Engine) -> Self:
        popularity = engine.popularity
        return cls(
            sds=tuple(tuple(map(float, each)) for each in engine.nation.sds),
            benign_sd=_floats(engine.nation.benign_sd),
            weights=_floats(engine.nation.weights),
            prevalence=engine.prevalence,
            origins=engine.offsets.logits_by_origin(),
            providers={
                name: (float(popularity.sums[number, 0]), float(popularity.sums[number, 1]))
                for number, name in enumerate(popularity.names)
            },
            means=(float(popularity.means[0]), float(popularity.means[1])),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            sds=tuple(tuple(each) for each in data["sds"]),
            benign_sd=tuple(data["benign_sd"]),
            weights=tuple(data["weights"]),
            prevalence=data["prevalence"],
            origins=data["origins"],
            providers={name: (sums[0], sums[1]) for name, sums in data["providers"].items()},
            means=(data["means"][0], data["means"][1]),
        )

    def as_json(self, providers: Iterable[str] | None = None) -> dict[str, Any]:
        """`providers`: only these, for one school's bundle."""
        data = dataclasses.asdict(self)
        if providers is not None:
            data["providers"] = {name: self.providers[name] for name in providers if name in self.providers}
        return data

    def nation(self, settings: Parameters) -> Nation:
        nation = Nation(settings)
        nation.sds = [tuple(each) for each in self.sds]
        nation.benign_sd, nation.weights = np.array(self.benign_sd), np.array(self.weights)
        return nation


class _HeldOffsets(Offsets):
    def __init__(self, settings: Parameters, origins: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._held = origins

    def refresh(self) -> None:
        """An origin that no school has used yet has the season of the first that one has."""
        super().refresh()
        for name, number in self._origins.items():
            held = self._held.get(name, next(iter(self._held.values()), None))
            if held is not None:
                self._logits[number] = held

    def add(self, trials: Trials, origin: Ints, month: Ints) -> None:
        pass


class _HeldPopularity(Popularity):
    def __init__(self, settings: Parameters, national: National, here: Here) -> None:
        super().__init__(settings)
        self._national, self._own = national, here
        self._mean = np.array(national.means)

    def provider(self, name: str, technical: bool) -> int:
        is_new = name not in self._providers
        number = super().provider(name, technical)
        if is_new:
            self._all[number] = self._national.providers.get(name, (0.0, 0.0))
        return number

    def pair(self, provider: int, school: int) -> int:
        number = super().pair(provider, school)
        self._here[number] = self._own.get(self.names[provider], (0.0, 0.0))
        return number

    def add(self, trials: Trials, pair: Ints, strict: Any) -> None:
        pass


class Held(Engine):
    """The school's stream, nothing learned from it. What was scored before keeps its offset and popularity."""

    def __init__(
        self,
        school: str,
        national: National,
        scored: Scored,
        here: Here,
        settings: Parameters = DEFAULT,
        *,
        day_0: date,
    ) -> None:
        super().__init__([school], settings, day_0=day_0)
        self.nation = national.nation(settings)
        self.evidence = Evidence(1, self.nation)
        self.offsets = _HeldOffsets(settings, national.origins)
        self.popularity = _HeldPopularity(settings, national, here)
        self.prevalence = national.prevalence
        self._scored = scored

    def _learn(self, day: int) -> None:
        pass

    def _decide(self, day: int) -> list[Finding]:
        return []

    def _valued(self, asked: Any, pair: Ints, origin: Ints, month: Ints, day: int) -> Trials:
        trials = super()._valued(asked, pair, origin, month, day)
        for number, key in enumerate(zip(trials.case, trials.row.tolist(), strict=True)):
            if (was := self._scored.get(key)) is not None:
                trials.offset[number], trials.popularity[number] = was
        return trials


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is known of one school. `channels` are E of each; `left_out` E without each provider and half-term,
    empty below the floors; `most` what E would be had every technical request been refused and no other: below the
    threshold, nothing can be said."""

    e: float
    channels: Mapping[str, float]
    threshold: float
    technical: int
    technical_granted: int
    other: int
    other_granted: int
    technical_providers: int
    left_out: Mapping[str, Mapping[str, float]]
    most: float
    sentence: str

    def tier(self, settings: Parameters = DEFAULT) -> str:
        """A name of `states.Tier`."""
        has_floors = self.technical >= settings.technical_at_least and self.other >= settings.other_at_least
        enough = has_floors and self.technical_providers >= settings.providers_at_least
        least = min((e for group in self.left_out.values() for e in group.values()), default=0.0)
        if enough and self.e >= self.threshold and least >= settings.left_out_at_least:
            return "flag"
        if has_floors and self.e >= settings.notice:
            return "early_notice"
        return "no_concern" if enough and self.most >= self.threshold else "insufficient"


def events_of(held: Held, events: Sequence[StreamEvent], until: int) -> Trials:
    """Run it; the trials it scored."""
    for _ in held.run(events, until=until):
        pass
    return held.trials.all() if len(held.trials) else NO_TRIALS


def e_without(trials: Trials, cases: frozenset[str], nation: Nation) -> float:
    """E with these requests taken out, all national figures as they are."""
    keep = np.array([case not in cases for case in trials.case], dtype=bool)
    return float(replay(trials, keep[None], nation)[0][0])


def e_since(trials: Trials, day: int, nation: Nation) -> tuple[float, int]:
    """(E from requests made from this day on alone, how many of them were technical)."""
    keep = trials.asked >= day
    technical = keep & trials.technical & (CHANNEL[trials.row] == ACCESS)
    return float(replay(trials, keep[None], nation)[0][0]), int(technical.sum())


def figures(
    trials: Trials, nation: Nation, providers: Sequence[str], *, name: str, prevalence: float
) -> Figures:
    """From one school's trials; `providers` are the names behind their numbers."""
    settings = nation.settings
    access = trials.where(CHANNEL[trials.row] == ACCESS)
    tally = Tally()
    for technical, bad, provider in zip(
        access.technical.tolist(), access.bad.tolist(), access.provider.tolist(), strict=True
    ):
        tally.add(technical=technical, bad=bad, provider=provider)
    whole = np.ones((1, len(trials)), dtype=bool)
    e, channels = replay(trials, whole, nation)
    worst = dataclasses.replace(access, bad=access.technical)
    return Figures(
        e=float(e[0]),
        channels=dict(zip(CHANNELS, map(float, channels[0]), strict=True)),
        threshold=settings.threshold(prevalence),
        technical=tally.asked[True],
        technical_granted=tally.granted[True],
        other=tally.asked[False],
        other_granted=tally.granted[False],
        technical_providers=len(tally.technical_providers),
        left_out=_left_out(trials, nation, providers, tally),
        most=float(replay(worst, np.ones((1, len(worst)), dtype=bool), nation)[0][0]),
        sentence=sentence(name, tally, float(e[0]), settings.share(prevalence)),
    )


def _left_out(
    trials: Trials, nation: Nation, providers: Sequence[str], tally: Tally
) -> dict[str, dict[str, float]]:
    settings = nation.settings
    if tally.asked[True] < settings.technical_at_least or tally.asked[False] < settings.other_at_least:
        return {}
    halves = np.array([half_term(int(day), settings) for day in trials.asked])
    labels: list[tuple[str, str]] = []
    keep: list[Bools] = []
    for number in np.unique(trials.provider):
        labels.append(("providers", providers[int(number)]))
        keep.append(trials.provider != number)
    for half in np.unique(halves):
        labels.append(("half_terms", str(int(half))))
        keep.append(halves != half)
    found: dict[str, dict[str, float]] = {"providers": {}, "half_terms": {}}
    for (kind, label), e in zip(labels, replay(trials, np.array(keep), nation)[0], strict=True):
        found[kind][label] = float(e)
    return found


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(map(float, values))


def _no_trials() -> Trials:
    none = np.zeros(0)
    return Trials(
        case=none.astype(object),
        row=none.astype(np.int64),
        school=none.astype(np.int64),
        provider=none.astype(np.int64),
        technical=none.astype(bool),
        asked=none.astype(np.int64),
        matured=none.astype(np.int64),
        bad=none.astype(bool),
        offset=none,
        popularity=none,
    )


NO_TRIALS: Final = _no_trials()
