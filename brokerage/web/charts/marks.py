"""What a drawing is made of: plain marks at plain places, without ids, colours or markup.

A mark's `kind` becomes the class `dw-mark--<kind>`: the style sheet alone knows colours. Units are pixels at full
size; y grows downwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

WIDE = 520
FULL = 1060
NARROW = 330

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    shape: ClassVar[str] = "box"
    kind: str
    x: float
    y: float
    width: float
    height: float
    rounded: float = 0
    pattern: str = ""


@dataclass(frozen=True)
class Line:
    """A path: open or closed, filled or not, as its kind says."""

    shape: ClassVar[str] = "line"
    kind: str
    path: str


@dataclass(frozen=True)
class Spot:
    """A dot. With an address it can be clicked; the table lists the same link, for those who don't point."""

    shape: ClassVar[str] = "spot"
    kind: str
    x: float
    y: float
    radius: float
    href: str = ""


@dataclass(frozen=True)
class Words:
    shape: ClassVar[str] = "words"
    text: str
    x: float
    y: float
    kind: str = "label"
    anchor: str = "start"


@dataclass(frozen=True)
class Arch:
    """One door, as everywhere else; `letter` instead of a knob. `x` and `y` are its upper left corner."""

    shape: ClassVar[str] = "arch"
    state: str
    x: float
    y: float
    width: int
    share: float = 1
    letter: str = ""


@dataclass(frozen=True)
class Symbol:
    """A status drawing of 14 units, from `icons.SMALL`."""

    shape: ClassVar[str] = "symbol"
    name: str
    x: float
    y: float
    kind: str


Mark = Box | Line | Spot | Words | Arch | Symbol


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    marks: tuple[Mark, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """Those it needs, once each."""
        return tuple(
            dict.fromkeys(mark.pattern for mark in self.marks if isinstance(mark, Box) and mark.pattern)
        )

    @property
    def links(self) -> list[Spot]:
        """Laid over the drawing, for pointers alone: inside an image nothing can be a link."""
        return [mark for mark in self.marks if isinstance(mark, Spot) and mark.href]

    def of(self, kind: str) -> list[Mark]:
        return [mark for mark in self.marks if getattr(mark, "kind", None) == kind]


@dataclass(frozen=True)
class Cell:
    text: str
    href: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """The whole of the data in words, or where to read the `rest`. The first cell of a row is its heading."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: Cell | None = None

    @property
    def columns(self) -> list[Cell]:
        """The headings, each as wide and as aligned as what stands under it."""
        first = self.rows[0] if self.rows else ()
        return [
            Cell(words, numeric=place < len(first) and first[place].numeric)
            for place, words in enumerate(self.headings)
        ]


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a small drawing and its words; some explain the wide drawing alone."""

    drawing: Drawing
    words: str
    wide_only: bool = False


@dataclass(frozen=True)
class Figure:
    """One chart, ready to be drawn: twice, once in a sentence, and as a table.

    Without drawings the sentence itself is shown: too little to draw is said, never drawn empty.
    """

    name: str
    label: str
    table: Table | None
    wide: Drawing | None = None
    narrow: Drawing | None = None
    note: str = ""
    keys: tuple[Key, ...] = ()

    @property
    def size(self) -> str:
        return "full" if self.wide is not None and self.wide.width > WIDE else "half"


def number(text: str, href: str = "") -> Cell:
    return Cell(text, href, numeric=True)


def row(*cells: Cell | str) -> tuple[Cell, ...]:
    return tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells)


def polyline(points: Iterable[Point], closed: bool = False) -> str:
    drawn = "L".join(f"{plain(x)} {plain(y)}" for x, y in points)
    return f"M{drawn}{'z' if closed else ''}"


def steps(points: Sequence[Point]) -> str:
    """Level until the next point, then straight up or down: what was true stays true until something happens."""
    (x, y), *rest = points
    return f"M{plain(x)} {plain(y)}" + "".join(f"H{plain(x)}V{plain(y)}" for x, y in rest)


def plain(value: float) -> str:
    """`12.5`, `12`: one decimal at most, never an exponent."""
    return f"{value:.1f}".removesuffix(".0")


# Measured from our own type, in parts of its size; bold is wider by a twentieth.
NARROW_LETTERS, WIDE_LETTERS = frozenset("ijlfrt.,:;'’!|()[]-/ "), frozenset("mMwW%@…—")
NARROW_ONE, SMALL_ONE, TALL_ONE, WIDE_ONE, BOLDER = 0.3, 0.55, 0.64, 0.85, 1.05


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Roughly how wide words are, to a few per cent."""
    return sum(map(_letter_width, text)) * size * (BOLDER if bold else 1)


def _letter_width(letter: str) -> float:
    if letter in NARROW_LETTERS:
        return NARROW_ONE
    if letter in WIDE_LETTERS:
        return WIDE_ONE
    return TALL_ONE if letter.isupper() or letter.isdigit() else SMALL_ONE


def wrapped(text: str, size: float, width: float, bold: bool = False, most: int = 2) -> list[str]:
    """Lines no wider than `width`; the last of `most` ends in an ellipsis when there is more to say."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    return [
        shortened(line, size, width, bold, more=place == most - 1 and len(lines) > most)
        for place, line in enumerate(kept)
    ]


def shortened(text: str, size: float, width: float, bold: bool = False, more: bool = False) -> str:
    """The words with an ellipsis at their end when they don't fit, or when `more` was left out after them."""
    if text_width(text, size, bold) <= width and not more:
        return text
    while text and text_width(f"{text}…", size, bold) > width:
        text = text[:-1]
    return f"{text.rstrip(' ,.')}…"
