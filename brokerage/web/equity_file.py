"""The equity page as a file: one figure a row, and what the page leaves out left out."""

from collections.abc import Iterator

from brokerage.web.equity import HIDDEN, Equity, Fill, Group

Row = tuple[str, str, str, str]


def rows(made: Equity) -> Iterator[Row]:
    yield ("Part", "Group", "Figure", "Value")
    if not made.is_enough:
        yield ("All", "", "Note", made.too_little)
        return
    for name, count in (("Schools", made.schools), ("Pupils", made.pupils), ("Visits", made.visits)):
        yield ("All", "", name, str(count))
    for measure in made.measures:
        yield ("Measures", "", measure.name, measure.said)
    for part, groups in (("Pupil premium", made.fifths), ("Rural and urban", made.places)):
        for group in groups:
            yield from _of_group(part, group)
    for fill in made.fills:
        yield from _of_fill(fill)


def _of_group(part: str, group: Group) -> Iterator[Row]:
    if group.is_hidden:
        yield (part, group.name, "All figures", HIDDEN)
        return
    yield (part, group.name, "Schools", str(group.schools))
    yield (part, group.name, "Pupils", str(group.pupils))
    yield (part, group.name, "Visits", str(group.visits))
    yield (part, group.name, "Visits that happened", str(group.delivered))
    yield (
        part,
        group.name,
        "Visits per 100 pupils",
        "" if group.per_100 is None else f"{group.per_100:.1f}",
    )


def _of_fill(fill: Fill) -> Iterator[Row]:
    if fill.is_hidden:
        yield ("Providers", fill.name, "All figures", HIDDEN)
        return
    yield ("Providers", fill.name, "Providers", str(fill.providers))
    yield ("Providers", fill.name, "Asked", str(fill.asked))
    yield ("Providers", fill.name, "Given", str(fill.served))
    yield ("Providers", fill.name, "Share given", fill.rate or HIDDEN)
    yield ("Providers", fill.name, "Given nothing", str(fill.never))
