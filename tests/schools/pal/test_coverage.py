"""R12, R13: what counts per session say of each pupil, held against the exact linear programme."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.pal.coverage import Bounds, band, bounds, percentage, whole_percent
from tests.schools.pal import linear_programme

tenths = st.integers(0, 10).map(lambda number: Fraction(number, 10))
shares = st.one_of(tenths, st.fractions(0, 1, max_denominator=180))
# Up to five sessions in up to four classes.
classes = st.lists(st.lists(shares, min_size=1, max_size=3), min_size=0, max_size=4).filter(
    lambda listed: sum(map(len, listed)) <= 5
)


def by_linear_programme(listed: list[list[Fraction]]) -> Bounds:
    """Over every way in which the sessions' pupils can overlap: x[p] is the share that was at just the sessions p."""
    class_of = [number for number, one in enumerate(listed) for _ in one]
    patterns = list(product((0, 1), repeat=len(class_of)))
    had_two = [
        int(len({class_of[i] for i, there in enumerate(pattern) if there}) >= 2) for pattern in patterns
    ]
    rows = [[1] * len(patterns), *([pattern[i] for pattern in patterns] for i in range(len(class_of)))]
    totals = [Fraction(1), *(share for one in listed for share in one)]
    most = -linear_programme.least([-cost for cost in had_two], rows, totals)
    return Bounds(linear_programme.least(had_two, rows, totals), most)


@settings(max_examples=150, deadline=None)
@given(classes)
def test_the_bounds_equal_the_linear_programme(listed):
    assert bounds(listed) == by_linear_programme(listed)


def percent(*values: int) -> list[list[Fraction]]:
    return [[Fraction(value, 100)] for value in values]


@pytest.mark.parametrize(
    ("listed", "lower", "upper"),
    [
        (percent(90, 85), 75, 85),
        (percent(90, 30, 30), 25, 60),
        (percent(100, 100), 100, 100),
        (percent(100), 0, 0),
        ([], 0, 0),
        # The same provider twice is one class: everybody may have met it, only 60 % surely.
        ([[Fraction(6, 10), Fraction(4, 10)]], 0, 0),
        ([[Fraction(6, 10), Fraction(4, 10)], [Fraction(1)]], 60, 100),
    ],
)
def test_bounds_by_hand(listed, lower, upper):
    assert bounds(listed) == Bounds(Fraction(lower, 100), Fraction(upper, 100))


@given(classes)
def test_bounds_are_shares_in_order_and_blind_to_order(listed):
    found = bounds(listed)

    assert 0 <= found.lower <= found.upper <= 1
    assert found == bounds(reversed(listed))


@given(classes, shares)
def test_another_session_never_takes_evidence_away(listed, more):
    assert bounds([*listed, [more]]).lower >= bounds(listed).lower
    assert bounds([*listed, [more]]).upper >= bounds(listed).upper


@pytest.mark.parametrize(
    ("top", "bottom", "whole", "words", "label"),
    [
        (0, 1, 0, "0%", "None (0%)"),
        (4, 1000, 1, "under 1%", "A few (1% to 25%)"),
        (25, 100, 25, "25%", "A few (1% to 25%)"),
        (255, 1000, 26, "26%", "Some (26% to 50%)"),
        (142, 153, 93, "93%", "The overwhelming majority (76% to 99%)"),
        (996, 1000, 99, "over 99%", "The overwhelming majority (76% to 99%)"),
        (75, 100, 75, "75%", "Most (51% to 75%)"),
        (1, 1, 100, "100%", "All (100%)"),
    ],
)
def test_a_share_is_0_only_for_nobody_and_100_only_for_everybody(top, bottom, whole, words, label):
    share = Fraction(top, bottom)

    assert (whole_percent(share), percentage(share), band(share)) == (whole, words, label)
