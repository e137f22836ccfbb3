"""How long an asker has waited, in the school's own days (rule R32). Pure: no database, and today is told.

Day 1 is the first school day after the asking. A day counts when pupils are in and the clock ran all day: a day on
which it was paused, even for an hour, does not; so many questions pause it, and later ones don't. A clock is computed
whenever it is read and never stored, so that a day added late to the school's calendar changes it at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Final

from brokerage.calendar import dates
from brokerage.calendar.school_days import LONGEST_CLOSURE, SATURDAY, SchoolDays

A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Parameters:
    """In school days. `late_after` is the last day on which an answer is in time. `pauses_at_most`: how many questions
    pause a clock; with a question a day it would never run."""

    due_soon_from: int = 8
    late_after: int = 10
    very_late_after: int = 20
    pauses_at_most: int = 2

    def __post_init__(self) -> None:
        if self.pauses_at_most < 0:
            raise ValueError("a clock can't be paused fewer than 0 times")
        if not 1 <= self.due_soon_from <= self.late_after < self.very_late_after:
            raise ValueError("a clock is due soon before it is late, and late before it is very late")


DEFAULT: Final = Parameters()
ANSWERED: Final = "Answered"
"""What stopped a clock, unless it was something else: an asker who withdraws stops it too."""


class ClockState(StrEnum):
    ANSWERED = "answered"
    PAUSED = "paused"
    RUNNING = "running"
    DUE_SOON = "due_soon"
    LATE = "late"
    VERY_LATE = "very_late"
    # Late, and every date that was offered is past. A school that was given less notice than it has days to answer has
    # those days all the same.
    NO_RESPONSE = "no_response"


class DayState(StrEnum):
    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"
    TO_COME = "to_come"


@dataclass(frozen=True)
class Pause:
    """Both ends included; open while `ended_on` is None. `why` follows the word «paused»."""

    began_on: date
    ended_on: date | None = None
    why: str = "while they answer your question"

    def __post_init__(self) -> None:
        if self.ended_on is not None and self.ended_on < self.began_on:
            raise ValueError(f"a pause ends on {self.ended_on}, before it begins on {self.began_on}")

    def __contains__(self, day: date) -> bool:
        return self.began_on <= day and (self.ended_on is None or day <= self.ended_on)

    def is_open(self, day: date) -> bool:
        """Not answered by that day: on its last day it pauses nothing more, though that day doesn't count."""
        return self.began_on <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True)
class ClockDay:
    """`number` is the school day's, counted or to come; `why` says what kept a day from counting."""

    on: date
    state: DayState
    why: str = ""
    number: int | None = None

    @property
    def is_weekend(self) -> bool:
        return self.on.weekday() >= SATURDAY


@dataclass(frozen=True)
class Clock:
    """`day` is how many school days have counted. `answer_by` is the last day in time, `late_from` and
    `very_late_from` the first days out of it: None while an open pause, or a calendar without end of holidays, keeps
    them from being known. `days` is the working: every day since the day after the asking, weekends included, up to
    today or the post that comes next; an answered clock ends with the answer. `unpaused` are the questions that paused
    nothing, `dates_past` whether every date that was offered is past."""

    state: ClockState
    day: int
    asked_on: date
    today: date
    answer_by: date | None
    late_from: date | None
    very_late_from: date | None
    days: tuple[ClockDay, ...]
    answered_on: date | None = None
    pauses: tuple[Pause, ...] = ()
    parameters: Parameters = DEFAULT
    ended_by: str = ANSWERED
    unpaused: tuple[Pause, ...] = ()
    dates_past: bool = False

    @property
    def is_open(self) -> bool:
        return self.state is not ClockState.ANSWERED

    @property
    def starts_on(self) -> date | None:
        """Day 1, as long as none has counted; None too where the calendar doesn't say yet."""
        return None if self.day else next((day.on for day in self.days if day.number == 1), None)

    @property
    def may_be_paused(self) -> bool:
        """Whether one question more would pause it."""
        return len(self.pauses) < self.parameters.pauses_at_most

    @property
    def is_no_response(self) -> bool:
        """Very late, or late with every offered date past, and no answer."""
        return self.state in (ClockState.VERY_LATE, ClockState.NO_RESPONSE)

    @property
    def was_late(self) -> bool:
        """More school days passed than were due, whether or not it has been answered since."""
        return self.day > self.parameters.late_after

    @cached_property
    def headline(self) -> str:
        return _headline(self, "Answer by")

    @cached_property
    def working(self) -> tuple[str, ...]:
        """For the school: where the clock stands, what counted, and what did not and why."""
        return _working(self, self.headline, "they")

    @cached_property
    def working_for_asker(self) -> tuple[str, ...]:
        return _working(self, _headline(self, "They should answer by"), "you")


def read(
    days: SchoolDays,
    asked_on: date,
    today: date,
    pauses: Iterable[Pause] = (),
    answered_on: date | None = None,
    last_offered_on: date | None = None,
    parameters: Parameters = DEFAULT,
    ended_by: str = ANSWERED,
) -> Clock:
    """`last_offered_on` is the last of the dates the asker offered, if any. An answer after `today` has not been
    given yet. `ended_by`: what to call it where no answer, but something else stopped the clock that day."""
    asked_back = sorted(pauses, key=lambda pause: pause.began_on)
    paused = tuple(asked_back[: parameters.pauses_at_most])
    if answered_on is not None and answered_on > today:
        answered_on = None
    until = today if answered_on is None else answered_on
    posts = _posts(days, asked_on, until, paused, parameters)
    counted = sum(day.state is DayState.COUNTED for day in posts.days)
    dates_past = last_offered_on is not None and last_offered_on < until
    state = _state(counted, until, paused, answered_on, dates_past, parameters)
    return Clock(
        state=state,
        day=counted,
        asked_on=asked_on,
        today=today,
        answer_by=posts.answer_by,
        late_from=posts.late_from,
        very_late_from=posts.very_late_from,
        days=_drawn(posts, counted, until, answered_on is not None, parameters),
        answered_on=answered_on,
        pauses=paused,
        parameters=parameters,
        ended_by=ended_by,
        unpaused=tuple(asked_back[parameters.pauses_at_most :]),
        dates_past=dates_past,
    )


@dataclass(frozen=True)
class _Posts:
    days: tuple[ClockDay, ...]
    on: dict[int, date]
    parameters: Parameters

    @property
    def answer_by(self) -> date | None:
        return self.on.get(self.parameters.late_after)

    @property
    def late_from(self) -> date | None:
        return self.on.get(self.parameters.late_after + 1)

    @property
    def very_late_from(self) -> date | None:
        return self.on.get(self.parameters.very_late_after + 1)


def _posts(
    days: SchoolDays, asked_on: date, until: date, pauses: tuple[Pause, ...], parameters: Parameters
) -> _Posts:
    """Every day from the one after the asking to `until`, and on until the last post is known."""
    listed: list[ClockDay] = []
    on: dict[int, date] = {}
    for day in _each(days, asked_on, until, pauses):
        listed.append(day)
        if day.number is not None:
            on[day.number] = day.on
        if day.on >= until and len(on) > parameters.very_late_after:
            break
    return _Posts(tuple(listed), on, parameters)


def _each(days: SchoolDays, asked_on: date, until: date, pauses: tuple[Pause, ...]) -> Iterator[ClockDay]:
    day, number = asked_on + A_DAY, 0
    # An open pause hides what comes after it, and so does a calendar that never opens again.
    open_since = any(pause.ended_on is None and pause.began_on <= until for pause in pauses)
    last = until if open_since else max(until, asked_on) + LONGEST_CLOSURE
    while day <= last:
        pause = next((pause for pause in pauses if day in pause), None)
        if (closed := days.what_closes(day)) is not None:
            yield ClockDay(day, DayState.CLOSED, closed)
        elif pause is not None:
            yield ClockDay(day, DayState.PAUSED, pause.why)
        else:
            number += 1
            yield ClockDay(day, DayState.COUNTED if day <= until else DayState.TO_COME, "", number)
        day += A_DAY


def _state(
    counted: int,
    today: date,
    pauses: tuple[Pause, ...],
    answered_on: date | None,
    dates_past: bool,
    parameters: Parameters,
) -> ClockState:
    """The first that applies. A pause stands before lateness: the answer is the asker's to give."""
    if answered_on is not None:
        return ClockState.ANSWERED
    if any(pause.is_open(today) for pause in pauses):
        return ClockState.PAUSED
    if dates_past and counted > parameters.late_after:
        return ClockState.NO_RESPONSE
    if counted > parameters.very_late_after:
        return ClockState.VERY_LATE
    if counted > parameters.late_after:
        return ClockState.LATE
    return ClockState.DUE_SOON if counted >= parameters.due_soon_from else ClockState.RUNNING


def _drawn(
    posts: _Posts, counted: int, until: date, is_answered: bool, parameters: Parameters
) -> tuple[ClockDay, ...]:
    """The days up to today, and on to the next post where one lies ahead."""
    ahead = None
    if not is_answered and counted <= parameters.late_after:
        ahead = posts.answer_by
    elif not is_answered:
        ahead = posts.on.get(parameters.very_late_after)
    end = max(until, ahead or until)
    return tuple(day for day in posts.days if day.on <= end)


def _headline(clock: Clock, answer_by: str) -> str:
    late_after = clock.parameters.late_after
    if clock.state is ClockState.ANSWERED:
        return f"{ended(clock)}."
    if clock.state is ClockState.PAUSED:
        return f"Clock paused on day {clock.day}." if clock.day else "Clock paused before day 1."
    if clock.state is ClockState.NO_RESPONSE:
        return f"No response: day {clock.day}. Every date they offered is past."
    if clock.state is ClockState.VERY_LATE:
        return f"Very late: day {clock.day}."
    if clock.state is ClockState.LATE:
        return f"Late: day {clock.day}."
    return _still_in_time(clock, answer_by, late_after)


def ended(clock: Clock) -> str:
    """`Answered on day 3`, `Withdrawn before day 1`."""
    if clock.day:
        return f"{clock.ended_by} on day {clock.day}"
    is_same_day = clock.answered_on is not None and clock.answered_on <= clock.asked_on
    return f"{clock.ended_by} {'the same day' if is_same_day else 'before day 1'}"


def _still_in_time(clock: Clock, answer_by: str, late_after: int) -> str:
    if clock.answer_by is not None and clock.today > clock.answer_by and clock.late_from is not None:
        late_from = dates.in_sentence(clock.late_from, clock.today)
        return f"Day {clock.day} of {late_after} is over. Late from {late_from}."
    if clock.day:
        begun = f"Day {clock.day} of {late_after}."
    else:
        first = clock.starts_on
        begun = (
            f"Day 1 is {dates.in_sentence(first, clock.today)}." if first else "No school day ahead is known."
        )
    due = f" {answer_by} {dates.in_sentence(clock.answer_by, clock.today)}." if clock.answer_by else ""
    return begun + due


def _working(clock: Clock, headline: str, asker: str) -> tuple[str, ...]:
    since = f"since the day after {asker} asked, {dates.in_sentence(clock.asked_on, clock.today)}."
    counted = f"{clock.day or 'None'} counted {since}"
    past = [day for day in clock.days if day.on <= (clock.answered_on or clock.today)]
    skipped = [day for day in past if day.state in (DayState.CLOSED, DayState.PAUSED) and not day.is_weekend]
    parts = [counted] if clock.day or clock.answered_on is None else []
    if skipped:
        runs = "; ".join(_runs(past, clock.today))
        parts.append(f"{len(skipped)} not counted: {runs}.")
    working = (" ".join([*parts, "Weekends never count."]),) if parts else ()
    return (headline, *working, *_open_pause(clock), *_unpaused(clock), *_short_notice(clock, asker))


def _runs(days: list[ClockDay], today: date) -> Iterator[str]:
    """Neighbouring days that one thing kept from counting, in one breath; weekends don't part them."""
    weekdays = [day for day in days if not day.is_weekend]
    for (state, why), run in groupby(weekdays, key=lambda day: (day.state, day.why)):
        if state is DayState.COUNTED:
            continue
        those = list(run)
        reason = f"paused {why}" if state is DayState.PAUSED else why
        yield f"{dates.run(those[0].on, those[-1].on, today)}, {reason}"


def _open_pause(clock: Clock) -> Iterator[str]:
    if clock.state is ClockState.PAUSED:
        pause = next(pause for pause in clock.pauses if pause.is_open(clock.today))
        yield f"Paused since {dates.short(pause.began_on, clock.today)} {pause.why}."


def _unpaused(clock: Clock) -> Iterator[str]:
    if clock.unpaused:
        at_most = clock.parameters.pauses_at_most
        days = [dates.short(pause.began_on, clock.today) for pause in clock.unpaused]
        them = "the question" if len(days) == 1 else "the questions"
        so_many = (
            f"{at_most} at most {'pauses' if at_most == 1 else 'pause'}" if at_most else "no question pauses"
        )
        yield (
            f"Not paused for {them} of {' and '.join(days)}: {so_many} a clock, or questions could stop it for good."
        )


def _short_notice(clock: Clock, asker: str) -> Iterator[str]:
    """Until they are late, a school isn't held to dates that were nearer than its days to answer."""
    if clock.dates_past and clock.state in (ClockState.RUNNING, ClockState.DUE_SOON):
        yield (
            f"Every date {asker} offered is past. An answer is in time until day {clock.parameters.late_after} "
            "all the same."
        )
