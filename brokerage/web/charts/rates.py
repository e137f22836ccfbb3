"""C3, grant rates: what share of each group's requests was granted, with the range chance would allow."""

from dataclasses import dataclass

from brokerage.fairness.descriptive import wilson
from brokerage.web.charts import words
from brokerage.web.charts.axes import Scale, linear, shares_along
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    NARROW,
    WIDE,
    Box,
    Drawing,
    Figure,
    Line,
    Mark,
    Table,
    Words,
    number,
    plain,
    row,
    text_width,
)

TOP, TALL = 12.0, 76.0


@dataclass(frozen=True)
class GroupRate:
    """`name` in full, as it stands above the bar; technical are colleges and apprenticeship providers."""

    name: str
    granted: int
    asked: int
    is_technical: bool

    @property
    def has_rate(self) -> bool:
        return self.asked >= words.FEWEST_FOR_A_RATE

    @property
    def share(self) -> float:
        return self.granted / self.asked

    @property
    def counts(self) -> str:
        return f"{self.granted:,} of {self.asked:,}"

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.granted, self.asked)

    @property
    def range_said(self) -> str:
        low, high = self.interval
        return f"{words.percent(low)} to {words.percent(high)}"


@dataclass(frozen=True)
class GrantRates:
    """Others first. A group with under ten requests has counts alone: no bar, no percentage, no whisker."""

    groups: tuple[GroupRate, ...]


@figure.register
def _(chart: GrantRates) -> Figure:
    if not any(group.asked for group in chart.groups):
        return Figure("rates", "No requests have been made long enough ago to judge.", None)
    rated = [group for group in chart.groups if group.has_rate]
    ranges = words.listed(group.range_said for group in rated)
    if len(rated) == len(chart.groups):
        note = f"95% ranges: {ranges}."
    else:
        note = f"Under {words.FEWEST_FOR_A_RATE} requests no percentage is shown."
    return Figure(
        "rates",
        " ".join(sentence(group) for group in chart.groups),
        table(chart),
        drawn(chart, WIDE),
        drawn(chart, NARROW),
        note=note,
    )


def sentence(group: GroupRate) -> str:
    if not group.has_rate:
        return f"{group.name} {group.counts}."
    low, high = (words.bare_percent(end) for end in group.interval)
    return f"{group.name} {group.counts}, {words.percent(group.share)} ({low} to {high})."


def drawn(chart: GrantRates, width: float) -> Drawing:
    room = 60 if width > NARROW else 12
    x = linear(0, 1, 0, width - room)
    foot = TOP + TALL * len(chart.groups)
    marks: list[Mark] = shares_along(x, TOP, foot, foot + 20)
    for place, group in enumerate(chart.groups):
        top = TOP + TALL * place
        marks.append(Words(group.name, 0, top + 16, "name"))
        marks += bar(group, x, top + 24, width) if group.has_rate else counts_alone(group, top + 24)
    return Drawing(width, foot + 26, tuple(marks))


def counts_alone(group: GroupRate, top: float) -> list[Mark]:
    return [
        Words(group.counts, 0, top + 23, "count"),
        Words("too few for a percentage", text_width(group.counts, 17, bold=True) + 10, top + 23, "mute"),
    ]


def bar(group: GroupRate, x: Scale, top: float, width: float) -> list[Mark]:
    low, high = (x(end) for end in group.interval)
    ends = "".join(f"M{plain(end)} {plain(top + 9)}v16" for end in (low, high))
    whisker = f"M{plain(low)} {plain(top + 17)}H{plain(high)}{ends}"
    marks: list[Mark] = []
    if group.granted:
        pattern = {} if group.is_technical else {"pattern": "others"}
        kind = "technical" if group.is_technical else "others"
        marks.append(Box(kind, x(0), top, x(group.share) - x(0), 34, 3, **pattern))
    marks += [Line("halo", whisker), Line("whisker", whisker)]
    counts, share = group.counts, words.percent(group.share)
    length = text_width(counts, 17, bold=True) + 6
    whole = length + text_width(share, 16)
    if high + 12 + whole <= width:
        start = high + 12
        return [
            *marks,
            Words(counts, start, top + 23, "count"),
            Words(share, start + length, top + 23, "rate"),
        ]
    return [*marks, Words(f"{counts}, {share}", width, top - 8, "count", "end")]


def table(chart: GrantRates) -> Table:
    rows = tuple(
        row(
            group.name,
            number(f"{group.granted:,}"),
            number(f"{group.asked:,}"),
            number(words.percent(group.share) if group.has_rate else "too few"),
            number(group.range_said if group.has_rate else "too few"),
        )
        for group in chart.groups
    )
    return Table(
        "Requests granted within four weeks", ("Who asked", "Granted", "Requests", "Share", "95% range"), rows
    )
