"""Day by day: take in what happened, score what is mature, decide. The same engine live and in replay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from brokerage.fairness.cases import Case, Trial, half_term, month_of
from brokerage.fairness.evidence import YEAR, Evidence, replay, rounds
from brokerage.fairness.grid import Floats
from brokerage.fairness.national import Offsets, Popularity, capacity_spread
from brokerage.fairness.parameters import ACCESS_ROW, CHANNELS, DEFAULT, Parameters
from brokerage.fairness.stream import DAY_0, StreamEvent, date_of, day_of

_ORDER: Final = {
    name: number
    for number, name in enumerate(("request", "withdrawn", "granted", "refused", "cancelled", "delivered"))
}


@dataclass(frozen=True)
class Finding:
    """A flag for review, or the early notice that only the school's careers leader sees."""

    school: str
    tier: str
    day: int
    e: float
    threshold: float
    technical: int
    other: int
    channels: dict[str, float]
    sentence: str

    @property
    def on(self) -> date:
        return date_of(self.day)


class Tally:
    """A school's mature episodes, for the floors and the sentence."""

    def __init__(self) -> None:
        self.asked = {True: 0, False: 0}
        self.granted = {True: 0, False: 0}
        self.providers: set[str] = set()

    def add(self, trial: Trial) -> None:
        self.asked[trial.technical] += 1
        self.granted[trial.technical] += 1 - trial.bad
        if trial.technical:
            self.providers.add(trial.provider)


class Engine:
    def __init__(self, schools: Sequence[str], settings: Parameters = DEFAULT) -> None:
        self.settings = settings
        self.schools = list(schools)
        self.number = {school: number for number, school in enumerate(schools)}
        self.evidence = Evidence(len(schools), settings)
        self.offsets, self.popularity = Offsets(settings), Popularity(settings)
        self.prevalence = settings.prevalence_guess
        self.day = -1
        self.cases: dict[str, Case] = {}
        self.trials: list[list[Trial]] = [[] for _ in schools]
        self.tallies = [Tally() for _ in schools]
        self.e = np.ones(len(schools))
        self.flagged: dict[int, Finding] = {}
        self.noticed: dict[int, Finding] = {}
        self._episodes: dict[tuple[str, str, int], int] = {}
        self._due: dict[int, list[tuple[str, bool]]] = defaultdict(list)
        self._retry: dict[int, int] = {}

    @property
    def threshold(self) -> float:
        return self.settings.threshold(self.prevalence)

    def run(self, events: Iterable[StreamEvent], *, until: int | None = None) -> Iterator[Finding]:
        """Findings in the order of their days. Events come ordered by day; within a day order is irrelevant."""
        today: list[StreamEvent] = []
        day = 0
        for event in events:
            if event.day < day:
                raise ValueError(f"an event of {event.at:%Y-%m-%d} comes after a later one")
            while event.day > day:
                yield from self.close(day, today)
                today, day = [], day + 1
            today.append(event)
        last = day if until is None else until
        for closing in range(day, last + 1):
            yield from self.close(closing, today if closing == day else [])

    def close(self, day: int, events: Sequence[StreamEvent]) -> list[Finding]:
        """End a day: what happened, what matured, what the nation taught, what follows."""
        self.day = day
        for event in sorted(events, key=lambda e: (e.at, _ORDER[e.type], str(e.data["id"]))):
            self._take_in(event)
        self._learn(day)
        touched = self._score(day)
        if touched:
            units = np.array(sorted(touched))
            self.e[units] = self.evidence.e_values(units)[0]
        return self._decide(day)

    # What happened

    def _take_in(self, event: StreamEvent) -> None:
        data = event.data
        if event.type == "request":
            self._open(event)
            return
        case = self.cases.get(data["id"])
        if case is None:
            return
        if event.type == "withdrawn":
            case.withdrawn = event.day if case.withdrawn is None else case.withdrawn
        elif event.type in ("granted", "refused") and case.answered is None:
            case.answered, case.granted = event.day, event.type == "granted"
            case.reason = data.get("reason", "")
            if case.granted:
                case.scheduled = day_of(data["scheduled"])
                case.offered_minutes, case.slot = data["minutes"], data["slot"]
                case.audience_kind, case.audience_planned = data["audience_kind"], data["audience_planned"]
                case.cohort = data["cohort"]
                self._due[max(case.ripe_on(self.settings), event.day)].append((case.id, False))
        elif event.type == "cancelled" and case.cancelled is None:
            case.cancelled, case.cancelled_by = event.day, data["by"]
        elif event.type == "delivered" and case.delivered is None:
            case.delivered = event.day

    def _open(self, event: StreamEvent) -> None:
        data = event.data
        if data["id"] in self.cases or data["school"] not in self.number:
            return
        case = Case(
            id=data["id"],
            school=data["school"],
            provider=data["provider"],
            kind=data["ptype"],
            origin=data["origin"],
            year_group=data["year_group"],
            minutes=data["minutes"],
            whole_year=data["whole_year"],
            asked=event.day,
            month=month_of(event.day, DAY_0),
        )
        key = (case.school, case.provider, case.key_stage)
        began = self._episodes.get(key)
        if began is not None and case.asked - began < self.settings.episode_days:
            return
        self._episodes[key] = case.asked
        self.cases[case.id] = case
        self._due[case.asked + self.settings.maturity_days].append((case.id, True))

    # What matured

    def _score(self, day: int) -> set[int]:
        mature: list[Trial] = []
        for case_id, is_first in self._due.pop(day, []):
            case = self.cases[case_id]
            rows = case.first_answers(self.settings) if is_first else case.later_answers(self.settings)
            mature += [self._trial(case, row, bad, day) for row, bad in rows]
        for dealt in rounds(mature):
            units = np.array([trial.school for trial in dealt])
            self._learn_popularity(dealt)
            self.evidence.apply(dealt, units)
        for trial in sorted(mature):
            self.trials[trial.school].append(trial)
            self.offsets.add(trial)
            if trial.row == ACCESS_ROW:
                self.tallies[trial.school].add(trial)
        self.popularity.settle()
        return {trial.school for trial in mature}

    def _trial(self, case: Case, row: int, bad: int, day: int) -> Trial:
        school = self.number[case.school]
        technical = case.kind in self.settings.technical_kinds
        offset = self.offsets.of(case.origin, row, case.month, self.evidence.sds[-1])
        popularity = self.popularity.of(case.provider, school, technical) if row == ACCESS_ROW else 0.0
        return Trial(
            case.id,
            row,
            school,
            case.provider,
            technical,
            case.origin,
            case.asked,
            case.month,
            day,
            bad,
            offset,
            popularity,
        )

    def _learn_popularity(self, dealt: Sequence[Trial]) -> None:
        access = [trial for trial in dealt if trial.row == ACCESS_ROW]
        if access:
            strict = self.evidence.mean_capacity(np.array([trial.school for trial in access]), 0)
            self.popularity.add(access, strict)

    # What the nation taught

    def _learn(self, day: int) -> None:
        settings = self.settings
        if day % settings.offset_days == 0:
            self.offsets.refresh()
        if day and day % YEAR == 0:
            self.evidence.learn_capacity(day // YEAR, capacity_spread(self.trials, self.evidence))
            self.e = self.evidence.e_values(slice(None))[0]
        if day and day % settings.benign_days == 0:
            self._learn_benign_spread()
        if day and day % settings.prevalence_days == 0:
            self._learn_prevalence()

    def _eligible(self) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
        least = self.settings.technical_at_least, self.settings.other_at_least
        return np.array(
            [
                number
                for number, tally in enumerate(self.tallies)
                if tally.asked[True] >= least[0] and tally.asked[False] >= least[1]
            ],
            dtype=np.int64,
        )

    def _learn_benign_spread(self) -> None:
        """tau of each channel, by marginal likelihood over eligible schools, of which a share differ for real."""
        units = self._eligible()
        if not len(units):
            return
        share, settings = self.prevalence, self.settings
        real = share * self.evidence.against(units)
        scores = [
            np.log((1 - share) * self.evidence.benign_odds(units, sd) + real).sum(axis=0)
            - 2 * (np.log(sd / settings.benign_sd) / 0.4) ** 2
            for sd in settings.benign_sd_choices
        ]
        choice = np.array(scores).argmax(axis=0)
        self.evidence.benign_sd = np.array(settings.benign_sd_choices)[choice]
        self.e = self.evidence.e_values(slice(None))[0]

    def _learn_prevalence(self) -> None:
        """EM estimate of the share of real differentials, shrunk to 3 % worth 200 schools."""
        units, settings = self._eligible(), self.settings
        e, share = self.e[units], self.prevalence
        guess, worth = settings.prevalence_guess, settings.prevalence_guess_schools
        for _ in range(50):
            real = (share * e / (1 - share + share * e)).sum()
            share = (real + guess * worth) / (len(units) + worth)
        self.prevalence = float(share)

    # What follows

    def _decide(self, day: int) -> list[Finding]:
        found: list[Finding] = []
        settings, threshold = self.settings, self.threshold
        for number in np.flatnonzero(self.e >= min(settings.notice, threshold)):
            unit, tally = int(number), self.tallies[number]
            if (
                tally.asked[True] < settings.technical_at_least
                or tally.asked[False] < settings.other_at_least
            ):
                continue
            if unit not in self.noticed:
                self.noticed[unit] = self._finding("notice", unit, day, threshold)
                found.append(self.noticed[unit])
            if self.e[unit] < threshold or unit in self.flagged or self._retry.get(unit, 0) > day:
                continue
            if self._holds(unit):
                self.flagged[unit] = self._finding("flag", unit, day, threshold)
                found.append(self.flagged[unit])
            else:
                self._retry[unit] = day + settings.retry_days
        return found

    def _holds(self, unit: int) -> bool:
        """Enough providers, and the evidence survives without any one of them and without any half-term."""
        if len(self.tallies[unit].providers) < self.settings.providers_at_least:
            return False
        return all(e >= self.settings.left_out_at_least for e in self.left_out(unit).values())

    def left_out(self, unit: int) -> dict[str, float]:
        """E without each provider and without each half-term."""
        trials = self.trials[unit]
        names = sorted({trial.provider for trial in trials})
        halves = sorted({half_term(trial.asked, self.settings) for trial in trials})
        keep = np.array(
            [[trial.provider != name for trial in trials] for name in names]
            + [[half_term(trial.asked, self.settings) != half for trial in trials] for half in halves]
        )
        values = replay(trials, keep, self.evidence)
        labels = [f"provider {name}" for name in names] + [f"half-term {half}" for half in halves]
        return dict(zip(labels, map(float, values), strict=True))

    def channels(self, unit: int) -> dict[str, float]:
        values: Floats = self.evidence.e_values(np.array([unit]))[1][0]
        return dict(zip(CHANNELS, map(float, values), strict=True))

    def _finding(self, tier: str, unit: int, day: int, threshold: float) -> Finding:
        tally = self.tallies[unit]
        return Finding(
            school=self.schools[unit],
            tier=tier,
            day=day,
            e=float(self.e[unit]),
            threshold=threshold,
            technical=tally.asked[True],
            other=tally.asked[False],
            channels=self.channels(unit),
            sentence=sentence(self.schools[unit], tally, float(self.e[unit]), self.prevalence),
        )


def sentence(school: str, tally: Tally, e: float, prevalence: float) -> str:
    """What the figures say, with their counts. They can show a difference; they can't say why."""
    odds = min(e * prevalence / (1 - prevalence), 10_000)
    says = (
        "more than 10,000 to 1"
        if odds >= 10_000
        else f"about {odds:,.0f} to 1"
        if odds >= 2
        else "about even"
    )
    parts = [
        f"{tally.granted[technical]} of {tally.asked[technical]}"
        f" ({tally.granted[technical] / tally.asked[technical]:.0%})"
        for technical in (False, True)
    ]
    return (
        f"{school} granted {parts[0]} requests from universities, employers and others within four weeks, and"
        f" {parts[1]} from colleges and apprenticeship providers; after allowing for the time of year, how busy the"
        f" school is and how popular each provider is elsewhere, the odds that this is a real difference rather than"
        f" chance are {says}. Figures can show a difference. They can't say why."
    )
