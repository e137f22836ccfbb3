"""Every request of a school with what became of it, in the words of the evidence: which questions it was scored on, or
why it doesn't count. What the tables behind the pictures list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import zip_longest
from typing import Final
from zoneinfo import ZoneInfo

from brokerage.accounts.models import Organisation
from brokerage.fairness import feed
from brokerage.fairness.descriptive import Wait
from brokerage.fairness.feed import Told
from brokerage.fairness.mapping import ASKERS, SCHOOL_DAYS_OF_NOTICE, Asked, Kind, Step, is_in_full
from brokerage.fairness.models import Trial
from brokerage.fairness.parameters import ACCESS_ROW, DEFAULT, SPEED_7
from brokerage.fairness.stream import window_of

LONDON: Final = ZoneInfo("Europe/London")
GRANTS: Final = frozenset({Kind.GRANTED, Kind.COUNTER_ACCEPTED, Kind.CLAIM_ACCEPTED})
ANSWERS: Final = GRANTS | {Kind.COUNTERED, Kind.POSTPONED, Kind.REFUSED, Kind.CLAIM_DECLINED}
WITHDRAWALS: Final = frozenset({Kind.WITHDRAWN, Kind.CLAIM_WITHDRAWN})
HALF_ANSWERS: Final = frozenset({Kind.COUNTERED, Kind.POSTPONED})
OWES_NO_MORE: Final = (
    ANSWERS | WITHDRAWALS | {Kind.QUESTION_ANSWERED, Kind.DUPLICATE_DENIED, Kind.COUNTER_REJECTED}
)


class Outcome(StrEnum):
    """Of a request that counts, as of day 28."""

    GRANTED = "granted"
    LATER = "later"
    REFUSED = "refused"
    SILENT = "silent"


class Uncounted(StrEnum):
    """Why a request isn't scored."""

    TOO_NEW = "too_new"
    AT_ONCE = "at_once"
    TAKEN_OUT = "taken_out"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    NO_PROVIDER = "not_a_provider"
    SAFEGUARDING = "safeguarding_upheld"
    SHORT_NOTICE = "short_notice"
    TOO_OLD = "too_old"
    OFFERED = "offered"
    ASKER_OWES = "asker_owes"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Requested:
    """`asker` is its organisation's public_id; `scored` the questions it was scored on (`Trial.row`) and whether the
    answer was bad for the asker; `matured_on` the day on which ACCESS was scored."""

    public_id: str
    is_claim: bool
    steps: tuple[Step, ...]
    scored: Mapping[int, bool]
    matured_on: date | None = None

    @property
    def opening(self) -> Step:
        return next(step for step in self.steps if step.asked is not None)

    @property
    def asker(self) -> str:
        return self._asked.asker

    @property
    def year_groups(self) -> tuple[int, ...]:
        return self._asked.terms.year_groups

    @property
    def is_technical(self) -> bool:
        return ASKERS[self._asked.asker_kind] in DEFAULT.technical_kinds

    @property
    def asked_on(self) -> date:
        return _day(self.opening)

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(step.kind for step in self.steps)

    @property
    def is_counted(self) -> bool:
        return ACCESS_ROW in self.scored

    @property
    def is_granted(self) -> bool:
        return bool(self.kinds & GRANTS)

    @property
    def reason(self) -> str:
        """The code with which it was refused or declined."""
        return next((step.reason for step in reversed(self.steps) if step.reason), "")

    @property
    def outcome(self) -> Outcome | None:
        if not self.is_counted:
            return None
        if not self.scored[ACCESS_ROW]:
            return Outcome.GRANTED
        if self.is_granted:
            return Outcome.LATER
        return Outcome.REFUSED if SPEED_7 in self.scored else Outcome.SILENT

    def uncounted(self, today: date) -> Uncounted | None:
        """The first reason that holds; a request for which none does repeats an earlier one of its provider. The day
        on which it is judged has to be over: the night after scores it."""
        kinds, notice, is_judged = self.kinds, self._asked.notice, self.judged_on < today
        reasons = {
            Uncounted.AT_ONCE: self._asked.first_come,
            Uncounted.TAKEN_OUT: Kind.TAKEN_OUT in kinds,
            Uncounted.SAFEGUARDING: Kind.SAFEGUARDING_UPHELD in kinds,
            Uncounted.DUPLICATE: Kind.DUPLICATE_AGREED in kinds or (is_judged and self.reason == "duplicate"),
            Uncounted.NO_PROVIDER: self.reason == "not_a_provider",
            Uncounted.SHORT_NOTICE: notice is not None and notice < SCHOOL_DAYS_OF_NOTICE,
            Uncounted.WITHDRAWN: bool(kinds & WITHDRAWALS)
            and not self.is_granted
            and (self.answered is None or self.is_offered_in_full),
            Uncounted.OFFERED: Kind.COUNTER_REJECTED in kinds and self.is_offered_in_full,
            Uncounted.TOO_OLD: self.asked_on < window_of(today),
            Uncounted.ASKER_OWES: self.asker_owes,
            Uncounted.TOO_NEW: not is_judged,
            Uncounted.REPEATED: True,
        }
        return None if self.is_counted else next(why for why, holds in reasons.items() if holds)

    @property
    def is_offered_in_full(self) -> bool:
        """The last that the school offered was all that was asked: less, or a postponement, replaces it."""
        halves = [step for step in self.steps if step.kind in HALF_ANSWERS]
        return bool(halves) and self._is_full_offer(halves[-1])

    @property
    def judged_on(self) -> date:
        """Day 28, as the school's clock counts: nothing that begins later moves it. While a word is owed, less that."""
        if self.matured_on is not None:
            return self.matured_on
        last = self.asked_on + timedelta(days=DEFAULT.maturity_days)
        for start, end in self._owed:
            if start <= last and end is not None:
                last += end - start
        return last

    @property
    def answered(self) -> Step | None:
        """The school's first word that is no question."""
        return next((step for step in self.steps if step.kind in ANSWERS), None)

    @property
    def owed(self) -> int:
        """Days for which the asker owed a word, up to the school's answer."""
        until = date.max if self.answered is None else _day(self.answered)
        return sum((end - start).days for start, end in self._owed if end is not None and end <= until)

    @property
    def asker_owes(self) -> bool:
        return bool(self._owed) and self._owed[-1][1] is None

    @cached_property
    def _owed(self) -> list[tuple[date, date | None]]:
        """From when to when the asker owed a word; None: still. A mark as duplicate stops nothing unless they took it
        up; an offer of all that was asked does, until another word of the school replaces it."""
        spells: list[tuple[date, date | None]] = []
        since, is_answered = None, False
        for step, following in zip_longest(self.steps, self.steps[1:]):
            if step.kind in OWES_NO_MORE and since is not None:
                spells.append((since, _day(step)))
                since = None
            is_answered |= step.kind in ANSWERS
            is_denied = following is not None and following.kind is Kind.DUPLICATE_DENIED
            is_question = step.kind is Kind.QUESTION_ASKED or (
                step.kind is Kind.DUPLICATE_MARKED and is_denied
            )
            if self._is_full_offer(step) or (is_question and not is_answered):
                since = since or _day(step)
        return spells if since is None else [*spells, (since, None)]

    def _is_full_offer(self, step: Step) -> bool:
        return step.kind is Kind.COUNTERED and is_in_full(self._asked, self.asked_on, step.terms)

    def wait(self, today: date) -> Wait | None:
        """None where the school was asked nothing: a place taken at once, a request asked twice."""
        if self._asked.first_come or Kind.DUPLICATE_AGREED in self.kinds:
            return None
        if self.answered is not None:
            return Wait((_day(self.answered) - self.asked_on).days - self.owed, answered=True)
        left = next((_day(step) for step in self.steps if step.kind in WITHDRAWALS), today)
        return Wait(max((left - self.asked_on).days - self.owed, 0), answered=False)

    @property
    def _asked(self) -> Asked:
        asked = self.opening.asked
        assert asked is not None
        return asked


def of(
    school: Organisation, *, today: date, since: date | None = None, trials: Iterable[Trial] | None = None
) -> list[Requested]:
    """A school's from this day on, or in the years that count; the newest first."""
    scored = Trial.objects.filter(school=school) if trials is None else trials
    return requests(feed.read(until=today, since=since, school_ids=[school.pk]), scored)


def requests(told: Told, trials: Iterable[Trial]) -> list[Requested]:
    """The newest first."""
    scored: dict[str, dict[int, bool]] = defaultdict(dict)
    matured: dict[str, date] = {}
    for trial in trials:
        scored[str(trial.request)][trial.row] = trial.is_bad
        if trial.row == ACCESS_ROW:
            matured[str(trial.request)] = trial.matured_on
    steps: dict[str, list[Step]] = defaultdict(list)
    for step in sorted(told.steps, key=lambda step: step.at):
        steps[step.request_id].append(step)
    found = [
        Requested(name, opening.is_claim, tuple(steps[name]), scored.get(name, {}), matured.get(name))
        for name, opening in told.openings.items()
    ]
    return sorted(found, key=lambda each: each.opening.at, reverse=True)


def tally(found: Sequence[Requested], row: int) -> tuple[int, int]:
    """(how many were scored badly on this question, how many were asked it)."""
    asked = [each.scored[row] for each in found if row in each.scored]
    return sum(asked), len(asked)


def _day(step: Step) -> date:
    return step.at.astimezone(LONDON).date()
