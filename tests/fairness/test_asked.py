"""What a page says of a request against what the engine made of it: the two read the same lives, each its own way."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from brokerage.fairness.asked import GRANTS, Requested, Uncounted
from brokerage.fairness.cases import Case
from brokerage.fairness.engine import Engine
from brokerage.fairness.mapping import Kind, Step, events
from brokerage.fairness.parameters import ACCESS_ROW, DEFAULT
from brokerage.fairness.stream import date_of
from brokerage.states import ACCESS_MOVES, AccessState
from tests.fairness.test_mapping import COLLEGE, TERMS, slot

LESS = replace(TERMS, minutes=10)
KINDS: Final = {
    AccessState.QUESTIONED: Kind.QUESTION_ASKED,
    AccessState.COUNTERED: Kind.COUNTERED,
    AccessState.POSTPONED: Kind.POSTPONED,
    AccessState.DUPLICATE_MARKED: Kind.DUPLICATE_MARKED,
    AccessState.REFUSED: Kind.REFUSED,
    AccessState.REJECTED: Kind.COUNTER_REJECTED,
    AccessState.DUPLICATE: Kind.DUPLICATE_AGREED,
    AccessState.WITHDRAWN: Kind.WITHDRAWN,
}
BACK: Final = {
    AccessState.QUESTIONED: Kind.QUESTION_ANSWERED,
    AccessState.DUPLICATE_MARKED: Kind.DUPLICATE_DENIED,
    AccessState.POSTPONED: None,
}
OFTEN: Final = [AccessState.COUNTERED, AccessState.POSTPONED, AccessState.WAITING]
"""What a life turns round on."""
GAPS: Final = (0, 0, 1, 1, 3, 7, 14, 28)
EXEMPT: Final = {Uncounted.WITHDRAWN, Uncounted.OFFERED, Uncounted.DUPLICATE, Uncounted.NO_PROVIDER}


@pytest.mark.parametrize("until", [20, 28, 45, 300])
def test_a_page_says_of_300_random_lives_what_the_engine_made_of_them(until: int) -> None:
    on = date_of(until)
    lives = [[step for step in life(number) if step.at.date() <= on] for number in range(300)]
    engine, matured = played(lives, until)
    for steps in lives:
        name = steps[0].request_id
        case, told = engine.cases[name], " ".join(f"{step.at:%d %b} {step.kind}" for step in steps)
        # Without the trials: what it makes of the steps.
        found = Requested(name, False, tuple(steps), {})
        assert why_and_when(found, min(on, date_of(matured.get(name, until)))) == expected(
            case, matured.get(name)
        ), told
        if case.answered is not None:
            assert found.owed == case.answered - case.asked - case.took, told


def why_and_when(found: Requested, on: date) -> tuple[str, date | None]:
    """Why it doesn't count, by the steps up to this day's end, and when it is judged, by all of them."""
    known = replace(found, steps=tuple(step for step in found.steps if step.at.date() <= on))
    why = known.uncounted(on + timedelta(days=1))
    assert why is not None
    if why in EXEMPT:
        return "exempt", None
    return why, None if why is Uncounted.ASKER_OWES else found.judged_on


def expected(case: Case, matured: int | None) -> tuple[str, date | None]:
    """Where it was scored no reason may hold but the last of all."""
    if matured is not None:
        return Uncounted.REPEATED, date_of(matured)
    if case.is_exempt(DEFAULT):
        return "exempt", None
    if case.waits_since is not None:
        return Uncounted.ASKER_OWES, None
    return Uncounted.TOO_NEW, date_of(case.last(DEFAULT))


def played(lives: Sequence[Sequence[Step]], until: int) -> tuple[Engine, dict[str, int]]:
    """The day on which ACCESS of each was scored."""
    engine = Engine(["S"])
    list(engine.run(events(step for steps in lives for step in steps), until=until))
    if not len(engine.trials):
        return engine, {}
    trials = engine.trials.all()
    days = zip(trials.case, trials.row, trials.matured, strict=True)
    return engine, {case: int(day) for case, row, day in days if row == ACCESS_ROW}


def life(number: int) -> Iterator[Step]:
    """By the moves that a request has, at random; an offer replaced by another one is one too. Nobody asks twice."""
    rng, name = random.Random(number), f"R{number:03}"
    at = datetime(2024, 9, 1, 9, tzinfo=UTC)
    state = AccessState.WAITING
    yield Step(kind=Kind.ASKED, at=at, request_id=name, asked=replace(COLLEGE, asker=name))
    while moves := [AccessState(move) for move in sorted(ACCESS_MOVES[state])]:
        if state == AccessState.COUNTERED:
            moves.append(AccessState.COUNTERED)
        if state in (AccessState.COUNTERED, AccessState.POSTPONED):
            moves += [AccessState.WITHDRAWN] * 3
        to = rng.choice(moves + [move for move in OFTEN if move in moves] * 2)
        if rng.random() < 0.1:
            return
        at += timedelta(days=rng.choice(GAPS), minutes=1)
        kind = BACK[state] if to == AccessState.WAITING else KINDS.get(to)
        if to == AccessState.GRANTED:
            kind = Kind.COUNTER_ACCEPTED if state == AccessState.COUNTERED else Kind.GRANTED
        if kind is not None:
            yield _step(rng, kind, at, name)
        if kind in GRANTS and rng.random() < 0.3:
            yield Step(kind=Kind.CLAIM_WITHDRAWN, at=at + timedelta(days=1), request_id=name)
        state = to


def _step(rng: random.Random, kind: Kind, at: datetime, name: str) -> Step:
    step = Step(kind=kind, at=at, request_id=name)
    if kind is Kind.COUNTERED:
        return replace(step, terms=rng.choice((TERMS, TERMS, LESS)))
    if kind is Kind.REFUSED:
        return replace(step, reason=rng.choice(("no_capacity", "not_a_provider")))
    return replace(step, slot=slot(60)) if kind in GRANTS else step
