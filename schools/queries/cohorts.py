"""The cohorts a school teaches on a day, with their rolls and groups, and what `pal` reads of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from schools.models import Cohort, CohortRoll, PupilGroup, School
from schools.pal import records
from schools.pal.windows import entry_of
from schools.queries import first_days


@dataclass(frozen=True)
class TaughtCohort:
    """`roll` is None while the school hasn't said it. `public_id` is None while nothing is known of the cohort."""

    y7_entry: int
    year: int
    roll: int | None = None
    roll_on: date | None = None
    groups: Mapping[str, int] = field(default_factory=dict)
    pupil_premium: int | None = None
    send: int | None = None
    public_id: UUID | None = None

    @property
    def record(self) -> records.Cohort | None:
        """None without a roll. Groups that don't partition the roll of the day (they are those of the latest roll)
        are left out."""
        if self.roll is None:
            return None
        fits = sum(self.groups.values()) == self.roll
        return records.Cohort(self.y7_entry, self.roll, self.groups if fits else {})


def cohorts_of(school: School, today: date) -> list[TaughtCohort]:
    """One for each year group taught, the youngest first. Three statements."""
    return for_many([school], today, {school.pk: first_days.of(school.pk)})[school.pk]


def for_many(
    schools: Iterable[School], today: date, moves_up: Mapping[int, Mapping[int, date]] | None = None
) -> dict[int, list[TaughtCohort]]:
    """By the school's primary key, its organisation's. Two statements however many schools, and two more to learn
    when their year groups move up, where `moves_up` doesn't say."""
    listed = list(schools)
    if moves_up is None:
        moves_up = first_days.of_many([each.pk for each in listed])
    known: dict[tuple[int, int], Cohort] = {
        (cohort.school_id, cohort.y7_entry): cohort
        for cohort in with_rolls(Cohort.objects.filter(school__in=[each.pk for each in listed]), today)
    }
    return {
        school.pk: [
            _taught(year, known.get((school.pk, entry)), entry)
            for year in school.year_groups
            for entry in (entry_of(year, today, moves_up[school.pk]),)
        ]
        for school in listed
    }


def with_rolls(cohorts: QuerySet[Cohort], day: date) -> QuerySet[Cohort]:
    """Each with `roll_then` and `roll_since` of that day, and its groups."""
    latest = CohortRoll.objects.filter(cohort=OuterRef("pk"), on__lte=day).order_by("-on")
    return cohorts.annotate(
        roll_then=Subquery(latest.values("roll")[:1]), roll_since=Subquery(latest.values("on")[:1])
    ).prefetch_related(Prefetch("groups", PupilGroup.objects.order_by("name", "id")))


def roll_on(cohort: Cohort, day: date) -> int | None:
    return cohort.rolls.filter(on__lte=day).order_by("-on").values_list("roll", flat=True).first()


def _taught(year: int, cohort: Cohort | None, entry: int) -> TaughtCohort:
    if cohort is None:
        return TaughtCohort(entry, year)
    return TaughtCohort(
        y7_entry=entry,
        year=year,
        roll=cohort.roll_then,  # type: ignore[attr-defined]
        roll_on=cohort.roll_since,  # type: ignore[attr-defined]
        groups={group.name: group.size for group in cohort.groups.all()},
        pupil_premium=cohort.pupil_premium,
        send=cohort.send,
        public_id=cohort.public_id,
    )
