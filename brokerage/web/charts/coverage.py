"""C11, coverage bounds: what share of each cohort surely met two, and what share at most could have."""

from dataclasses import dataclass

from brokerage.web.charts import words
from brokerage.web.charts.axes import linear, shares_along
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

TOP, TALL = 6.0, 56.0


@dataclass(frozen=True)
class Coverage:
    """One cohort (or its worst-served group): shares from 0 to 1 of the roll; equal when the share is known."""

    name: str
    roll: int
    lower: float
    upper: float

    @property
    def shown(self) -> tuple[float, float]:
        return words.safe_bounds(self.lower, self.upper, self.roll)

    @property
    def said(self) -> str:
        """`93%`, `75% to 85%`; `over 96%` where the exact share would give a few pupils away."""
        low, high = self.shown
        if low == high:
            return words.percent(low)
        if self.lower == self.upper:
            return f"over {words.percent(low)}" if high == 1 else f"under {words.percent(high)}"
        return f"{words.percent(low)} to {words.percent(high)}"

    @property
    def still_to_reach(self) -> str:
        """How many pupils, from the fewest to the most; never a count of 1 to 4, nor one that leaves 1 to 4."""
        fewest, most = (round((1 - share) * self.roll) for share in (self.upper, self.lower))
        if words.is_few(self.roll - most):
            most = self.roll
        if words.is_few(fewest) or words.is_few(self.roll - fewest):
            fewest = 0
        if most < words.FEWEST_PUPILS or fewest == most:
            return words.pupils(most)
        return f"{fewest:,} to {most:,}" if fewest else f"up to {most:,}"


@dataclass(frozen=True)
class CoverageBounds:
    """`target` is the share from which the duty counts as met."""

    cohorts: tuple[Coverage, ...]
    target: float = 1


@figure.register
def _(chart: CoverageBounds) -> Figure:
    if not chart.cohorts:
        return Figure("coverage", "No encounters recorded yet.", None)
    return Figure(
        "coverage",
        " ".join(sentence(cohort) for cohort in chart.cohorts),
        table(chart),
        drawn(chart, WIDE),
        drawn(chart, NARROW),
        note="Attendance is counted per session, so the exact share isn’t always known."
        if any(cohort.lower != cohort.upper for cohort in chart.cohorts)
        else "",
    )


def sentence(cohort: Coverage) -> str:
    low, high = cohort.shown
    if cohort.lower == cohort.upper:
        return f"{cohort.name}: {cohort.said}."
    return f"{cohort.name}: at least {words.percent(low)}, at most {words.percent(high)}."


def drawn(chart: CoverageBounds, width: float) -> Drawing:
    x = linear(0, 1, 1, width - 12)
    foot = TOP + TALL * len(chart.cohorts)
    marks: list[Mark] = shares_along(x, TOP, foot, width)
    for place, cohort in enumerate(chart.cohorts):
        top = TOP + TALL * place
        room = width - text_width(cohort.said, 15) - 24
        marks.append(Words(shortened(cohort.name, 15, room, bold=True), 1, top + 16, "name"))
        marks.append(Words(cohort.said, width - 12, top + 16, "label", "end"))
        bar = top + 24
        lower, upper = map(x, cohort.shown)
        marks.append(Box("track", x(0), bar, x(1) - x(0), 22, 3))
        if upper > lower:
            marks.append(Box("maybe", lower, bar, upper - lower, 22, pattern="maybe"))
        if lower > x(0):
            marks.append(Box("technical", x(0), bar, lower - x(0), 22, 3))
        post = x(chart.target)
        marks.append(Line("target", f"M{plain(post)} {plain(bar - 4)}v30"))
    return Drawing(width, foot + 24, tuple(marks))


def table(chart: CoverageBounds) -> Table:
    rows = tuple(
        row(
            cohort.name,
            number(f"{cohort.roll:,}"),
            number(words.percent(cohort.shown[0])),
            number(words.percent(cohort.shown[1])),
            number(cohort.still_to_reach),
        )
        for cohort in chart.cohorts
    )
    headings = ("Year group", "Roll", "At least", "At most", "Pupils still to reach")
    return Table("Share of each year group that has had two", headings, rows)
