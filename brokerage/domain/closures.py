"""The days a school is closed or would rather not be visited, typed in by hand."""

from datetime import date, datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from brokerage.accounts.models import Membership
from brokerage.calendar.models import Closure, ClosureKind
from brokerage.domain.events import ClosureAdded, ClosureRemoved
from brokerage.errors import InvalidInput
from brokerage.eventlog.record import record
from brokerage.rules import authorise

LONGEST: Final = timedelta(days=70)
MOST: Final = 200


@transaction.atomic(durable=True)
def add(
    *, kind: str, label: str, first_on: date, last_on: date | None = None, by: Membership, at: datetime
) -> Closure:
    """Close the school, or warn of a clash, from the first day to the last. The same again changes nothing."""
    authorise("brokerage.edit_hosting", by, by.organisation)
    closure = Closure(
        school=by.organisation, kind=kind, label=label.strip(), first_on=first_on, last_on=last_on or first_on
    )
    _refuse_unfit(closure)
    same = Closure.objects.filter(
        school=by.organisation, kind=kind, first_on=closure.first_on, last_on=closure.last_on
    ).first()
    if same is not None:
        return same
    if Closure.objects.filter(school=by.organisation, last_on__gte=at.date()).count() >= MOST:
        raise InvalidInput.on("first_on", f"You can list up to {MOST} closures to come. Remove one first")
    closure.save()
    record(_fact(ClosureAdded, closure), by=by, at=at)
    return closure


@transaction.atomic(durable=True)
def remove(*, closure: Closure, by: Membership, at: datetime) -> None:
    authorise("brokerage.edit_hosting", by, closure.school)
    gone, _ = Closure.objects.filter(pk=closure.pk).delete()
    if gone:
        record(_fact(ClosureRemoved, closure), by=by, at=at)


def _refuse_unfit(closure: Closure) -> None:
    fields: dict[str, str] = {}
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
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)


def _fact(fact: type[ClosureAdded] | type[ClosureRemoved], closure: Closure) -> ClosureAdded | ClosureRemoved:
    return fact(
        subject_id=closure.public_id,
        organisation_id=closure.school_id,
        kind=closure.kind,
        first_on=closure.first_on.isoformat(),
        last_on=closure.last_on.isoformat(),
    )
