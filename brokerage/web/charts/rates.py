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
    shortened,
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
    """Wide: the counts beside the whisker, or beside the name where the whisker leaves no room. Narrow: below."""
    is_wide = width > NARROW
    x = linear(0, 1, 0, width - (60 if is_wide else 14))
    down_by = TALL if is_wide else TALL + 22
    foot = TOP + down_by * len(chart.groups)
    marks: list[Mark] = shares_along(x, TOP, foot, width)
    for place, group in enumerate(chart.groups):
        top = TOP + down_by * place
        marks.append(Words(shortened(group.name, 15, width, bold=True), 0, top + 16, "name"))
        if not group.has_rate:
            marks += counts(group, 0, top + 46, "too few for a percentage", "mute")
            continue
        marks += bar(group, x, top + 24)
        after = x(group.interval[1]) + 12
        share = words.percent(group.share)
        if not is_wide:
            marks += counts(group, 0, top + 78, share, "rate")
        elif after + counts_width(group, share) <= width:
            marks += counts(group, after, top + 47, share, "rate")
        else:
            marks += counts(group, width - counts_width(group, share), top + 16, share, "rate")
    return Drawing(width, foot + 26, tuple(marks))


def counts(group: GroupRate, x: float, y: float, said: str, kind: str) -> list[Mark]:
    return [
        Words(group.counts, x, y, "count"),
        Words(said, x + text_width(group.counts, 17, bold=True) + 9, y, kind),
    ]


def counts_width(group: GroupRate, said: str) -> float:
    return text_width(group.counts, 17, bold=True) + 9 + text_width(said, 17)


def bar(group: GroupRate, x: Scale, top: float) -> list[Mark]:
    low, high = (x(end) for end in group.interval)
    ends = "".join(f"M{plain(end)} {plain(top + 9)}v16" for end in (low, high))
    whisker = f"M{plain(low)} {plain(top + 17)}H{plain(high)}{ends}"
    marks: list[Mark] = []
    if group.granted:
        length = x(group.share) - x(0)
        if group.is_technical:
            marks.append(Box("technical", x(0), top, length, 34, 3))
        else:
            marks.append(Box("others", x(0), top, length, 34, 3, pattern="others"))
    return [*marks, Line("halo", whisker), Line("whisker", whisker)]


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
