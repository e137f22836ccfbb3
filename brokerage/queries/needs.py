"""Needs as those see them who may: a school all its own, a hub or trust its schools', others what was open to
them, in whatever state. What can be claimed now, and by whom at any size, is `open_needs`."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from brokerage.accounts.models import Membership
from brokerage.models import EncounterNeed, Slot
from brokerage.models.need import NeedQuerySet
from brokerage.queries import cursors
from brokerage.queries.cursors import SIZE, Page
from brokerage.queries.need_rows import NeedRow, Point, rows
from brokerage.queries.open_needs import Order, Wanted
from brokerage.states import NeedState, Shown

_NEVER: Final = datetime(2101, 1, 1, tzinfo=UTC)
_NOWHERE: Final = 10**15


def one(public_id: UUID, *, by: Membership) -> NeedRow:
    """Raises EncounterNeed.DoesNotExist for what `by` may not see."""
    found = rows(EncounterNeed.objects.visible_to(by).filter(public_id=public_id), by)
    if not found:
        raise EncounterNeed.DoesNotExist
    return found[0]


def listed(
    wanted: Wanted,
    *,
    by: Membership,
    at: datetime,
    state: Shown | None = None,
    cursor: str | None = None,
    size: int = SIZE,
) -> Page[NeedRow]:
    """One statement. Soonest counts the next time still to come; needs with none are last."""
    needs = _wanted(EncounterNeed.objects.visible_to(by), wanted, by)
    if state is not None:
        needs = _in_state(needs, state, at)
    centre = wanted.centre(by)
    order = wanted.order
    if order == Order.NEAREST and centre is None:
        order = Order.NEWEST
    needs = _after(needs.annotate(**_key(order, centre, at)), order, cursor)
    found = rows(needs.order_by(*_ORDER[order])[: size + 1], by, from_=centre)
    following = _cursor(found[size - 1], order, centre, at) if len(found) > size else None
    return Page(found[:size], following, size)


_ORDER: Final = {Order.NEWEST: ["-id"], Order.SOONEST: ["key", "id"], Order.NEAREST: ["key", "id"]}


def _key(order: Order, centre: Point | None, at: datetime) -> dict[str, Coalesce]:
    match order:
        case Order.NEAREST if centre is not None:
            return {"key": Coalesce(_distance(centre), Value(_NOWHERE))}
        case Order.SOONEST:
            coming = Slot.objects.standing().filter(need=OuterRef("pk"), starts_at__gte=at)
            first = Subquery(coming.order_by("starts_at").values("starts_at")[:1])
            return {"key": Coalesce(first, Value(_NEVER), output_field=DateTimeField())}
    return {}


def _after(needs: NeedQuerySet, order: Order, cursor: str | None) -> NeedQuerySet:
    if not cursor:
        return needs
    if order == Order.NEWEST:
        (last,) = cursors.read(cursor, cursors.key)
        return needs.filter(id__lt=last)
    kind = cursors.key if order == Order.NEAREST else cursors.moment
    key, last = cursors.read(cursor, kind, cursors.key)
    return needs.filter(Q(key__gt=key) | Q(key=key, id__gt=last))


def _cursor(last: NeedRow, order: Order, centre: Point | None, at: datetime) -> str:
    if order == Order.NEWEST:
        return cursors.write([last.pk])
    if order == Order.SOONEST or centre is None:
        starts = (slot.starts_at for slot in last.slots if slot.starts_at >= at)
        return cursors.write([min(starts, default=_NEVER), last.pk])
    x, y = last.school_easting, last.school_northing
    square = _NOWHERE if x is None or y is None else (x - centre[0]) ** 2 + (y - centre[1]) ** 2
    return cursors.write([square, last.pk])


def _wanted(needs: NeedQuerySet, wanted: Wanted, by: Membership) -> NeedQuerySet:
    if wanted.encounter_type:
        needs = needs.filter(encounter_type=wanted.encounter_type)
    if wanted.delivery_mode:
        needs = needs.filter(delivery_mode=wanted.delivery_mode)
    if wanted.year_group is not None:
        needs = needs.filter(year_groups__contains=[wanted.year_group])
    if wanted.sector:
        needs = needs.filter(Q(sectors__contains=[wanted.sector]) | Q(sectors=[]))
    if wanted.starts_after or wanted.starts_before:
        times = Slot.objects.standing().filter(need=OuterRef("pk"))
        if wanted.starts_after:
            times = times.filter(starts_at__gte=wanted.starts_after)
        if wanted.starts_before:
            times = times.filter(starts_at__lt=wanted.starts_before)
        needs = needs.filter(Exists(times))
    centre, radius = wanted.centre(by), wanted.radius(by)
    if centre is not None and radius is not None:
        needs = needs.alias(metres=_distance(centre)).filter(metres__lte=round(radius) ** 2)
    return needs


def _in_state(needs: NeedQuerySet, state: Shown, at: datetime) -> NeedQuerySet:
    """The same three questions as `NeedRow.shown_state` asks."""
    taking = Slot.objects.filter(need=OuterRef("pk"), open_until__gt=at)
    free = Exists(taking.filter(taken__lt=F("places")))
    match state:
        case Shown.OPEN:
            return needs.filter(free, state=NeedState.OPEN)
        case Shown.FILLED:
            return needs.filter(Exists(taking), ~free, state=NeedState.OPEN)
        case Shown.CLOSED:
            return needs.filter(~Exists(taking), state=NeedState.OPEN)
    return needs.filter(state=state)


def _distance(centre: Point) -> "ExpressionWrapper[Any]":
    """Squared, in metres."""
    east = Cast("school__easting", BigIntegerField()) - centre[0]
    north = Cast("school__northing", BigIntegerField()) - centre[1]
    return ExpressionWrapper(east * east + north * north, output_field=BigIntegerField())
