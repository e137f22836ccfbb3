"""C6, the funnel: grant rates of comparable schools by how often they were asked, and where ordinary variation ends."""

from dataclasses import dataclass

from brokerage.fairness import descriptive
from brokerage.web.charts import words
from brokerage.web.charts.axes import Scale, across, linear, shares_up
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    NARROW,
    WIDE,
    Arch,
    Drawing,
    Figure,
    Line,
    Mark,
    Spot,
    Table,
    Words,
    number,
    polyline,
    row,
    text_width,
)

LEFT, TOP, FOOT = 46.0, 14.0, 200.0
FEWEST_SCHOOLS = 5
DOOR, DOOR_TALL = 18, 26


@dataclass(frozen=True)
class SchoolRate:
    """Requests from colleges and apprenticeship providers at one school; no name, by design."""

    granted: int
    asked: int

    @property
    def share(self) -> float:
        return self.granted / self.asked


@dataclass(frozen=True)
class FunnelOfSchools:
    """Comparable schools, without the own one. Limits are estimated from those with ten requests or more."""

    own: SchoolRate
    schools: tuple[SchoolRate, ...]

    @property
    def shown(self) -> list[SchoolRate]:
        return [school for school in self.schools if school.asked >= words.FEWEST_FOR_A_RATE]

    @property
    def limits(self) -> descriptive.Funnel | None:
        return descriptive.funnel((school.granted, school.asked) for school in self.shown)


@figure.register
def _(chart: FunnelOfSchools) -> Figure:
    limits = chart.limits
    if len(chart.shown) < FEWEST_SCHOOLS or limits is None:
        return Figure("funnel", "Too few comparable schools with ten requests or more to compare with.", None)
    return Figure(
        "funnel",
        sentence(chart, limits),
        table(chart, limits),
        drawn(chart, limits, WIDE),
        drawn(chart, limits, NARROW),
        note="Bands allow for ordinary variation."
        if chart.own.asked >= words.FEWEST_FOR_A_RATE
        else f"Your school has had {words.counted(chart.own.asked, 'request')}: too few to show.",
    )


def sentence(chart: FunnelOfSchools, limits: descriptive.Funnel) -> str:
    """`61 requests, 20%: below the outer band of 32 comparable schools.`"""
    of = f"of {words.counted(len(chart.shown), 'comparable school')}"
    if chart.own.asked < words.FEWEST_FOR_A_RATE:
        return f"{words.counted(chart.own.asked, 'request')}: too few for a place among the bands {of}."
    start = f"{words.counted(chart.own.asked, 'request')}, {words.percent(chart.own.share)}: "
    low_3, high_3 = limits.limits(chart.own.asked, 3)
    low_2, high_2 = limits.limits(chart.own.asked, 2)
    if chart.own.share < low_3:
        return f"{start}below the outer band {of}."
    if chart.own.share > high_3:
        return f"{start}above the outer band {of}."
    if low_2 <= chart.own.share <= high_2:
        return f"{start}within the inner band {of}."
    return f"{start}within the outer band {of}."


def drawn(chart: FunnelOfSchools, limits: descriptive.Funnel, width: float) -> Drawing:
    right = width - 16
    most = max(school.asked for school in (*chart.shown, chart.own))
    x, y = linear(0, most * 1.05, LEFT, right), linear(0, 1, FOOT, TOP)
    marks: list[Mark] = [
        band(limits, 3, x, y, most),
        band(limits, 2, x, y, most),
        *shares_up(y, LEFT, right),
        across(y(limits.centre), x(words.FEWEST_FOR_A_RATE), right, "centre"),
    ]
    marks += [Spot("school", x(school.asked), y(school.share), 4.5) for school in chart.shown]
    for asked in ticks(most):
        marks.append(Words(str(asked), x(asked), FOOT + 18, "axis", "middle"))
    said = "requests from colleges and apprenticeship providers"
    if text_width(said, 13) > right - LEFT:
        said = "requests from colleges and providers"
    marks.append(Words(said, (LEFT + right) / 2, FOOT + 35, "axis", "middle"))
    if chart.own.asked >= words.FEWEST_FOR_A_RATE:
        marks += own_school(chart, x, y, width)
    return Drawing(width, FOOT + 42, tuple(marks))


def own_school(chart: FunnelOfSchools, x: Scale, y: Scale, width: float) -> list[Mark]:
    """A door among the dots, named on the side where no dot stands, the right rather than the left."""
    at = x(chart.own.asked)
    level = min(max(y(chart.own.share), TOP + DOOR_TALL / 2), FOOT - DOOR_TALL / 2)
    room = text_width("your school", 15, bold=True) + 16
    near = [x(school.asked) - at for school in chart.shown if abs(y(school.share) - level) < 14]
    is_free = not any(0 < far < room + 4 for far in near) or any(-room - 4 < far < 0 for far in near)
    marks: list[Mark] = [Arch("lit", at - DOOR / 2, level - DOOR_TALL / 2, DOOR)]
    if at + room <= width and (is_free or at - room < LEFT):
        return [*marks, Words("your school", at + 16, level + 6, "own")]
    return [*marks, Words("your school", at - 16, level + 6, "own", "end")]


def band(limits: descriptive.Funnel, sigmas: int, x: Scale, y: Scale, most: int) -> Line:
    last = max(int(most * 1.05), words.FEWEST_FOR_A_RATE + 1)
    asked = sorted({*range(words.FEWEST_FOR_A_RATE, last, max(1, last // 40)), last})
    found = [(n, *limits.limits(n, sigmas)) for n in asked]
    upper = [(x(n), y(high)) for n, _, high in found]
    lower = [(x(n), y(low)) for n, low, _ in reversed(found)]
    return Line(f"band-{sigmas}", polyline([*upper, *lower], closed=True))


def ticks(most: int) -> list[int]:
    step = next(size for size in (10, 20, 50, 100, 200, 500, 1000, 10_000) if most / size <= 6)
    return list(range(step, most + 1, step))


def table(chart: FunnelOfSchools, limits: descriptive.Funnel) -> Table:
    schools = [("comparable school", school) for school in sorted(chart.shown, key=lambda each: each.asked)]
    if chart.own.asked >= words.FEWEST_FOR_A_RATE:
        schools.insert(0, ("your school", chart.own))
    rows = tuple(
        row(
            name,
            number(f"{school.asked:,}"),
            number(words.percent(school.share)),
            *(number(_range(limits, school.asked, sigmas)) for sigmas in (2, 3)),
        )
        for name, school in schools
    )
    headings = ("School", "Requests", "Granted", "Inner band", "Outer band")
    return Table("Comparable schools, fewest requests first", headings, rows)


def _range(limits: descriptive.Funnel, asked: int, sigmas: int) -> str:
    low, high = limits.limits(asked, sigmas)
    return f"{words.percent(low)} to {words.percent(high)}"
