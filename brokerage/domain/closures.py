"""The days a school is closed or would rather not be visited, typed in by hand."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar import calendars
from brokerage.calendar.dates import academic_year
from brokerage.calendar.models import Closure, ClosureKind
from brokerage.domain import horizon
from brokerage.domain.events import ClosureAdded, ClosureChanged, ClosureRemoved, TermDatesTakenOver
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import record
from brokerage.rules import authorise

LONGEST: Final = timedelta(days=70)
MOST: Final = 200


@transaction.atomic(durable=True)
def add(
    *, kind: str, label: str, first_on: date, last_on: date | None = None, by: Membership, at: datetime
) -> Closure:
    """Close the school, or warn of a clash, from the first day to the last. The same again changes nothing.

    A holiday in a year of its authority's term dates takes that year's dates over first: one more must not cost it
    the others."""
    school = lock(by.organisation)
    authorise("brokerage.edit_hosting", by, school)
    closure = Closure(
        school=school, kind=kind, label=label.strip(), first_on=first_on, last_on=last_on or first_on
    )
    refuse_unfit(closure, at=at)
    if (same := _same(closure)) is not None:
        return same
    _take_over_year(closure, by=by, at=at)
    # The authority's dates may have brought the very same.
    if (same := _same(closure)) is not None:
        return same
    refuse_too_many(school, 1, at=at)
    closure.save()
    record(_fact(ClosureAdded, closure), by=by, at=at)
    return closure


@transaction.atomic(durable=True)
def change(
    *,
    closure: Closure,
    kind: str,
    label: str,
    first_on: date,
    last_on: date | None = None,
    by: Membership,
    at: datetime,
) -> Closure:
    """Give it other days, another name or kind. Errors: `closure_gone`, `closure_listed` (the same stands there)."""
    lock(closure.school)
    authorise("brokerage.edit_hosting", by, closure.school)
    standing = Closure.objects.filter(pk=closure.pk).select_related("school").first()
    if standing is None:
        raise DomainError("closure_gone", "Somebody removed that closure a moment ago. Add it again.")
    was = _parts(standing)
    standing.kind, standing.label = kind, label.strip()
    standing.first_on, standing.last_on = first_on, last_on or first_on
    if _parts(standing) == was:
        return standing
    refuse_unfit(standing, at=at)
    if _same(standing) is not None:
        raise InvalidInput.on(
            "first_on", "These days are listed already. Remove one of the two", code="closure_listed"
        )
    if was[0] != ClosureKind.HOLIDAY or academic_year(was[2]) != academic_year(standing.first_on):
        _take_over_year(standing, by=by, at=at)
    standing.save()
    record(
        ClosureChanged(
            **_about(standing),
            was_kind=was[0],
            was_first_on=was[2].isoformat(),
            was_last_on=was[3].isoformat(),
        ),
        by=by,
        at=at,
    )
    return standing


@transaction.atomic(durable=True)
def remove(*, closure: Closure, by: Membership, at: datetime) -> None:
    lock(closure.school)
    authorise("brokerage.edit_hosting", by, closure.school)
    gone, _ = Closure.objects.filter(pk=closure.pk).delete()
    if gone:
        record(_fact(ClosureRemoved, closure), by=by, at=at)


def refuse_holidays(school: Organisation, days: Mapping[str, date], *, at: datetime) -> None:
    """Nobody can be received in a school's holidays. `days` are those asked for, each by the field to put it right in;
    INSET days, exams, weekends and bank holidays are for the school to weigh. Error: `school_holiday`."""
    calendar, today = calendars.days_of(school.pk), timezone.localdate(at)
    fields = {field: said for field, day in days.items() if (said := calendar.refuses(day, today))}
    if fields:
        raise InvalidInput("school_holiday", next(iter(fields.values())), fields=fields)


def refuse_without_pupils(school: Organisation, days: Mapping[str, Sequence[date]], *, at: datetime) -> None:
    """Where nobody would choose such a day on purpose: an asker's dates, those offered instead, the day on which a
    request comes back. Holidays, INSET days, weekends and bank holidays are refused. Error: `not_a_school_day`."""
    calendar, today = calendars.days_of(school.pk), timezone.localdate(at)
    fields = {
        field: said
        for field, each in days.items()
        if (said := " ".join(filter(None, (calendar.has_no_pupils(day, today) for day in each))))
    }
    if fields:
        raise InvalidInput("not_a_school_day", next(iter(fields.values())), fields=fields)


def lock(school: Organisation) -> Organisation:
    """One change of a school's calendar at a time."""
    return Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=school.pk)


def copy_defaults(
    school: Organisation, found: Iterable[calendars.Listed], *, by: Membership, at: datetime
) -> list[Closure]:
    """Make closures of the authority's the school's own."""
    taken = [
        Closure(school=school, kind=each.kind, label=each.label, first_on=each.first_on, last_on=each.last_on)
        for each in found
    ]
    if taken:
        Closure.objects.bulk_create(taken)
        years = sorted({academic_year(each.first_on) for each in taken})
        fact = TermDatesTakenOver(
            subject_id=school.public_id, organisation_id=school.pk, years=years, closures=len(taken)
        )
        record(fact, by=by, at=at)
    return taken


def defaults_of(school: Organisation) -> list[calendars.Listed]:
    return [each for each in calendars.listed(school.pk) if not each.is_own]


def refuse_too_many(school: Organisation, more: int, *, at: datetime) -> None:
    if Closure.objects.filter(school=school, last_on__gte=at.date()).count() + more > MOST:
        raise InvalidInput.on(
            "first_on",
            f"You can list up to {MOST} closures to come. Remove one first",
            code="too_many_closures",
        )


def refuse_unfit(closure: Closure, *, at: datetime) -> None:
    """Error: `date_out_of_range` when nothing else is wrong."""
    if fields := unfit(closure, at=at):
        code = horizon.OUT_OF_RANGE if fields == _out_of_range(closure, at=at) else "invalid"
        raise InvalidInput(code, "Check what you entered.", fields=fields)


def unfit(closure: Closure, *, at: datetime) -> dict[str, str]:
    """What is wrong with a closure, by field."""
    fields = _out_of_range(closure, at=at)
    if closure.kind not in ClosureKind:
        fields["kind"] = "Choose what it is"
    if closure.last_on < closure.first_on:
        fields["last_on"] = "The last day can't be before the first"
    elif closure.last_on - closure.first_on > LONGEST:
        fields["last_on"] = "That's longer than a summer holiday. Check the dates"
    if not closure.label:
        fields["label"] = "Enter what you call it"
    try:
        closure.clean_fields(exclude=["school", *fields])
    except ValidationError as error:
        fields |= {name: messages[0] for name, messages in error.message_dict.items()}
    return fields


def _out_of_range(closure: Closure, *, at: datetime) -> dict[str, str]:
    """A closure that began in August may end in the school year that is on. Of one day, its first is the one typed."""
    first, last = horizon.days_of_a_school(at)
    days = {"first_on": closure.first_on, "last_on": closure.last_on}
    wrong = [name for name, day in days.items() if day > last]
    if closure.last_on < first:
        wrong.append("first_on" if closure.first_on == closure.last_on else "last_on")
    named = {"first_on": "The first day", "last_on": "The last day"}
    return {name: horizon.out_of_range(named[name], at=at) for name in wrong}


def _take_over_year(closure: Closure, *, by: Membership, at: datetime) -> None:
    if closure.kind != ClosureKind.HOLIDAY:
        return
    year = academic_year(closure.first_on)
    copy_defaults(
        closure.school, [each for each in defaults_of(closure.school) if each.year == year], by=by, at=at
    )


def _same(closure: Closure) -> Closure | None:
    return (
        Closure.objects.filter(
            school=closure.school, kind=closure.kind, first_on=closure.first_on, last_on=closure.last_on
        )
        .exclude(pk=closure.pk)
        .first()
    )


def _parts(closure: Closure) -> tuple[str, str, date, date]:
    return closure.kind, closure.label, closure.first_on, closure.last_on


def _fact(fact: type[ClosureAdded] | type[ClosureRemoved], closure: Closure) -> ClosureAdded | ClosureRemoved:
    return fact(**_about(closure))


def _about(closure: Closure) -> dict[str, Any]:
    return {
        "subject_id": closure.public_id,
        "organisation_id": closure.school_id,
        "kind": closure.kind,
        "first_on": closure.first_on.isoformat(),
        "last_on": closure.last_on.isoformat(),
    }
