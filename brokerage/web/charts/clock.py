"""C2, the response clock: one square for each weekday since the day after the ask; weekends are a gap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import groupby, pairwise

from brokerage.web.charts import words
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    NARROW,
    WIDE,
    Box,
    Drawing,
    Figure,
    Key,
    Line,
    Mark,
    Table,
    Words,
    number,
    plain,
    row,
    text_width,
)


class Day(StrEnum):
    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"
    TO_COME = "to_come"


@dataclass(frozen=True)
class ClockDay:
    """A weekday. `number` is which school day it is, where it counts or will count; `why` is for one that doesn't."""

    on: date
    kind: Day
    number: int | None = None
    why: str = ""


@dataclass(frozen=True)
class ResponseClock:
    """The days from the day after the ask to the last one worth drawing, in order and without weekends.

    `compact` draws small squares without numbers, for a list of requests: no table, no note."""

    asked_on: date
    today: date
    days: tuple[ClockDay, ...]
    late_after: int = 10
    very_late_after: int = 20
    answered_on: date | None = None
    """When it stopped, and `ended_by` what stopped it: an answer, or what made one needless."""
    ended_by: str = "Answered"
    compact: bool = False
    said: str = ""
    """What stands under it instead of the short working: the page's own words."""

    @property
    def number(self) -> int:
        """The last school day counted; 0 before the first."""
        return max((day.number or 0 for day in self.days if day.kind is Day.COUNTED), default=0)


@dataclass(frozen=True)
class Grid:
    """Sizes in pixels: a square's side, from one square to the next, the gap of a weekend, from row to row."""

    side: float
    step: float
    weekend: float
    down: float


FULL_SIZE = Grid(34, 39, 9, 60)
OVERHANG = 10  # words may reach a little under the neighbours, whose numbers are short
A_WEEK = 5
PAST_THE_POST = 3
SMALL = Grid(9.2, 11.6, 3.4, 22)


@figure.register
def _(clock: ResponseClock) -> Figure:
    if clock.compact:
        strip = drawn(replace(clock, days=briefly(clock)), NARROW, SMALL)
        return Figure("clock", sentence(clock), None, strip, strip)
    return Figure(
        "clock",
        sentence(clock),
        table(clock) if clock.days else None,
        drawn(clock, WIDE, FULL_SIZE) if clock.days else None,
        drawn(clock, NARROW, FULL_SIZE) if clock.days else None,
        note=(clock.said or working(clock)) if clock.days else "",
    )


def briefly(clock: ResponseClock) -> tuple[ClockDay, ...]:
    """A row of a list draws no more than a few days past the last post, and of a long holiday no more than a week:
    the badge beside it says which day it is."""
    days: list[ClockDay] = []
    closed = 0
    for day in clock.days:
        closed = closed + 1 if day.kind is Day.CLOSED else 0
        if closed <= A_WEEK:
            days.append(day)
        if (day.number or 0) >= clock.very_late_after + PAST_THE_POST:
            break
    return tuple(days)


def drawn(clock: ResponseClock, width: float, grid: Grid) -> Drawing:
    """Squares run on like text and break where the row is full; a post follows the last day before it is late."""
    places = placed(clock.days, width, grid)
    marks: list[Mark] = []
    for day, (x, y) in zip(clock.days, places, strict=True):
        marks += square(clock, day, x, y, grid)
    marks += posts(clock, places, width, grid)
    if not clock.compact:
        marks += under(clock, places, grid)
    foot = max((y for _, y in places), default=0.0) + (16 if clock.compact else 52)
    return Drawing(width, foot + 2, tuple(marks))


def placed(days: Sequence[ClockDay], width: float, grid: Grid) -> list[tuple[float, float]]:
    """Upper left corners. A week that would leave one day alone at the end of a row begins the next one."""
    places: list[tuple[float, float]] = []
    x, y = 1.0, 4.0
    for at, day in enumerate(days):
        begins_week = at > 0 and day.on.weekday() <= days[at - 1].on.weekday()
        if at:
            x += grid.step + (grid.weekend if begins_week else 0)
        alone = begins_week and at + 1 < len(days) and days[at + 1].on.weekday() > day.on.weekday()
        if x + grid.side + 4 + (grid.step if alone else 0) > width:
            x, y = 1.0, y + grid.down
        places.append((x, y))
    return places


def square(clock: ResponseClock, day: ClockDay, x: float, y: float, grid: Grid) -> list[Mark]:
    side, tall = grid.side, 13.5 if clock.compact else grid.side
    rounded = 2.2 if clock.compact else 5
    if day.kind is Day.CLOSED:
        inset = 2.5 if clock.compact else 4
        return [Box("clock-closed", x, y + inset, side, tall - 2 * inset, rounded, pattern="closed")]
    if day.kind is Day.PAUSED:
        middle, half = x + side / 2, tall * 0.2
        gap = side * 0.14
        top = plain(y + tall / 2 - half)
        bars = "".join(f"M{plain(middle + by)} {top}v{plain(2 * half)}" for by in (-gap, gap))
        return [Box("clock-paused", x, y, side, tall, rounded), Line("clock-pause", bars)]
    number_ = day.number or 0
    kind = "to-come" if day.kind is Day.TO_COME else "late" if number_ > clock.late_after else "counted"
    if kind == "late" and number_ > clock.very_late_after:
        kind = "very-late"
    marks: list[Mark] = [Box(f"clock-{kind}", x, y, side, tall, rounded)]
    if not clock.compact and day.number:
        on = "on-white" if kind == "to-come" else "on-dark"
        marks.append(Words(str(day.number), x + side / 2, y + 22.5, on, "middle"))
    return marks


def posts(
    clock: ResponseClock, places: Sequence[tuple[float, float]], width: float, grid: Grid
) -> list[Mark]:
    """Where late and very late begin, named where there is room beside them."""
    marks: list[Mark] = []
    tall = 13.5 if clock.compact else grid.side
    for after, kind, name in (
        (clock.late_after, "late", "late"),
        (clock.very_late_after, "very-late", "very late"),
    ):
        place = next((at for at, day in enumerate(clock.days) if day.number == after), None)
        if place is None:
            continue
        x, y = places[place]
        x += grid.side + (grid.step - grid.side) / 2
        reach = 3.0 if clock.compact else 4.0
        marks.append(Line(f"post-{kind}", f"M{plain(x)} {plain(y - reach)}V{plain(y + tall + reach)}"))
        if (
            not clock.compact
            and place == len(places) - 1
            and x + 6 + text_width(name, 14, bold=True) <= width
        ):
            marks.append(Words(name, x + 6, y + 22, f"post-{kind}"))
    return marks


def under(clock: ResponseClock, places: Sequence[tuple[float, float]], grid: Grid) -> list[Mark]:
    """Under each square its day; under a run of closed days, once, why, where the words fit."""
    marks: list[Mark] = []
    together = list(zip(clock.days, places, strict=True))
    for (_, why), run in groupby(together, key=lambda each: (each[1][1], _why_closed(each[0]))):
        these = list(run)
        (first_x, y), last_x = these[0][1], these[-1][1][0]
        if why and text_width(why, 13) <= last_x - first_x + grid.side + OVERHANG:
            marks.append(Words(why, (first_x + last_x + grid.side) / 2, y + 49, "axis", "middle"))
        else:
            marks += days_under(clock, these, grid)
    return marks


def days_under(
    clock: ResponseClock, these: Sequence[tuple[ClockDay, tuple[float, float]]], grid: Grid
) -> list[Mark]:
    """`12 Nov 13 16`: the month with the first day of a row and of a month, unless the next words need the room."""
    firsts = {day.on for before, day in pairwise(clock.days) if day.on.month != before.on.month}
    said = [day_said(clock, day, day.on in firsts or x == 1.0) for day, (x, _) in these]
    marks: list[Mark] = []
    for at, (day, (x, y)) in enumerate(these):
        text = said[at]
        is_tight = at + 1 < len(these) and these[at + 1][1][0] - x <= grid.step and len(said[at + 1]) > 2
        if day.on != clock.today and is_tight:
            text = str(day.on.day)
        kind = "axis-strong" if day.on == clock.today else "axis"
        if x == 1.0 and len(text) > 2:
            marks.append(Words(text, x, y + 49, kind))
        else:
            marks.append(Words(text, x + grid.side / 2, y + 49, kind, "middle"))
    return marks


def day_said(clock: ResponseClock, day: ClockDay, with_month: bool) -> str:
    if day.on == clock.today:
        return "today"
    return f"{day.on.day} {day.on:%b}" if with_month else str(day.on.day)


def _why_closed(day: ClockDay) -> str:
    return day.why if day.kind is Day.CLOSED else ""


def state(clock: ResponseClock) -> str:
    if clock.answered_on is not None:
        if clock.number:
            return f"{clock.ended_by} on day {clock.number}."
        when = "the same day" if clock.answered_on <= clock.asked_on else "before day 1"
        return f"{clock.ended_by} {when}."
    if clock.number > clock.very_late_after:
        return f"Very late: day {clock.number}."
    if clock.number > clock.late_after:
        return f"Late: day {clock.number}."
    if clock.number:
        return f"Day {clock.number} of {clock.late_after}."
    first = next((day.on for day in clock.days if day.number == 1), None)
    return f"Starts on {words.day(first, clock.today)}." if first else "Not started."


def sentence(clock: ResponseClock) -> str:
    return f"{state(clock)} {working(clock)}".strip()


def working(clock: ResponseClock) -> str:
    """`8 counted since 11 November; 18 November not counted, INSET day.` Days still to come are left out."""
    past = [day for day in clock.days if day.on <= clock.today]
    counted = f"{clock.number or 'None'} counted since {words.day(clock.asked_on, clock.today)}"
    parts = [counted] if clock.number or clock.answered_on is None else []
    for kind, said in ((Day.CLOSED, "not counted"), (Day.PAUSED, "paused")):
        parts += [f"{span} {said}{reason}" for span, reason in _spans(past, kind, clock.today)]
    return "; ".join(parts) + "." if parts else ""


def _spans(days: Iterable[ClockDay], kind: Day, today: date) -> list[tuple[str, str]]:
    """Neighbouring days of one kind and reason, as `18 November` or `26 to 30 October`, with the reason."""
    found = []
    for (is_kind, why), run in groupby(
        days, key=lambda day: (day.kind is kind, day.why if day.kind is kind else "")
    ):
        these = list(run)
        if is_kind:
            found.append((span(these[0].on, these[-1].on, today), f", {why}" if why else ""))
    return found


def span(first: date, last: date, today: date) -> str:
    if first == last:
        return words.day(first, today)
    start = (
        str(first.day) if (first.year, first.month) == (last.year, last.month) else words.day(first, today)
    )
    return f"{start} to {words.day(last, today)}"


STATES = {
    Day.COUNTED: "counted",
    Day.CLOSED: "not counted",
    Day.PAUSED: "clock paused",
    Day.TO_COME: "still to come",
}


def table(clock: ResponseClock) -> Table:
    rows = tuple(
        row(
            f"{day.on:%a} {words.day(day.on, clock.today)}",
            f"{STATES[day.kind]}{f', {day.why}' if day.why else ''}",
            number(str(day.number or "")),
        )
        for day in clock.days
    )
    return Table("Every weekday since the day they asked", ("Day", "Counted", "School day"), rows)


def _key(day: ClockDay, words_: str) -> Key:
    clock = ResponseClock(day.on, day.on, (day,), compact=True)
    return Key(Drawing(12, 16, tuple(square(clock, day, 1, 1, SMALL))), words_)


@dataclass(frozen=True)
class ClockKey:
    """The legend under a list of compact clocks; it has no data of its own."""


@figure.register
def _(_legend: ClockKey) -> Figure:
    some = date(2026, 11, 18)
    post = Drawing(6, 20, (Line("post-late", "M3 0V20"),))
    return Figure(
        "clock-key",
        "",
        None,
        keys=(
            _key(ClockDay(some, Day.COUNTED, 1), "counted"),
            _key(ClockDay(some, Day.CLOSED), "closed, not counted"),
            _key(ClockDay(some, Day.PAUSED), "paused"),
            _key(ClockDay(some, Day.TO_COME, 2), "still to come"),
            Key(post, "late after day 10"),
        ),
    )
