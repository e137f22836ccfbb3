"""Asking a school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar.dates import in_full
from brokerage.domain import arranging, closures, wording
from brokerage.domain.access_requests import steps
from brokerage.domain.events import (
    AccessAsked,
)
from brokerage.domain.idempotency import Once
from brokerage.domain.slots import LONDON
from brokerage.errors import DomainError, InvalidInput
from brokerage.models import AccessRequest, Step
from brokerage.rules import authorise, runs_school
from brokerage.vocabulary import (
    Audience,
    Content,
    DeliveryMode,
    EncounterType,
    Qualification,
)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is asked for. `visitor` null: to be named."""

    encounter_type: str
    year_groups: Sequence[int]
    minutes: int
    dates: Sequence[date]
    audience: str = Audience.WHOLE_YEAR
    delivery_mode: str = DeliveryMode.IN_PERSON
    content: Sequence[str] = ()
    qualifications: Sequence[str] = ()
    visitor: Membership | None = None
    message: str = ""


def ask(
    *, school: Organisation, what: Ask, by: Membership, at: datetime, once: Once | None = None
) -> AccessRequest:
    """Ask a school. Its clock starts on the next school day. Errors: `school_closed` for good, `school_not_here` when
    nobody could answer, `not_a_school_day`, `already_asked` while a request for one of these year groups is open."""
    authorise("brokerage.ask_school", by, school)
    refuse_closed(school, at=at)
    _refuse_unfit(what, by=by, at=at)
    words = wording.checked(what.message, "message")
    with transaction.atomic(durable=True):
        if once and (made := once.made()):
            return AccessRequest.objects.get(public_id=made)
        _one_at_a_time(school, by.organisation)
        _refuse_absent(school)
        closures.refuse_without_pupils(school, {"dates": sorted(set(what.dates))}, at=at)
        _refuse_again(school, what, by=by, at=at)
        request = AccessRequest.objects.create(
            school=school,
            asker=by.organisation,
            asked_by=by,
            visitor=what.visitor,
            was_verified=by.organisation.is_verified,
            encounter_type=what.encounter_type,
            year_groups=sorted(set(what.year_groups)),
            audience=what.audience,
            minutes=what.minutes,
            delivery_mode=what.delivery_mode,
            dates=sorted(set(what.dates)),
            content=steps.in_order(what.content, Content),
            qualifications=steps.in_order(what.qualifications, Qualification),
            asked_at=at,
            clock_from=at.astimezone(LONDON).date(),
            changed_at=at,
        )
        steps.record_step(
            AccessAsked,
            request,
            by=by,
            at=at,
            encounter_type=request.encounter_type,
            year_groups=request.year_groups,
            audience=request.audience,
            minutes=request.minutes,
            delivery_mode=request.delivery_mode,
            dates=[day.isoformat() for day in request.dates],
            content=request.content,
            qualifications=request.qualifications,
            words=wording.keep(words, request, Step.ASK, by=by, at=at),
        )
        if once:
            once.remember(request.public_id, at=at)
    return request


def refuse_closed(school: Organisation, *, at: datetime) -> None:
    """From the day on which the register says that it closes (rule R29)."""
    closed = school.closed_on
    if closed is not None and closed <= at.astimezone(LONDON).date():
        raise DomainError(
            "school_closed",
            f"{school.name} closed on {in_full(closed)}. Ask the school that its pupils go to now.",
        )


def _one_at_a_time(school: Organisation, asker: Organisation) -> None:
    """Two of one college who ask at the same moment: the second sees the first's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ask:{school.pk}:{asker.pk}"]
        )


def _refuse_absent(school: Organisation) -> None:
    members = Membership.objects.active().filter(organisation=school).select_related("organisation")
    if not any(runs_school(member) for member in members):
        raise DomainError(
            "school_not_here",
            f"Nobody at {school.name} uses Doorway yet, so nobody could answer. Write to the school itself.",
        )


def _refuse_again(school: Organisation, what: Ask, *, by: Membership, at: datetime) -> None:
    same = (
        AccessRequest.objects.open()
        .filter(school=school, asker=by.organisation, year_groups__overlap=list(what.year_groups))
        .first()
    )
    if same is not None:
        day = same.asked_at.astimezone(LONDON)
        raise DomainError(
            "already_asked",
            f"You asked on {day.day} {day:%B}, and that request is still open: "
            f"{same.get_state_display().lower()}.",
            fields={"year_groups": "Choose other year groups, or see the request you made"},
        )


def _refuse_unfit(what: Ask, *, by: Membership, at: datetime) -> None:
    fields: dict[str, str] = {}
    if what.encounter_type not in EncounterType:
        fields["encounter_type"] = "Choose what kind of encounter"
    if what.audience not in Audience:
        fields["audience"] = "Choose who it is for"
    if what.delivery_mode not in DeliveryMode:
        fields["delivery_mode"] = "Choose in person or live online"
    fields |= arranging.unfit_size(what.year_groups, what.minutes)
    if any(element not in Content for element in what.content):
        fields["content"] = "Choose what it covers from the list"
    if any(each not in Qualification for each in what.qualifications):
        fields["qualifications"] = "Choose qualifications from the list"
    if what.visitor and (what.visitor.organisation_id != by.organisation_id or not what.visitor.is_active):
        fields["visitor"] = "Choose someone of your organisation"
    fields |= steps.unfit_dates(what.dates, at=at)
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)
