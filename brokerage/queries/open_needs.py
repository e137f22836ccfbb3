"""What can be claimed now: the feed of employers and providers.

The listing holds one row per open slot, year group and sector wanted, under an index that answers «this sector,
this year group, soonest» in order and alone (performance.md section 3). A need whose sector is `""` takes any.
A need appears once, at its earliest slot that fits. Every page is one statement.

Distance is to the school, as the crow flies. A live online encounter needs no journey: when
`delivery_mode=live_online` is asked for, distance is told but leaves none out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar

import orjson
from django.db import connection

from brokerage.accounts.models import Category, Membership
from brokerage.models.listing import COLUMN, SQUARE
from brokerage.queries import cursors
from brokerage.queries.cursors import SIZE, Page
from brokerage.queries.need_rows import (
    NEED_COLUMNS,
    OF_NEED,
    SCHOOL_COLUMNS,
    Measure,
    NeedRow,
    Point,
    distance_from,
    place_of,
    row_of_json,
)
from brokerage.vocabulary import YEAR_GROUPS, DeliveryMode, Sector

WITHIN_KM: Final = 30.0
T = TypeVar("T")
_BITS: Final = {Category.EMPLOYER: 1, Category.TECHNICAL_PROVIDER: 2, Category.UNIVERSITY: 4}


class Order(StrEnum):
    SOONEST = "soonest"
    NEAREST = "nearest"
    NEWEST = "newest"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody looks for. Empty: all of it. `near` is a grid reference (`places.find(...).point`);
    with it, or with `within_km` from the viewer's own place, only needs that near are found."""

    encounter_type: str = ""
    year_group: int | None = None
    sector: str = ""
    delivery_mode: str = ""
    starts_after: datetime | None = None
    starts_before: datetime | None = None
    near: Point | None = None
    within_km: float | None = None
    order: Order = Order.SOONEST

    def centre(self, by: Membership) -> Point | None:
        return self.near or place_of(by)

    def radius(self, by: Membership) -> float | None:
        """In metres; None when distance leaves nothing out."""
        asked = self.near is not None or self.within_km is not None or self.order == Order.NEAREST
        if not asked or self.centre(by) is None or self.delivery_mode == DeliveryMode.LIVE_ONLINE:
            return None
        return (self.within_km or WITHIN_KM) * 1000


def search(
    wanted: Wanted, *, by: Membership, at: datetime, cursor: str | None = None, size: int = SIZE
) -> Page[NeedRow]:
    """Needs that take claims from `by`'s kind of organisation now. Error: `invalid` on a cursor of another list."""
    return read_as(row_of_json, wanted, by=by, at=at, cursor=cursor, size=size)


def read_as(
    reader: Callable[[list[Any], Measure], T],
    wanted: Wanted,
    *,
    by: Membership,
    at: datetime,
    cursor: str | None = None,
    size: int = SIZE,
) -> Page[T]:
    """The same, each made by `reader` of PostgreSQL's own JSON (`need_rows`)."""
    category = by.organisation.category
    if category is None or not by.is_active:
        return Page(size=size)
    sql, values = _statement(wanted, by, at, cursor, size)
    values |= {"bits": _BITS[category], "us": by.organisation_id}
    with connection.cursor() as db:
        db.execute(sql, values)
        found = orjson.loads(f"[{','.join(row for (row,) in db.fetchall())}]")
    measure = distance_from(wanted.centre(by))
    items = [reader(row[-OF_NEED:], measure) for row in found[:size]]
    following = cursors.write(found[size - 1][:-OF_NEED]) if len(found) > size else None
    return Page(items, following, size)


def statement(
    wanted: Wanted, *, by: Membership, at: datetime, size: int = SIZE
) -> tuple[str, dict[str, Any]]:
    """The SQL of a first page, for EXPLAIN."""
    sql, values = _statement(wanted, by, at, None, size)
    category = by.organisation.category
    bits = _BITS[category] if category else 0
    return sql, values | {"bits": bits, "us": by.organisation_id}


# A row is one JSON array: PostgreSQL writes it and Python reads it in half the time of so many columns. A viewer
# of the feed sees no contact: that comes with an accepted claim.
_WITH_NEED: Final = f"""
SELECT json_build_array({{keys}}, {", ".join(f"need.{name}" for name in NEED_COLUMNS)},
    {", ".join(f"school.{name}" for name in SCHOOL_COLUMNS)},
    EXISTS (SELECT FROM brokerage_claim ours
            WHERE ours.claimant_id = %(us)s AND ours.state IN ('submitted', 'accepted')
              AND ours.slot_id IN (SELECT id FROM brokerage_slot WHERE need_id = need.id)),
    ARRAY(SELECT json_build_array(id, public_id, starts_at, ends_at, places, taken, open_until)
          FROM brokerage_slot WHERE need_id = need.id AND removed_at IS NULL ORDER BY starts_at, id))::text
FROM ({{page}}) page
JOIN brokerage_encounterneed need ON need.id = page.need_id
JOIN accounts_organisation school ON school.id = need.school_id
ORDER BY {{order}}
"""  # noqa: S608 (only our own column names are interpolated)

# Each sector and year group is one walk along the index, cut at a page's length; the first page of them all
# together is the first page. «Any sector» and «this sector» of one year group, which share no slot, go side by
# side and stop together when the page is full. The page's length is written out: the planner must see it in a
# plan it keeps for every value, or it plans anew each time, which takes as long as the walk.
_TWO_WALKS: Final = """
SELECT * FROM (
    (SELECT row.starts_at, row.slot_id, row.need_id FROM brokerage_listing row
     WHERE row.sector = %(sector)s::text AND row.year_group = %(year_group)s::smallint AND {fits}
     ORDER BY row.starts_at, row.slot_id LIMIT {size})
    UNION ALL
    (SELECT row.starts_at, row.slot_id, row.need_id FROM brokerage_listing row
     WHERE row.sector = '' AND row.year_group = %(year_group)s::smallint AND {fits}
     ORDER BY row.starts_at, row.slot_id LIMIT {size})) found
ORDER BY starts_at, slot_id LIMIT {size}
"""
_WALKS: Final = """
SELECT DISTINCT ON (found.starts_at, found.slot_id) found.*
FROM unnest(%(sectors)s::text[]) sector CROSS JOIN unnest(%(years)s::smallint[]) year_group
CROSS JOIN LATERAL (
    SELECT row.starts_at, row.slot_id, row.need_id FROM brokerage_listing row
    WHERE row.sector = sector.sector AND row.year_group = year_group.year_group AND {fits}
    ORDER BY row.starts_at, row.slot_id LIMIT {size}) found
ORDER BY found.starts_at, found.slot_id LIMIT {size}
"""
_ONE_WALK: Final = """
SELECT row.starts_at, row.slot_id, row.need_id FROM brokerage_listing row
WHERE row.is_first AND {fits}
ORDER BY row.starts_at, row.slot_id LIMIT {size}
"""
# A circle no wider than a square of the grid touches four at most: they are walked side by side and stop together, so
# that a tenth of the country is read instead of all of it. Distance is asked above the merge: asked within a lane, a
# corner where nobody posts would be read to its end. Each lane says its order, or PostgreSQL sorts them all whole.
_NEAR: Final = """
WITH listed AS NOT MATERIALIZED (SELECT starts_at, slot_id, need_id, easting, northing, open_until, open_to,
    encounter_type, delivery_mode, sector, year_group, square, is_first FROM brokerage_listing row)
SELECT row.starts_at, row.slot_id, row.need_id
FROM (SELECT * FROM ({lanes}) lane ORDER BY starts_at, slot_id OFFSET 0) row
WHERE {fits} ORDER BY row.starts_at, row.slot_id LIMIT {size}
"""
_LANE: Final = """(SELECT * FROM listed row
WHERE {kind} AND square = %(square{lane})s::smallint AND {times} ORDER BY 1, 2)"""
_SECTOR_AND_YEAR: Final = (
    "sector = %(sector)s::text AND year_group = %(year_group)s::smallint",
    "sector = '' AND year_group = %(year_group)s::smallint",
)
_LANES: Final = 4
_NOWHERE: Final = -1
_DISTANCE: Final = (
    "((row.easting - %(x)s::int)::bigint * (row.easting - %(x)s::int)"
    " + (row.northing - %(y)s::int)::bigint * (row.northing - %(y)s::int))"
)
_NEAREST: Final = """
SELECT * FROM (
    SELECT DISTINCT ON (row.need_id) {distance} AS distance, row.starts_at, row.slot_id, row.need_id
    FROM brokerage_listing row WHERE {fits} ORDER BY row.need_id, row.starts_at, row.slot_id) found
WHERE {after}
ORDER BY distance, starts_at, slot_id LIMIT {size}
"""
_NEWEST: Final = """
SELECT fresh.published_at, fresh.id AS slot_id, fresh.id AS need_id FROM brokerage_encounterneed fresh
WHERE fresh.state = 'open' AND {after} AND EXISTS (
    SELECT FROM brokerage_listing row WHERE row.need_id = fresh.id AND {fits})
ORDER BY fresh.published_at DESC, fresh.id DESC LIMIT {size}
"""


def _unread(*checks: str) -> str:
    """All of them, in one expression that the planner does not look into: then a plan for every value promises as
    much as one made for these, PostgreSQL keeps it, and planning, which takes as long as the walk, is saved."""
    return f"CASE WHEN {' AND '.join(checks)} THEN true ELSE false END"


# The need's sectors and year groups are the same in all its rows: an earlier slot that takes claims fits as well. Asked
# of the slots, for the page reads this need's next.
_TAKES_CLAIMS: Final = _unread(
    "earlier.starts_at >= %(from)s::timestamptz",
    "earlier.open_until > %(at)s::timestamptz",
    "earlier.taken < earlier.places",
)
_EARLIEST: Final = f"""NOT EXISTS (
    SELECT FROM brokerage_slot earlier
    WHERE earlier.need_id = row.need_id AND (earlier.starts_at, earlier.id) < (row.starts_at, row.slot_id)
      AND {_TAKES_CLAIMS})"""


def _statement(
    wanted: Wanted, by: Membership, at: datetime, cursor: str | None, size: int
) -> tuple[str, dict[str, Any]]:
    checks, values = _checks(wanted, by, at)
    times = ["row.starts_at >= %(from)s::timestamptz"]
    if wanted.starts_before:
        times.append("row.starts_at < %(before)s::timestamptz")
        values["before"] = wanted.starts_before
    match wanted.order:
        case Order.NEWEST:
            after = "true"
            if cursor:
                after = "(fresh.published_at, fresh.id) < (%(c1)s::timestamptz, %(c2)s::bigint)"
                values["c1"], values["c2"] = cursors.read(cursor, cursors.moment, cursors.key)
            fits = [*times, *_one_of(wanted, values), *checks]
            page = _NEWEST.format(after=after, fits=" AND ".join(fits), size=size + 1)
            keys, order = "page.published_at, page.slot_id", "page.published_at DESC, page.slot_id DESC"
        case Order.NEAREST if "x" in values:
            after = "true"
            if cursor:
                after = (
                    "(distance, starts_at, slot_id) > (%(c0)s::bigint, %(c1)s::timestamptz, %(c2)s::bigint)"
                )
                read = cursors.read(cursor, cursors.key, cursors.moment, cursors.key)
                values["c0"], values["c1"], values["c2"] = read
            fits = [*times, *_one_of(wanted, values), *checks]
            if squares := _squares(values):
                fits.append("row.square = ANY(%(squares)s::smallint[])")
                values["squares"] = squares
            page = _NEAREST.format(distance=_DISTANCE, fits=" AND ".join(fits), after=after, size=size + 1)
            keys = order = "page.distance, page.starts_at, page.slot_id"
        case _:
            if cursor:
                times.append("(row.starts_at, row.slot_id) > (%(c1)s::timestamptz, %(c2)s::bigint)")
                values["c1"], values["c2"] = cursors.read(cursor, cursors.moment, cursors.key)
            page = _soonest(wanted, values, " AND ".join(times), _unread(*checks, _EARLIEST), size + 1)
            keys = order = "page.starts_at, page.slot_id"
    return _WITH_NEED.format(keys=keys, page=page, order=order), values


def _checks(wanted: Wanted, by: Membership, at: datetime) -> tuple[list[str], dict[str, Any]]:
    """What a row must meet beside its time, place first: it turns most away. `open_until` is asked again: the clock
    changes no rows."""
    checks = ["row.open_until > %(at)s::timestamptz", "(row.open_to & %(bits)s::int) <> 0"]
    values: dict[str, Any] = {"at": at, "from": max(at, wanted.starts_after or at)}
    if wanted.encounter_type:
        checks.append("row.encounter_type = %(encounter_type)s::text")
        values["encounter_type"] = wanted.encounter_type
    if wanted.delivery_mode:
        checks.append("row.delivery_mode = %(delivery_mode)s::text")
        values["delivery_mode"] = wanted.delivery_mode
    centre, radius = wanted.centre(by), wanted.radius(by)
    if centre is not None and radius is not None:
        x, y, reach = *centre, round(radius)
        checks = [
            "row.easting BETWEEN %(west)s::int AND %(east)s::int",
            "row.northing BETWEEN %(south)s::int AND %(north)s::int",
            f"{_DISTANCE} <= %(reach)s::bigint",
            *checks,
        ]
        values |= {"x": x, "y": y, "reach": reach**2}
        values |= {"west": x - reach, "east": x + reach, "south": y - reach, "north": y + reach}
    elif centre is not None and wanted.order == Order.NEAREST:
        checks.append("row.easting IS NOT NULL")
        values |= {"x": centre[0], "y": centre[1]}
    return checks, values


def _soonest(wanted: Wanted, values: dict[str, Any], times: str, fits: str, size: int) -> str:
    """The walks that find what is wanted, in order of time."""
    walk = {"fits": f"{times} AND {fits}", "size": size}
    if bool(wanted.sector) != (wanted.year_group is not None):
        values["sectors"] = [wanted.sector, ""] if wanted.sector else [*map(str, Sector), ""]
        values["years"] = [wanted.year_group] if wanted.year_group is not None else list(YEAR_GROUPS)
        return _WALKS.format(**walk)
    if wanted.sector:
        values["sector"], values["year_group"] = wanted.sector, wanted.year_group
    squares = _squares(values)
    if not 0 < len(squares) <= _LANES:
        return (_TWO_WALKS if wanted.sector else _ONE_WALK).format(**walk)
    squares += [_NOWHERE] * (_LANES - len(squares))
    values |= {f"square{lane}": square for lane, square in enumerate(squares)}
    kinds = _SECTOR_AND_YEAR if wanted.sector else ("is_first",)
    return _NEAR.format(lanes=_lanes(kinds, times), fits=fits, size=size)


@cache
def _lanes(kinds: tuple[str, ...], times: str) -> str:
    return " UNION ALL ".join(
        _LANE.format(kind=kind, lane=lane, times=times) for kind in kinds for lane in range(_LANES)
    )


def _squares(values: dict[str, Any]) -> list[int]:
    """Those that the box around the circle touches, as `Listing.square` counts them; none without a circle."""
    if "west" not in values:
        return []
    west, east, south, north = (int(values[side] / SQUARE) for side in ("west", "east", "south", "north"))
    return [x * COLUMN + y for x in range(west, east + 1) for y in range(south, north + 1)]


def _one_of(wanted: Wanted, values: dict[str, Any]) -> list[str]:
    """The same choice of rows where order needs no index."""
    if not wanted.sector and wanted.year_group is None:
        return ["row.is_first"]
    chosen = []
    if wanted.sector:
        chosen.append("row.sector IN (%(sector)s::text, '')")
        values["sector"] = wanted.sector
    if wanted.year_group is not None:
        chosen.append("row.year_group = %(year_group)s::int")
        values["year_group"] = wanted.year_group
    return chosen
