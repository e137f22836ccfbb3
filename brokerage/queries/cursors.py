"""Where the next page begins: the last row's own values, opaque to whoever carries them."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from brokerage.errors import InvalidInput

SIZE = 20
T = TypeVar("T")


@dataclass
class Page(Generic[T]):
    """`next` is the cursor of the page that follows, or None on the last."""

    items: list[T] = field(default_factory=list)
    next: str | None = None
    size: int = SIZE


def write(values: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def read(cursor: str, *kinds: Callable[[Any], Any]) -> list[Any]:
    """The values again, each of its kind. Raises `invalid` on `cursor` when it isn't one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list):
            raise TypeError
        return [kind(value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        raise InvalidInput.on("cursor", "This isn't a page of this list. Start again.") from None


def page_of(
    rows: Sequence[T],
    place: Callable[[T], tuple[Any, ...]],
    *kinds: Callable[[Any], Any],
    after: str | None,
    size: int = SIZE,
) -> Page[T]:
    """For an order that only Python can work out, such as that of clocks: the rows beyond the cursor, by their `place`,
    whose last part is unique. Raises `invalid` for a cursor that isn't one of ours."""
    ordered = sorted(rows, key=place)
    if after:
        last = tuple(read(after, *kinds))
        ordered = [row for row in ordered if place(row) > last]
    following = write(place(ordered[size - 1])) if len(ordered) > size else None
    return Page(ordered[:size], following, size)


def number(value: object) -> int:
    """A whole number of either sign in a cursor."""
    if not isinstance(value, int):
        raise ValueError
    return value


def key(value: object) -> int:
    """A primary key in a cursor."""
    if not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError
    return value


def moment(value: str) -> datetime:
    """A time in a cursor."""
    at = datetime.fromisoformat(value)
    if at.tzinfo is None or not 1 < at.year < 9999:
        raise ValueError
    return at
