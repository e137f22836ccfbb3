"""C5, still waiting: the share of requests with no answer yet, by days since the request."""

from dataclasses import dataclass

from brokerage.fairness.descriptive import StillWaiting, Wait, kaplan_meier, log_rank
from brokerage.web.charts import words
from brokerage.web.charts.axes import Scale, linear, shares_up
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    NARROW,
    WIDE,
    Drawing,
    Figure,
    Line,
    Mark,
    Table,
    Words,
    number,
    plain,
    row,
    steps,
    wrapped,
)

DAYS, WEEK, FORTNIGHT = 28, 7, 14
LEFT, TOP, FOOT = 46.0, 14.0, 200.0


@dataclass(frozen=True)
class WaitingGroup:
    """`name` as it stands at the end of its curve, in small letters: `colleges and providers`."""

    name: str
    waits: tuple[Wait, ...]

    @property
    def curve(self) -> StillWaiting:
        return kaplan_meier(self.waits)

    @property
    def has_rate(self) -> bool:
        return len(self.waits) >= words.FEWEST_FOR_A_RATE


@dataclass(frozen=True)
class Waiting:
    """Days until an answer, or until now where there is none yet (see `Wait`), for both groups."""

    technical: WaitingGroup
    others: WaitingGroup

    @property
    def groups(self) -> tuple[tuple[str, WaitingGroup], tuple[str, WaitingGroup]]:
        return (("technical", self.technical), ("others", self.others))


@figure.register
def _(chart: Waiting) -> Figure:
    shown = [group for _, group in chart.groups if group.has_rate]
    if not shown:
        counts = " and ".join(
            f"{words.counted(len(group.waits), 'request')} from {group.name}" for _, group in chart.groups
        )
        return Figure("waiting", f"{counts}: too few to draw how long they wait.", None)
    left_out = [group for _, group in chart.groups if not group.has_rate]
    note = " ".join(
        f"{group.name.capitalize()}: too few requests ({len(group.waits)})." for group in left_out
    )
    return Figure(
        "waiting", sentence(chart), table(chart), drawn(chart, WIDE), drawn(chart, NARROW), note=note
    )


def sentence(chart: Waiting) -> str:
    """`After 14 days 75% and 20% had no answer.` Technical first; with one group alone, it is named."""
    shown = [group for _, group in chart.groups if group.has_rate]
    shares = words.listed(words.percent(group.curve.after(FORTNIGHT)) for group in shown)
    whose = f" of requests from {shown[0].name}" if len(shown) == 1 else ""
    return f"After {FORTNIGHT} days {shares}{whose} had no answer."


def drawn(chart: Waiting, width: float) -> Drawing:
    right = width - (112 if width > NARROW else 96)
    x, y = linear(0, DAYS, LEFT, right), linear(0, 1, FOOT, TOP)
    marks: list[Mark] = shares_up(y, LEFT, right)
    marks += [Words(str(days), x(days), FOOT + 18, "axis", "middle") for days in range(0, DAYS + 1, WEEK)]
    marks.append(Words("days since the request", (LEFT + right) / 2, FOOT + 35, "axis", "middle"))
    ends: list[tuple[float, str, list[str]]] = []
    for kind, group in chart.groups:
        if group.has_rate:
            marks += curve_marks(kind, group.curve, x, y)
            lines = wrapped(group.name, 14, width - right - 9, bold=True, most=3)
            ends.append((y(group.curve.after(DAYS)), kind, lines))
    return Drawing(width, FOOT + 42, (*marks, *end_labels(ends, right + 8)))


def curve_marks(kind: str, curve: StillWaiting, x: Scale, y: Scale) -> list[Mark]:
    """The steps up to day 28, and a tick where requests are still open."""
    points = [(x(day), y(share)) for day, share in curve.steps if day <= DAYS]
    points.append((x(DAYS), points[-1][1]))
    marks: list[Mark] = [Line(f"curve-{kind}", steps(points))]
    marks += [
        Line(f"open-{kind}", f"M{plain(x(day))} {plain(y(curve.after(day)) - 6)}v12")
        for day in curve.open_on
        if day < DAYS
    ]
    return marks


def end_labels(ends: list[tuple[float, str, list[str]]], at: float) -> list[Mark]:
    """The names beside the ends of the curves, moved apart where they would meet."""
    marks: list[Mark] = []
    free = 0.0
    for level, kind, lines in sorted(ends):
        first = max(level + 5 - 8 * (len(lines) - 1), free)
        for place, line in enumerate(lines):
            marks.append(Words(line, at, first + 17 * place, kind))
        free = first + 17 * len(lines) + 3
    return marks


def table(chart: Waiting) -> Table:
    """The shares at the end of each week and of every day with an answer; the test value in the last row alone."""
    curves = [group.curve for _, group in chart.groups]
    shown = [group.has_rate for _, group in chart.groups]
    days = sorted({day for curve in curves for day, _ in curve.steps if day <= DAYS} | {0, 7, 14, 21, 28})
    both = list(zip(curves, shown, strict=True))
    rows = [
        row(
            f"after {words.counted(day, 'day')}" if day else "on the day",
            *(number(words.percent(curve.after(day)) if is_shown else "too few") for curve, is_shown in both),
        )
        for day in days
    ]
    still_open = [sum(not wait.answered for wait in group.waits) for _, group in chart.groups]
    rows.append(row("requests", *(number(f"{curve.requests:,}") for curve in curves)))
    rows.append(row("still open", *(number(f"{count:,}") for count in still_open)))
    z = log_rank(chart.technical.waits, chart.others.waits) if all(shown) else None
    if z is not None:
        rows.append(
            row("log-rank z (describes, decides nothing)", number(f"{z:.1f}".replace("-", "−")), number(""))
        )
    headings = ("Share with no answer", *(group.name.capitalize() for _, group in chart.groups))
    return Table("Requests with no answer yet", headings, tuple(rows))
