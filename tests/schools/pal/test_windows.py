"""R1 to R7: which window each phase has for a cohort, and where 28 and 29 February lie."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.pal.records import Cohort
from schools.pal.scope import years_taught
from schools.pal.windows import (
    KEY_PHASES,
    Window,
    phase_of,
    warnings_on,
    window,
    working_deadline,
    year_group,
)
from tests.schools.pal.making import DAYS, a_school, session, standing

entries = st.integers(2014, 2060)
phases = st.sampled_from([1, 2, 3])


@pytest.mark.parametrize(
    ("opens", "closes", "days"),
    [
        ("2023-09-01", "2025-02-28", 547),
        ("2024-09-01", "2026-02-28", 546),
        ("2025-09-01", "2027-02-28", 546),
        ("2026-09-01", "2028-02-28", 546),
        ("2027-09-01", "2029-02-28", 547),
        ("2028-09-01", "2030-02-28", 546),
    ],
)
@pytest.mark.parametrize("phase", [1, 2, 3])
def test_cohort_windows_are_those_of_the_table(opens, closes, days, phase):
    first_year = int(opens[:4])

    found = window(first_year - (KEY_PHASES[phase][0] - 7), phase)

    assert found == Window(date.fromisoformat(opens), date.fromisoformat(closes))
    assert (found.closes - found.opens).days + 1 == days


@given(entries, phases)
def test_a_window_holds_1_september_and_28_february_and_neither_neighbour(entry, phase):
    found = window(entry, phase)

    assert (found.opens.month, found.opens.day, found.closes.month, found.closes.day) == (9, 1, 2, 28)
    assert found.opens in found
    assert found.closes in found
    assert found.opens - timedelta(days=1) not in found
    assert found.closes + timedelta(days=1) not in found


@given(entries, phases, st.dates(date(2020, 1, 1), date(2068, 12, 31)))
def test_a_day_in_a_window_is_one_of_the_phases_two_years(entry, phase, day):
    if day in window(entry, phase):
        assert year_group(entry, day) in KEY_PHASES[phase]
        assert phase_of(year_group(entry, day)) == phase


@given(entries)
def test_29_february_is_inside_in_the_opening_year_and_outside_in_the_closing_year(entry):
    leap_days = [date(year, 2, 29) for year in range(entry, entry + 8) if year % 4 == 0]

    for leap_day in leap_days:
        inside = [phase for phase in KEY_PHASES if leap_day in window(entry, phase)]
        assert inside == [
            phase for phase in KEY_PHASES if year_group(entry, leap_day) == KEY_PHASES[phase][0]
        ]


def test_a_school_that_starts_in_late_august_opens_and_rolls_on_its_own_first_day():
    first_days = {2025: date(2025, 8, 27)}
    school = a_school(first_days=first_days)

    assert window(2024, 1, first_days).opens == date(2025, 8, 27)
    assert year_group(2024, date(2025, 8, 26), first_days) == 7
    assert year_group(2024, date(2025, 8, 27), first_days) == 8
    assert standing(1, Cohort(2024, 180), session("2025-08-28"), school=school).occasions == 1
    assert standing(1, Cohort(2024, 180), session("2025-08-28")).occasions == 0


def test_the_working_deadline_is_the_last_school_day_and_the_window_is_not_extended():
    closes = window(2024, 1).closes

    assert (closes, working_deadline(closes, DAYS)) == (date(2027, 2, 28), date(2027, 2, 26))


def test_the_deadline_is_warned_of_on_1_november_1_january_and_four_school_weeks_before():
    # Half-term takes a week of the four.
    assert warnings_on(date(2026, 2, 28), DAYS) == [date(2025, 11, 1), date(2026, 1, 1), date(2026, 1, 23)]


@pytest.mark.parametrize(
    ("low", "high", "years"),
    [
        (11, 16, range(7, 12)),
        (11, 18, range(7, 14)),
        (9, 13, range(5, 9)),
        (13, 18, range(9, 14)),
        (14, 19, range(10, 14)),
        (4, 11, range(7)),
    ],
)
def test_years_taught_follow_from_register_ages(low, high, years):
    assert years_taught(a_school(low=low, high=high)) == years
