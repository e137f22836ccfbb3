"""What the asker says to the school's answer, or to its silence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from brokerage.accounts.authority import By, authorise_staff
from brokerage.accounts.models import Membership
from brokerage.domain import arranging, wording
from brokerage.domain.access_requests import steps
from brokerage.domain.arranging import Arrangement
from brokerage.domain.events import (
    AccessFollowedUp,
    AccessWithdrawn,
    CounterOfferRejected,
    DuplicateSettled,
    QuestionAnswered,
    ShortfallReported,
)
from brokerage.domain.taking import retried
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.record import Actor
from brokerage.models import AccessRequest, CounterOffer, CounterOutcome, Step, Words
from brokerage.rules import SCHOOL_WRITERS, authorise
from brokerage.states import AccessState
from brokerage.vocabulary import (
    Shortfall,
)

BETWEEN_FOLLOW_UPS: Final = timedelta(days=7)


def accept_counter_offer(
    *,
    request: AccessRequest,
    on: date,
    counter_offer: UUID | None = None,
    by: Membership,
    at: datetime,
) -> AccessRequest:
    """Take one of the dates the school offered, with the time, length, room and format it offered with it.
    `counter_offer` names the offer that was read; left out, the one that stands, unless an earlier one meant something
    else by that date. Errors: `no_counter_offer`, `offer_replaced`, `date_not_offered`."""

    def work() -> AccessRequest:
        with _speaking(request, by=by) as fresh:
            if _has_accepted(fresh, on, counter_offer):
                return fresh
            offer = _offer_that_was_read(fresh, on, counter_offer)
            if on not in offer.dates:
                raise InvalidInput.on("on", "Choose one of the dates they offered", code="date_not_offered")
            steps.require_move(fresh, AccessState.GRANTED)
            arrangement = Arrangement.at(
                on,
                offer.starts,
                minutes=offer.minutes,
                venue=offer.venue or None,
                audience=offer.audience,
                year_groups=offer.year_groups,
                delivery_mode=offer.delivery_mode,
            )
            _settle_offer(offer, CounterOutcome.ACCEPTED, at=at)
            steps.arrange(fresh, arrangement, words="", host=_host(offer), by=by, at=at, offer=offer)
            return fresh

    return retried(work)


def reject_counter_offer(
    *, request: AccessRequest, note: str = "", by: Membership, at: datetime
) -> AccessRequest:
    """None of the dates offered will do: this request ends; another can be made."""
    words = wording.checked(note, "note")
    with _speaking(request, by=by) as fresh:
        if fresh.state == AccessState.REJECTED:
            return fresh
        offer = _open_offer(fresh)
        steps.require_move(fresh, AccessState.REJECTED)
        _settle_offer(offer, CounterOutcome.REJECTED, at=at)
        fresh.state, fresh.changed_at = AccessState.REJECTED, at
        fresh.save(update_fields=["state", "changed_at"])
        digest = wording.keep(words, fresh, Step.REJECT, by=by, at=at)
        steps.record_step(CounterOfferRejected, fresh, by=by, at=at, words=digest)
        return fresh


def answer_question(*, request: AccessRequest, answer: str, by: Membership, at: datetime) -> AccessRequest:
    """Answer what the school asked: its clock goes on. Error: `no_question`."""
    words = wording.checked(answer, "answer", required="Enter your answer")
    with _speaking(request, by=by) as fresh:
        if fresh.state != AccessState.QUESTIONED:
            raise DomainError("no_question", "The school isn't waiting for an answer to a question.")
        steps.back_to_waiting(fresh, at=at)
        digest = wording.keep(words, fresh, Step.ANSWER, by=by, at=at)
        steps.record_step(QuestionAnswered, fresh, by=by, at=at, words=digest)
        return fresh


def settle_duplicate(
    *, request: AccessRequest, is_duplicate: bool, note: str = "", by: Membership, at: datetime
) -> AccessRequest:
    """Agree that it repeats an earlier request, or say that it doesn't: then the clock goes on."""
    words = wording.checked(note, "note")
    with _speaking(request, by=by) as fresh:
        return settle_as_duplicate(fresh, is_duplicate, words, author=by, by=by, at=at)


def confirm_duplicate(*, request: AccessRequest, by: By, at: datetime) -> AccessRequest:
    """Platform staff agree in the asker's place. `by` is the member of staff who does."""
    with steps.locked(request) as fresh:
        authorise_staff(by)
        return settle_as_duplicate(fresh, True, "", author=None, by=by, at=at)


def withdraw(*, request: AccessRequest, note: str = "", by: Membership, at: datetime) -> AccessRequest:
    """The asker no longer asks. Once granted, leave the visit instead. Error: `already_granted`."""
    words = wording.checked(note, "note")
    with _speaking(request, by=by) as fresh:
        if fresh.state == AccessState.WITHDRAWN:
            return fresh
        if fresh.state == AccessState.GRANTED:
            raise DomainError(
                "already_granted", "They have said yes. To call it off, say under Visits that you can't come."
            )
        steps.require_move(fresh, AccessState.WITHDRAWN)
        was = str(fresh.state)
        fresh.state, fresh.changed_at = AccessState.WITHDRAWN, at
        fresh.save(update_fields=["state", "changed_at"])
        steps.settle_questions(fresh, at=at)
        steps.replace_offers(fresh, at=at)
        digest = wording.keep(words, fresh, Step.WITHDRAW, by=by, at=at)
        steps.record_step(AccessWithdrawn, fresh, by=by, at=at, was=was, words=digest)
        return fresh


def follow_up(*, request: AccessRequest, message: str, by: Membership, at: datetime) -> AccessRequest:
    """Remind the school politely, once a week at most. Errors: `not_waiting`, `too_soon`."""
    words = wording.checked(message, "message", required="Enter what you want to say")
    with _speaking(request, by=by) as fresh:
        if fresh.state != AccessState.WAITING:
            raise DomainError("not_waiting", "They don't owe you an answer at the moment.")
        if fresh.followed_up_at and at - fresh.followed_up_at < BETWEEN_FOLLOW_UPS:
            raise DomainError("too_soon", "You wrote less than a week ago. Give them a little longer.")
        fresh.followed_up_at = at
        fresh.save(update_fields=["followed_up_at"])
        digest = wording.keep(words, fresh, Step.FOLLOW_UP, by=by, at=at)
        steps.record_step(AccessFollowedUp, fresh, by=by, at=at, words=digest)
        return fresh


def report(
    *,
    request: AccessRequest,
    kinds: Sequence[str],
    minutes: int | None = None,
    note: str = "",
    by: Membership,
    at: datetime,
) -> AccessRequest:
    """Say that what happened was less than what was granted. Each kind is said once: a later report adds what it leaves
    out, and the same again, word for word, changes nothing. Errors: `not_granted`, `not_over`, `already_reported`."""
    if not kinds or any(kind not in Shortfall for kind in kinds):
        raise InvalidInput.on("kinds", "Choose what was different")
    if minutes is not None and not 0 <= minutes <= arranging.LONGEST:
        sentence = f"Enter how many minutes it lasted, from 0 to {arranging.LONGEST}"
        raise InvalidInput.on("minutes", sentence)
    words = wording.checked(note, "note")
    with _speaking(request, by=by) as fresh:
        if fresh.state != AccessState.GRANTED or fresh.need is None:
            raise DomainError("not_granted", "There was no visit to report on.")
        if fresh.need.slots.filter(ends_at__gt=at).exists():
            raise DomainError("not_over", "It isn't over yet. Report it afterwards.")
        if not set(kinds) - set(fresh.shortfalls):
            if minutes in (None, fresh.reported_minutes) and _is_kept(words, fresh, Step.REPORT):
                return fresh
            raise DomainError(
                "already_reported",
                "You have reported that, and what you said then stands. What you wrote now wasn't sent.",
            )
        fresh.shortfalls = steps.in_order([*fresh.shortfalls, *kinds], Shortfall)
        fresh.reported_minutes = fresh.reported_minutes if minutes is None else minutes
        fresh.reported_at, fresh.changed_at = at, at
        fresh.save(update_fields=["shortfalls", "reported_minutes", "reported_at", "changed_at"])
        steps.record_step(
            ShortfallReported,
            fresh,
            by=by,
            at=at,
            kinds=fresh.shortfalls,
            minutes=fresh.reported_minutes,
            words=wording.keep(words, fresh, Step.REPORT, by=by, at=at),
        )
        return fresh


def _is_kept(words: str, request: AccessRequest, step: Step) -> bool:
    """Nothing new was written."""
    return not words or Words.objects.filter(request=request, step=step, text=words).exists()


@contextmanager
def _speaking(request: AccessRequest, *, by: Membership) -> Iterator[AccessRequest]:
    with steps.locked(request) as fresh:
        authorise("brokerage.speak_for_asker", by, fresh)
        yield fresh


def settle_as_duplicate(
    fresh: AccessRequest,
    is_duplicate: bool,
    words: str,
    *,
    author: Membership | None,
    by: Actor,
    at: datetime,
) -> AccessRequest:
    if fresh.state == AccessState.DUPLICATE and is_duplicate:
        return fresh
    if fresh.state != AccessState.DUPLICATE_MARKED:
        raise DomainError("not_marked", "The school hasn't marked this as a duplicate.")
    if is_duplicate:
        fresh.state, fresh.changed_at = AccessState.DUPLICATE, at
        fresh.save(update_fields=["state", "changed_at"])
        steps.settle_questions(fresh, at=at)
    else:
        steps.back_to_waiting(fresh, at=at)
    digest = wording.keep(words, fresh, Step.DUPLICATE, by=author, at=at)
    steps.record_step(DuplicateSettled, fresh, by=by, at=at, is_duplicate=is_duplicate, words=digest)
    return fresh


def _open_offer(request: AccessRequest) -> CounterOffer:
    offer = CounterOffer.objects.filter(request=request, outcome=CounterOutcome.OPEN).first()
    if offer is None or request.state != AccessState.COUNTERED:
        raise DomainError("no_counter_offer", "The school has no other dates on offer for this request.")
    return offer


def _has_accepted(request: AccessRequest, on: date, named: UUID | None) -> bool:
    """That date of that offer, and not another visit that the school has granted on that day since."""
    accepted = CounterOffer.objects.filter(request=request, outcome=CounterOutcome.ACCEPTED)
    if named is not None:
        accepted = accepted.filter(public_id=named)
    return accepted.exists() and steps.is_granted_on(request, on)


def _offer_that_was_read(request: AccessRequest, on: date, named: UUID | None) -> CounterOffer:
    offer = _open_offer(request)
    earlier = CounterOffer.objects.filter(request=request, dates__contains=[on]).exclude(pk=offer.pk)
    is_another = named is not None and named != offer.public_id
    if is_another or (named is None and any(each.terms != offer.terms for each in earlier)):
        raise DomainError(
            "offer_replaced",
            "They have offered something else since. Read what they offer now, then take it.",
        )
    return offer


def _host(offer: CounterOffer) -> Membership:
    """Whoever made the offer, or a colleague who answers there now: nobody is to be met by someone who has left."""
    made_by = offer.made_by
    if made_by.is_active:
        return made_by
    there = Membership.objects.active().filter(organisation=made_by.organisation_id, role__in=SCHOOL_WRITERS)
    return there.order_by("pk").first() or made_by


def _settle_offer(offer: CounterOffer, outcome: CounterOutcome, *, at: datetime) -> None:
    offer.outcome, offer.settled_at = outcome, at
    offer.save(update_fields=["outcome", "settled_at"])
