"""R22 to R24 and R29: which schools and phases the duty reaches."""

from datetime import date

import pytest

from schools.pal.scope import COVERED, NOT_COVERED, UNRESOLVED, Scope, scope
from schools.pal.standing import State
from tests.schools.pal.making import a_school, cohort_in, rules, session, standing

TODAY = date(2026, 2, 1)
YEAR_9 = cohort_in(9, 2025)


def states(school, year=9):
    return [standing(phase, cohort_in(year, 2025), school=school, today=TODAY).state for phase in (1, 2, 3)]


@pytest.mark.parametrize("code", sorted(COVERED))
def test_a_covered_type_is_in_scope(code):
    assert scope(a_school(code)) is Scope.IN


@pytest.mark.parametrize("code", [8, 10, 11, 15, 18, 24, 25, 26, 27, 29, 30, 31, 32, 37, 47, 48, 49, 56, 57])
def test_a_type_that_is_not_covered_is_never_assessed(code):
    assert states(a_school(code)) == [State.NOT_ASSESSED] * 3


@pytest.mark.parametrize("code", [6, 39, 45, 46, 99, None])
def test_an_unsettled_or_unknown_type_is_not_assessed_and_says_so(code):
    found = standing(1, YEAR_9, session("2025-10-01"), school=a_school(code), today=TODAY)

    assert (found.state, found.occasions, rules(found)) == (State.NOT_ASSESSED, 0, ["R22"])
    assert found.why[0] == (
        "R22: Whether the duty covers this type of school isn't settled: recorded, not assessed."
    )


def test_no_type_code_is_on_two_lists():
    assert len(COVERED | NOT_COVERED | UNRESOLVED) == len(COVERED) + len(NOT_COVERED) + len(UNRESOLVED)


def test_a_hospital_special_school_can_be_taken_out_by_hand():
    assert scope(a_school(7, in_scope=False)) is Scope.OUT
    assert scope(a_school(6, in_scope=True)) is Scope.IN


def test_a_school_is_assessed_until_the_day_it_closes():
    assert State.NOT_ASSESSED not in states(a_school(closes_on=date(2026, 2, 2)))
    found = standing(1, YEAR_9, session("2025-10-01"), school=a_school(closes_on=TODAY), today=TODAY)
    assert (found.state, found.occasions, rules(found)) == (State.NOT_ASSESSED, 0, ["R29"])
    assert found.why[0] == "R29: The school closed on 1 February: recorded, not assessed."


def test_a_utc_from_year_10_has_phases_2_and_3():
    assert states(a_school(40, low=14, high=19)) == [State.NOT_ASSESSED, State.NOT_OPEN, State.NOT_OPEN]


def test_a_16_to_19_academy_is_unsettled_and_a_primary_has_no_phase():
    assert states(a_school(45, low=16, high=19)) == [State.NOT_ASSESSED] * 3
    primary = standing(1, YEAR_9, school=a_school(1, low=4, high=11), today=TODAY)
    assert primary.why[0].startswith("R23: ")


@pytest.mark.parametrize(("low", "high", "year"), [(9, 13, 8), (13, 18, 9)])
def test_a_middle_or_upper_schools_shared_phase_is_shown_but_not_assessed(low, high, year):
    found = standing(
        1, cohort_in(year, 2025), session("2025-10-01"), school=a_school(low=low, high=high), today=TODAY
    )

    assert (found.state, found.occasions, found.short_by) == (State.NOT_ASSESSED, 1, 0)
    assert found.why == [f"R24: A shared phase: the school teaches Year {year} only. Shown, not assessed."]


def test_a_cohort_with_nobody_on_roll_is_not_assessed():
    found = standing(1, cohort_in(9, 2025, roll=0), session("2025-10-01", attended=0), today=TODAY)

    assert (found.state, found.occasions, rules(found)) == (State.NOT_ASSESSED, 0, ["R12"])
