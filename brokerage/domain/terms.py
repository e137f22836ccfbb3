"""What a school tells technical providers in general: whether it is looking for them this term, and whether they may
see which year groups still want an encounter."""

from datetime import datetime

from django.db import transaction

from brokerage.accounts.models import Membership
from brokerage.domain import wording
from brokerage.domain.events import GapsShown, TermAnswered
from brokerage.domain.slots import LONDON
from brokerage.errors import InvalidInput
from brokerage.eventlog.record import record
from brokerage.models import AccessTerms, Step, TermAnswer, Words, term_of
from brokerage.rules import authorise
from brokerage.vocabulary import NotThisTerm


@transaction.atomic(durable=True)
def show_gaps(*, shows: bool, by: Membership, at: datetime) -> AccessTerms:
    """Whether providers may see which year groups still want an encounter. The same again changes nothing."""
    authorise("brokerage.answer_for_term", by, by.organisation)
    AccessTerms.objects.get_or_create(school=by.organisation)
    terms = AccessTerms.objects.select_for_update(of=("self",)).get(school=by.organisation)
    if terms.shows_gaps == shows:
        return terms
    terms.shows_gaps = shows
    terms.save(update_fields=["shows_gaps"])
    record(
        GapsShown(subject_id=by.organisation.public_id, organisation_id=by.organisation_id, shows_gaps=shows),
        by=by,
        at=at,
    )
    return terms


@transaction.atomic(durable=True)
def answer(
    *, is_interested: bool, reason: str = "", note: str = "", by: Membership, at: datetime
) -> TermAnswer:
    """Answer for the term that `at` falls in. Changing one's mind is allowed; the log keeps both."""
    authorise("brokerage.answer_for_term", by, by.organisation)
    if not is_interested and reason not in NotThisTerm:
        raise InvalidInput.on("reason", "Choose a reason")
    words = wording.checked(note, "note")
    term = term_of(at.astimezone(LONDON))
    reason = "" if is_interested else str(reason)
    standing = (
        TermAnswer.objects.select_for_update(of=("self",)).filter(school=by.organisation, term=term).first()
    )
    if standing and not words and (standing.is_interested, standing.reason) == (is_interested, reason):
        return standing
    digest = wording.keep_for(words, by.organisation, Step.TERM, by=by, at=at)
    answer, _ = TermAnswer.objects.update_or_create(
        school=by.organisation,
        term=term,
        defaults={
            "is_interested": is_interested,
            "reason": reason,
            "words": Words.objects.get(pk=digest) if digest else None,
            "answered_by": by,
            "answered_at": at,
        },
    )
    record(
        TermAnswered(
            subject_id=by.organisation.public_id,
            organisation_id=by.organisation_id,
            school_term=term,
            is_interested=is_interested,
            reason=reason,
            words=digest,
        ),
        by=by,
        at=at,
    )
    return answer
