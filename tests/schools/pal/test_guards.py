"""One line of the rules each: every test here failed when that line was broken on purpose."""

from datetime import date
from fractions import Fraction

from schools.pal.coverage import bounds
from schools.pal.parameters import Parameters
from schools.pal.standing import State
from tests.schools.pal.making import (
    COLLEGE_A,
    ITP_B,
    UTC_C,
    a_school,
    cohort_in,
    rules,
    session,
    share,
    standing,
)


def test_the_first_day_of_the_window_counts():
    found = standing(1, cohort_in(8, 2025), session("2025-09-01"))

    assert (found.occasions, rules(found)) == (1, [])


def test_so_does_a_schools_own_first_day():
    early = a_school(first_days={2025: date(2025, 8, 28)})

    assert standing(1, cohort_in(8, 2025), session("2025-08-28"), school=early).occasions == 1


def test_the_first_day_of_the_duty_counts():
    began = Parameters(duty_began=date(2026, 2, 10))
    day_before = session("2026-02-09", ITP_B)

    found = standing(1, cohort_in(9, 2025), day_before, session("2026-02-10"), parameters=began)

    assert (found.occasions, rules(found)) == (1, ["R8"])


def test_three_halves_are_three_quarters_at_most():
    """Whoever met two was there twice: one and a half attendances make three quarters of the pupils."""
    found = bounds([[Fraction(1, 2)]] * 3)

    assert (found.lower, found.upper) == (share(1, 4), share(3, 4))


def test_that_all_may_have_met_two_is_no_proof_that_they_did():
    """Nine tenths each time: everybody may have met two of the three; that 85 % did is sure."""
    on = ("2026-01-12", "2026-01-13", "2026-01-14")
    sessions = [
        session(day, who, attended=162) for day, who in zip(on, (COLLEGE_A, ITP_B, UTC_C), strict=True)
    ]

    found = standing(1, cohort_in(9, 2025), *sessions)

    assert (found.bounds.lower, found.bounds.upper) == (share(17, 20), 1)
    assert found.state is State.COVERAGE_UNPROVEN
