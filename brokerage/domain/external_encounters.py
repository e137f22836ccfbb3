"""Encounters that happened without Doorway: the school's word, which the provider it names can confirm or dispute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Membership, Organisation, ProviderKind
from brokerage.accounts.models.organisation import TECHNICAL
from brokerage.calendar.dates import academic_year
from brokerage.domain.encounters import SMALL_GROUP
from brokerage.domain.events import (
    ExternalConfirmed,
    ExternalDisputed,
    ExternalFact,
    ExternalRecorded,
    ExternalRemoved,
)
from brokerage.domain.idempotency import Once
from brokerage.domain.slots import LONDON
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import record as record_event
from brokerage.models import Claim, ExternalEncounter
from brokerage.rules import authorise
from brokerage.states import ClaimState, Confirmation
from brokerage.vocabulary import Content, DeliveryMode

FIRST_YEAR: Final = 7
OLDEST: Final = timedelta(days=3 * 366)
"""Longer than any key phase that is still open."""


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What the school says of it. `provider` where it is on Doorway, else its name and kind alone."""

    provider: Organisation | None
    provider_name: str = ""
    provider_kind: str = ""
    is_technical: bool = True
    y7_entry: int
    pupil_group: str = ""
    on: date
    starts: time
    ends: time
    offered: int
    attended: int
    delivery_mode: str = DeliveryMode.IN_PERSON
    content: Sequence[str] = ()
    evidence: str = ""


@transaction.atomic(durable=True)
def record(*, what: Happened, by: Membership, at: datetime, once: Once | None = None) -> ExternalEncounter:
    """Write it down. The same provider, cohort, group, day and start again is the same encounter."""
    authorise("brokerage.record_external", by, by.organisation)
    if once and (made := once.made()):
        return ExternalEncounter.objects.get(public_id=made)
    encounter = _row(what, by=by, at=at)
    _refuse_unfit(encounter, at=at)
    _one_at_a_time(by.organisation)
    same = ExternalEncounter.objects.standing().filter(
        school=by.organisation,
        provider_name=encounter.provider_name,
        y7_entry=what.y7_entry,
        pupil_group=encounter.pupil_group,
        on=what.on,
        starts=what.starts,
    )
    if (standing := same.first()) is not None:
        return standing
    _refuse_known(encounter)
    encounter.save(force_insert=True)
    _record_event(
        ExternalRecorded,
        encounter,
        by=by,
        at=at,
        minutes=_minutes(encounter),
        offered=encounter.offered if encounter.offered >= SMALL_GROUP else None,
        attended=encounter.attended if encounter.attended >= SMALL_GROUP else None,
        content=encounter.content,
    )
    if once:
        once.remember(encounter.public_id, at=at)
    return encounter


def _one_at_a_time(school: Organisation) -> None:
    """A button pressed twice: the second sees what the first wrote, and one visit isn't two occasions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"external:{school.pk}"])


def confirm(*, encounter: ExternalEncounter, by: Membership, at: datetime) -> ExternalEncounter:
    """The provider it names agrees."""
    return _say(encounter, Confirmation.CONFIRMED, "", by=by, at=at)


def dispute(*, encounter: ExternalEncounter, note: str, by: Membership, at: datetime) -> ExternalEncounter:
    """The provider it names saw it otherwise, and says how."""
    if not note.strip():
        raise InvalidInput.on("note", "Say what was different")
    return _say(encounter, Confirmation.DISPUTED, note.strip(), by=by, at=at)


@transaction.atomic(durable=True)
def remove(*, encounter: ExternalEncounter, by: Membership, at: datetime) -> None:
    """It was written down by mistake: it counts no more, and the log keeps that it once stood."""
    authorise("brokerage.record_external", by, encounter.school)
    gone = ExternalEncounter.objects.standing().filter(pk=encounter.pk).update(removed_at=at)
    if gone:
        _record_event(ExternalRemoved, encounter, by=by, at=at)


@transaction.atomic(durable=True)
def _say(
    encounter: ExternalEncounter, word: Confirmation, note: str, *, by: Membership, at: datetime
) -> ExternalEncounter:
    encounter = (
        ExternalEncounter.objects.select_for_update(of=("self",))
        .select_related("school", "provider")
        .get(pk=encounter.pk)
    )
    authorise("brokerage.confirm_external", by, encounter)
    if encounter.removed_at is not None:
        raise DomainError(
            "encounter_removed", f"{encounter.school.name} has taken this record out: it counts for nothing."
        )
    if (encounter.confirmation, encounter.confirmation_note) == (word, note):
        return encounter
    encounter.confirmation, encounter.confirmation_note = word, note
    encounter.confirmed_by, encounter.confirmed_at = by, at
    _refuse_unfit(encounter, at=at)
    encounter.save(update_fields=["confirmation", "confirmation_note", "confirmed_by", "confirmed_at"])
    fact = ExternalConfirmed if word == Confirmation.CONFIRMED else ExternalDisputed
    _record_event(fact, encounter, by=by, at=at)
    return encounter


def _row(what: Happened, *, by: Membership, at: datetime) -> ExternalEncounter:
    known = what.provider
    return ExternalEncounter(
        school=by.organisation,
        provider=known,
        provider_name=known.name if known else what.provider_name.strip(),
        provider_kind=known.provider_kind if known else what.provider_kind,
        is_technical=what.is_technical,
        y7_entry=what.y7_entry,
        pupil_group=what.pupil_group.strip(),
        on=what.on,
        starts=what.starts,
        ends=what.ends,
        offered=what.offered,
        attended=what.attended,
        delivery_mode=what.delivery_mode,
        content=[str(element) for element in Content if element in what.content],
        evidence=what.evidence.strip(),
        recorded_by=by,
        recorded_at=at,
    )


def _refuse_unfit(encounter: ExternalEncounter, *, at: datetime) -> None:
    fields: dict[str, str] = {}
    today = at.astimezone(LONDON).date()
    if encounter.provider and encounter.provider.category is None:
        fields["provider"] = "Choose the college, training provider, university or employer that came"
    elif not encounter.provider_name:
        fields["provider_name"] = "Enter who came"
    elif encounter.provider_name.casefold() == encounter.school.name.casefold():
        fields["provider_name"] = (
            "Enter who came from outside: your own school isn't a provider to its pupils"
        )
    if encounter.provider_kind and encounter.provider_kind not in ProviderKind:
        fields["provider_kind"] = "Choose what kind of provider"
    if encounter.on > today:
        fields["on"] = "It can't be in the future. Post a need instead"
    elif today - encounter.on > OLDEST:
        fields["on"] = "That's longer ago than any key phase that is still open"
    if encounter.ends <= encounter.starts:
        fields["ends"] = f"The end time must be after {encounter.starts:%H:%M}"
    if not 1 <= encounter.offered <= 2000:
        fields["offered"] = "Enter how many pupils it was for, from 1 to 2,000"
    elif not 0 <= encounter.attended <= encounter.offered:
        fields["attended"] = f"Enter how many came, from 0 to {encounter.offered:,}"
    if encounter.delivery_mode not in DeliveryMode:
        fields["delivery_mode"] = "Choose in person or live online. A recording can't answer questions"
    if not encounter.evidence:
        fields["evidence"] = "Say what shows that it happened: a register, a letter, a page"
    if not 2000 <= encounter.y7_entry <= today.year + 1:
        fields["y7_entry"] = "Choose which year group it was for"
    try:
        encounter.clean_fields(exclude=["school", "recorded_by", "confirmed_by", *fields])
    except ValidationError as error:
        fields |= {name: messages[0] for name, messages in error.message_dict.items()}
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)


def _refuse_known(encounter: ExternalEncounter) -> None:
    """What is booked or recorded on Doorway isn't written down a second time: it would count as two."""
    year = FIRST_YEAR + academic_year(encounter.on) - encounter.y7_entry
    starts, ends = (
        datetime.combine(encounter.on, moment, LONDON) for moment in (encounter.starts, encounter.ends)
    )
    booked = Claim.objects.filter(
        Q(claimant=encounter.provider_id) | Q(claimant__name__iexact=encounter.provider_name),
        slot__need__school=encounter.school,
        slot__need__year_groups__contains=[year],
        state__in=(ClaimState.ACCEPTED, ClaimState.FULFILLED),
        during__overlap=TimestamptzRange(starts, ends),
    )
    if encounter.pupil_group:
        booked = booked.filter(slot__need__pupil_group__in=["", encounter.pupil_group])
    if booked.exists():
        raise InvalidInput.on("on", "That visit is on Doorway already. Record what happened under Visits")


def is_technical(provider: Organisation | None, provider_kind: str) -> bool:
    """Rule R17's mapping, where the school has not said otherwise."""
    return (provider.provider_kind if provider else provider_kind) in TECHNICAL


def _minutes(encounter: ExternalEncounter) -> int:
    length = datetime.combine(encounter.on, encounter.ends) - datetime.combine(encounter.on, encounter.starts)
    return length.seconds // 60


def _record_event(
    fact: type[ExternalFact],
    encounter: ExternalEncounter,
    *,
    by: Membership,
    at: datetime,
    **more: Any,
) -> None:
    record_event(
        fact(
            subject_id=encounter.public_id,
            organisation_id=encounter.school_id,
            provider=encounter.provider.public_id if encounter.provider else None,
            y7_entry=encounter.y7_entry,
            on=encounter.on.isoformat(),
            **more,
        ),
        by=by,
        at=at,
    )
