"""C4, evidence over time: the e-value on a scale that multiplies by ten, with the two lines that mean something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from brokerage.web.charts import words
from brokerage.web.charts.axes import DECADES, Scale, across, decade, linear, logarithmic
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    NARROW,
    WIDE,
    Cell,
    Drawing,
    Figure,
    Line,
    Mark,
    Point,
    Spot,
    Table,
    Words,
    number,
    row,
    steps,
    text_width,
)

LEFT, TOP, FOOT = 54.0, 28.0, 216.0
APART = 26
IN_TABLE = 20


@dataclass(frozen=True)
class EvidenceStep:
    """The evidence after one request: `e` the e-value (1 is no evidence either way), `request` its words for the
    table, `href` where it can be read."""

    on: date
    e: float
    request: str = ""
    href: str = ""


@dataclass(frozen=True)
class EvidenceOverTime:
    """Steps in order of time. `notice_at` and `review_at` are the thresholds of an early notice and of a review.
    With a `list_href`, where all of them stand page by page, the table has the last ones alone."""

    steps: tuple[EvidenceStep, ...]
    review_at: float
    notice_at: float = 20
    list_href: str = ""


@figure.register
def _(chart: EvidenceOverTime) -> Figure:
    if not chart.steps:
        return Figure("evidence", "No request has been answered or has waited long enough yet.", None)
    return Figure(
        "evidence",
        sentence(chart),
        table(chart),
        drawn(chart, WIDE),
        drawn(chart, NARROW),
        note="Each dot opens its request." if any(step.href for step in chart.steps) else "",
    )


def sentence(chart: EvidenceOverTime) -> str:
    """`Passed 20 in March, 640 in October, now 2,310.`"""
    last = chart.steps[-1]
    passed = [
        f"{words.evidence(level)} in {_month(found.on, last.on)}"
        for level in (chart.notice_at, chart.review_at)
        if (found := next((step for step in chart.steps if step.e >= level), None)) is not None
    ]
    now = f"now {words.evidence(last.e)}"
    if passed:
        return f"Passed {', '.join((*passed, now))}."
    return f"Never passed {words.evidence(chart.notice_at)}, {now}."


def _month(on: date, today: date) -> str:
    return words.day(on, today).split(" ", 1)[1]


def drawn(chart: EvidenceOverTime, width: float) -> Drawing:
    right = width - 14
    first, last = chart.steps[0], chart.steps[-1]
    x = linear(first.on.toordinal(), last.on.toordinal(), LEFT, right)
    y = logarithmic(FOOT, TOP)
    points = [(x(step.on.toordinal()), y(step.e)) for step in chart.steps]
    if len(points) == 1:
        points = [(LEFT, y(1)), (right, points[0][1])]
    marks: list[Mark] = []
    for value in DECADES:
        marks += [across(y(value), LEFT, right), Words(decade(value), LEFT - 7, y(value) + 5, "axis", "end")]
    marks += months(first.on, last.on, x, right)
    lines, names = thresholds(chart, y, right, points)
    marks += lines
    marks.append(Line("evidence", steps([(LEFT, y(1)), *points])))
    marks += names
    marks += dots(chart, points)
    end_x, end_y = points[-1]
    marks.append(Spot("last", end_x, end_y, 6, last.href))
    said = words.evidence(last.e)
    marks.append(Words(said, min(end_x - 6, right), end_y - 12, "value", "end"))
    return Drawing(width, FOOT + 28, tuple(marks))


def thresholds(
    chart: EvidenceOverTime, y: Scale, right: float, points: Sequence[Point]
) -> tuple[list[Mark], list[Mark]]:
    """The two lines, and their names above them, where the curve leaves room: on the left rather than the right."""
    lines: list[Mark] = []
    names: list[Mark] = []
    for kind, level, name in (
        ("review", chart.review_at, "review"),
        ("notice", chart.notice_at, "early notice"),
    ):
        said = f"{name} at {words.evidence(level)}"
        wide, base = text_width(said, 14, bold=True), y(level) - 6
        lines.append(across(y(level), LEFT, right, kind))
        if meets(points, LEFT + 8, LEFT + 8 + wide, base) and not meets(points, right - wide, right, base):
            names.append(Words(said, right, base, kind, "end"))
        else:
            names.append(Words(said, LEFT + 8, base, kind))
    return lines, names


def meets(points: Sequence[Point], start: float, end: float, base: float) -> bool:
    """Whether the steps pass through words of one line that stand on `base`."""
    before = [level for at, level in points if at <= start][-1:]
    inside = [*before, *(level for at, level in points if start < at <= end)]
    return bool(inside) and min(inside) <= base + 6 and max(inside) >= base - 16


def dots(chart: EvidenceOverTime, points: Sequence[Point]) -> list[Mark]:
    """Those that can be opened, as many as can be told apart by a finger; the table has them all."""
    marks: list[Mark] = []
    last = points[-1][0] - APART
    before = LEFT - APART
    for step, (at, level) in zip(chart.steps[:-1], points, strict=False):
        if step.href and at - before >= APART and at <= last:
            marks.append(Spot("step", at, level, 4, step.href))
            before = at
    return marks


def months(first: date, last: date, x: Scale, right: float) -> list[Mark]:
    """The first and the last month in full, and every third between where there is room."""
    start = f"{first:%b} {first.year}"
    end = f"{last:%b} {last.year}"
    if start == end:
        return [Words(start, LEFT, FOOT + 22, "axis")]
    marks: list[Mark] = [Words(start, LEFT, FOOT + 22, "axis"), Words(end, right, FOOT + 22, "axis", "end")]
    free = LEFT + text_width(start, 13) + 14
    until = right - text_width(end, 13) - 14
    year, month = first.year, first.month
    while (year, month) < (last.year, last.month):
        month += 1
        if month > 12:
            year, month = year + 1, 1
        on = date(year, month, 1)
        said = f"{on:%b} {year}" if month == 1 else f"{on:%b}"
        half = text_width(said, 13) / 2
        at = x(on.toordinal())
        if month % 3 == 0 and at - half >= free and at + half <= until:
            marks.append(Words(said, at, FOOT + 22, "axis", "middle"))
            free = at + half + 14
    return marks


def table(chart: EvidenceOverTime) -> Table:
    """As long as the page: a school's steps are as many as its requests and more."""
    is_short = len(chart.steps) <= IN_TABLE or not chart.list_href
    shown = chart.steps if is_short else chart.steps[-IN_TABLE:]
    rows = tuple(
        row(
            words.full_day(step.on),
            Cell(step.request or "request", step.href),
            number(words.evidence(step.e)),
        )
        for step in shown
    )
    headings = ("Day", "Request", "Evidence")
    if is_short:
        return Table("The evidence after each request", headings, rows)
    caption = f"The evidence after each of the last {IN_TABLE} of {len(chart.steps):,} steps"
    return Table(caption, headings, rows, Cell("Every step, in the list of requests", chart.list_href))
