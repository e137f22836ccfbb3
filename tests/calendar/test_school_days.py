"""Which days and times pupils are in school."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.calendar.school_days import (
    Clash,
    Closed,
    SchoolDays,
    bank_holidays,
    bank_holidays_known_until,
)

HALF_TERM = Closed(date(2026, 2, 16), date(2026, 2, 20), "half-term")
DAYS = SchoolDays(time(8, 40), time(15, 15), (HALF_TERM,))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 2, 13), None),
        (date(2026, 2, 14), "a Saturday"),
        (date(2026, 2, 15), "a Sunday"),
        (date(2026, 2, 16), "a closed day (half-term)"),
        (date(2026, 2, 20), "a closed day (half-term)"),
        (date(2026, 2, 23), None),
        (date(2026, 4, 3), "a bank holiday (Good Friday)"),
        (date(2026, 12, 28), "a bank holiday (Boxing Day)"),
        (date(2023, 5, 8), "a bank holiday (Bank holiday for the coronation of King Charles III)"),
        # Scotland's and Northern Ireland's are school days in England.
        (date(2026, 1, 2), None),
        (date(2026, 3, 17), None),
    ],
)
def test_a_school_day_is_no_weekend_bank_holiday_or_closure(day, why):
    assert DAYS.why_closed(day) == why
    assert DAYS.is_school_day(day) == (why is None)


@pytest.mark.parametrize(
    ("starts", "ends", "inside"),
    [
        ("08:40", "15:15", True),
        ("08:39", "09:30", False),
        ("15:00", "15:16", False),
        ("18:30", "19:00", False),
        ("07:00", "08:00", False),
    ],
)
def test_a_session_lies_within_the_day_from_its_first_to_its_last_minute(starts, ends, inside):
    assert DAYS.holds(time.fromisoformat(starts), time.fromisoformat(ends)) == inside


def test_the_last_school_day_before_sunday_28_february_2027_is_friday_26():
    assert DAYS.last_school_day(date(2027, 2, 28)) == date(2027, 2, 26)


def test_a_school_closed_all_year_has_no_last_school_day():
    shut = SchoolDays(time(8, 40), time(15, 15), (Closed(date(2025, 1, 1), date(2026, 12, 31)),))

    assert shut.last_school_day(date(2026, 2, 28)) is None
    assert shut.why_closed(date(2026, 2, 26)) == "a day the school was closed"


@given(st.dates(date(2022, 1, 1), date(2032, 12, 31)), st.integers(1, 40))
def test_counting_back_passes_that_many_school_days(day, count):
    back = DAYS.school_days_back(day, count)
    between = [back + timedelta(days=number) for number in range((day - back).days + 1)]

    assert sum(map(DAYS.is_school_day, between)) == count
    assert DAYS.is_school_day(back)


def test_a_day_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="ends at 08:00"):
        SchoolDays(time(9), time(8))
    with pytest.raises(ValueError, match="before it starts"):
        Closed(date(2026, 2, 20), date(2026, 2, 16))


def test_the_bank_holidays_reach_at_least_a_year_ahead():
    """When this fails, take a newer govuk-bank-holidays (make lock ARGS=--upgrade)."""
    assert bank_holidays_known_until() >= date.today() + timedelta(days=365)


def test_every_year_known_has_at_least_its_eight_bank_holidays():
    years = [day.year for day in bank_holidays()]

    assert {year: years.count(year) >= 8 for year in set(years)} == dict.fromkeys(
        range(2012, max(years) + 1), True
    )


LISTED = SchoolDays(
    time(8, 40),
    time(15, 15),
    (HALF_TERM, Closed(date(2026, 2, 20), date(2026, 2, 20), "INSET day", is_holiday=False)),
    (Closed(date(2026, 3, 2), date(2026, 3, 13), "Year 11 mocks"),),
)


@pytest.mark.parametrize(
    ("day", "clash"),
    [
        (date(2026, 2, 13), None),
        (date(2026, 2, 16), Clash("half-term", refuses=True)),
        (date(2026, 2, 20), Clash("half-term", refuses=True)),
        (date(2026, 3, 2), Clash("Year 11 mocks")),
        (date(2026, 3, 14), Clash("Saturday")),
        (date(2026, 4, 3), Clash("Good Friday")),
    ],
)
def test_only_a_listed_holiday_refuses_a_visit(day, clash):
    assert LISTED.clash_on(day) == clash


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("October half-term", "in October half-term"),
        ("Easter", "in Easter"),
        ("", "in a holiday"),
        ("Boiler broken", "closed (Boiler broken)"),
    ],
)
def test_one_is_in_a_season_but_not_in_a_broken_boiler(label, said):
    day = date(2026, 12, 2)
    closed = Closed(day, day, is_holiday=True, label=label)

    assert SchoolDays(time(8, 40), time(15, 15), (closed,)).refuses(day, day) == (
        f"Wednesday 2 December is {said}. Choose a school day."
    )


@pytest.mark.parametrize(
    ("day", "refused", "said"),
    [
        (date(2026, 2, 13), False, ""),
        (date(2026, 2, 18), True, "Wednesday 18 February is in half-term. Choose a school day."),
        (date(2026, 2, 21), False, "Saturday 21 February is at the weekend. Choose a school day."),
        (date(2026, 3, 2), False, ""),
        (date(2026, 4, 3), False, "Friday 3 April is a bank holiday (Good Friday). Choose a school day."),
        (
            date(2027, 3, 26),
            False,
            "Friday 26 March 2027 is a bank holiday (Good Friday). Choose a school day.",
        ),
    ],
)
def test_one_sentence_asks_for_a_school_day(day, refused, said):
    """A verb refuses holidays alone; whoever names dates of their own is told of every closed day."""
    today = date(2026, 1, 12)

    assert LISTED.has_no_pupils(day, today) == said
    assert LISTED.refuses(day, today) == (said if refused else "")


def test_inset_alone_warns_and_mocks_are_school_days():
    inset = SchoolDays(time(8, 40), time(15, 15), LISTED.closed[1:], LISTED.warned)

    assert inset.clash_on(date(2026, 2, 20)) == Clash("INSET day")
    assert not inset.is_school_day(date(2026, 2, 20))
    assert inset.is_school_day(date(2026, 3, 2))


def test_school_days_between_leave_out_what_is_closed():
    assert LISTED.count(date(2026, 2, 9), date(2026, 2, 27)) == 10
    assert LISTED.count(date(2026, 4, 2), date(2026, 4, 7)) == 2
    assert LISTED.count(date(2026, 2, 10), date(2026, 2, 9)) == 0


def test_next_holiday_is_the_first_to_begin_and_none_during_one():
    assert LISTED.next_holiday(date(2026, 2, 9)) == HALF_TERM
    assert LISTED.next_holiday(date(2026, 2, 18)) is None
    assert LISTED.next_holiday(date(2026, 2, 23)) is None


def test_times_outside_lessons_clash():
    assert LISTED.outside(time(9), time(10)) is None
    assert LISTED.outside(time(15), time(16)) == Clash("Outside your day, 08:40 to 15:15")
