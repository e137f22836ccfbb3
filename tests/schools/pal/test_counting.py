"""R8 and R15 to R20: what makes a session an occasion, each rule by itself."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.pal.parameters import Parameters
from schools.pal.records import CONTENT, Kind, Mode, Provider, Status
from schools.pal.standing import State
from tests.schools.pal.making import (
    BANK,
    COLLEGE_A,
    ITP_B,
    at,
    cohort_in,
    rules,
    session,
    standing,
)

YEAR_9 = cohort_in(9, 2025)
YEAR_13 = cohort_in(13, 2025)
ON = "2026-02-10"


def first_phase(*sessions, **more):
    return standing(1, YEAR_9, *sessions, **more)


@pytest.mark.parametrize(
    ("kind", "technical", "counts"),
    [
        (Kind.FE_COLLEGE, True, True),
        (Kind.FE_COLLEGE, False, True),
        (Kind.ITP, True, True),
        (Kind.UTC, True, True),
        (Kind.STUDIO_SCHOOL, True, True),
        (Kind.EMPLOYER_PROVIDER, True, True),
        (Kind.UNIVERSITY, True, True),
        (Kind.UNIVERSITY, False, False),
        (Kind.EMPLOYER, True, True),
        (Kind.EMPLOYER, False, False),
        (Kind.OTHER, True, True),
        (Kind.OTHER, False, False),
        (Kind.OWN_SCHOOL, True, False),
        (Kind.OWN_SCHOOL, False, False),
    ],
)
def test_who_is_a_provider(kind, technical, counts):
    found = first_phase(session(ON, Provider("1", kind, technical)))

    assert (found.occasions, rules(found)) == ((1, []) if counts else (0, ["R17"]))


def test_a_supporting_provider_counts_and_is_pointed_out():
    found = first_phase(session(ON, Provider("1", Kind.ITP, True, in_review=True)), today=date(2026, 2, 11))

    assert (found.occasions, rules(found)) == (1, [])
    assert found.why[-1] == (
        "R17: 10 February, 10:00: with a supporting provider of the apprenticeship register. It counts; "
        "check that it presented apprenticeships or technical qualifications."
    )


def test_which_kinds_need_the_flag_is_a_setting():
    strict = Parameters(providers_when_technical=frozenset({Kind.UNIVERSITY}))

    assert first_phase(session(ON, Provider("1", Kind.EMPLOYER, True)), parameters=strict).occasions == 0


def test_an_employer_beside_a_provider_neither_harms_nor_makes_a_different_mix():
    found = first_phase(
        session("2025-10-01", COLLEGE_A), session(ON, COLLEGE_A, BANK), today=date(2026, 2, 11)
    )

    assert (found.state, found.occasions, found.short_by) == (State.SHORT, 2, 1)


def test_a_session_with_nobody_from_outside_does_not_count():
    found = first_phase(session(ON, providers=()))

    assert rules(found) == ["R17"]


@given(st.tuples(*[st.booleans()] * 4))
def test_all_four_content_elements_are_wanted(content):
    found = first_phase(session(ON, content=content))

    assert found.occasions == all(content)
    for name, covered in zip(CONTENT, content, strict=True):
        assert any(name in line for line in found.why) == (not covered)


@pytest.mark.parametrize("mode", list(Mode))
def test_only_a_recording_fails_for_how_it_was_delivered(mode):
    assert first_phase(session(ON, mode=mode)).occasions == (mode is not Mode.RECORDED)


@pytest.mark.parametrize(
    ("status", "first", "third"),
    [(Status.PLANNED, 0, 0), (Status.OFFERED, 0, 1), (Status.DELIVERED, 1, 1), (Status.CANCELLED, 0, 0)],
)
def test_delivered_counts_in_the_first_phases_and_offered_also_in_the_third(status, first, third):
    one = session(ON, status=status)

    assert first_phase(one).occasions == first
    assert standing(3, YEAR_13, one).occasions == third


@pytest.mark.parametrize("status", [Status.OFFERED, Status.DELIVERED])
def test_nothing_counts_before_its_day(status):
    one = session(ON, status=status)

    assert standing(3, YEAR_13, one, today=date(2026, 2, 9)).occasions == 0
    assert standing(3, YEAR_13, one, today=date(2026, 2, 10)).occasions == 1


def test_a_cancelled_session_is_explained_once():
    found = first_phase(session("2026-03-02", BANK, status=Status.CANCELLED, mode=Mode.RECORDED))

    assert rules(found) == ["R15"]


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        ("08:40", "15:15", True),
        ("08:39", "09:30", False),
        ("15:00", "15:16", False),
    ],
)
def test_a_session_starts_and_ends_within_the_school_day(starts, ends, counts):
    found = first_phase(session(ON, starts=at(starts), ends=at(ends)))

    assert (found.occasions, rules(found)) == ((1, []) if counts else (0, ["R16"]))


@pytest.mark.parametrize("on", ["2026-02-18", "2025-12-25", "2025-08-25", "2026-02-14"])
def test_a_session_on_a_day_without_pupils_does_not_count(on):
    assert rules(first_phase(session(on))) == ["R16"]


def test_nothing_before_1_january_2023_counts():
    cohort = cohort_in(8, 2022)

    found = standing(1, cohort, session("2022-12-15"), session("2023-01-10"))

    assert (found.occasions, rules(found)) == (1, ["R8"])


def test_year_7_and_year_14_never_count():
    year_7 = standing(1, cohort_in(7, 2025), session(ON))
    year_14 = standing(3, cohort_in(13, 2024), session(ON))

    assert (rules(year_7), rules(year_14)) == (["R5"], ["R5"])
    assert "before Year 8" in year_7.why[-1]


def test_a_short_session_warns_and_counts():
    found = first_phase(session(ON, ends=at("10:29")), today=date(2026, 2, 11))

    assert (found.occasions, rules(found)) == (1, [])
    assert found.why[-1] == (
        "R19: 10 February, 10:00: 29 minutes, under 30. It counts; is that a reasonable time?"
    )
    assert not [line for line in first_phase(session(ON, ends=at("10:30"))).why if line.startswith("R19")]


def test_benchmark_7_is_promised_only_for_a_live_meeting_with_further_or_higher_education():
    late = "2026-03-02"

    assert "benchmark 7" in first_phase(session(late, COLLEGE_A)).why[-1]
    assert "benchmark 7" not in " ".join(first_phase(session(late, BANK)).why)
    assert "benchmark 7" not in " ".join(first_phase(session(late, COLLEGE_A, mode=Mode.RECORDED)).why)


def test_an_occasion_on_which_nobody_was_met_or_offered_is_none():
    assert rules(first_phase(session(ON, attended=0))) == ["R12"]
    assert rules(standing(3, YEAR_13, session(ON, offered=0))) == ["R11"]
    assert standing(3, YEAR_13, session(ON, attended=0)).occasions == 1


def test_every_session_counts_or_has_its_reason_under_the_phase_of_its_year():
    sessions = [
        session("2024-11-05", ITP_B, key="a"),
        session(ON, BANK, key="b"),
        session("2026-10-07", key="c"),
    ]
    found = {phase: standing(phase, YEAR_9, *sessions) for phase in (1, 2, 3)}

    told = {
        phase: (
            [each.key for each in one.counted],
            [each.session.key for each in one.reasons if each.session],
        )
        for phase, one in found.items()
    }

    assert told == {1: (["a"], ["b"]), 2: (["c"], []), 3: ([], [])}
