"""Rolls by cohort, the groups that partition them, and counts for the school's own eyes."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from brokerage.accounts.models import Membership
from brokerage.domain import hosting
from brokerage.domain.events import CohortCountsSet, CohortGroupsSet, CohortRollSet
from brokerage.errors import InvalidInput, Unprocessable
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.record import PLATFORM, record
from brokerage.models import Hosting
from brokerage.rules import authorise
from schools.models import Cohort, CohortRoll, PupilGroup, School
from schools.models.cohort import ROLL_AT_MOST
from schools.pal.windows import entry_of, year_group
from schools.queries import cohorts as query
from schools.queries import first_days
from schools.queries.cohorts import TaughtCohort

GROUPS_AT_MOST: Final = 40
HOW_MANY: Final = f"Enter how many pupils, from 0 to {ROLL_AT_MOST:,}"


@transaction.atomic(durable=True)
def set_roll(*, y7_entry: int, roll: int, on: date, by: Membership, at: datetime) -> Cohort:
    """Say how many are on roll in a cohort from a day on."""
    set_rolls_within({y7_entry: roll}, on, by=by, at=at)
    return Cohort.objects.get(school_id=by.organisation_id, y7_entry=y7_entry)


@transaction.atomic(durable=True)
def set_rolls(*, rolls: Mapping[int, int], on: date, by: Membership, at: datetime) -> None:
    """Several cohorts at once, all or none: September of Year 7 entry → on roll. The same again is no event."""
    set_rolls_within(rolls, on, by=by, at=at)


@transaction.atomic(durable=True)
def set_groups(
    *, y7_entry: int, groups: Mapping[str, int], roll: int | None = None, by: Membership, at: datetime
) -> Cohort:
    """Partition a cohort, and say its roll of today with it where that changed. No groups: it is one again."""
    school = _locked(by)
    today = timezone.localtime(at).date()
    cohort = _cohort(school, y7_entry, today)
    wanted = {" ".join(name.split()): size for name, size in groups.items()}
    _refuse_unfit_groups(cohort, wanted)
    before = dict(cohort.groups.values_list("name", "size"))
    if wanted != before:
        cohort.groups.all().delete()
        PupilGroup.objects.bulk_create(
            PupilGroup(cohort=cohort, name=name, size=size) for name, size in wanted.items()
        )
        record(_fact(CohortGroupsSet, cohort, groups=len(wanted)), by=by, at=at)
    if roll is not None:
        _set_roll(cohort, roll, today, by, at)
    _refuse_other_sums([cohort], today)
    _tell_the_market(school, today, by, at)
    return cohort


@transaction.atomic(durable=True)
def set_counts(
    *, y7_entry: int, pupil_premium: int | None, send: int | None, by: Membership, at: datetime
) -> Cohort:
    """How many of a cohort have pupil premium, and special educational needs or disabilities: the school's only."""
    school = _locked(by)
    today = timezone.localtime(at).date()
    cohort = _cohort(school, y7_entry, today)
    wanted = {"pupil_premium": pupil_premium, "send": send}
    roll = query.roll_on(cohort, today)
    most = ROLL_AT_MOST if roll is None else roll
    if wrong := {name: n for name, n in wanted.items() if n is not None and not 0 <= n <= most}:
        sentence = HOW_MANY if roll is None else f"Enter a number from 0 to {roll:,}, the roll"
        raise InvalidInput("invalid", "Check what you entered.", fields=dict.fromkeys(wrong, sentence))
    changed = sorted(name for name, count in wanted.items() if getattr(cohort, name) != count)
    if changed:
        Cohort.objects.filter(pk=cohort.pk).update(**wanted)
        record(_fact(CohortCountsSet, cohort, changed=changed), by=by, at=at)
        cohort.refresh_from_db()
    return cohort


def begin(*, school: School, rolls: Mapping[int, int], on: date) -> None:
    """Year group → on roll from a register or a file, for cohorts of which the school has said nothing itself."""
    moves_up = first_days.of(school.pk)
    entries = {entry_of(year, on, moves_up): roll for year, roll in rolls.items()}
    Cohort.objects.bulk_create(
        [Cohort(school=school, y7_entry=entry) for entry in entries], ignore_conflicts=True
    )
    silent = Cohort.objects.filter(school=school, y7_entry__in=entries, rolls=None)
    CohortRoll.objects.bulk_create(
        CohortRoll(cohort=each, on=on, roll=entries[each.y7_entry]) for each in silent
    )


def roll_over(*, today: date, at: datetime) -> int:
    """Give the market rolls by the year groups of today: cohorts move up by themselves, its numbers don't. A year group
    that has just begun keeps last year's number until the school says its own. Returns how many schools it told."""
    schools = list(School.objects.filter(cohorts__isnull=False).distinct().select_related("organisation"))
    kept = dict(Hosting.objects.values_list("school_id", "rolls"))
    taught = query.for_many(schools, today)
    told = 0
    for school in schools:
        rolls = _by_year(taught[school.pk])
        if any(kept.get(school.pk, {}).get(str(year)) != roll for year, roll in rolls.items()):
            hosting.keep_rolls(school=school.organisation, rolls=rolls, by=PLATFORM, at=at)
            told += 1
    return told


def set_rolls_within(rolls: Mapping[int, int], on: date, *, by: Membership, at: datetime) -> None:
    """The verb above, in the caller's transaction."""
    school = _locked(by)
    today = timezone.localtime(at).date()
    if on > today:
        raise InvalidInput.on("on", "A roll can't be dated ahead. Enter today or a day before")
    cohorts = [_cohort(school, entry, on) for entry in rolls]
    for cohort in cohorts:
        _set_roll(cohort, rolls[cohort.y7_entry], on, by, at)
    _refuse_other_sums(cohorts, today)
    _tell_the_market(school, today, by, at)


def _locked(by: Membership) -> School:
    """The school's row, so that two people's changes to its cohorts come one after the other."""
    authorise("brokerage.edit_hosting", by, by.organisation)
    School.objects.get_or_create(organisation=by.organisation, defaults={"high_age": 18})
    return School.objects.select_for_update(of=("self",)).get(organisation=by.organisation)


def _cohort(school: School, y7_entry: int, day: date) -> Cohort:
    if year_group(y7_entry, day, first_days.of(school.pk)) not in school.year_groups:
        raise InvalidInput.on("y7_entry", "You don't teach that year group then.")
    cohort, _ = Cohort.objects.get_or_create(school=school, y7_entry=y7_entry)
    return cohort


def _set_roll(cohort: Cohort, roll: int, on: date, by: Membership, at: datetime) -> None:
    if not 0 <= roll <= ROLL_AT_MOST:
        raise InvalidInput("invalid", "Check what you entered.", fields={str(cohort.y7_entry): HOW_MANY})
    if query.roll_on(cohort, on) == roll:
        return
    CohortRoll.objects.update_or_create(cohort=cohort, on=on, defaults={"roll": roll})
    record(_fact(CohortRollSet, cohort, roll=roll, on=on.isoformat()), by=by, at=at)


def _refuse_unfit_groups(cohort: Cohort, groups: Mapping[str, int]) -> None:
    if len(groups) > GROUPS_AT_MOST:
        raise InvalidInput.on("groups", f"List up to {GROUPS_AT_MOST} groups")
    for name, size in groups.items():
        if not 1 <= size <= ROLL_AT_MOST:
            raise InvalidInput.on(
                "groups", f"Enter how many pupils group {name} has, from 1 to {ROLL_AT_MOST:,}"
            )
        try:
            PupilGroup(cohort=cohort, name=name, size=size).clean_fields(exclude=["cohort"])
        except ValidationError as error:
            sentence = next(iter(error.message_dict.values()))[0]
            raise InvalidInput.on("groups", f"Group {name[:20]}: {sentence}") from error


def _refuse_other_sums(cohorts: list[Cohort], today: date) -> None:
    """Groups hold each pupil of the latest roll once."""
    fields = {}
    for cohort in cohorts:
        together = sum(cohort.groups.values_list("size", flat=True))
        roll = query.roll_on(cohort, today)
        if together and together != roll:
            known = "no roll is given" if roll is None else f"the roll is {roll:,}"
            fields[str(cohort.y7_entry)] = f"The groups hold {together:,} pupils together and {known}"
    if fields:
        raise Unprocessable("groups_do_not_add_up", next(iter(fields.values())) + ".", fields=fields)


def _tell_the_market(school: School, today: date, by: Membership, at: datetime) -> None:
    rolls = _by_year(query.cohorts_of(school, today))
    hosting.keep_rolls(school=by.organisation, rolls=rolls, by=by, at=at)


def _by_year(taught: Iterable[TaughtCohort]) -> dict[int, int]:
    return {each.year: each.roll for each in taught if each.roll is not None}


def _fact(
    fact: type[CohortRollSet] | type[CohortGroupsSet] | type[CohortCountsSet],
    cohort: Cohort,
    **fields: object,
) -> Fact:
    made: Fact = fact(
        subject_id=cohort.public_id,
        organisation_id=cohort.school_id,
        y7_entry=cohort.y7_entry,
        **fields,  # type: ignore[arg-type]
    )
    return made
