from datetime import timedelta
from math import hypot

import pytest
from django.utils import timezone

from brokerage.queries import open_needs
from brokerage.queries.open_needs import Order, Wanted
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def looker(**fields):
    return factories.member(factories.employer(**fields))


def titles(by, cursor=None, size=20, **wanted):
    page = open_needs.search(Wanted(**wanted), by=by, at=timezone.now(), cursor=cursor, size=size)
    return [need.title for need in page.items]


def test_need_appears_once_at_its_earliest_slot():
    need = factories.posted(
        title="Talk", year_groups=[9, 10], sectors=["digital", "law"],
        slots=[time_slot(days=9, places=2), time_slot(days=7), time_slot(days=8)],
    )  # fmt: skip
    for wanted in ({}, {"year_group": 9}, {"sector": "law"}, {"sector": "law", "year_group": 10}):
        for order in Order:
            by = looker(easting=400100, northing=300000)
            assert titles(by, **wanted, order=order) == ["Talk"], (wanted, order)
    (row,) = open_needs.search(Wanted(), by=looker(), at=timezone.now()).items
    assert row.public_id == str(need.public_id)
    assert [slot.places for slot in row.slots] == [1, 1, 2]
    assert row.expected_pupils == {"9": 180, "10": 180}


def test_full_or_past_slot_gives_way_to_the_next():
    need = factories.posted(slots=[time_slot(days=7), time_slot(days=8)], title="Two times")
    factories.posted(slots=[time_slot(days=7, hour=12)], title="Other")
    assert titles(looker()) == ["Two times", "Other"]
    factories.accepted_claim(on=need)
    assert titles(looker()) == ["Other", "Two times"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["Any", "Law 9"]),
        ({"sector": "law"}, ["Any", "Law 9"]),
        ({"sector": "digital"}, ["Any"]),
        ({"year_group": 9}, ["Law 9"]),
        ({"year_group": 12}, ["Any"]),
        ({"year_group": 9, "sector": "digital"}, []),
        ({"encounter_type": "career_talk"}, ["Law 9"]),
        ({"delivery_mode": "hybrid"}, ["Any"]),
    ],
)
def test_filters_leave_out_what_does_not_fit(wanted, found):
    factories.posted(title="Any", year_groups=[12], delivery_mode="hybrid", slots=[time_slot(days=5)])
    factories.posted(
        title="Law 9",
        sectors=["law"],
        year_groups=[9],
        encounter_type="career_talk",
        slots=[time_slot(days=6)],
    )
    for order in (Order.SOONEST, Order.NEAREST):
        assert titles(looker(easting=400000, northing=300000), **wanted, order=order) == found
    assert titles(looker(), **wanted, order=Order.NEWEST) == found[::-1]


def test_dates_bound_the_slot_that_is_listed():
    factories.posted(title="Week", slots=[time_slot(days=5), time_slot(days=12)])
    now = timezone.now()
    assert titles(looker(), starts_after=now + timedelta(days=6)) == ["Week"]
    assert titles(looker(), starts_before=now + timedelta(days=3)) == []
    assert titles(looker(), starts_after=now + timedelta(days=6), starts_before=now + timedelta(days=9)) == []


def test_only_those_it_is_open_to_find_it():
    factories.posted(title="Colleges", open_to=["technical_provider"])
    assert titles(looker()) == []
    assert titles(factories.member(factories.provider())) == ["Colleges"]
    assert titles(factories.member(factories.university())) == []
    assert titles(factories.member(factories.school())) == []


def test_closed_need_leaves_with_the_clock_alone():
    factories.posted(title="Closes", closes_at=timezone.now() + timedelta(days=1))
    late = timezone.now() + timedelta(days=2)
    assert titles(looker()) == ["Closes"]
    assert open_needs.search(Wanted(), by=looker(), at=late).items == []


def test_distance_counts_from_the_place_named_or_our_own():
    near, far = (
        factories.school(easting=400000, northing=300000),
        factories.school(easting=440000, northing=330000),
    )
    nowhere = factories.school(easting=None, northing=None)
    factories.posted(factories.member(far), title="Far", slots=[time_slot(days=3)])
    factories.posted(factories.member(near), title="Near", slots=[time_slot(days=4)])
    factories.posted(factories.member(nowhere), title="Somewhere", slots=[time_slot(days=5)])
    here = (400000, 299000)

    assert titles(looker()) == ["Far", "Near", "Somewhere"]
    assert titles(looker(), near=here) == ["Near"]
    assert titles(looker(), near=here, within_km=60, order=Order.NEAREST) == ["Near", "Far"]
    assert titles(looker(), near=here, within_km=50) == ["Near"]
    at_home = looker(easting=here[0], northing=here[1])
    assert titles(at_home, within_km=5) == ["Near"]
    page = open_needs.search(Wanted(), by=at_home, at=timezone.now())
    assert [need.distance_km for need in page.items] == [50.6, 1.0, None]


def test_circle_finds_the_same_wherever_it_lies_on_the_grid():
    """The listing is read by squares of 60 km: beside their edges and corners, and with no school in one of them."""
    spots = [(360_000 + x, 300_000 + y) for x in (-29_000, -1, 0, 14_000) for y in (-20_000, -1, 0, 27_000)]
    spots.remove((360_000, 300_000))
    for number, (easting, northing) in enumerate(spots):
        leader = factories.member(factories.school(easting=easting, northing=northing))
        factories.posted(leader, title=str(number), sectors=["law"], slots=[time_slot(days=5 + number)])
    for centre in (
        (360_000, 300_000),
        (359_999, 299_999),
        (331_000, 280_000),
        (390_000, 330_000),
        (25_000, 9_000),
    ):
        for within_km in (0.1, 12, 29.9, 30, 33, 70):
            near = [
                str(number)
                for number, (x, y) in enumerate(spots)
                if hypot(x - centre[0], y - centre[1]) <= within_km * 1000
            ]
            for wanted in ({}, {"year_group": 10, "sector": "law"}, {"year_group": 10}):
                found = titles(looker(), near=centre, within_km=within_km, **wanted)
                assert found == near, (centre, within_km, wanted)
                nearest = titles(looker(), near=centre, within_km=within_km, order=Order.NEAREST, **wanted)
                assert sorted(nearest) == sorted(near), (centre, within_km, wanted)


def test_live_online_needs_no_journey():
    far = factories.member(factories.school(easting=600000, northing=500000))
    factories.posted(far, title="Online", delivery_mode="live_online")
    assert titles(looker(), near=(400000, 300000)) == []
    assert titles(looker(), near=(400000, 300000), delivery_mode="live_online") == ["Online"]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"year_group": 10},
        {"year_group": 10, "sector": "law"},
        {"within_km": 15},
        {"year_group": 10, "sector": "law", "within_km": 15},
    ],
)
def test_pages_follow_each_other_without_gap_or_repeat(order, wanted):
    leader = factories.member(factories.school())
    for number in range(7):
        slots = [time_slot(days=5 + number % 3), time_slot(days=15)]
        factories.posted(leader, title=str(number), slots=slots, sectors=["law", "media"])
    by = looker(easting=410000, northing=300000)
    once = titles(by, order=order, **wanted)
    seen, cursor = [], None
    for _ in range(4):
        page = open_needs.search(
            Wanted(order=order, **wanted), by=by, at=timezone.now(), cursor=cursor, size=2
        )
        seen += [need.title for need in page.items]
        cursor = page.next
    assert (seen, cursor) == (once, None)
    assert sorted(seen) == list("0123456")


def test_our_own_claim_shows():
    need = factories.posted(slots=[time_slot(places=2)])
    by = looker()
    factories.accepted_claim(by, on=need)
    for viewer, ours in ((by, True), (looker(), False)):
        (row,) = open_needs.search(Wanted(), by=viewer, at=timezone.now()).items
        assert (row.is_claimed_by_us, row.slots[0].places_left) == (ours, 1)
