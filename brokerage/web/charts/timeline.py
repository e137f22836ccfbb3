"""C1, the evidence timeline: each open cohort's window, its deadline, and a door for each encounter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from brokerage.web.charts import words
from brokerage.web.charts.axes import Scale, across, down, linear
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import (
    FULL,
    Arch,
    Box,
    Drawing,
    Figure,
    Key,
    Line,
    Mark,
    Symbol,
    Table,
    Words,
    number,
    plain,
    row,
    shortened,
    text_width,
)

LEFT, RIGHT, STATE_AT = 132.0, 800.0, 826.0
TOP, TALL, BETWEEN = 36.0, 62.0, 8.0
DOOR, APART = 26, 28
LINE = 18.0
TODAY_WIDE = 58.0
MONTHS_TICKED = (9, 1, 5)


@dataclass(frozen=True)
class TimelineDoor:
    """One encounter: `lit` to the share reached, or `booked`. A third phase's is offered, not reached."""

    on: date
    provider: str
    state: str = "lit"
    share: float = 1

    @property
    def said(self) -> str:
        how = "booked" if self.state == "booked" else words.percent(self.share)
        return f"{self.provider}, {words.full_day(self.on)}, {how}"


@dataclass(frozen=True)
class TimelineCohort:
    """A year group in the key phase it is in. `verb` is what its encounters were: `held`, or `offered` (third phase).

    `share` is the part of the cohort proven to have had all it should, None where that isn't asked or known yet;
    `kind` and `state` are the status as the status tag takes it; `chance` is the chance of missing, in words."""

    name: str
    phase: str
    opens: date
    closes: date
    doors: tuple[TimelineDoor, ...]
    kind: str
    state: str
    verb: str = "held"
    wanted: int = 2
    share: float | None = None
    chance: str = ""
    to_find: str = ""

    @property
    def ended(self) -> list[TimelineDoor]:
        return [door for door in self.doors if door.state != "booked"]

    @property
    def count(self) -> str:
        """`2 of 2 held, 94% reached` or `1 of 2 held, 1 booked`."""
        booked = len(self.doors) - len(self.ended)
        of = f" of {self.wanted}" if len(self.ended) <= self.wanted else ""
        parts = [f"{len(self.ended)}{of} {self.verb}" if self.ended else f"None {self.verb} yet"]
        if self.share is not None and self.ended:
            parts.append(f"{words.percent(self.share)} reached")
        if booked:
            parts.append(f"{booked} booked")
        return ", ".join(parts)

    @property
    def phone_doors(self) -> list[tuple[str, float, str, str, str]]:
        """State, share, and three short lines, for a list of doors."""
        shown = [
            (
                door.state,
                door.share,
                "Booked"
                if door.state == "booked"
                else "Offered"
                if self.verb == "offered"
                else words.percent(door.share),
                door.provider,
                f"{door.on.day} {door.on:%b}",
            )
            for door in self.doors
        ]
        if self.kind == "na" and not shown and not self.to_find:
            return [("na", 0.0, "Not assessed", "", "")] * self.wanted
        missing = self.wanted - len(shown)
        return shown + [("find", 0.0, "To find", self.to_find, "")] * missing


@dataclass(frozen=True)
class EvidenceTimeline:
    """The cohorts of a school in order: the next deadline first, then school year."""

    today: date
    cohorts: tuple[TimelineCohort, ...]

    @property
    def by_deadline(self) -> list[tuple[date, list[TimelineCohort]]]:
        return [
            (closes, list(these)) for closes, these in groupby(self.cohorts, key=lambda each: each.closes)
        ]


@figure.register
def _(timeline: EvidenceTimeline) -> Figure:
    if not timeline.cohorts:
        return Figure("timeline", "No year group has an open window yet.", None)
    letters = initials(door.provider for cohort in timeline.cohorts for door in cohort.doors)
    return Figure(
        "timeline",
        " ".join(sentence(cohort) for cohort in timeline.cohorts),
        table(timeline),
        drawn(timeline, letters),
        drawn(timeline, letters),
        keys=keys(timeline, letters),
    )


def sentence(cohort: TimelineCohort) -> str:
    return f"{cohort.name}: {cohort.count}, {cohort.state.lower()}, due {words.full_day(cohort.closes)}."


def initials(providers: Iterable[str]) -> dict[str, str]:
    """A letter for each provider, in order of appearance; a second with the same letter is `W2`."""
    given: dict[str, str] = {}
    for name in providers:
        if name not in given:
            first = name[:1].upper()
            same = sum(letter[:1] == first for letter in given.values())
            given[name] = f"{first}{same + 1}" if same else first
    return given


def drawn(timeline: EvidenceTimeline, letters: dict[str, str]) -> Drawing:
    starts, ends = edges(timeline)
    x = linear(starts.toordinal(), ends.toordinal(), LEFT, RIGHT)
    tops = list(row_tops(timeline))
    foot = tops[-1] + TALL
    marks: list[Mark] = month_lines(starts, ends, x, foot)
    marks.append(down(x(timeline.today.toordinal()), TOP, foot, "today"))
    for place, (cohort, top) in enumerate(zip(timeline.cohorts, tops, strict=True)):
        if place:
            new = cohort.closes != timeline.cohorts[place - 1].closes
            marks.append(
                across(top - (BETWEEN / 2 if new else 0), 0, FULL, "deadline-rule" if new else "grid")
            )
        marks += cohort_row(cohort, top, x, cohort.closes == timeline.cohorts[0].closes, letters)
    below, depth = foot_labels(timeline, x, foot)
    return Drawing(FULL, foot + depth, (*marks, *below))


def edges(timeline: EvidenceTimeline) -> tuple[date, date]:
    """From the September in which the earliest cohort began to 15 March after the last deadline."""
    first = min(cohort.opens for cohort in timeline.cohorts)
    last = max(cohort.closes for cohort in timeline.cohorts)
    starts = date(first.year if first.month >= 9 else first.year - 1, 9, 1)
    march = date(last.year, 3, 15)
    return starts, march if march > last else date(last.year + 1, 3, 15)


def row_tops(timeline: EvidenceTimeline) -> Iterable[float]:
    top, before = TOP + 4, None
    for cohort in timeline.cohorts:
        if before is not None and cohort.closes != before:
            top += BETWEEN
        yield top
        top, before = top + TALL, cohort.closes


def month_lines(starts: date, ends: date, x: Scale, foot: float) -> list[Mark]:
    marks: list[Mark] = []
    for year in range(starts.year, ends.year + 1):
        for month in sorted(MONTHS_TICKED):
            on = date(year, month, 1)
            if starts <= on <= ends:
                said = f"{on:%b}" if month == 5 else f"{on:%b} {year}"
                marks.append(down(x(on.toordinal()), TOP, foot))
                marks.append(Words(said, x(on.toordinal()), 26, "axis-14", "middle"))
    return marks


def cohort_row(
    cohort: TimelineCohort, top: float, x: Scale, is_next: bool, letters: dict[str, str]
) -> list[Mark]:
    opens, closes, middle = x(cohort.opens.toordinal()), x(cohort.closes.toordinal()), top + TALL / 2
    marks: list[Mark] = [
        Words(shortened(cohort.name, 17, LEFT - 12, bold=True), 0, middle - 2, "year"),
        Words(cohort.phase, 0, middle + 18, "mute"),
        Box("window", opens, middle - 13, max(closes - opens, 2), 26, 6),
    ]
    places = spread([x(door.on.toordinal()) for door in cohort.doors], opens, closes)
    for door, at in zip(cohort.doors, places, strict=True):
        letter = letters[door.provider] if door.state != "booked" else ""
        marks.append(Arch(door.state, at - DOOR / 2, middle - 20, DOOR, door.share, letter))
    marks.append(
        Line("deadline" if is_next else "deadline-later", f"M{plain(closes)} {plain(middle - 22)}v44")
    )
    return marks + counted(cohort, middle)


def counted(cohort: TimelineCohort, middle: float) -> list[Mark]:
    """Count and state beside the row; a count too long for one line goes on in the next after a comma."""
    lines: list[str] = []
    for part in cohort.count.split(", "):
        longer = f"{lines[-1]}, {part}" if lines else part
        if lines and text_width(longer, 15) > FULL - STATE_AT:
            lines[-1:] = [f"{lines[-1]},", part]
        else:
            lines[-1:] = [longer]
    first = middle - (15 if len(lines) > 1 else 5)
    state = first + LINE * (len(lines) - 1) + 9
    said = shortened(cohort.state, 15, FULL - STATE_AT - 20, bold=True)
    return [
        *(Words(line, STATE_AT, first + LINE * place, "count-line") for place, line in enumerate(lines)),
        Symbol(cohort.kind, STATE_AT, state, f"state-{cohort.kind}"),
        Words(said, STATE_AT + 20, state + 12, f"state-{cohort.kind}"),
    ]


def spread(wished: Sequence[float], opens: float, closes: float) -> list[float]:
    """Where doors stand: where their day is, but no closer than a door's width, and within the window."""
    least, most = opens + DOOR / 2, closes - DOOR / 2 - 2
    places: list[float] = []
    for wish in wished:
        places.append(max(wish, least, places[-1] + APART if places else least))
    for place in range(len(places) - 1, -1, -1):
        limit = most if place == len(places) - 1 else places[place + 1] - APART
        places[place] = min(places[place], limit)
    return places


def foot_labels(timeline: EvidenceTimeline, x: Scale, foot: float) -> tuple[list[Mark], float]:
    """«Today» and the deadlines' dates under the drawing, and how deep they go.

    A date that would meet «Today» moves to the right of its post; where that isn't enough, «Today» goes below."""
    now, low = x(timeline.today.toordinal()), False
    marks: list[Mark] = []
    for place, (closes, _) in enumerate(timeline.by_deadline):
        text, kind = f"{closes.day} {closes:%b} {closes.year}", "deadline" if not place else "deadline-later"
        width, post = text_width(text, 14, bold=True), x(closes.toordinal())
        start = post - width / 2
        if abs(post - now) < width / 2 + TODAY_WIDE / 2 + 4:
            start = post + 5
        low = low or (start < now + TODAY_WIDE / 2 + 4 and start + width > now - TODAY_WIDE / 2 - 4)
        marks.append(Words(text, min(start, FULL - width), foot + 17, kind))
    top = foot + (24 if low else 0)
    box = Box("today-label", now - TODAY_WIDE / 2, top, TODAY_WIDE, 22, 4)
    return [*marks, box, Words("Today", now, top + 16, "today", "middle")], 48 if low else 24


def keys(timeline: EvidenceTimeline, letters: dict[str, str]) -> tuple[Key, ...]:
    shown = [door for cohort in timeline.cohorts for door in cohort.doors]
    kinds = (
        (Arch("lit", 2, 2, 14), "held, all reached", any(d.state == "lit" and d.share >= 1 for d in shown)),
        (
            Arch("lit", 2, 2, 14, 0.7),
            "held, part reached",
            any(d.state == "lit" and d.share < 1 for d in shown),
        ),
        (Arch("booked", 2, 2, 14), "booked", any(d.state == "booked" for d in shown)),
    )
    found = [Key(Drawing(18, 24, (arch,)), said) for arch, said, there in kinds if there]
    held = {door.provider for door in shown if door.state != "booked"}
    named = [(letter, name) for name, letter in letters.items() if name in held]
    return (*found, *(letter_key(letter, name) for letter, name in named))


def letter_key(letter: str, name: str) -> Key:
    drawing = Drawing(text_width(letter, 13, bold=True) + 1, 24, (Words(letter, 0, 17, "letter"),))
    return Key(drawing, name, wide_only=True)


def table(timeline: EvidenceTimeline) -> Table:
    with_chance = any(cohort.chance for cohort in timeline.cohorts)
    rows = []
    for cohort in timeline.cohorts:
        cells = row(
            cohort.name,
            cohort.phase,
            words.full_day(cohort.closes),
            cohort.count,
            "; ".join(door.said for door in cohort.doors) or "none",
            cohort.state,
        )
        rows.append((*cells, number(cohort.chance or "too early")) if with_chance else cells)
    headings = ("Year group", "Phase", "Due by", "Counted", "Encounters", "State")
    return Table(
        "Encounters of each year group",
        (*headings, "Chance of missing") if with_chance else headings,
        tuple(rows),
    )
