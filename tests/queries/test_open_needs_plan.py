"""The feed at a size where a wrong plan would show: the covering indexes answer it, in order, and stop at a page."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from brokerage.queries import open_needs
from brokerage.queries.open_needs import Order, Wanted
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS = 120_000
HERE = (400_000, 300_000)
# Towns of unequal size over 300 km; half the needs take any sector; dates over 300 days. No randomness.
_FILL = """
INSERT INTO brokerage_listing (slot_id, need_id, year_group, sector, starts_at, open_until, easting, northing,
    encounter_type, delivery_mode, open_to, is_first)
SELECT n / 3, n / 6, 7 + n %% 7,
    CASE WHEN n %% 2 = 0 THEN '' ELSE (ARRAY['law','digital','media','health'])[1 + n / 2 %% 4] END,
    start, start, 250000 + (n / 6 * 7919 %% 300000), 150000 + (n / 6 * 104729 %% 300000),
    'career_talk', 'in_person', 1 + n / 6 %% 7, n %% 3 = 0
FROM generate_series(1, %s) n
CROSS JOIN LATERAL (SELECT now() + interval '1 hour' + (n / 3 * 37 %% 300000) * interval '1 minute' AS start) times
ON CONFLICT DO NOTHING
"""


@pytest.fixture
def listing():
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [ROWS])
        cursor.execute("VACUUM ANALYZE brokerage_listing")


def nodes(plan: dict[str, Any], below: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """`below` of each: the kinds of node above it, from the one that ends at a page's length."""
    plan["below"] = below
    yield plan
    below = ("Limit",) if plan["Node Type"] == "Limit" else (*below, plan["Node Type"])
    for inner in plan.get("Plans", []):
        yield from nodes(inner, below)


def explained(wanted: Wanted) -> list[dict[str, Any]]:
    by = factories.member(factories.employer(easting=HERE[0], northing=HERE[1]))
    sql, values = open_needs.statement(wanted, by=by, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        told = cursor.fetchone()[0]
    plan = json.loads(told) if isinstance(told, str) else told
    return [node for node in nodes(plan[0]["Plan"]) if node.get("Relation Name") == "brokerage_listing"]


WANTED = [
    ({"sector": "law", "year_group": 9, "near": HERE}, "listing_near"),
    ({"sector": "law", "year_group": 9, "near": HERE, "within_km": 80}, "listing_wanted"),
    ({"sector": "law", "year_group": 9}, "listing_wanted"),
    ({"year_group": 9, "near": HERE}, "listing_wanted"),
    ({"sector": "law", "near": HERE}, "listing_wanted"),
    ({"near": HERE}, "listing_near_any"),
    ({"near": HERE, "within_km": 80}, "listing_soonest"),
    ({}, "listing_soonest"),
    ({"encounter_type": "career_talk", "delivery_mode": "in_person", "near": HERE}, "listing_near_any"),
]


def test_soonest_walks_its_covering_index_and_other_orders_read_no_whole_table(listing):
    later = timezone.now() + timedelta(days=10)
    for wanted, index in WANTED:
        for bounds in ({}, {"starts_after": later}, {"starts_before": later + timedelta(days=60)}):
            used = explained(Wanted(**wanted, **bounds))
            walks = [node for node in used if node["Alias"].startswith("row")]
            assert {(node["Node Type"], node["Index Name"]) for node in walks} == {
                ("Index Only Scan", index)
            }, used
            assert "Seq Scan" not in {node["Node Type"] for node in used}, used
            # To sort before the page is cut would be to read all.
            assert all(node["below"][0] == "Limit" and "Sort" not in node["below"] for node in walks), used
    for order, wanted in (
        (Order.NEWEST, {}),
        (Order.NEAREST, {"near": HERE, "year_group": 9, "sector": "law"}),
    ):
        used = explained(Wanted(**wanted, order=order))
        assert "Seq Scan" not in {node["Node Type"] for node in used}, used


@pytest.mark.parametrize("within_km", [20, 80])
@pytest.mark.parametrize(("sectors", "years"), [(("law", "media"), (7, 8, 9)), (("",), (None,))])
def test_plan_is_kept_for_every_value(listing, sectors, years, within_km):
    """To plan takes as long as to walk; psycopg prepares after a few, PostgreSQL then weighs a plan it can keep."""
    by = factories.member(factories.employer(easting=HERE[0], northing=HERE[1]))
    before = prepared()
    for number in range(16):
        wanted = Wanted(
            sector=sectors[number % len(sectors)],
            year_group=years[number % len(years)],
            within_km=within_km + number / 10,
        )
        open_needs.search(wanted, by=by, at=timezone.now())
    # Others' statements may stand on the same connection: ours are those that ran since.
    since = {name: (kept, own) for name, (kept, own) in prepared().items() if before.get(name) != (kept, own)}
    assert since
    assert all(kept > before.get(name, (0, 0))[0] for name, (kept, own) in since.items())


def prepared() -> dict[str, tuple[int, int]]:
    """How often each statement about the listing ran by a kept plan, and by one made for its values."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%brokerage_listing%"],
        )
        return {name: (generic, custom) for name, generic, custom in cursor.fetchall()}
