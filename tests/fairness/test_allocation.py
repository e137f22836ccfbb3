"""How visits are shared out, against sums done by hand and against what must hold for any schools."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.fairness import allocation
from brokerage.fairness.allocation import SchoolVisits

VALUES = st.lists(st.floats(0, 1000).map(lambda value: round(value, 3)), min_size=1, max_size=30)
SCHOOLS = st.lists(
    st.builds(
        SchoolVisits,
        pupils=st.integers(1, 2000),
        visits=st.integers(0, 300),
        disadvantage=st.sampled_from([0.05, 0.1, 0.2, 0.2001, 0.4, 0.7]),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize(
    ("values", "gini", "jain"),
    [
        ([1, 1, 1, 1], 0, 1),
        ([0, 0, 0, 8], 0.75, 0.25),
        # |differences| of all pairs: 1+2+3+1+2+1 = 10, twice; 2·10 / (2·16·2.5) = 0.25. 10²/(4·30) = 0.8333
        ([1, 2, 3, 4], 0.25, 100 / 120),
        ([3, 1], 0.25, 16 / 20),
    ],
)
def test_gini_and_jain_of_small_sums(values: list[float], gini: float, jain: float) -> None:
    assert allocation.gini(values) == pytest.approx(gini)
    assert allocation.jain(values) == pytest.approx(jain)


@pytest.mark.parametrize("values", [[], [0, 0, 0]])
def test_nothing_shared_out_is_no_inequality(values: list[float]) -> None:
    assert allocation.gini(values) is None
    assert allocation.jain(values) is None


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="less than nothing"):
        allocation.gini([1, -1])


@given(VALUES, st.floats(0.01, 1000))
def test_measures_stay_within_bounds_and_know_no_unit(values: list[float], factor: float) -> None:
    gini, jain, count = allocation.gini(values), allocation.jain(values), len(values)
    if gini is None or jain is None:
        assert not any(values)
        return

    assert 0 <= gini <= 1 - 1 / count + 1e-9
    assert 1 / count - 1e-9 <= jain <= 1
    scaled = [value * factor for value in values]
    assert allocation.gini(scaled) == pytest.approx(gini, abs=1e-9)
    assert allocation.jain(scaled) == pytest.approx(jain, abs=1e-9)


@given(VALUES, st.data())
def test_giving_from_more_to_less_never_widens(values: list[float], data: st.DataObject) -> None:
    """Pigou and Dalton's principle: a transfer that doesn't turn the two around."""
    ranked = sorted(values)
    given_ = data.draw(st.floats(0, (ranked[-1] - ranked[0]) / 2))
    closer = [ranked[0] + given_, *ranked[1:-1], ranked[-1] - given_] if len(ranked) > 1 else ranked

    for measure, better in ((allocation.gini, -1), (allocation.jain, 1)):
        before, after = measure(ranked), measure(closer)
        if before is not None and after is not None:
            assert better * (after - before) >= -1e-9


def test_ratios_are_per_pupil() -> None:
    # 10 for 200 pupils beside 30 for 300: 5 and 10 per 100
    assert allocation.ratio(10, 200, 30, 300) == pytest.approx(0.5)
    assert allocation.ratio(10, 200, 0, 300) is None
    assert allocation.ratio(10, 0, 30, 300) is None


def test_share_without_any() -> None:
    assert allocation.share_without([0, 2, 0, 1]) == 0.5
    assert allocation.share_without([]) is None


def test_fifths_hold_a_fifth_of_pupils_each() -> None:
    shares = (0.1, 0.5, 0.3, 0.4, 0.2)

    assert allocation.fifths([SchoolVisits(100, 1, share) for share in shares]) == [4, 0, 2, 1, 3]


def test_fifths_go_by_the_middle_of_a_schools_pupils_and_leave_out_the_empty() -> None:
    # Middles from the most disadvantaged: 300/1000, then 650/1000 for both equals, then 850/1000.
    schools = [SchoolVisits(600, 1, 0.5), SchoolVisits(50, 1, 0.3), SchoolVisits(50, 1, 0.3)]
    schools += [SchoolVisits(300, 1, 0.1), SchoolVisits(0, 1, 0.9)]

    assert allocation.fifths(schools) == [1, 3, 3, 4, None]


@given(SCHOOLS)
def test_fifths_never_put_a_more_disadvantaged_school_below_a_less(schools: list[SchoolVisits]) -> None:
    placed = sorted(zip((-each.disadvantage for each in schools), allocation.fifths(schools), strict=True))

    assert [fifth for _, fifth in placed] == sorted(fifth for _, fifth in placed)  # type: ignore[type-var]
    assert len({*placed}) == len({each.disadvantage for each in schools})


@given(SCHOOLS, st.integers(1, 12))
def test_pools_keep_everybody_in_order_and_none_is_small(schools: list[SchoolVisits], at_least: int) -> None:
    groups = allocation.pools(schools, at_least)
    order = [schools[place].disadvantage for group in groups for place in group]

    assert sorted(place for group in groups for place in group) == list(range(len(schools)))
    assert order == sorted(order, reverse=True)
    assert all(len(group) >= min(at_least, len(schools)) for group in groups)


def test_pools_of_nothing_are_none_and_pupils_weigh_the_share() -> None:
    assert allocation.pools([], 10) == []
    one = allocation.together([SchoolVisits(100, 3, 0.4), SchoolVisits(300, 4, 0.2)])
    assert one == SchoolVisits(400, 7, pytest.approx(0.25))


@pytest.mark.parametrize(
    ("sizes", "cells"),
    [
        ([12, 15, 30], set()),
        ([4, 15, 30], {0, 1}),  # 4 alone could be had from the total
        ([4, 7, 30], {0, 1}),  # 11 together
        ([2, 3, 30, 12], {0, 1, 3}),  # 5 together: still too few
        ([0, 15, 30], set()),
        ([4, 0, 3], {0, 2}),
        ([4], {0}),
    ],
)
def test_a_small_cell_is_hidden_with_what_would_reveal_it(sizes: list[int], cells: set[int]) -> None:
    assert allocation.hidden(sizes, 10) == cells


@given(st.lists(st.integers(0, 40), max_size=8))
def test_what_is_hidden_together_is_no_smaller_than_what_is_shown(sizes: list[int]) -> None:
    cells = allocation.hidden(sizes, 10)
    shown = [size for cell, size in enumerate(sizes) if cell not in cells and size]

    assert all(size >= 10 for size in shown)
    if cells and shown:
        assert len(cells) >= 2
        assert sum(sizes[cell] for cell in cells) >= 10
