"""What the school says: yes, other dates, later, a question, not this time, asked already."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Final

from brokerage.accounts.models import Membership
from brokerage.domain import closures, wording
from brokerage.domain.access_requests import steps
from brokerage.domain.arranging import Arrangement
from brokerage.domain.events import (
    AccessCountered,
    AccessPostponed,
    AccessQuestioned,
    AccessRefused,
    DuplicateMarked,
)
from brokerage.domain.slots import LONDON
from brokerage.domain.taking import retried
from brokerage.errors import DomainError, InvalidInput
from brokerage.models import AccessRequest, AccessTerms, CounterOffer, Question, Step
from brokerage.rules import authorise
from brokerage.states import AccessState
from brokerage.vocabulary import (
    PostponeReason,
    RefusalGround,
)

LONGEST_POSTPONEMENT: Final = timedelta(days=190)


def grant(
    *,
    request: AccessRequest,
    on: date,
    starts: time,
    minutes: int | None = None,
    venue: str | None = None,
    audience: str | None = None,
    year_groups: Sequence[int] | None = None,
    delivery_mode: str | None = None,
    note: str = "",
    by: Membership,
    at: datetime,
) -> AccessRequest:
    """Say yes to a date. What isn't given stays as asked. Granted for that time already: nothing changes; whoever
    chose another time a moment later is told, for theirs was not taken."""
    words = wording.checked(note, "note")

    def work() -> AccessRequest:
        with _answering(request, by=by) as fresh:
            arrangement = Arrangement.at(
                on,
                starts,
                minutes=fresh.minutes if minutes is None else minutes,
                venue=venue,
                audience=audience or fresh.audience,
                year_groups=fresh.year_groups if year_groups is None else year_groups,
                delivery_mode=delivery_mode or fresh.delivery_mode,
            )
            if steps.is_granted_for(fresh, arrangement.starts_at):
                return fresh
            steps.require_move(fresh, AccessState.GRANTED)
            steps.arrange(fresh, arrangement, words=words, host=by, by=by, at=at)
            return fresh

    return retried(work)


def counter_offer(
    *,
    request: AccessRequest,
    dates: Sequence[date],
    starts: time,
    minutes: int | None = None,
    year_groups: Sequence[int] | None = None,
    audience: str | None = None,
    delivery_mode: str | None = None,
    venue: str = "",
    note: str = "",
    by: Membership,
    at: datetime,
) -> AccessRequest:
    """Offer other dates, with pupils, other years or another format; a second one replaces the first. Error:
    `not_a_school_day`."""
    words = wording.checked(note, "note")
    _refuse_dates(dates, at=at)
    with _answering(request, by=by) as fresh:
        if fresh.state != AccessState.COUNTERED:
            steps.require_move(fresh, AccessState.COUNTERED)
        offer = CounterOffer(
            request=fresh,
            dates=sorted(set(dates)),
            starts=starts,
            minutes=fresh.minutes if minutes is None else minutes,
            year_groups=sorted(set(fresh.year_groups if year_groups is None else year_groups)),
            audience=audience or fresh.audience,
            delivery_mode=delivery_mode or fresh.delivery_mode,
            venue=venue,
            made_by=by,
            made_at=at,
        )
        _refuse_unfit_offer(offer, fresh, at=at)
        closures.refuse_without_pupils(fresh.school, {"dates": offer.dates}, at=at)
        steps.answer(fresh, AccessState.COUNTERED, at=at)
        offer.save()
        steps.record_step(
            AccessCountered,
            fresh,
            by=by,
            at=at,
            offer=offer.public_id,
            dates=[day.isoformat() for day in offer.dates],
            starts=starts.isoformat("minutes"),
            year_groups=offer.year_groups,
            audience=offer.audience,
            minutes=offer.minutes,
            delivery_mode=offer.delivery_mode,
            words=wording.keep(words, fresh, Step.COUNTER, by=by, at=at),
        )
        return fresh


def postpone(
    *, request: AccessRequest, until: date, reason: str, note: str = "", by: Membership, at: datetime
) -> AccessRequest:
    """Ask them to wait: on that day, one with pupils, the request comes back by itself, with a new clock. Error:
    `not_a_school_day`."""
    if reason not in PostponeReason:
        raise InvalidInput.on("reason", "Choose a reason")
    words = wording.checked(note, "note")
    today = at.astimezone(LONDON).date()
    if until <= today:
        raise InvalidInput.on("until", "Choose a day to come")
    if until - today > LONGEST_POSTPONEMENT:
        raise InvalidInput.on("until", "Choose a day within six months, or say not this time")
    with _answering(request, by=by) as fresh:
        if fresh.state == AccessState.POSTPONED and fresh.postponed_until == until:
            return fresh
        steps.require_move(fresh, AccessState.POSTPONED)
        closures.refuse_without_pupils(fresh.school, {"until": [until]}, at=at)
        fresh.postponed_until, fresh.postpone_reason = until, reason
        steps.answer(fresh, AccessState.POSTPONED, at=at)
        steps.record_step(
            AccessPostponed,
            fresh,
            by=by,
            at=at,
            until=until.isoformat(),
            reason=str(reason),
            words=wording.keep(words, fresh, Step.POSTPONE, by=by, at=at),
        )
        return fresh


def ask_back(*, request: AccessRequest, question: str, by: Membership, at: datetime) -> AccessRequest:
    """Ask the asker something: the clock stands until they answer. A question is no answer."""
    words = wording.checked(question, "question", required="Enter your question")
    with _answering(request, by=by) as fresh:
        steps.require_move(fresh, AccessState.QUESTIONED)
        fresh.state, fresh.changed_at = AccessState.QUESTIONED, at
        fresh.save(update_fields=["state", "changed_at"])
        steps.settle_questions(fresh, at=at)
        Question.objects.create(request=fresh, asked_at=at)
        digest = wording.keep(words, fresh, Step.QUESTION, by=by, at=at)
        steps.record_step(AccessQuestioned, fresh, by=by, at=at, words=digest)
        return fresh


def refuse(
    *, request: AccessRequest, ground: str, note: str = "", by: Membership, at: datetime
) -> AccessRequest:
    """Say not this time, on one of the grounds the school has published; without a published policy the same list
    serves, and the answer says so (rule R31). Error: `ground_not_published`."""
    if ground not in RefusalGround:
        raise InvalidInput.on("ground", "Choose a reason")
    words = wording.checked(note, "note")
    with _answering(request, by=by) as fresh:
        if fresh.state == AccessState.REFUSED and fresh.ground == ground:
            return fresh
        steps.require_move(fresh, AccessState.REFUSED)
        fresh.ground, fresh.ground_is_published = ground, _is_published(fresh.school_id, ground)
        steps.answer(fresh, AccessState.REFUSED, at=at)
        steps.record_step(
            AccessRefused,
            fresh,
            by=by,
            at=at,
            ground=str(ground),
            is_published=fresh.ground_is_published,
            words=wording.keep(words, fresh, Step.REFUSE, by=by, at=at),
        )
        return fresh


def mark_duplicate(
    *, request: AccessRequest, duplicate_of: AccessRequest, note: str = "", by: Membership, at: datetime
) -> AccessRequest:
    """Say that the asker has asked this already; it stands once they agree. Meanwhile the clock is paused."""
    words = wording.checked(note, "note")
    with _answering(request, by=by) as fresh:
        if fresh.state == AccessState.DUPLICATE_MARKED and fresh.duplicate_of_id == duplicate_of.pk:
            return fresh
        steps.require_move(fresh, AccessState.DUPLICATE_MARKED)
        ours = (duplicate_of.school_id, duplicate_of.asker_id) == (fresh.school_id, fresh.asker_id)
        if not ours or duplicate_of.pk == fresh.pk or duplicate_of.asked_at > fresh.asked_at:
            raise InvalidInput.on("duplicate_of", "Choose an earlier request of the same asker")
        fresh.state, fresh.duplicate_of, fresh.changed_at = AccessState.DUPLICATE_MARKED, duplicate_of, at
        fresh.save(update_fields=["state", "duplicate_of", "changed_at"])
        steps.settle_questions(fresh, at=at)
        Question.objects.create(request=fresh, asked_at=at)
        steps.record_step(
            DuplicateMarked,
            fresh,
            by=by,
            at=at,
            duplicate_of=duplicate_of.public_id,
            words=wording.keep(words, fresh, Step.DUPLICATE, by=by, at=at),
        )
        return fresh


@contextmanager
def _answering(request: AccessRequest, *, by: Membership) -> Iterator[AccessRequest]:
    with steps.locked(request) as fresh:
        authorise("brokerage.answer_request", by, fresh)
        yield fresh


def _is_published(school_id: int, ground: str) -> bool:
    terms = AccessTerms.objects.filter(school_id=school_id).first()
    if terms is None or not terms.has_policy:
        return False
    if ground not in terms.grounds:
        raise DomainError(
            "ground_not_published",
            "Your published policy doesn't list this reason. Choose one it lists, or offer other dates.",
            fields={"ground": "Choose a reason your policy lists"},
        )
    return True


def _refuse_unfit_offer(offer: CounterOffer, request: AccessRequest, *, at: datetime) -> None:
    """Any of its dates can become the visit. What is wrong with a date is said of the dates."""
    for day in offer.dates:
        try:
            Arrangement.at(
                day,
                offer.starts,
                minutes=offer.minutes,
                venue=offer.venue,
                audience=offer.audience,
                year_groups=offer.year_groups,
                delivery_mode=offer.delivery_mode,
            ).refuse_unfit(school=request.school, at=at)
        except InvalidInput as error:
            fields = {"dates" if name == "on" else name: text for name, text in error.fields.items()}
            raise InvalidInput(error.code, error.message, fields=fields) from error


def _refuse_dates(dates: Sequence[date], *, at: datetime) -> None:
    if fields := steps.unfit_dates(dates, at=at):
        raise InvalidInput("invalid", "Check the dates.", fields=fields)
