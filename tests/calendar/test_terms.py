"""Half-terms and the first day of term, read off the closures."""

from datetime import date, time

from brokerage.calendar.school_days import Closed, SchoolDays
from brokerage.calendar.terms import first_day_of_term, half_terms


def holiday(first: str, last: str, label: str = "holiday") -> Closed:
    return Closed(date.fromisoformat(first), date.fromisoformat(last), label)


SUMMER_BEFORE = holiday("2026-07-20", "2026-09-02")
YEAR = (
    SUMMER_BEFORE,
    holiday("2026-10-26", "2026-10-30"),
    holiday("2026-12-21", "2027-01-01"),
    holiday("2027-02-15", "2027-02-19"),
    holiday("2027-03-29", "2027-04-09"),
    holiday("2027-05-03", "2027-05-03", "Early May bank holiday"),
    holiday("2027-05-31", "2027-06-04"),
    holiday("2027-07-21", "2027-09-01"),
)


def days(*closed: Closed) -> SchoolDays:
    return SchoolDays(time(8, 45), time(15, 15), closed)


def test_a_year_has_six_half_terms_and_a_single_day_parts_none():
    found = half_terms(days(*YEAR), 2026)

    assert [(each.label, each.first_on.isoformat(), each.last_on.isoformat()) for each in found] == [
        ("autumn first half", "2026-09-03", "2026-10-23"),
        ("autumn second half", "2026-11-02", "2026-12-18"),
        ("spring first half", "2027-01-04", "2027-02-12"),
        ("spring second half", "2027-02-22", "2027-03-25"),
        ("summer first half", "2027-04-12", "2027-05-28"),
        ("summer second half", "2027-06-07", "2027-07-20"),
    ]
    assert date(2026, 9, 3) in found[0]
    assert date(2026, 10, 24) not in found[0]


def test_a_term_without_a_half_term_is_one():
    without_october = [each for each in YEAR if each.first_on.month != 10]

    assert half_terms(days(*without_october), 2026)[0].label == "autumn term"


def test_a_calendar_without_holidays_has_no_half_terms():
    inset = Closed(date(2026, 11, 18), date(2026, 11, 18), "INSET day", is_holiday=False)

    assert half_terms(days(), 2026) == []
    assert half_terms(days(inset), 2026) == []


def test_year_groups_roll_on_1_september_or_on_an_earlier_first_day():
    early = days(holiday("2026-07-17", "2026-08-25"))

    assert first_day_of_term(days(*YEAR), 2026) == date(2026, 9, 1)
    assert first_day_of_term(days(), 2026) == date(2026, 9, 1)
    assert first_day_of_term(early, 2026) == date(2026, 8, 26)
    # Its INSET days come first, and the bank holiday and the weekend aren't school days.
    inset = Closed(date(2026, 8, 26), date(2026, 8, 28), "INSET days", is_holiday=False)
    assert first_day_of_term(days(*early.closed, inset), 2026) == date(2026, 9, 1)


def test_a_half_term_may_begin_in_august():
    found = half_terms(days(holiday("2026-07-17", "2026-08-25"), *YEAR[1:]), 2026)

    assert (found[0].first_on, found[0].label) == (date(2026, 8, 26), "autumn first half")
