"""The response clock: school days since the day after the asking, with its working."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.calendar.clock import ClockState, DayState, Parameters, Pause, read
from brokerage.calendar.school_days import Closed, SchoolDays

INSET = Closed(date(2026, 11, 18), date(2026, 11, 18), "INSET day")
HALF_TERM = Closed(date(2026, 10, 26), date(2026, 10, 30), "October half-term")
CHRISTMAS = Closed(date(2026, 12, 21), date(2027, 1, 1), "Christmas holiday")
DAYS = SchoolDays(time(8, 40), time(15, 15), (INSET, HALF_TERM, CHRISTMAS))
ASKED = date(2026, 11, 11)
EIGHTH = date(2026, 11, 24)


def on(day: str) -> date:
    return date.fromisoformat(day)


def test_day_8_of_10_shows_its_working():
    clock = read(DAYS, ASKED, EIGHTH)

    assert (clock.state, clock.day) == (ClockState.DUE_SOON, 8)
    assert (clock.answer_by, clock.late_from) == (on("2026-11-26"), on("2026-11-27"))
    assert clock.very_late_from == on("2026-12-11")
    assert clock.working == (
        "Day 8 of 10. Answer by Thursday 26 November.",
        "8 counted since the day after they asked, Wednesday 11 November. "
        "1 not counted: Wednesday 18 November, INSET day. Weekends never count.",
    )
    assert clock.working_for_asker[0] == "Day 8 of 10. They should answer by Thursday 26 November."


def test_every_day_is_drawn_up_to_the_next_post():
    drawn = read(DAYS, ASKED, EIGHTH).days

    assert [day.on for day in drawn] == [ASKED + timedelta(days=number) for number in range(1, 16)]
    assert [(day.on.day, day.why) for day in drawn if day.state is DayState.CLOSED] == [
        (14, "Saturday"),
        (15, "Sunday"),
        (18, "INSET day"),
        (21, "Saturday"),
        (22, "Sunday"),
    ]
    assert [day.number for day in drawn if day.state is DayState.COUNTED] == list(range(1, 9))
    assert [(day.on.day, day.number) for day in drawn if day.state is DayState.TO_COME] == [(25, 9), (26, 10)]


@pytest.mark.parametrize(
    ("today", "state", "headline"),
    [
        ("2026-11-11", "running", "Day 1 is Thursday 12 November. Answer by Thursday 26 November."),
        ("2026-11-12", "running", "Day 1 of 10. Answer by Thursday 26 November."),
        ("2026-11-23", "running", "Day 7 of 10. Answer by Thursday 26 November."),
        ("2026-11-26", "due_soon", "Day 10 of 10. Answer by Thursday 26 November."),
        ("2026-11-27", "late", "Late: day 11."),
        ("2026-12-10", "late", "Late: day 20."),
        ("2026-12-13", "very_late", "Very late: day 21."),
    ],
)
def test_states_turn_with_the_school_day(today, state, headline):
    clock = read(DAYS, ASKED, on(today))

    assert (clock.state, clock.headline) == (state, headline)
    assert clock.is_no_response == (state == "very_late")


def test_the_weekend_after_day_10_is_not_late_yet():
    clock = read(DAYS, on("2026-11-12"), on("2026-11-28"))

    assert (clock.state, clock.day) == (ClockState.DUE_SOON, 10)
    assert clock.headline == "Day 10 of 10 is over. Late from Monday 30 November."


def test_a_late_clock_is_drawn_to_the_twentieth_day_and_a_very_late_one_to_today():
    assert read(DAYS, ASKED, on("2026-11-27")).days[-1].number == 20
    assert read(DAYS, ASKED, on("2026-12-14")).days[-1].on == on("2026-12-14")


def test_holidays_and_bank_holidays_are_told_in_runs():
    clock = read(DAYS, on("2026-10-23"), on("2026-11-03"))
    christmas = read(DAYS, on("2026-12-17"), on("2027-01-04"))
    easter = read(SchoolDays(time(9), time(15)), on("2026-04-02"), on("2026-04-07"))

    assert "5 not counted: Monday 26 to Friday 30 October, October half-term." in clock.working[1]
    assert (
        "10 not counted: Monday 21 December to Friday 1 January, Christmas holiday." in christmas.working[1]
    )
    assert "2 not counted: Friday 3 April, Good Friday; Monday 6 April, Easter Monday." in easter.working[1]


def test_a_day_added_late_changes_the_clock():
    later = SchoolDays(
        DAYS.day_starts, DAYS.day_ends, (*DAYS.closed, Closed(on("2026-11-13"), on("2026-11-13")))
    )

    assert (read(DAYS, ASKED, EIGHTH).day, read(later, ASKED, EIGHTH).day) == (8, 7)
    assert read(later, ASKED, EIGHTH).answer_by == on("2026-11-27")


def test_an_open_pause_stops_the_clock_and_hides_what_comes_after():
    clock = read(DAYS, ASKED, EIGHTH, [Pause(on("2026-11-20"))])

    assert (clock.state, clock.day, clock.answer_by) == (ClockState.PAUSED, 5, None)
    assert clock.headline == "Clock paused on day 5."
    assert clock.working[1].endswith(
        "4 not counted: Wednesday 18 November, INSET day; "
        "Friday 20 to Tuesday 24 November, paused while they answer your question. Weekends never count."
    )
    assert clock.working[2] == "Paused since 20 November while they answer your question."


def test_a_pause_that_ended_moves_the_last_day_in_time():
    clock = read(DAYS, ASKED, EIGHTH, [Pause(on("2026-11-19"), on("2026-11-20"))])

    assert (clock.state, clock.day, clock.answer_by) == (ClockState.RUNNING, 6, on("2026-11-30"))
    assert len(clock.working) == 2


def test_a_clock_goes_on_as_soon_as_they_answer():
    clock = read(DAYS, ASKED, EIGHTH, [Pause(EIGHTH, EIGHTH)])

    assert (clock.state, clock.day) == (ClockState.RUNNING, 7)
    assert read(DAYS, ASKED, on("2026-11-25"), [Pause(EIGHTH, EIGHTH)]).day == 8


def test_a_paused_clock_is_paused_even_when_it_was_late():
    clock = read(DAYS, ASKED, on("2026-12-14"), [Pause(on("2026-12-02"))], last_offered_on=on("2026-12-08"))

    assert (clock.state, clock.was_late, clock.is_no_response) == (ClockState.PAUSED, True, False)


def test_an_answered_clock_stands_still():
    later = [read(DAYS, ASKED, today, answered_on=EIGHTH) for today in (EIGHTH, on("2027-06-30"))]

    assert [(clock.state, clock.day, clock.headline) for clock in later] == [
        (ClockState.ANSWERED, 8, "Answered on day 8.")
    ] * 2
    assert later[0].days == later[1].days
    assert later[0].days[-1].on == EIGHTH
    assert read(DAYS, ASKED, EIGHTH, answered_on=ASKED).working == ("Answered the same day.",)
    assert read(DAYS, ASKED, on("2026-12-01"), answered_on=on("2026-11-30")).was_late


def test_late_and_every_offered_date_past_is_no_response_though_not_yet_very_late():
    eleventh = on("2026-11-27")
    clock = read(DAYS, ASKED, eleventh, last_offered_on=on("2026-11-23"))

    assert (clock.state, clock.is_no_response) == (ClockState.NO_RESPONSE, True)
    assert clock.headline == "No response: day 11. Every date they offered is past."
    assert read(DAYS, ASKED, eleventh, last_offered_on=eleventh).state is ClockState.LATE


def test_a_school_asked_at_short_notice_has_its_days_all_the_same():
    clock = read(DAYS, ASKED, EIGHTH, last_offered_on=on("2026-11-13"))

    assert (clock.state, clock.is_no_response) == (ClockState.DUE_SOON, False)
    assert (
        clock.working[2] == "Every date they offered is past. An answer is in time until day 10 all the same."
    )
    assert "Every date you offered is past." in clock.working_for_asker[2]
    assert len(read(DAYS, ASKED, EIGHTH, last_offered_on=EIGHTH).working) == 2


def test_a_question_a_day_pauses_two_days_and_the_working_says_why():
    asked_back = [
        Pause(ASKED + timedelta(days=number), ASKED + timedelta(days=number)) for number in (1, 2, 5, 6)
    ]
    clock = read(DAYS, ASKED, EIGHTH, asked_back)

    assert (clock.day, clock.state) == (6, ClockState.RUNNING)
    assert clock.working[2] == (
        "Not paused for the questions of 16 November and 17 November: 2 at most pause a clock, or questions could "
        "stop it for good."
    )
    third_open = read(DAYS, ASKED, EIGHTH, [*asked_back[:2], Pause(on("2026-11-16"))])
    assert (third_open.day, third_open.state, len(third_open.pauses)) == (6, ClockState.RUNNING, 2)


def test_a_calendar_without_open_days_has_no_last_day():
    shut = SchoolDays(time(9), time(15), (Closed(on("2026-01-01"), on("2029-01-01"), "Closed for good"),))

    clock = read(shut, ASKED, EIGHTH)

    assert (clock.state, clock.day, clock.answer_by) == (ClockState.RUNNING, 0, None)
    assert clock.headline == "No school day ahead is known."


def test_settings_move_the_posts():
    clock = read(DAYS, ASKED, EIGHTH, parameters=Parameters(due_soon_from=3, late_after=5, very_late_after=7))

    assert clock.state is ClockState.VERY_LATE
    assert clock.answer_by == on("2026-11-19")
    with pytest.raises(ValueError, match="late before it is very late"):
        Parameters(late_after=20, very_late_after=20)


dates = st.dates(date(2023, 1, 1), date(2027, 12, 31))
pauses = st.lists(
    st.builds(lambda first, days: Pause(first, first + timedelta(days=days)), dates, st.integers(0, 30)),
    max_size=2 * Parameters().pauses_at_most,
)


@given(dates, st.integers(0, 90), pauses)
def test_the_day_is_the_count_of_school_days_not_paused(asked, waited, paused):
    today = asked + timedelta(days=waited)
    clock = read(DAYS, asked, today, paused)
    since = [asked + timedelta(days=number) for number in range(1, waited + 1)]
    first_two = sorted(paused, key=lambda pause: pause.began_on)[:2]

    assert clock.day == sum(
        DAYS.is_school_day(day) and not any(day in pause for pause in first_two) for day in since
    )
    assert clock.answer_by is not None
    assert (clock.late_from is not None and clock.late_from <= today) == clock.was_late
    assert [day.on for day in clock.days][: len(since)] == since
