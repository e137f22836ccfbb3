"""R9 to R14 and the states: what a cohort's sessions add up to."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schools.pal.coverage import Bounds
from schools.pal.parameters import Parameters
from schools.pal.records import Cohort, Mode, Status
from schools.pal.standing import State, standings
from schools.pal.windows import OCCASIONS
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

HALVES = {"A": 90, "B": 90}
YEAR_9 = cohort_in(9, 2025)
SPLIT = cohort_in(9, 2025, groups=HALVES)
YEAR_13 = cohort_in(13, 2025)
DAYS = ["2024-11-05", "2025-01-14", "2025-06-10", "2025-10-07", "2026-01-13", "2026-02-10"]
OPEN = date(2026, 2, 27)


def half(group, on, *providers, **more):
    return session(on, *providers, group=group, **{"attended": 90, "offered": 90, **more})


def summary(found):
    return found.state, found.occasions, found.short_by


def test_a_fair_with_many_providers_is_one_occasion_with_a_set():
    found = standing(1, YEAR_9, session(DAYS[0], COLLEGE_A, ITP_B, UTC_C), today=OPEN)

    assert summary(found) == (State.SHORT, 1, 1)


def test_a_set_differs_by_one_provider_more_or_less():
    found = standing(1, YEAR_9, session(DAYS[0], COLLEGE_A, ITP_B), session(DAYS[1], COLLEGE_A))

    assert summary(found) == (State.MET, 2, 0)


def test_the_same_set_in_another_order_is_the_same_set():
    found = standing(
        1, YEAR_9, session(DAYS[0], COLLEGE_A, ITP_B), session(DAYS[1], ITP_B, COLLEGE_A), today=OPEN
    )

    assert summary(found) == (State.SHORT, 2, 1)


def test_organisations_are_compared_not_their_kind_of_appearance():
    campus = replace(COLLEGE_A, technical=False)

    found = standing(1, YEAR_9, session(DAYS[0], COLLEGE_A), session(DAYS[1], campus), today=OPEN)

    assert summary(found) == (State.SHORT, 2, 1)


def test_two_halves_with_the_same_provider_are_one_occasion():
    found = standing(1, SPLIT, half("A", DAYS[0], COLLEGE_A), half("B", DAYS[1], COLLEGE_A), today=OPEN)

    assert summary(found) == (State.SHORT, 1, 1)


def test_a_rotation_of_two_halves_and_two_providers_is_met():
    found = standing(
        1,
        SPLIT,
        half("A", DAYS[0], COLLEGE_A),
        half("B", DAYS[0], ITP_B),
        half("A", DAYS[1], ITP_B),
        half("B", DAYS[1], COLLEGE_A),
    )

    assert summary(found) == (State.MET, 2, 0)


def test_the_worst_group_decides():
    found = standing(
        1,
        SPLIT,
        half("A", DAYS[0], COLLEGE_A),
        half("A", DAYS[1], ITP_B),
        half("B", DAYS[2], ITP_B, attended=80),
        today=OPEN,
    )

    assert summary(found) == (State.SHORT, 1, 1)
    assert found.bounds == Bounds()
    assert [each.occasions for each in found.groups] == [2, 1]
    assert found.why == ["R1: Group B: 1 occasion of 2 met in the first phase."]


def test_a_group_that_met_one_provider_twice_keeps_the_cohort_short():
    found = standing(
        1,
        SPLIT,
        half("A", DAYS[0], COLLEGE_A),
        half("B", DAYS[0], ITP_B),
        session(DAYS[1], COLLEGE_A),
        today=OPEN,
    )

    assert summary(found) == (State.SHORT, 2, 1)
    assert found.why[0].startswith("R10: Pupils in group A met the same providers each time.")


def test_shares_are_of_the_group_and_the_worst_groups_bounds_are_given():
    found = standing(
        1,
        SPLIT,
        session(DAYS[0], COLLEGE_A),
        half("A", DAYS[1], ITP_B),
        half("B", DAYS[1], ITP_B, attended=80),
    )

    assert found.state == State.COVERAGE_UNPROVEN
    assert found.bounds == Bounds(share(80, 90), share(80, 90))
    assert "89% of the least served group have met two." in found.why[0]


def test_a_group_without_pupils_neither_counts_nor_holds_back():
    cohort = cohort_in(9, 2025, groups={"A": 180, "Empty": 0})
    everyone = half("A", DAYS[0], COLLEGE_A, attended=180), half("A", DAYS[1], ITP_B, attended=180)

    found = standing(1, cohort, *everyone, half("Empty", DAYS[2], UTC_C))

    assert (summary(found), rules(found)) == ((State.MET, 2, 0), ["R14"])


def test_groups_that_dont_partition_the_roll_are_refused():
    with pytest.raises(ValueError, match="hold 170 pupils together and the roll is 180"):
        Cohort(2023, 180, {"A": 90, "B": 80})


def test_more_pupils_recorded_than_on_roll_are_taken_as_all_and_said():
    found = standing(1, YEAR_9, session(DAYS[0], COLLEGE_A, attended=185), session(DAYS[1], ITP_B))

    assert summary(found) == (State.MET, 2, 0)
    assert found.why == ["R12: 5 November 2024, 10:00: 185 pupils recorded, 180 on roll: taken as all 180."]


def test_pupils_too_many_at_one_session_dont_make_up_for_those_missing_at_another():
    found = standing(
        1, YEAR_9, session(DAYS[0], COLLEGE_A, attended=185), session(DAYS[1], ITP_B, attended=170)
    )

    assert found.bounds == Bounds(share(170, 180), share(170, 180))


def test_one_pupil_missing_of_a_great_roll_is_not_everyone():
    cohort = cohort_in(9, 2025, roll=100_000)

    found = standing(
        1,
        cohort,
        session(DAYS[0], COLLEGE_A, attended=99_999),
        session(DAYS[1], ITP_B, attended=100_000),
    )

    assert summary(found) == (State.COVERAGE_UNPROVEN, 2, 0)
    assert "over 99% have met two." in found.why[0]


def test_those_who_caught_up_are_added():
    missed = session(DAYS[0], COLLEGE_A, attended=170)

    assert standing(1, YEAR_9, missed, session(DAYS[1], ITP_B)).state == State.COVERAGE_UNPROVEN
    assert standing(1, YEAR_9, replace(missed, caught_up=10), session(DAYS[1], ITP_B)).state == State.MET


def test_from_which_share_a_phase_is_met_is_a_setting():
    sessions = session(DAYS[0], COLLEGE_A, attended=175), session(DAYS[1], ITP_B)

    lenient = standing(1, YEAR_9, *sessions, parameters=Parameters(met_from=Fraction(95, 100)))

    assert (lenient.state, standing(1, YEAR_9, *sessions).state) == (State.MET, State.COVERAGE_UNPROVEN)


def test_the_third_phase_bounds_are_of_pupils_offered_each_session_a_class_of_its_own():
    found = standing(
        3,
        YEAR_13,
        session(DAYS[0], COLLEGE_A, offered=162, attended=20),
        session(DAYS[1], COLLEGE_A, offered=153, attended=0),
    )

    assert summary(found) == (State.MET, 2, 0)
    assert found.bounds == Bounds(Fraction(75, 100), Fraction(85, 100))


def test_the_third_phase_offered_to_one_half_only_is_short_for_the_other():
    cohort = cohort_in(13, 2025, groups=HALVES)

    found = standing(3, cohort, half("A", DAYS[0], status=Status.OFFERED), half("A", DAYS[1]), today=OPEN)

    assert summary(found) == (State.SHORT, 0, 2)
    assert found.why == ["R11: Group B: 0 occasions of 2 offered in the third phase."]


def test_two_records_at_the_same_time_are_pointed_out():
    found = standing(1, YEAR_9, session(DAYS[0], COLLEGE_A), session(DAYS[0], ITP_B))

    assert found.occasions == 2
    assert found.why[-1].startswith("R9: 5 November 2024, 10:00: at the same time as another.")
    rotation = standing(1, SPLIT, half("A", DAYS[0], COLLEGE_A), half("B", DAYS[0], ITP_B))
    assert not [line for line in rotation.why if line.startswith("R9")]


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2024-08-31", State.NOT_OPEN),
        ("2024-09-01", State.SHORT),
        ("2026-02-28", State.SHORT),
        ("2026-03-01", State.WINDOW_CLOSED),
    ],
)
def test_without_evidence_the_state_follows_the_window(today, state):
    found = standing(1, YEAR_9, today=date.fromisoformat(today))

    assert summary(found) == (state, 0, 2)


@pytest.mark.parametrize("today", [OPEN, date(2026, 3, 1), date(2039, 1, 1)])
def test_met_and_unproven_stay_so_when_the_window_closes(today):
    met = session(DAYS[0], COLLEGE_A), session(DAYS[1], ITP_B)
    unproven = session(DAYS[0], COLLEGE_A, attended=170), session(DAYS[1], ITP_B)

    assert standing(1, YEAR_9, *met, today=today).state == State.MET
    assert standing(1, YEAR_9, *unproven, today=today).state == State.COVERAGE_UNPROVEN


def test_an_out_of_scope_school_is_not_assessed_before_anything_else_is_asked():
    met = session(DAYS[0], COLLEGE_A), session(DAYS[1], ITP_B)

    for today in (date(2020, 1, 1), OPEN, date(2039, 1, 1)):
        assert standing(1, YEAR_9, *met, today=today, school=a_school(10)).state == State.NOT_ASSESSED


sessions = st.builds(
    lambda on, by, providers, group, attended, offered, mode, status, content: session(
        on.isoformat(),
        *providers,
        by=by,
        group=group,
        attended=attended,
        offered=offered,
        mode=mode,
        status=status,
        content=content,
    ),
    st.dates(date(2023, 9, 1), date(2031, 3, 31)),
    st.sampled_from(["08:00", "10:00", "18:30"]),
    st.lists(st.sampled_from([COLLEGE_A, ITP_B, UTC_C]), max_size=3, unique=True).map(tuple),
    st.sampled_from([None, "A", "B"]),
    st.integers(0, 200),
    st.integers(0, 200),
    st.sampled_from(Mode),
    st.sampled_from(Status),
    st.sampled_from([(True, True, True, True), (True, True, True, False)]),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(sessions, max_size=6),
    st.dates(date(2023, 9, 1), date(2032, 1, 1)),
    st.sampled_from([11, 16, 18]),
)
def test_whatever_happened_the_answer_is_consistent(listed, today, high):
    found = standings(a_school(high=high), SPLIT, listed, today)
    counted = [each for one in found.values() for each in one.counted]
    explained = [
        reason.session for one in found.values() for reason in one.reasons if reason.kind == "not_counted"
    ]

    assert {id(each) for each in [*counted, *explained]} == {id(each) for each in listed}
    assert not {id(each) for each in counted} & {id(each) for each in explained}
    for one in found.values():
        assert 0 <= one.bounds.lower <= one.bounds.upper <= 1
        assert 0 <= one.short_by <= OCCASIONS
        assert all(each.on <= today and each.on in one.window for each in one.counted)
        assert all(line.startswith("R") for line in one.why)
        if one.state is State.SHORT:
            assert one.short_by
            assert today in one.window
        if one.state in (State.MET, State.COVERAGE_UNPROVEN):
            assert (one.short_by, one.occasions >= OCCASIONS) == (0, True)
        if one.state is State.MET and one.phase != 3:
            assert one.bounds.lower == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(sessions, max_size=5, unique_by=lambda each: (each.on, each.starts)), st.randoms())
def test_the_order_in_which_sessions_are_told_does_not_matter(listed, random):
    shuffled = random.sample(listed, len(listed))

    assert standings(a_school(), SPLIT, shuffled, OPEN) == standings(a_school(), SPLIT, listed, OPEN)


@settings(max_examples=100, deadline=None)
@given(st.lists(sessions, max_size=5), sessions, st.dates(date(2024, 9, 1), date(2026, 2, 28)))
def test_more_evidence_or_a_later_day_never_makes_a_phase_shorter(listed, another, today):
    before = standing(1, SPLIT, *listed, today=today)

    more = standing(1, SPLIT, *listed, another, today=today)
    later = standing(1, SPLIT, *listed, today=today + timedelta(days=30))

    for after in (more, later):
        assert after.occasions >= before.occasions
        assert after.short_by <= before.short_by
        assert after.bounds.lower >= before.bounds.lower


@settings(max_examples=100, deadline=None)
@given(st.lists(sessions.map(lambda each: replace(each, group=None)), max_size=5))
def test_a_partition_no_session_uses_changes_nothing(listed):
    whole = standing(1, YEAR_9, *listed)
    split = standing(1, SPLIT, *listed)

    assert (summary(whole), whole.bounds) == (summary(split), split.bounds)


def test_the_rules_need_neither_django_nor_a_database():
    code = (
        "import sys, schools.pal.cases, schools.pal.standing, schools.pal.forecast; "
        "sys.exit(sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'rest_framework')) != [])"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
