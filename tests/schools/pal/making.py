"""Records for the rules, told by what a test is about; everything else is as it should be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from fractions import Fraction
from typing import Any

from brokerage.calendar.school_days import Closed, SchoolDays
from schools.pal.parameters import DEFAULT, Parameters
from schools.pal.records import Cohort, Kind, Mode, Provider, School, Session, Status
from schools.pal.standing import Standing, standings

ACADEMY_CONVERTER = 34
COLLEGE_A = Provider("10000001", Kind.FE_COLLEGE, technical=True)
ITP_B = Provider("10000002", Kind.ITP, technical=True)
UTC_C = Provider("10000003", Kind.UTC, technical=True)
BANK = Provider("10000004", Kind.EMPLOYER, technical=False)
DAYS = SchoolDays(time(8, 40), time(15, 15), (Closed(date(2026, 2, 16), date(2026, 2, 20), "half-term"),))
LONG_AFTER = date(2040, 1, 1)


def at(text: str) -> time:
    return time.fromisoformat(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


def a_school(type_code: int | None = ACADEMY_CONVERTER, low: int = 11, high: int = 18, **more: Any) -> School:
    return School(type_code, low, high, **{"days": DAYS, **more})


def cohort_in(
    year: int, academic_year: int, roll: int = 180, groups: Mapping[str, int] | None = None
) -> Cohort:
    """The cohort that is in `year` in the academic year starting in September of `academic_year`."""
    return Cohort(academic_year - (year - 7), roll, groups or {})


def session(on: str, *providers: Provider, by: str = "10:00", attended: int = 180, **more: Any) -> Session:
    """Fifty minutes, delivered in person, with all four elements, to everybody."""
    starts = at(by)
    made = Session(
        on=day(on),
        starts=starts,
        ends=time(starts.hour + (starts.minute + 50) // 60, (starts.minute + 50) % 60),
        providers=providers or (COLLEGE_A,),
        offered=180,
        attended=attended,
        mode=Mode.IN_PERSON,
        content=(True, True, True, True),
        status=Status.DELIVERED,
    )
    return replace(made, **more)


def standing(
    phase: int,
    cohort: Cohort,
    *sessions: Session,
    today: date = LONG_AFTER,
    school: School | None = None,
    parameters: Parameters = DEFAULT,
) -> Standing:
    return standings(school or a_school(), cohort, sessions, today, parameters)[phase]


def rules(standing: Standing) -> list[str]:
    """The rules by which sessions didn't count."""
    return [reason.rule for reason in standing.reasons if reason.kind == "not_counted"]


def share(top: int, bottom: int) -> Fraction:
    return Fraction(top, bottom)
