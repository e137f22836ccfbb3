from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.web import dates

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("day", "in_list", "in_sentence"),
    [
        (date(2026, 11, 26), "Thu 26 Nov", "Thursday 26 November"),
        (date(2027, 2, 4), "Thu 4 Feb", "Thursday 4 February"),
        (date(2026, 8, 31), "Mon 31 Aug 2026", "Monday 31 August 2026"),
        (date(2027, 9, 1), "Wed 1 Sep 2027", "Wednesday 1 September 2027"),
    ],
)
def test_year_stands_only_outside_this_academic_year(day: date, in_list: str, in_sentence: str) -> None:
    assert dates.in_list(day, TODAY) == in_list
    assert dates.in_sentence(day, TODAY) == in_sentence


def test_moments_are_told_in_english_time() -> None:
    late_in_june = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    assert dates.local_day(late_in_june) == date(2026, 7, 1)
    assert dates.clock(late_in_june) == "00:30"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("21/1/2027", date(2027, 1, 21)),
        ("21 1 2027", date(2027, 1, 21)),
        ("21.01.27", date(2027, 1, 21)),
        ("2027-01-21", date(2027, 1, 21)),
        ("21 Jan", date(2027, 1, 21)),
        ("21 january", date(2027, 1, 21)),
        ("21st January 2028", date(2028, 1, 21)),
        ("Thu 21 January 2027", date(2027, 1, 21)),
        ("Thursday, 21 Jan 2027", date(2027, 1, 21)),
        ("24 Nov", TODAY),
        ("23/11", date(2027, 11, 23)),
        ("31/2/2027", None),
        ("29 Feb", None),
        ("32 1 2027", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: date | None) -> None:
    assert dates.parse_day(text, TODAY) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_what_a_date_field_shows_it_can_read(day: date) -> None:
    assert dates.parse_day(dates.in_field(day), TODAY) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("09:10", time(9, 10)),
        ("9.10", time(9, 10)),
        ("0910", time(9, 10)),
        ("910", time(9, 10)),
        ("9", time(9)),
        ("1:15pm", time(13, 15)),
        ("12 pm", time(12)),
        ("12am", time(0)),
        ("24:00", None),
        ("9:60", None),
        ("13pm", None),
        ("noon", None),
    ],
)
def test_times_are_read_as_people_write_them(text: str, moment: time | None) -> None:
    assert dates.parse_time(text) == moment


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 24, 9, 59, 30, tzinfo=UTC), "just now"),
        (datetime(2026, 11, 24, 9, 59, tzinfo=UTC), "1 minute ago"),
        (datetime(2026, 11, 24, 9, 1, tzinfo=UTC), "59 minutes ago"),
        (datetime(2026, 11, 24, 8, 30, tzinfo=UTC), "today, 08:30"),
        (datetime(2026, 11, 23, 16, 10, tzinfo=UTC), "yesterday, 16:10"),
        (datetime(2026, 11, 20, 16, 10, tzinfo=UTC), "Fri 20 Nov, 16:10"),
    ],
)
def test_how_long_ago(moment: datetime, words: str) -> None:
    assert dates.ago(moment, datetime(2026, 11, 24, 10, 0, tzinfo=UTC)) == words
