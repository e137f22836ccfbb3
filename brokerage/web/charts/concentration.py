"""C9, the concentration curve: how visits are shared out, from the most to the least disadvantaged pupils' schools."""

from dataclasses import dataclass

from brokerage.fairness import allocation
from brokerage.fairness.allocation import SchoolVisits
from brokerage.web.charts import words
from brokerage.web.charts.axes import across, down, linear
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    NARROW,
    WIDE,
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

FEWEST_VISITS = 20
FIFTHS = (0.2, 0.4, 0.6, 0.8)
LEFT, TOP = 44.0, 10.0


@dataclass(frozen=True)
class WhoGetsTheVisits:
    """Schools with their pupils, visits this term and pupil-premium share; last term's index where there is one."""

    schools: tuple[SchoolVisits, ...]
    previous_index: float | None = None


@figure.register
def _(chart: WhoGetsTheVisits) -> Figure:
    found = allocation.concentration(chart.schools)
    if found is None or found.visits < FEWEST_VISITS:
        return Figure("concentration", f"Shown from {FEWEST_VISITS} visits a term.", None)
    before = "" if chart.previous_index is None else f", was {signed(chart.previous_index)} last term"
    return Figure(
        "concentration",
        f"The most disadvantaged fifth had {words.percent(found.visits_of(0.2))} of visits.",
        table(found),
        drawn(found, WIDE),
        drawn(found, NARROW),
        note=f"{words.counted(found.visits, 'visit')}. Index {signed(found.index)}{before}.",
    )


def signed(index: float) -> str:
    """`−0.14`, `0.03`, with a true minus."""
    return f"{index:.2f}".replace("-0.00", "0.00").replace("-", "−")


def drawn(found: allocation.Concentration, width: float) -> Drawing:
    right = min(width - 10, LEFT + 420)
    foot = TOP + (right - LEFT) * (0.55 if width > NARROW else 0.66)
    x, y = linear(0, 1, LEFT, right), linear(0, 1, foot, TOP)
    curve = [(x(pupils), y(visits)) for pupils, visits in found.curve]
    marks: list[Mark] = [Line("gap", polyline(curve, closed=True))]
    for share in (0.0, 0.5, 1.0):
        marks += [across(y(share), LEFT, right), down(x(share), TOP, foot)]
        marks.append(Words(f"{share:.0%}", LEFT - 7, y(share) + 5, "axis", "end"))
    marks += [Line("equal", polyline([(LEFT, foot), (right, TOP)])), Line("curve-technical", polyline(curve))]
    marks += [Spot("fifth", x(fifth), y(found.visits_of(fifth)), 4.5) for fifth in FIFTHS]
    first = found.visits_of(0.2)
    # The words of the first fifth stand on the free side of the curve, those of the diagonal on the other.
    said = f"20% of pupils, {words.percent(first)} of visits"
    if first <= 0.2:
        marks.append(Words(said, x(0.2) + 10, y(first) + 16, "fifth"))
        marks.append(Words("equal share", x(0.5) - 12, y(0.5) - 12, "axis", "end"))
    else:
        marks.append(Words(said, x(0.2) + 24, y(0.06), "fifth"))
        marks.append(Words("equal share", x(0.5) + 14, y(0.5) + 18, "axis"))
    marks += [
        Words("most disadvantaged", LEFT, foot + 18, "axis"),
        Words("least", right, foot + 18, "axis", "end"),
    ]
    said = "pupils, ordered by school’s pupil-premium share"
    middle = max((LEFT + right) / 2, text_width(said, 13) / 2)
    marks.append(Words(said, min(middle, width - text_width(said, 13) / 2), foot + 35, "axis", "middle"))
    return Drawing(width, foot + 42, tuple(marks))


def table(found: allocation.Concentration) -> Table:
    """The share of visits of each fifth of pupils, from the most to the least disadvantaged."""
    ends = (0.0, *FIFTHS, 1.0)
    names = (
        "Most disadvantaged fifth",
        "Second fifth",
        "Third fifth",
        "Fourth fifth",
        "Least disadvantaged fifth",
    )
    cumulated = [0.0 if end == 0 else found.visits_of(end) for end in ends]
    rows = tuple(
        row(name, number(words.percent(high - low)), number(words.percent(high)))
        for name, low, high in zip(names, cumulated, cumulated[1:], strict=False)
    )
    return Table(
        "Visits by how disadvantaged a school’s pupils are", ("Pupils", "Share of visits", "Up to here"), rows
    )
