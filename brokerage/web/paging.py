"""Plain lists that can grow, page by page: by the last row's own values (keyset), never by counting rows off."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

from brokerage.errors import InvalidInput
from brokerage.queries import cursors
from brokerage.queries.cursors import SIZE, Page

__all__ = ["SIZE", "Page", "from_the_top", "page_of"]

M = TypeVar("M", bound=Model)
R = TypeVar("R")


def page_of(rows: QuerySet[M], *order: str, after: str | None, size: int = SIZE) -> Page[M]:
    """The rows after the cursor in this order (`"-asked_at", "-pk"`), whose last field is unique and of which
    none is null."""
    return from_the_top(lambda last: _page(rows, order, last, size), after)


def from_the_top(page: Callable[[str | None], R], after: str | None) -> R:
    """The page after the cursor. One that isn't of this list (an old bookmark, a row that went to another tab)
    begins the list anew: whoever reads pages can't mend a cursor, as a program can."""
    try:
        return page(after)
    except InvalidInput:
        return page(None)


def _page(rows: QuerySet[M], order: tuple[str, ...], after: str | None, size: int) -> Page[M]:
    ordered = rows.order_by(*order)
    if after:
        kinds = [_kind(_field(rows.model, name.removeprefix("-"))) for name in order]
        ordered = ordered.filter(_beyond(order, cursors.read(after, *kinds)))
    found = list(ordered[: size + 1])
    following = None
    if len(found) > size:
        last = found[size - 1]
        following = cursors.write([_value(last, name.removeprefix("-")) for name in order])
    return Page(found[:size], following, size)


def _beyond(order: tuple[str, ...], values: list[Any]) -> Q:
    """a > 1 or (a = 1 and b > 2) …, each field in its own direction."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        bare, comparison = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{bare}__{comparison}": value})
        equal &= Q(**{bare: value})
    return beyond


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _kind(field: "Field[Any, Any]") -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        try:
            made = field.to_python(value)
        except ValidationError as error:
            raise ValueError from error
        if made is None or (isinstance(made, str) and "\0" in made):
            raise ValueError
        return made

    return read


def _field(model: Any, path: str) -> "Field[Any, Any]":
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    found: Field[Any, Any] = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return found
