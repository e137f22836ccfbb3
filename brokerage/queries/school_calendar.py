"""School calendars with each school's own day times, which stand in how it receives visitors."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.calendar import calendars
from brokerage.calendar.calendars import USUAL, Hours
from brokerage.calendar.school_days import SchoolDays
from brokerage.models import Hosting


def days_of(school_id: int) -> SchoolDays:
    return calendars.days_of(school_id, hours_of([school_id]).get(school_id, USUAL))


def days_of_many(school_ids: Collection[int]) -> dict[int, SchoolDays]:
    """In three statements however many there are."""
    return calendars.days_of_many(school_ids, hours_of(school_ids))


def hours_of(school_ids: Collection[int]) -> dict[int, Hours]:
    found = Hosting.objects.filter(pk__in=school_ids).values_list("pk", "day_starts_at", "day_ends_at")
    return {pk: Hours(starts, ends) for pk, starts, ends in found}


def schools_read_by(by: Membership) -> QuerySet[Organisation]:
    """The schools whose calendar this person may read: their own, their hub's or their trust's."""
    ours = Q(pk=by.organisation_id) | Q(hub=by.organisation_id) | Q(trust=by.organisation_id)
    schools = Organisation.objects.filter(ours, kind=Kind.SCHOOL)
    return schools if by.is_active else schools.none()
