"""How a cohort stands in each key phase, from the sessions it had: R9 to R14, and the states in their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from schools.pal import coverage, scope
from schools.pal.counting import (
    NOT_COUNTED,
    NOTE,
    Reason,
    Setting,
    notes,
    provider_set,
    pupils,
    reached,
    why_not,
)
from schools.pal.coverage import Bounds
from schools.pal.parameters import DEFAULT, Parameters
from schools.pal.records import Cohort, School, Session
from schools.pal.windows import KEY_PHASES, OCCASIONS, ORDINALS, Window, phase_of, window, year_group
from schools.pal.words import day_and_time, day_of, occasions


class State(StrEnum):
    """The first that applies, in this order."""

    NOT_ASSESSED = "not_assessed"
    NOT_OPEN = "not_open"
    MET = "met"
    COVERAGE_UNPROVEN = "coverage_unproven"
    WINDOW_CLOSED = "window_closed"
    SHORT = "short"


@dataclass(frozen=True)
class GroupStanding:
    """What one pupil group had. `name` is None when the cohort isn't partitioned."""

    name: str | None
    size: int
    occasions: int
    short_by: int
    bounds: Bounds


@dataclass(frozen=True)
class Standing:
    """`occasions`, `short_by` and `bounds` are those of the worst-served group, each by itself (R14). `short_by` is
    what was wanted and isn't there, whatever the state; 0 where the phase isn't assessed."""

    phase: int
    state: State
    window: Window
    occasions: int
    short_by: int
    bounds: Bounds
    counted: tuple[Session, ...]
    groups: tuple[GroupStanding, ...]
    reasons: tuple[Reason, ...]

    @property
    def why(self) -> list[str]:
        return [str(reason) for reason in self.reasons]


def standings(
    school: School,
    cohort: Cohort,
    sessions: Iterable[Session],
    today: date,
    parameters: Parameters = DEFAULT,
) -> dict[int, Standing]:
    """Every key phase of one cohort. A session is explained under the phase of the year the cohort was in."""
    by_phase: dict[int, list[Session]] = {phase: [] for phase in KEY_PHASES}
    for session in sorted(sessions, key=lambda each: (each.on, each.starts, each.ends)):
        by_phase[phase_of(year_group(cohort.y7_entry, session.on, school.first_days))].append(session)
    return {
        phase: _standing(
            Setting(
                school, cohort, phase, window(cohort.y7_entry, phase, school.first_days), today, parameters
            ),
            mine,
        )
        for phase, mine in by_phase.items()
    }


def _standing(at: Setting, sessions: Sequence[Session]) -> Standing:
    unassessed = _unassessed(at)
    if unassessed:
        return _unassessable(at, sessions, unassessed)
    counted: list[Session] = []
    reasons: list[Reason] = []
    for session in sessions:
        against = why_not(session, at)
        reasons += against or notes(session, at)
        if not against:
            counted.append(session)
    reasons += _same_time(counted, at)
    groups = tuple(_group(name, size, counted, at) for name, size in _partition(at.cohort).items())
    worst = Bounds(min(each.bounds.lower for each in groups), min(each.bounds.upper for each in groups))
    shared = scope.shared(at.school, at.phase)
    short_by = max(each.short_by for each in groups)
    state = State.NOT_ASSESSED if shared else _state(short_by, worst, at)
    first = [Reason(*shared)] if shared else _explain(state, groups, worst, at)
    return Standing(
        at.phase,
        state,
        at.window,
        min(each.occasions for each in groups),
        0 if shared else short_by,
        worst,
        tuple(counted),
        groups,
        (*first, *reasons),
    )


def _unassessed(at: Setting) -> tuple[str, str] | None:
    if (why := scope.outside(at.school, at.today) or scope.not_taught(at.school, at.phase)) is not None:
        return why
    return ("R12", "Nobody is on roll, so there is no one to meet.") if at.cohort.roll == 0 else None


def _unassessable(at: Setting, sessions: Sequence[Session], why: tuple[str, str]) -> Standing:
    """R15: outside the scope nothing is an occasion; what happened is listed all the same."""
    rule = why[0]
    listed = (
        Reason(
            rule,
            f"{day_and_time(each.on, each.starts, at.today)}: recorded, not assessed.",
            NOT_COUNTED,
            each,
        )
        for each in sessions
    )
    reasons = (Reason(*why), *listed)
    return Standing(at.phase, State.NOT_ASSESSED, at.window, 0, 0, Bounds(), (), (), reasons)


def _partition(cohort: Cohort) -> Mapping[str | None, int]:
    """R14: the groups that have pupils, or the cohort as one."""
    groups: dict[str | None, int] = {name: size for name, size in cohort.groups.items() if size}
    return groups or {None: cohort.roll}


def _group(name: str | None, size: int, counted: Sequence[Session], at: Setting) -> GroupStanding:
    """A session for the whole cohort reached each group; its share is taken to be the same in each."""
    mine = [each for each in counted if each.group in (None, name)]
    classes: dict[object, list[Fraction]] = {}
    for number, session in enumerate(mine):
        told_apart_by = number if at.phase == 3 else provider_set(session, at.parameters)
        classes.setdefault(told_apart_by, []).append(_share(session, at))
    return GroupStanding(
        name, size, len(mine), max(0, OCCASIONS - len(classes)), coverage.bounds(classes.values())
    )


def _share(session: Session, at: Setting) -> Fraction:
    of = pupils(session, at.cohort)
    return Fraction(min(reached(session, at.phase), of), of)


def _state(short_by: int, worst: Bounds, at: Setting) -> State:
    if at.today < at.window.opens:
        return State.NOT_OPEN
    if not short_by:
        proven = at.phase == 3 or worst.lower >= at.parameters.met_from
        return State.MET if proven else State.COVERAGE_UNPROVEN
    return State.WINDOW_CLOSED if at.today > at.window.closes else State.SHORT


def _explain(state: State, groups: Sequence[GroupStanding], worst: Bounds, at: Setting) -> list[Reason]:
    if state is State.NOT_OPEN:
        return [Reason("R2", f"Opens on {day_of(at.window.opens, at.today)}.")]
    if state is State.MET:
        return []
    if state is State.COVERAGE_UNPROVEN:
        return [
            Reason("R12", f"Not yet evidenced for all on this platform. {_share_in_words(groups, worst)}")
        ]
    closed = (
        [Reason("R5", f"Closed on {day_of(at.window.closes, at.today)}: not evidenced on this platform.")]
        if state is State.WINDOW_CLOSED
        else []
    )
    return closed + [_missing(each, at) for each in groups if each.short_by]


def _share_in_words(groups: Sequence[GroupStanding], worst: Bounds) -> str:
    low, high = coverage.percentage(worst.lower), coverage.percentage(worst.upper)
    whose = " of the least served group" if len(groups) > 1 else ""
    if worst.lower == worst.upper:
        return f"{low}{whose} have met two."
    return (
        f"Between {low} and {high}{whose} have met two. "
        "Attendance was counted per session, so the exact share isn't known."
    )


def _missing(group: GroupStanding, at: Setting) -> Reason:
    """What a group still wants."""
    if group.occasions >= OCCASIONS:
        who = "Pupils" if group.name is None else f"Pupils in group {group.name}"
        text = (
            f"{who} met the same providers each time. A second with a different mix of providers would count."
        )
        return Reason("R10", text)
    who = "" if group.name is None else f"Group {group.name}: "
    verb = "offered" if at.phase == 3 else "met"
    had = f"{occasions(group.occasions)} of {OCCASIONS} {verb} in the {ORDINALS[at.phase]} phase."
    return Reason("R11" if at.phase == 3 else "R1", who + had)


def _same_time(counted: Sequence[Session], at: Setting) -> list[Reason]:
    """R9: one fair is one occasion. Two records are two, so say when they can't both have been for everyone."""
    return [
        Reason(
            "R9",
            f"{day_and_time(later.on, later.starts, at.today)}: at the same time as another. "
            "If both are one event, record it once, with all its providers.",
            NOTE,
            later,
        )
        for number, later in enumerate(counted)
        if any(_overlap(earlier, later) for earlier in counted[:number])
    ]


def _overlap(one: Session, other: Session) -> bool:
    same_pupils = one.group is None or other.group is None or one.group == other.group
    return same_pupils and one.on == other.on and one.starts < other.ends and other.starts < one.ends
