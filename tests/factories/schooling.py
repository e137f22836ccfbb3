"""What a school says: numbers of its cohorts, its policy statement."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation
from schools.domain import cohorts, policies
from schools.models import Cohort, ProviderAccessPolicy, PupilGroup, School
from schools.pal.windows import entry_of
from schools.policy import model_text
from schools.queries import first_days


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
    made = Cohort.objects.get(school=profile, y7_entry=entry_of(year, on or today, first_days.of(profile.pk)))
    PupilGroup.objects.bulk_create(
        PupilGroup(cohort=made, name=name, size=size) for name, size in (groups or {}).items()
    )
    return made


def published_policy(by: Membership, **fields: Any) -> ProviderAccessPolicy:
    """A whole statement from the model text, approved a month ago, published now."""
    today = timezone.localdate()
    whole = model_text.start(
        day_starts=time(8, 45), day_ends=time(15, 15), rooms=["Main hall"], years=range(7, 14)
    )
    approval = {
        "approved_on": today - timedelta(days=30),
        "approved_by": "Full governing board",
        "review_on": today + timedelta(days=335),
    }
    said = {**whole, **approval, "contact": by, **fields}
    return policies.publish(fields=said, by=by, at=timezone.now())
