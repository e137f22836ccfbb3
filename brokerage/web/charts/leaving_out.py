"""C8, leave one out: what evidence remains without each provider, and without each half-term."""

from dataclasses import dataclass

from brokerage.web.charts import words
from brokerage.web.charts.axes import DECADES, HIGHEST, Scale, decade, down, logarithmic
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    FULL,
    NARROW,
    Drawing,
    Figure,
    Mark,
    Spot,
    Table,
    Words,
    number,
    row,
    shortened,
    text_width,
)

BESIDE = 196.0


@dataclass(frozen=True)
class LeftOut:
    """The e-value that remains without `name`: a provider, or a half-term such as `spring 2026, first half`."""

    name: str
    e: float


@dataclass(frozen=True)
class LeaveOneOut:
    """`everything` is the e-value with all of them, `floor` what must remain without any one."""

    providers: tuple[LeftOut, ...]
    half_terms: tuple[LeftOut, ...]
    everything: float
    floor: float = 8

    @property
    def rows(self) -> list[tuple[str, str, tuple[LeftOut, ...]]]:
        rows = [
            ("Without one provider", words.counted(len(self.providers), "provider"), self.providers),
            ("Without one half-term", words.counted(len(self.half_terms), "half-term"), self.half_terms),
        ]
        return [each for each in rows if each[2]]


def lowest(values: tuple[LeftOut, ...]) -> LeftOut:
    return min(values, key=lambda each: each.e)


@figure.register
def _(chart: LeaveOneOut) -> Figure:
    if not chart.rows:
        return Figure("leaving-out", "There is nothing to leave out yet.", None)
    return Figure(
        "leaving-out",
        sentence(chart),
        table(chart),
        drawn(chart, FULL),
        drawn(chart, NARROW),
        note="Filled dots are the lowest.",
    )


def sentence(chart: LeaveOneOut) -> str:
    """`Lowest 210 without Wexbourne College, 96 without spring 2026, first half; both above 8.`"""
    least = [lowest(values) for _, _, values in chart.rows]
    above = [each.e > chart.floor for each in least]
    floor = words.evidence(chart.floor)
    if all(above):
        verdict = f"{'both ' if len(least) == 2 else ''}above {floor}"
    elif not any(above):
        verdict = f"{'both ' if len(least) == 2 else ''}not above {floor}"
    else:
        verdict = f"the {'second' if above[0] else 'first'} not above {floor}"
    return f"Lowest {', '.join(f'{words.evidence(e.e)} without {e.name}' for e in least)}; {verdict}."


def drawn(chart: LeaveOneOut, width: float) -> Drawing:
    is_wide = width > NARROW
    x = logarithmic(BESIDE if is_wide else 8, width - (20 if is_wide else 12), low=1)
    row_height, foot = (52, 8 + 52 * len(chart.rows)) if is_wide else (86, 8 + 86 * len(chart.rows))
    marks: list[Mark] = []
    for value in DECADES[1:]:
        anchor = "end" if value == HIGHEST else "middle"
        at = x(value) + (10 if value == HIGHEST else 0)
        marks += [down(x(value), 8, foot), Words(decade(value), at, foot + 18, "axis", anchor)]
    marks += [
        down(x(chart.floor), 4, foot + 2, "floor"),
        down(x(chart.everything), 4, foot + 2, "everything"),
    ]
    labels = foot_labels(chart, x, foot, width)
    marks += labels
    for place, (title, how_many, values) in enumerate(chart.rows):
        top = 8 + row_height * place
        if is_wide:
            marks += [Words(title, 0, top + 22, "name-16"), Words(how_many, 0, top + 41, "mute")]
        else:
            marks.append(Words(title, 0, top + 14, "name-halo"))
        marks += dots(values, x, top + (26 if is_wide else 40), width, is_wide)
    return Drawing(width, max(label.y for label in labels) + 8, tuple(marks))


def dots(values: tuple[LeftOut, ...], x: Scale, y: float, width: float, is_wide: bool) -> list[Mark]:
    """Hollow ones first, so that the lowest, filled and named, lies on top."""
    least = lowest(values)
    marks: list[Mark] = [Spot("left-out", x(each.e), y, 6.5) for each in values if each is not least]
    at = x(least.e)
    marks.append(Spot("lowest", at, y, 6.5))
    if not is_wide:
        said = shortened(f"lowest {words.evidence(least.e)}, without {least.name}", 14, width)
        return [*marks, Words(said, 0, y + 28, "label-halo")]
    said = f"{words.evidence(least.e)} without {least.name}"
    room = text_width(said, 14) + 12
    if at - room >= BESIDE:
        return [*marks, Words(said, at - 12, y + 5, "label-halo", "end")]
    if at + room + 8 <= min((x(each.e) for each in values if each is not least), default=width):
        return [*marks, Words(said, at + 12, y + 5, "label-halo")]
    # No room on either side: below it, where no other dot lies.
    return [*marks, Words(shortened(said, 14, width - BESIDE), BESIDE, y + 24, "label-halo")]


def foot_labels(chart: LeaveOneOut, x: Scale, foot: float, width: float) -> list[Words]:
    """What the two lines are, on lines of their own where they would meet or run out of the drawing."""
    floor_said = f"must stay above {words.evidence(chart.floor)}"
    all_said = f"everything: {words.evidence(chart.everything)}"
    half = text_width(all_said, 14, bold=True) / 2
    at = min(max(x(chart.everything), half), width - half)
    floor_width = text_width(floor_said, 14, bold=True)
    floor_at = max(x(chart.floor) - floor_width / 2, 0)
    meets = at - half < floor_at + floor_width + 8
    return [
        Words(floor_said, floor_at, foot + 36, "floor"),
        Words(all_said, at, foot + (54 if meets else 36), "everything", "middle"),
    ]


def table(chart: LeaveOneOut) -> Table:
    rows = tuple(
        row(title, each.name, number(words.evidence(each.e)))
        for title, _, values in chart.rows
        for each in sorted(values, key=lambda value: value.e)
    )
    everything = row("With everything", "", number(words.evidence(chart.everything)))
    return Table("Evidence that remains", ("Left out", "Which", "Evidence"), (*rows, everything))
