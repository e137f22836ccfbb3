"""How a school receives visitors: its day, rooms, entrance and notes; and its rolls, as the market sees them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from brokerage.accounts import organisations
from brokerage.accounts.models import Membership, Organisation
from brokerage.domain.events import HostingChanged
from brokerage.errors import InvalidInput
from brokerage.eventlog.record import Platform, record
from brokerage.models import Hosting
from brokerage.rules import authorise
from brokerage.vocabulary import YEAR_GROUPS

FIELDS: Final = frozenset({"day_starts_at", "day_ends_at", "rooms", "entrance", "visitor_notes", "telephone"})
ROLL_AT_MOST: Final = 2000
ROOMS_AT_MOST: Final = 30


@transaction.atomic(durable=True)
def change(*, fields: Mapping[str, Any], by: Membership, at: datetime) -> Hosting:
    """Change what new needs are filled in with; those already posted keep what they say."""
    authorise("brokerage.edit_hosting", by, by.organisation)
    if unknown := set(fields) - FIELDS:
        raise InvalidInput("unknown_field", "Unknown field", fields=dict.fromkeys(unknown, "Unknown field"))
    hosting = {name: value for name, value in fields.items() if name != "telephone"}
    if "telephone" in fields:  # the organisation's: registers know it too
        organisations.keep_telephone(by.organisation, telephone=fields["telephone"], by=by, at=at)
    return _write(_locked(by.organisation), hosting, by, at)


@transaction.atomic
def keep_rolls(
    *, school: Organisation, rolls: Mapping[int, int], by: Membership | Platform, at: datetime
) -> Hosting:
    """Year group → on roll, in the transaction of the verb that changed a cohort's roll (which authorises): cohorts
    are where rolls are said, this is where posting and recording read them. Years not named keep what they have."""
    hosting = _locked(school)
    return _write(
        hosting, {"rolls": hosting.rolls | {str(year): roll for year, roll in rolls.items()}}, by, at
    )


def _locked(school: Organisation) -> Hosting:
    Hosting.objects.get_or_create(school=school)
    return Hosting.objects.select_for_update(of=("self",)).select_related("school").get(school=school)


def _write(hosting: Hosting, fields: Mapping[str, Any], by: Membership | Platform, at: datetime) -> Hosting:
    changed = [name for name, value in fields.items() if getattr(hosting, name) != value]
    for name in changed:
        setattr(hosting, name, fields[name])
    _refuse_unfit(hosting)
    if changed:
        hosting.save()
        record(
            HostingChanged(
                subject_id=hosting.school.public_id,
                organisation_id=hosting.school_id,
                changed=sorted(changed),
            ),
            by=by,
            at=at,
        )
    return hosting


def _refuse_unfit(hosting: Hosting) -> None:
    fields: dict[str, str] = {}
    if hosting.day_ends_at <= hosting.day_starts_at:
        fields["day_ends_at"] = f"The day must end after {hosting.day_starts_at:%H:%M}"
    if any(not year.isdigit() or int(year) not in YEAR_GROUPS for year in hosting.rolls):
        fields["rolls"] = "Give numbers only for Years 7 to 13"
    elif any(not isinstance(roll, int) or not 0 <= roll <= ROLL_AT_MOST for roll in hosting.rolls.values()):
        fields["rolls"] = f"Enter how many pupils, from 0 to {ROLL_AT_MOST:,}"
    if len(hosting.rooms) > ROOMS_AT_MOST:
        fields["rooms"] = f"List up to {ROOMS_AT_MOST} rooms"
    try:
        hosting.clean_fields(exclude=["school", *fields])
    except ValidationError as error:
        fields |= {name: messages[0] for name, messages in error.message_dict.items()}
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)
