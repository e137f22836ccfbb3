"""How likely the next 28 February is missed: behaviour, edges, and calibration on worlds of its own kind."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.pal.forecast import Hyperparameters, Outlook, chance_of_missing, fit, remaining_share, survival

# When a season's sessions might be agreed.
SEASON = (0.18, 0.14, 0, 0, 0, 0, 0, 0, 0.12, 0.22, 0.22, 0.12)
GIVEN = Hyperparameters(mean=1.2, shape=1.5, national_survival=0.85, by_month=SEASON)
NOTHING = Outlook(wanted=2, in_diary=0, planned_before=0, held_before=0, last_season=None)
DEADLINE = date(2027, 2, 28)

outlooks = st.builds(
    Outlook,
    wanted=st.integers(0, 2),
    in_diary=st.integers(0, 6),
    planned_before=st.integers(5, 20),
    held_before=st.integers(0, 5),
    last_season=st.none() | st.integers(0, 8),
    this_season=st.none() | st.integers(0, 4),
)


def test_nothing_wanted_cannot_be_missed():
    assert chance_of_missing(replace(NOTHING, wanted=0), 0.5, GIVEN) == 0


def test_with_no_season_left_and_nothing_in_the_diary_it_is_missed():
    assert chance_of_missing(NOTHING, 0.0, GIVEN) == pytest.approx(1)


def test_a_diary_alone_is_a_binomial():
    one = replace(NOTHING, wanted=1, in_diary=2)

    assert chance_of_missing(one, 0.0, GIVEN) == pytest.approx(0.15**2)
    assert chance_of_missing(replace(one, wanted=2), 0.0, GIVEN) == pytest.approx(1 - 0.85**2)


def test_further_sessions_alone_are_negative_binomial():
    """Gamma(1.5 + 3, 1.5 / 1.2 + 1), half a season: the chances of none and of one, written out."""
    stays = 2.25 / 2.75
    none, one = stays**4.5, 4.5 * stays**4.5 * (1 - stays)

    found = chance_of_missing(replace(NOTHING, last_season=3), 0.5, GIVEN)

    assert found == pytest.approx(none + one)


@given(outlooks, st.floats(0, 1))
def test_it_is_a_chance_and_every_good_sign_lowers_it(outlook, remaining):
    found = chance_of_missing(outlook, remaining, GIVEN)
    signs = [
        replace(outlook, wanted=max(0, outlook.wanted - 1)),
        replace(outlook, in_diary=outlook.in_diary + 1),
        replace(outlook, planned_before=outlook.planned_before + 1, held_before=outlook.held_before + 1),
        replace(outlook, this_season=None if outlook.this_season is None else outlook.this_season + 1),
        replace(outlook, last_season=None if outlook.last_season is None else outlook.last_season + 1),
    ]

    assert 0 <= found <= 1
    assert all(chance_of_missing(better, remaining, GIVEN) <= found + 1e-12 for better in signs)
    assert chance_of_missing(outlook, min(1, remaining + 0.1), GIVEN) <= found + 1e-12


def test_this_season_so_far_tells_of_what_is_left_of_it():
    busy = chance_of_missing(replace(NOTHING, this_season=4), 0.5, GIVEN)
    quiet = chance_of_missing(replace(NOTHING, this_season=0), 0.5, GIVEN)

    assert busy < chance_of_missing(NOTHING, 0.5, GIVEN) < quiet


def test_survival_is_the_schools_own_record_beside_eight_national_sessions():
    assert survival(0, 0, GIVEN) == pytest.approx(0.85)
    assert survival(8, 0, GIVEN) == pytest.approx(0.85 / 2)
    assert survival(8000, 8000, GIVEN) > 0.999


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 8, 31), 1.0),
        (date(2026, 9, 30), 0.88),
        (date(2026, 10, 31), 0.66),
        (date(2027, 1, 31), 0.14),
        (date(2027, 2, 14), 0.07),
        (date(2027, 2, 28), 0.0),
        (date(2027, 5, 1), 0.0),
        # A season ahead and more is one season.
        (date(2025, 9, 1), 1.0),
    ],
)
def test_the_share_of_the_season_still_to_be_agreed(today, share):
    assert remaining_share(today, DEADLINE, GIVEN) == pytest.approx(share)


def test_hyperparameters_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="twelve shares"):
        replace(GIVEN, by_month=(1.0,))
    with pytest.raises(ValueError, match="above 0"):
        replace(GIVEN, mean=0)
    with pytest.raises(ValueError, match="at least two cohorts"):
        fit([0, 0], [], 0, 0)


def a_year(rng: random.Random, rate: float) -> list[int]:
    """Days after 31 August on which a cohort's sessions fell, in one season."""
    months = [9, 10, 11, 12, 1, 2]
    count, time_passed = 0, rng.expovariate(rate)
    while time_passed < 1:
        count, time_passed = count + 1, time_passed + rng.expovariate(rate)
    days = []
    for month in rng.choices(months, [SEASON[month - 1] for month in months], k=count):
        first = date(2026 + (month < 9), month, 1)
        days.append((first - date(2026, 8, 31)).days + rng.randrange(28))
    return days


def test_it_is_calibrated_and_sharper_than_the_base_rate_in_worlds_of_its_own_kind():
    rng = random.Random(20)
    rates = [rng.gammavariate(1.5, 1.2 / 1.5) for _ in range(4000)]
    first, second = ([a_year(rng, rate) for rate in rates] for _ in range(2))
    months = [(date(2026, 8, 31) + timedelta(days=day)).month for days in first for day in days]
    given = fit([len(days) for days in first], months, planned=1000, held=850)
    missed = [len(days) < 2 for days in second]
    base = sum(missed) / len(missed)

    def brier(today: date) -> float:
        remaining, passed = remaining_share(today, DEADLINE, given), (today - date(2026, 8, 31)).days
        forecasts = []
        for before, now in zip(first, second, strict=True):
            so_far = sum(day <= passed for day in now)
            outlook = Outlook(max(0, 2 - so_far), 0, 0, 0, len(before), so_far)
            forecasts.append(chance_of_missing(outlook, remaining, given))
        assert sum(forecasts) / len(forecasts) == pytest.approx(base, abs=0.03)
        for low in (0.0, 0.2, 0.4, 0.6, 0.8):
            inside = [i for i, p in enumerate(forecasts) if low <= p < low + 0.2 + (low == 0.8)]
            mean = sum(forecasts[i] for i in inside) / max(1, len(inside))
            assert not inside or sum(missed[i] for i in inside) / len(inside) == pytest.approx(mean, abs=0.07)
        return sum((p - miss) ** 2 for p, miss in zip(forecasts, missed, strict=True)) / len(missed)

    november, december, january = brier(date(2026, 11, 1)), brier(date(2026, 12, 1)), brier(date(2027, 1, 15))

    assert january < december < november < base * (1 - base)
    assert (given.mean, given.shape) == (pytest.approx(1.2, abs=0.1), pytest.approx(1.5, abs=0.4))
