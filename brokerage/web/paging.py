"""Lists that can grow, page by page: by the last row's own values (keyset), never by counting rows off."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

SIZE = 20
M = TypeVar("M", bound=Model)


@dataclass
class Page(Generic[M]):
    """`next` is the cursor of the page that follows, or None on the last."""

    items: list[M] = field(default_factory=list)
    next: str | None = None
    size: int = SIZE


def page_of(rows: QuerySet[M], *order: str, after: str | None, size: int = SIZE) -> Page[M]:
    """The rows after the cursor in this order (`"-asked_at", "-pk"`), whose last field is unique and of which
    none is null. A cursor that can't be read gives the first page."""
    ordered = rows.order_by(*order)
    if after and (values := _read(rows.model, order, after)) is not None:
        ordered = ordered.filter(_beyond(order, values))
    found = list(ordered[: size + 1])
    following = _cursor(order, found[size - 1]) if len(found) > size else None
    return Page(found[:size], following, size)


def _beyond(order: tuple[str, ...], values: list[Any]) -> Q:
    """a > 1 or (a = 1 and b > 2) …, each field in its own direction."""
    beyond, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        bare, comparison = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        beyond |= equal & Q(**{f"{bare}__{comparison}": value})
        equal &= Q(**{bare: value})
    return beyond


def _cursor(order: tuple[str, ...], row: Model) -> str:
    values = [_value(row, name.removeprefix("-")) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _read(model: type[Model], order: tuple[str, ...], cursor: str) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [_field(model, name.removeprefix("-")) for name in order]
        return [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError):
        return None


def _field(model: Any, path: str) -> Any:
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model._meta.pk if name == "pk" else model._meta.get_field(name)
