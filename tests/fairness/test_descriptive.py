"""The describing figures, against worked values from their sources and against sums done by hand."""

import pytest

from brokerage.fairness import allocation, descriptive
from brokerage.fairness.allocation import SchoolVisits
from brokerage.fairness.descriptive import Wait

# Days of remission of 21 children on 6-MP, an open one marked with +: 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22
# 23 25+ 32+ 32+ 34+ 35+, and of 21 on placebo. Freireich et al. 1963, the worked example of every textbook.
TREATED = [
    (6, 1),
    (6, 1),
    (6, 1),
    (6, 0),
    (7, 1),
    (9, 0),
    (10, 1),
    (10, 0),
    (11, 0),
    (13, 1),
    (16, 1),
    (17, 0),
]
TREATED += [(19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def treated() -> list[Wait]:
    return [Wait(days, bool(answered)) for days, answered in TREATED]


def placebo() -> list[Wait]:
    return [Wait(days, True) for days in PLACEBO]


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [
        (81, 263, (0.2553, 0.3662)),  # Newcombe, Stat Med 1998;17:857, table I, method 3
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
        (29, 29, (0.8830, 1.0)),
        (0, 0, (0.0, 1.0)),
    ],
)
def test_wilson_gives_the_published_intervals(
    successes: int, trials: int, interval: tuple[float, float]
) -> None:
    assert descriptive.wilson(successes, trials) == pytest.approx(interval, abs=0.0001)


def test_wilson_refuses_more_than_all() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        descriptive.wilson(3, 2)


def test_kaplan_meier_gives_the_textbook_curve() -> None:
    curve = descriptive.kaplan_meier(treated())

    assert [(day, round(share, 3)) for day, share in curve.steps] == [
        (0, 1.0),
        (6, 0.857),
        (7, 0.807),
        (10, 0.753),
        (13, 0.690),
        (16, 0.627),
        (22, 0.538),
        (23, 0.448),
    ]
    assert curve.open_on == (6, 9, 10, 11, 17, 19, 20, 25, 32, 34, 35)
    assert (curve.after(5), round(curve.after(15), 3), curve.requests) == (1.0, 0.690, 21)


def test_log_rank_gives_the_textbook_statistic() -> None:
    z = descriptive.log_rank(treated(), placebo())

    assert z is not None
    assert z * z == pytest.approx(16.79, abs=0.01)
    assert z < 0
    assert descriptive.log_rank(placebo(), treated()) == pytest.approx(-z)


def test_nothing_to_compare_has_no_statistic() -> None:
    assert descriptive.log_rank([], [Wait(3, False)]) is None
    assert descriptive.kaplan_meier([]).steps == ((0, 1.0),)


def test_an_answer_on_the_day_itself_counts_from_the_start() -> None:
    assert descriptive.kaplan_meier([Wait(0, True), Wait(4, True)]).steps == ((0, 0.5), (4, 0.0))


def test_funnel_of_schools_that_differ_by_chance_alone_has_no_extra_spread() -> None:
    found = descriptive.funnel([(6, 10), (5, 10), (9, 20)])

    assert found == descriptive.Funnel(centre=0.5, tau_squared=0.0)
    assert found.limits(25, 2) == pytest.approx((0.3, 0.7))
    assert found.limits(4, 3) == (0.0, 1.0)


def test_funnel_widens_for_schools_that_differ() -> None:
    """By hand: p = ½, every w = 100/¼ = 400, z = ∓6, Σz² = 72, τ² = (72 - 1)/(800 - 400) = 0.1775."""
    found = descriptive.funnel([(20, 100), (80, 100)])

    assert found is not None
    assert found.tau_squared == pytest.approx(0.1775)
    assert found.limits(100, 2) == pytest.approx((0.0, 1.0))


def test_outlying_schools_do_not_widen_the_funnel_for_themselves() -> None:
    assert descriptive.winsorised([-9, -1, -1, 0, 0, 0, 0, 1, 1, 12]) == [-1, -1, -1, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("counts", [[], [(3, 9)], [(0, 4), (0, 9)], [(4, 4), (9, 9)]])
def test_too_little_for_a_funnel(counts: list[tuple[int, int]]) -> None:
    assert descriptive.funnel(counts) is None


def test_concentration_of_visits_by_hand() -> None:
    """Half the pupils in the more disadvantaged school had a quarter: ranks ¾ and ¼, 2(¼·¾ + ¾·¼) - 1 = -¼."""
    found = allocation.concentration([SchoolVisits(100, 30, 0.1), SchoolVisits(100, 10, 0.6)])

    assert found is not None
    assert found.index == pytest.approx(-0.25)
    assert found.curve == ((0.0, 0.0), (0.5, 0.25), (1.0, 1.0))
    assert found.visits_of(0.2) == pytest.approx(0.1)


def test_equal_shares_have_no_concentration_whatever_their_size() -> None:
    schools = [SchoolVisits(10 * size, size, 1 / size) for size in range(1, 9)]
    found = allocation.concentration(schools)

    assert found is not None
    assert found.index == pytest.approx(0)


def test_index_is_twice_the_area_between_curve_and_diagonal() -> None:
    schools = [
        SchoolVisits(80, 5, 0.9),
        SchoolVisits(200, 40, 0.5),
        SchoolVisits(50, 1, 0.5),
        SchoolVisits(9, 30, 0),
    ]
    found = allocation.concentration(schools)

    assert found is not None
    pairs = zip(found.curve, found.curve[1:], strict=False)
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairs)
    assert found.index == pytest.approx(2 * area - 1)
    assert len(found.curve) == 4


def test_nobody_visited_has_no_concentration() -> None:
    assert allocation.concentration([SchoolVisits(10, 0, 0.5)]) is None
    assert allocation.concentration([]) is None
