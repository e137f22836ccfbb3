"""Day by day: take in what happened, score what is mature, decide. The same engine live and in replay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np

from brokerage.fairness.cases import KEY_STAGES, Case, half_term, month_of
from brokerage.fairness.evidence import YEAR, Evidence, Nation, replay
from brokerage.fairness.findings import Finding, Tally, sentence
from brokerage.fairness.grid import Floats
from brokerage.fairness.national import Offsets, Popularity, capacity_spread, is_access
from brokerage.fairness.parameters import CHANNELS, DEFAULT, Parameters
from brokerage.fairness.stream import DAY_0, StreamEvent, day_of
from brokerage.fairness.trials import Bools, Ints, Table, Trials

_ORDER: Final = {
    name: number
    for number, name in enumerate(
        (
            "request", "question", "reply", "withdrawn", "answered", "granted", "refused", "moved", "cancelled",
            "delivered",
        )
    )
}  # fmt: skip


class Engine:
    def __init__(
        self, schools: Sequence[str], settings: Parameters = DEFAULT, *, day_0: date = DAY_0
    ) -> None:
        self.settings, self.day_0 = settings, day_0
        self.schools = list(schools)
        self.number = {school: number for number, school in enumerate(schools)}
        self.nation = Nation(settings)
        self.evidence = Evidence(len(schools), self.nation)
        self.offsets, self.popularity = Offsets(settings), Popularity(settings)
        self.prevalence = settings.prevalence_guess
        self.day = -1
        self.cases: dict[str, Case] = {}
        self.trials = Table()
        self.tallies = [Tally() for _ in schools]
        self.e = np.ones(len(schools))
        self.flagged: dict[int, Finding] = {}
        self.noticed: dict[int, Finding] = {}
        self._episodes: dict[tuple[int, int, bool], int] = {}
        self._due: dict[int, list[tuple[str, bool]]] = defaultdict(list)
        self._retry: dict[int, int] = {}
        self._failed: dict[int, tuple[str, int]] = {}

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
        for event in sorted(events, key=lambda e: (e.at, _ORDER[e.type], e.data["id"])):
            self._take_in(event)
        self._learn(day)
        touched = self._score(day)
        if len(touched):
            self.e[touched] = self.evidence.e_values(touched)[0]
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
        day, asker_owes = event.day, case.waits_since is not None
        match event.type:
            case "question":
                if case.answered is None and case.withdrawn is None:
                    case.pause(day)
            case "reply":
                case.resume(day)
            case "withdrawn":
                case.withdrawn = day if case.withdrawn is None else case.withdrawn
                case.resume(day)
            case "answered":
                self._answer(case, day, in_full=data["in_full"])
            case "granted" | "refused" if case.decided is None:
                self._decide_case(case, event)
            case "moved" if case.granted and case.cancelled is None:
                self._plan(case, event)
            case "cancelled" if case.cancelled is None:
                case.cancelled, case.cancelled_by = day, data["by"]
            case "delivered" if case.delivered is None:
                case.delivered = day
        if asker_owes and case.waits_since is None:
            self._due[max(case.last(self.settings), day)].append((case.id, True))

    def _answer(self, case: Case, day: int, *, in_full: bool) -> None:
        """No grant and no refusal yet: a later date, or other terms. The last such word stands: whoever takes an offer
        of all that was asked back for less is owed no answer to it."""
        if case.decided is None and case.withdrawn is None:
            case.answer(day)
            case.resume(day)
            case.offered_in_full = in_full
            if in_full:
                case.pause(day)

    def _decide_case(self, case: Case, event: StreamEvent) -> None:
        case.answer(event.day)
        case.resume(event.day)
        case.decided, case.granted = event.day, event.type == "granted"
        case.reason = event.data.get("reason", "")
        if case.granted:
            self._plan(case, event)

    def _plan(self, case: Case, event: StreamEvent) -> None:
        data = event.data
        case.scheduled = day_of(data["scheduled"], self.day_0)
        case.offered_minutes, case.slot = data["minutes"], data["slot"]
        case.audience_kind, case.audience_planned = data["audience_kind"], data["audience_planned"]
        case.cohort = data["cohort"]
        self._due[max(case.ripe_on(self.settings), event.day)].append((case.id, False))

    def _open(self, event: StreamEvent) -> None:
        data = event.data
        school = self.number.get(data["school"])
        if school is None:
            raise ValueError(f"request {data['id']} names school {data['school']!r}, which isn't in the list")
        if data["id"] in self.cases:
            return
        technical = data["ptype"] in self.settings.technical_kinds
        provider = self.popularity.provider(data["provider"], technical)
        pair = self.popularity.pair(provider, school)
        first_come = data.get("first_come", False)
        key = (pair, KEY_STAGES[data["year_group"]], first_come)
        began = self._episodes.get(key)
        if began is not None and event.day - began < self.settings.episode_days:
            return
        self._episodes[key] = event.day
        case = self.cases[data["id"]] = Case(
            id=data["id"],
            school=school,
            provider=provider,
            pair=pair,
            technical=technical,
            origin=self.offsets.origin(data["origin"]),
            minutes=data["minutes"],
            whole_year=data["whole_year"],
            asked=event.day,
            month=month_of(event.day, self.day_0),
            first_come=first_come,
            exempt=data.get("exempt", False),
        )
        self._due[case.asked + self.settings.maturity_days].append((case.id, True))

    # What matured

    def _score(self, day: int) -> Ints:
        """The schools whose evidence moved."""
        asked: list[tuple[Case, int, int]] = []
        for case_id, is_first in sorted(self._due.pop(day, [])):
            case = self.cases[case_id]
            asked += [(case, row, bad) for row, bad in self._ripe(case, day, is_first=is_first)]
        if not asked:
            return np.zeros(0, dtype=np.int64)
        cases = [case for case, _, _ in asked]
        pair = np.array([case.pair for case in cases])
        origin = np.array([case.origin for case in cases])
        month = np.array([case.month for case in cases])
        trials = self._valued(asked, pair, origin, month, day)
        access = is_access(trials)
        answers = trials.where(access)
        strict = self.evidence.mean_capacity(answers.school, 0)
        self.evidence.absorb(trials)
        self.popularity.add(answers, pair[access], strict)
        self.offsets.add(trials, origin, month)
        self.trials.add(trials)
        for school, technical, bad, provider in zip(
            *(
                column.tolist()
                for column in (answers.school, answers.technical, answers.bad, answers.provider)
            ),
            strict=True,
        ):
            self.tallies[school].add(technical=technical, bad=bad, provider=provider)
        return np.unique(trials.school)

    def _ripe(self, case: Case, day: int, *, is_first: bool) -> list[tuple[int, int]]:
        """Once each. A case whose clock was paused, or whose day was moved, comes up again when it is due."""
        if is_first:
            if case.is_scored or case.waits_since is not None or case.last(self.settings) > day:
                return []
            case.is_scored = True
            return case.first_answers(self.settings)
        if case.is_closed or case.ripe_on(self.settings) > day:
            return []
        case.is_closed = True
        return case.later_answers(self.settings)

    def _valued(
        self, asked: list[tuple[Case, int, int]], pair: Ints, origin: Ints, month: Ints, day: int
    ) -> Trials:
        """With the offset and popularity of this morning."""
        cases = [case for case, _, _ in asked]
        row = np.array([row for _, row, _ in asked])
        provider = np.array([case.provider for case in cases])
        technical = np.array([case.technical for case in cases])
        popularity = self.popularity.of(provider, pair, technical)
        return Trials(
            case=np.array([case.id for case in cases], dtype=object),
            row=row,
            school=np.array([case.school for case in cases]),
            provider=provider,
            technical=technical,
            asked=np.array([case.asked for case in cases]),
            matured=np.full(len(cases), day),
            bad=np.array([bool(bad) for _, _, bad in asked]),
            offset=self.offsets.of(origin, row, month, self.nation.sds[-1]),
            popularity=np.where(row == 0, popularity, 0.0),
        )

    # What the nation taught

    def _learn(self, day: int) -> None:
        settings = self.settings
        if day % settings.offset_days == 0:
            self.offsets.refresh()
        if day and day % YEAR == 0 and len(self.trials):
            self.nation.learn_capacity(day // YEAR, capacity_spread(self.trials.all(), self.nation))
            self.evidence.begin(day // YEAR)
            self.e = self.evidence.e_values(slice(None))[0]
        if day and day % settings.benign_days == 0:
            self._learn_benign_spread()
            self._learn_weights()
        if day and day % settings.prevalence_days == 0:
            self._learn_prevalence()

    def _eligible(self) -> Ints:
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
        null, against = self.evidence.null[0, units], self.evidence.against[0, units]
        scores = [
            np.log((1 - share) * (null @ self.nation.benign_ratio(sd)) + share * against).sum(axis=0)
            - 2 * (np.log(sd / settings.benign_sd) / 0.4) ** 2
            for sd in settings.benign_sd_choices
        ]
        choice = np.array(scores).argmax(axis=0)
        self.nation.benign_sd = np.array(settings.benign_sd_choices)[choice]
        self.e = self.evidence.e_values(slice(None))[0]

    def _learn_weights(self) -> None:
        """How often a real difference lies in each channel or in several: EM over eligible schools, shrunk to the
        first weights."""
        units, settings, share = self._eligible(), self.settings, self.prevalence
        if not len(units):
            return
        first = np.array([*settings.channel_weights, settings.several_weight])
        parts, weights = (
            self.nation.parts(self.evidence.null[:, units], self.evidence.against[:, units]),
            first,
        )
        for _ in range(20):
            each = share * weights * parts
            real = (each / (1 - share + each.sum(axis=1, keepdims=True))).sum(axis=0)
            weights = (real + settings.weights_worth * first) / (real.sum() + settings.weights_worth)
        self.nation.weights = weights
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
        if len(self.tallies[unit].technical_providers) < self.settings.providers_at_least:
            return False
        trials = self.trials.of(unit)
        least = self.settings.left_out_at_least
        if unit in self._failed:
            keep = self._without(trials, *self._failed[unit])
            if replay(trials, keep[None], self.nation)[0][0] < least:
                return False
        labels, keep = self._leaving_out(trials)
        values = replay(trials, keep, self.nation)[0]
        worst = int(values.argmin())
        self._failed[unit] = labels[worst]
        return bool(values[worst] >= least)

    def left_out(self, unit: int) -> dict[str, float]:
        """E without each provider and without each half-term."""
        trials = self.trials.of(unit)
        labels, keep = self._leaving_out(trials)
        values = replay(trials, keep, self.nation)[0]
        names = [
            f"{kind} {self.popularity.names[number] if kind == 'provider' else number}"
            for kind, number in labels
        ]
        return dict(zip(names, map(float, values), strict=True))

    def without(self, unit: int, cases: frozenset[str]) -> float:
        """E of a school with these cases excluded, all national figures as they are."""
        trials = self.trials.of(unit)
        keep = np.array([case not in cases for case in trials.case])
        return float(replay(trials, keep[None], self.nation)[0][0])

    def _leaving_out(self, trials: Trials) -> tuple[list[tuple[str, int]], Bools]:
        halves = sorted({half_term(int(day), self.settings) for day in trials.asked})
        labels = [("half-term", half) for half in halves]
        labels += [("provider", int(provider)) for provider in np.unique(trials.provider)]
        return labels, np.array([self._without(trials, *label) for label in labels])

    def _without(self, trials: Trials, kind: str, number: int) -> Bools:
        if kind == "provider":
            return np.asarray(trials.provider != number)
        return np.array([half_term(int(day), self.settings) != number for day in trials.asked])

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
            sentence=sentence(
                self.schools[unit], tally, float(self.e[unit]), self.settings.share(self.prevalence)
            ),
            day_0=self.day_0,
        )
