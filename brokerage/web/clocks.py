"""A response clock as both sides see it: the drawing, and the badge of a row."""

from typing import Final

from brokerage.calendar.clock import Clock, ClockState, ended
from brokerage.queries.access_requests import Asked
from brokerage.states import AccessState
from brokerage.web.charts import ClockDay, Day, ResponseClock
from brokerage.web.charts.words import counted
from brokerage.web.dates import in_list

Badge = tuple[str, str]
"""Kind and words, for `{% status %}`."""

_LATE: Final = {ClockState.LATE: "late", ClockState.VERY_LATE: "very"}
_PAUSED_BY: Final = {AccessState.QUESTIONED: "question asked", AccessState.DUPLICATE_MARKED: "a duplicate?"}
# Where an asker's request has ended, or waits for somebody else than the school.
_ELSEWHERE: Final[dict[str, Badge]] = {
    AccessState.COUNTERED: ("wait", "Other dates offered"),
    AccessState.GRANTED: ("ok", "Granted"),
    AccessState.REFUSED: ("na", "Not this time"),
    AccessState.REJECTED: ("na", "Other dates not taken"),
    AccessState.DUPLICATE: ("na", "Asked twice"),
    AccessState.WITHDRAWN: ("na", "Withdrawn"),
}


def ran_on(at_most: int) -> str:
    """Why a question paused nothing: so many do."""
    if not at_most:
        return "The clock ran on: no question pauses it"
    questions = counted(at_most, "question pauses", "questions pause")
    return f"The clock ran on: {questions} it, and no more"


def runs_on(at_most: int) -> str:
    """Why one question more will pause nothing."""
    if not at_most:
        return "No question pauses your clock: it doesn’t wait"
    return f"Your clock has been paused {counted(at_most, 'time')}: it doesn’t wait"


def drawn(clock: Clock, *, compact: bool = False, said: str = "") -> ResponseClock:
    """For `{% chart %}`; `compact` for a row of a list, `said` the working that stands under it."""
    return ResponseClock(
        asked_on=clock.asked_on,
        today=clock.today,
        days=tuple(
            ClockDay(day.on, Day(day.state.value), day.number, day.why)
            for day in clock.days
            if not day.is_weekend
        ),
        late_after=clock.parameters.late_after,
        very_late_after=clock.parameters.very_late_after,
        answered_on=clock.answered_on,
        ended_by=clock.ended_by,
        compact=compact,
        said=said,
    )


def badge(asked: Asked) -> Badge:
    """Where the request stands, in a row's few words."""
    request, clock = asked.request, asked.clock
    if request.state == AccessState.POSTPONED and request.postponed_until:
        return "wait", f"Postponed until {in_list(request.postponed_until, clock.today)}"
    if request.state in _ELSEWHERE:
        return _ELSEWHERE[request.state]
    if clock.state is ClockState.PAUSED and request.state in _PAUSED_BY:
        return "wait", f"Clock paused: {_PAUSED_BY[AccessState(request.state)]}"
    return running(clock)


def running(clock: Clock) -> Badge:
    """`Day 8 of 10`; plum until it is due soon, brick only once it is late."""
    of = clock.parameters.late_after
    match clock.state:
        case ClockState.LATE | ClockState.VERY_LATE:
            kind = _LATE[clock.state]
            return kind, f"{'Very late' if kind == 'very' else 'Late'}: day {clock.day}"
        case ClockState.NO_RESPONSE:
            return "very", f"No response: day {clock.day}"
        case ClockState.PAUSED:
            return "wait", f"Clock paused {f'on day {clock.day}' if clock.day else 'before day 1'}"
        case ClockState.ANSWERED:
            return "ok", ended(clock)
        case ClockState.RUNNING if not clock.day:
            first = clock.starts_on
            return "day", f"Starts {in_list(first, clock.today)}" if first else "Not started"
        case ClockState.DUE_SOON:
            return "soon", f"Day {clock.day} of {of}"
    return "day", f"Day {clock.day} of {of}"


def named(clock: Clock) -> str:
    """`day 8 of 10`, after «Your clock:»."""
    words = running(clock)[1].removeprefix("Clock ")
    return words[:1].lower() + words[1:]
