"""A school as the statutory rules look at it."""

from brokerage.calendar.school_days import SchoolDays
from schools.models import School
from schools.pal import records, windows


def pal_school(school: School, days: SchoolDays) -> records.School:
    """`days` are its own: when its day starts and ends, and when it is closed."""
    low_age, high_age = school.ages
    return records.School(
        type_code=school.type_code,
        low_age=low_age,
        high_age=high_age,
        days=days,
        in_scope=school.scope_override,
        first_days=windows.first_days(days),
        closes_on=school.organisation.closed_on,
    )
