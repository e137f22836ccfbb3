"""The cohorts a school teaches on a day, with their rolls and groups, and what `pal` reads of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Subquery

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
    ids = [each.pk for each in listed]
    if moves_up is None:
        moves_up = first_days.of_many(ids)
    groups = _groups(ids)
    known = {(row.school, row.y7_entry): row for row in _known(ids, today)}
    return {
        school.pk: [
            _taught(entry, year, known.get((school.pk, entry)), groups)
            for year in school.year_groups
            for entry in (entry_of(year, today, moves_up[school.pk]),)
        ]
        for school in listed
    }


class _Known(NamedTuple):
    """What a school has said of a cohort, with its roll of a day."""

    id: int
    school: int
    y7_entry: int
    roll: int | None
    roll_on: date | None
    pupil_premium: int | None
    send: int | None
    public_id: UUID


def _known(school_ids: Collection[int], day: date) -> Iterable[_Known]:
    latest = CohortRoll.objects.filter(cohort=OuterRef("pk"), on__lte=day).order_by("-on")
    rows = (
        Cohort.objects.filter(school__in=school_ids)
        .order_by()
        .annotate(roll_then=Subquery(latest.values("roll")[:1]), since=Subquery(latest.values("on")[:1]))
        .values_list(
            *("id", "school_id", "y7_entry", "roll_then", "since", "pupil_premium", "send", "public_id")
        )
    )
    return map(_Known._make, rows)


def _groups(school_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By cohort."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    groups = PupilGroup.objects.filter(cohort__school__in=school_ids).order_by("name", "id")
    for cohort_id, name, size in groups.values_list("cohort_id", "name", "size"):
        found[cohort_id][name] = size
    return found


def roll_on(cohort: Cohort, day: date) -> int | None:
    return cohort.rolls.filter(on__lte=day).order_by("-on").values_list("roll", flat=True).first()


def _taught(
    entry: int, year: int, known: _Known | None, groups: Mapping[int, Mapping[str, int]]
) -> TaughtCohort:
    if known is None:
        return TaughtCohort(entry, year)
    return TaughtCohort(
        entry,
        year,
        known.roll,
        known.roll_on,
        groups.get(known.id, {}),
        known.pupil_premium,
        known.send,
        known.public_id,
    )
