"""What a school says of its pupils: numbers of a cohort."""

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from brokerage.accounts.models import Organisation
from schools.domain import cohorts
from schools.models import Cohort, PupilGroup, School


def cohort(
    school: Organisation,
    *,
    year: int = 9,
    roll: int = 180,
    groups: Mapping[str, int] | None = None,
    on: date | None = None,
) -> Cohort:
    """The cohort in this year group on a day (today, unless named), with its roll from that day on."""
    today = timezone.localdate()
    profile = School.objects.get(organisation=school)
    cohorts.begin(school=profile, rolls={year: roll}, on=on or today)
    made = Cohort.objects.get(school=profile, y7_entry=profile.entry_of(year, on or today))
    PupilGroup.objects.bulk_create(
        PupilGroup(cohort=made, name=name, size=size) for name, size in (groups or {}).items()
    )
    return made
