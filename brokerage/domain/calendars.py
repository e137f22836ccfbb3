"""A school's whole calendar: taking over its authority's term dates, bringing in a file, replacing what is to come,
and the private address from which other programs read its encounters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar.dates import academic_year
from brokerage.calendar.importing import Row
from brokerage.calendar.models import CalendarLink, Closure, ClosureKind
from brokerage.domain import closures
from brokerage.domain.events import CalendarLinkMade, CalendarLinkRevoked, CalendarReplaced
from brokerage.domain.slots import LONDON
from brokerage.errors import InvalidInput
from brokerage.eventlog.record import record
from brokerage.rules import authorise

Key = tuple[str, date, date]


@dataclass(frozen=True)
class Brought:
    """What became of a list of closures."""

    added: int
    kept: int
    removed: int


@transaction.atomic(durable=True)
def take_over(*, by: Membership, at: datetime) -> int:
    """Make the authority's term dates the school's own, so that it can change them. How many there were."""
    school = closures.lock(by.organisation)
    authorise("brokerage.edit_hosting", by, school)
    return len(closures.copy_defaults(school, closures.defaults_of(school), by=by, at=at))


@transaction.atomic(durable=True)
def bring_in(
    *, rows: Sequence[Row], replace: bool = False, how: str = "file", by: Membership, at: datetime
) -> Brought:
    """Add the closures of a file or a program to what is listed. With `replace` they are everything from today on:
    what else was listed goes. What is past stays either way, and what is there already stays as it is.

    Errors: `closure_invalid` and, with `replace`, `closure_past`, both naming the row as `closures.3.last_on`."""
    school = closures.lock(by.organisation)
    authorise("brokerage.edit_hosting", by, school)
    today = at.astimezone(LONDON).date()
    wanted = _wanted(school, rows, today=today if replace else None, at=at)
    standing = list(Closure.objects.filter(school=school))
    known = {_key(each): each for each in standing}
    new = [closure for key, closure in wanted.items() if key not in known]
    gone = [each for each in standing if replace and each.last_on >= today and _key(each) not in wanted]
    renamed = [
        (each, wanted[key].label)
        for key, each in known.items()
        if key in wanted and each.label != wanted[key].label
    ]
    _keep_the_past(school, new, today, by=by, at=at)
    Closure.objects.filter(pk__in=[each.pk for each in gone]).delete()
    for each, label in renamed:
        Closure.objects.filter(pk=each.pk).update(label=label)
    closures.refuse_too_many(school, len(new), at=at)
    Closure.objects.bulk_create(new)
    if new or gone or renamed:
        record(
            CalendarReplaced(
                subject_id=school.public_id,
                organisation_id=school.pk,
                how=how,
                added=[_told(each) for each in new],
                removed=[_told(each) for each in gone],
                renamed=len(renamed),
            ),
            by=by,
            at=at,
        )
    return Brought(len(new), len(wanted) - len(new), len(gone))


@transaction.atomic(durable=True)
def make_link(*, by: Membership, at: datetime) -> CalendarLink:
    """A private address for the school's encounters. Any earlier one stops working."""
    school = closures.lock(by.organisation)
    authorise("brokerage.post_need", by)
    _revoke(school, by=by, at=at)
    link = CalendarLink.objects.create(school=school, made_by=by, made_at=at)
    record(CalendarLinkMade(subject_id=link.public_id, organisation_id=school.pk), by=by, at=at)
    return link


@transaction.atomic(durable=True)
def revoke_link(*, by: Membership, at: datetime) -> None:
    school = closures.lock(by.organisation)
    authorise("brokerage.post_need", by)
    _revoke(school, by=by, at=at)


def _revoke(school: Organisation, *, by: Membership, at: datetime) -> None:
    for link in CalendarLink.objects.filter(school=school, revoked_at__isnull=True):
        link.revoked_at = at
        link.save(update_fields=["revoked_at"])
        record(CalendarLinkRevoked(subject_id=link.public_id, organisation_id=school.pk), by=by, at=at)


def _wanted(
    school: Organisation, rows: Iterable[Row], *, today: date | None, at: datetime
) -> dict[Key, Closure]:
    """Each closure once; `today` refuses what is over."""
    fields: dict[str, str] = {}
    wanted: dict[Key, Closure] = {}
    for number, row in enumerate(rows):
        closure = Closure(
            school=school, kind=row.kind, label=row.label.strip(), first_on=row.first_on, last_on=row.last_on
        )
        wrong = closures.unfit(closure, at=at)
        is_over = today is not None and row.first_on <= row.last_on < today
        if is_over and wrong.keys() <= {"first_on", "last_on"}:
            wrong = {"last_on": "This is over. Send only what is still to come"}
        fields |= {f"closures.{number}.{name}": sentence for name, sentence in wrong.items()}
        wanted.setdefault(_key(closure), closure)
    if fields:
        past = all(sentence.startswith("This is over") for sentence in fields.values())
        raise InvalidInput(
            "closure_past" if past else "closure_invalid",
            "Check these closures. Nothing was changed.",
            fields=fields,
        )
    return wanted


def _keep_the_past(
    school: Organisation, new: Iterable[Closure], today: date, *, by: Membership, at: datetime
) -> None:
    """Own holidays take a year out of its authority's dates; what of that year is past already happened by them."""
    fresh = [each for each in new if each.kind == ClosureKind.HOLIDAY]
    years = {academic_year(each.first_on) for each in fresh}
    past = [
        each
        for each in closures.defaults_of(school)
        if each.year in years
        and each.last_on < today
        and not any(own.first_on <= each.last_on and each.first_on <= own.last_on for own in fresh)
    ]
    closures.copy_defaults(school, past, by=by, at=at)


def _key(closure: Closure) -> Key:
    return closure.kind, closure.first_on, closure.last_on


def _told(closure: Closure) -> str:
    return f"{closure.kind} {closure.first_on} {closure.last_on}"
