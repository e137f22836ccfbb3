"""C7, what happened to each request: a stacked bar for each group, counts inside."""

from dataclasses import dataclass

from brokerage.web.charts.axes import linear
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    FULL,
    NARROW,
    Box,
    Drawing,
    Figure,
    Key,
    Mark,
    Table,
    Words,
    number,
    row,
    text_width,
    wrapped,
)

KINDS = (
    ("granted", "granted within four weeks", "granted"),
    ("later", "granted later", "granted later than four weeks"),
    ("refused", "refused with a reason", "refused with a reason"),
    ("silent", "no answer by day 28", "no answer"),
)
BESIDE = 196.0
TALL = 36.0


@dataclass(frozen=True)
class Outcomes:
    """Counts of one group's requests, in the order drawn."""

    name: str
    granted: int
    granted_later: int
    refused: int
    no_answer: int

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.granted, self.granted_later, self.refused, self.no_answer

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class WhatHappened:
    groups: tuple[Outcomes, ...]


@figure.register
def _(chart: WhatHappened) -> Figure:
    if not any(group.total for group in chart.groups):
        return Figure("outcomes", "No requests yet.", None)
    return Figure(
        "outcomes",
        "What happened to requests. " + " ".join(sentence(group) for group in chart.groups),
        table(chart),
        drawn(chart, FULL),
        drawn(chart, NARROW),
        keys=tuple(
            Key(Drawing(20, 14, (segment(kind, 1, 1, 18, 12),)), said)
            for place, (kind, said, _) in enumerate(KINDS)
            if any(group.counts[place] for group in chart.groups)
        ),
    )


def sentence(group: Outcomes) -> str:
    if not group.total:
        return f"{group.name}: no requests."
    parts = [f"{count:,} {said}" for count, (_, _, said) in zip(group.counts, KINDS, strict=True)]
    return f"{group.name}: {', '.join(parts)}."


def drawn(chart: WhatHappened, width: float) -> Drawing:
    is_wide = width > NARROW
    left, down_by, above = (BESIDE, 54.0, 8.0) if is_wide else (1.0, 72.0, 26.0)
    marks: list[Mark] = []
    for place, group in enumerate(chart.groups):
        top = down_by * place + above
        marks += name_marks(group.name, top, is_wide)
        if group.total:
            marks += stacked(group, left, top, width - 2)
        else:
            marks.append(Words("no requests yet", left, top + 24, "mute"))
    return Drawing(width, down_by * (len(chart.groups) - 1) + above + TALL + 4, tuple(marks))


def name_marks(name: str, top: float, is_wide: bool) -> list[Mark]:
    if not is_wide:
        return [Words(name, 0, top - 8, "name")]
    lines = wrapped(name, 16, BESIDE - 14, bold=True)
    first = top + 24 - 9 * (len(lines) - 1)
    return [Words(line, 0, first + 18 * place, "name-16") for place, line in enumerate(lines)]


def stacked(group: Outcomes, left: float, top: float, right: float) -> list[Mark]:
    """One segment for each outcome; a count too wide for its segment is left to the sentence and the table."""
    x = linear(0, group.total, left, right)
    marks: list[Mark] = []
    before = 0
    for count, (kind, _, _) in zip(group.counts, KINDS, strict=True):
        if count:
            start, end = x(before), x(before + count)
            marks.append(segment(kind, start, top, end - start, TALL))
            marks += count_inside(f"{count:,}", kind, start, end, top)
            before += count
    return marks


def segment(kind: str, x: float, y: float, width: float, height: float) -> Box:
    return Box(f"outcome-{kind}", x, y, width, height, pattern="silent" if kind == "silent" else "")


def count_inside(said: str, kind: str, start: float, end: float, top: float) -> list[Mark]:
    room, middle = text_width(said, 16, bold=True), (start + end) / 2
    if room + 4 > end - start:
        return []
    marks: list[Mark] = []
    if kind == "silent" and room + 14 <= end - start:
        marks.append(Box("plate", middle - room / 2 - 6, top + 8, room + 12, 21, 4))
    elif kind == "silent":
        marks.append(Box("plate", start + 2, top + 8, end - start - 4, 21, 4))
    marks.append(Words(said, middle, top + 24, f"inside-{kind}", "middle"))
    return marks


def table(chart: WhatHappened) -> Table:
    rows = tuple(
        row(group.name, *(number(f"{count:,}") for count in group.counts), number(f"{group.total:,}"))
        for group in chart.groups
    )
    headings = ("Who asked", *(said.capitalize() for _, said, _ in KINDS), "All requests")
    return Table("What happened to each request", headings, rows)
