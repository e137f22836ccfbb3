"""The fourteen worked cases, by name."""

from datetime import date

import pytest

from schools.pal.records import Kind, Mode, Provider, Status
from schools.pal.standing import State
from tests.schools.pal.making import (
    BANK,
    COLLEGE_A,
    ITP_B,
    a_school,
    cohort_in,
    rules,
    session,
    share,
    standing,
)

YEAR_9_IN_2025_26 = cohort_in(9, 2025)
YEAR_8_IN_2025_26 = cohort_in(8, 2025)
COLLEGE_A_IN_JULY = session("2026-07-06", COLLEGE_A)


def test_year_9_on_friday_27_february_2026_at_10_with_college_a_counts():
    found = standing(1, YEAR_9_IN_2025_26, session("2026-02-27", COLLEGE_A))

    assert (found.occasions, rules(found)) == (1, [])


def test_the_same_at_an_open_day_on_saturday_28_february_is_not_a_school_day():
    found = standing(1, YEAR_9_IN_2025_26, session("2026-02-28", COLLEGE_A))

    assert (found.occasions, rules(found)) == (0, ["R16"])
    assert "R16: 28 February 2026, 10:00: a Saturday, not a school day." in found.why


def test_the_same_on_monday_2_march_2026_counts_for_benchmark_7_only():
    found = standing(1, YEAR_9_IN_2025_26, session("2026-03-02", COLLEGE_A), today=date(2026, 3, 3))

    assert (found.occasions, rules(found)) == (0, ["R5"])
    assert found.why[-1] == (
        "R5: 2 March, 10:00: after 28 February: counts for benchmark 7, not for the first phase."
    )


def test_year_9_on_tuesday_29_february_2028_does_not_count():
    found = standing(1, cohort_in(9, 2027), session("2028-02-29", COLLEGE_A))

    assert (found.occasions, rules(found)) == (0, ["R3"])


def test_year_8_on_tuesday_29_february_2028_counts():
    found = standing(1, cohort_in(8, 2027), session("2028-02-29", COLLEGE_A))

    assert (found.occasions, rules(found)) == (1, [])


def test_year_8_in_july_and_the_same_cohort_as_year_9_with_college_a_only_is_two_occasions_and_not_met():
    found = standing(
        1, YEAR_8_IN_2025_26, COLLEGE_A_IN_JULY, session("2027-02-10", COLLEGE_A), today=date(2027, 2, 11)
    )

    assert (found.state, found.occasions, found.short_by) == (State.SHORT, 2, 1)
    assert found.why == [
        "R10: Pupils met the same providers each time. "
        "A second with a different mix of providers would count."
    ]


def test_the_same_with_itp_b_joining_the_second_time_is_met():
    found = standing(1, YEAR_8_IN_2025_26, COLLEGE_A_IN_JULY, session("2027-02-10", COLLEGE_A, ITP_B))

    assert (found.state, found.occasions, found.short_by, found.why) == (State.MET, 2, 0, [])


def test_year_12_twice_with_college_a_and_60_percent_attending_each_time_is_met_by_offering():
    offered = [session(on, COLLEGE_A, attended=108) for on in ("2025-10-01", "2026-01-14")]

    found = standing(3, cohort_in(12, 2025), *offered)

    assert (found.state, found.occasions, found.bounds.lower) == (State.MET, 2, 1)


def test_year_10_with_a_then_b_and_170_of_180_each_time_is_not_yet_evidenced_for_all():
    found = standing(
        2,
        cohort_in(10, 2025),
        session("2025-10-01", COLLEGE_A, attended=170),
        session("2026-01-14", ITP_B, attended=170),
    )

    assert (found.state, found.occasions, found.short_by) == (State.COVERAGE_UNPROVEN, 2, 0)
    assert (found.bounds.lower, found.bounds.upper) == (share(160, 180), share(170, 180))
    assert found.why == [
        "R12: Not yet evidenced for all on this platform. Between 89% and 94% have met two. "
        "Attendance was counted per session, so the exact share isn't known."
    ]


def test_year_10_with_a_bank_managers_talk_on_banking_careers_counts_for_benchmark_5_only():
    found = standing(2, cohort_in(10, 2025), session("2025-10-01", BANK))

    assert (found.occasions, rules(found)) == (0, ["R17"])
    assert "an employer without a provider: counts for benchmark 5." in found.why[-1]


def test_year_11_with_a_recorded_video_from_an_itp_does_not_count():
    found = standing(2, cohort_in(11, 2025), session("2025-10-01", ITP_B, mode=Mode.RECORDED))

    assert (found.occasions, rules(found)) == (0, ["R20"])
    assert found.why[-1].endswith("a recording: pupils couldn't ask questions.")


def test_year_11_at_a_parents_evening_stand_at_18_30_does_not_count():
    found = standing(
        2, cohort_in(11, 2025), session("2025-11-05", COLLEGE_A, by="18:30"), today=date(2025, 12, 1)
    )

    assert (found.occasions, rules(found)) == (0, ["R16"])
    assert found.why[-1] == "R16: 5 November, 18:30: outside the school day."


@pytest.mark.parametrize("independent", [10, 11])
def test_an_independent_school_is_recorded_and_never_flagged(independent):
    found = standing(
        1,
        YEAR_9_IN_2025_26,
        session("2026-02-27", COLLEGE_A),
        school=a_school(independent),
        today=date(2026, 2, 28),
    )

    assert (found.state, found.occasions, found.short_by) == (State.NOT_ASSESSED, 0, 0)
    assert rules(found) == ["R22"]


def test_an_11_to_16_school_has_phases_1_and_2_only():
    school = a_school(high=16)
    cohort = cohort_in(9, 2025)

    states = [standing(phase, cohort, school=school, today=date(2026, 1, 1)).state for phase in (1, 2, 3)]

    assert states == [State.SHORT, State.NOT_OPEN, State.NOT_ASSESSED]
    assert standing(3, cohort, school=school).why[0].startswith("R23: ")


def test_a_session_with_a_planned_status_is_not_evidence():
    """Not in the table, but what every case above rests on."""
    found = standing(
        1, YEAR_9_IN_2025_26, session("2026-02-27", Provider("1", Kind.ITP, True), status=Status.PLANNED)
    )

    assert (found.occasions, rules(found)) == (0, ["R15"])
