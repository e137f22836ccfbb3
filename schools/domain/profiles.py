"""What a register says of a school, put right by the school: years taught and scope."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from brokerage.accounts.models import Membership
from brokerage.domain.events import SchoolCorrected
from brokerage.errors import InvalidInput
from brokerage.eventlog.record import record
from brokerage.rules import authorise
from schools.models import School
from schools.pal.scope import COVERED, NOT_COVERED

FIELDS: Final = frozenset({"first_year", "last_year", "scope_override", "scope_note"})
# Special schools: hospital ones among them aren't covered, and no register tells them apart (6.9).
SPECIAL: Final = frozenset({7, 12, 33, 36, 44})


def may_say_scope(school: School) -> bool:
    """Only where its type code can't tell."""
    return school.type_code in SPECIAL or school.type_code not in COVERED | NOT_COVERED


@transaction.atomic(durable=True)
def correct(*, fields: Mapping[str, Any], by: Membership, at: datetime) -> School:
    """The same again is no event."""
    authorise("brokerage.edit_hosting", by, by.organisation)
    if unknown := set(fields) - FIELDS:
        raise InvalidInput("unknown_field", "Unknown field", fields=dict.fromkeys(unknown, "Unknown field"))
    School.objects.get_or_create(organisation=by.organisation, defaults={"high_age": 18})
    school = School.objects.select_for_update(of=("self",)).get(organisation=by.organisation)
    changed = sorted(name for name, value in fields.items() if getattr(school, name) != value)
    for name in changed:
        setattr(school, name, fields[name])
    _refuse_unfit(school, changed)
    if changed:
        school.save(update_fields=changed)
        fact = SchoolCorrected(
            subject_id=by.organisation.public_id, organisation_id=by.organisation_id, changed=changed
        )
        record(fact, by=by, at=at)
    return school


def _refuse_unfit(school: School, changed: list[str]) -> None:
    fields: dict[str, str] = {}
    years = (school.first_year, school.last_year)
    if (years[0] is None) != (years[1] is None):
        fields["last_year" if years[1] is None else "first_year"] = "Enter both years, or neither"
    elif school.first_year is not None and school.last_year is not None:
        if not 1 <= school.first_year <= 13:
            fields["first_year"] = "Enter a year group from 1 to 13"
        elif not school.first_year <= school.last_year <= 13:
            fields["last_year"] = f"Enter a year group from {school.first_year} to 13"
    if "scope_override" in changed and not may_say_scope(school):
        fields["scope_override"] = "Your school's type already says whether the duty covers it"
    if school.scope_override is not None and not school.scope_note:
        fields["scope_note"] = "Say why, like: a hospital school"
    try:
        school.clean_fields(exclude=["organisation", "slug", *fields])
    except ValidationError as error:
        fields |= {name: messages[0] for name, messages in error.message_dict.items()}
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)
