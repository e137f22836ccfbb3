"""What people write to each other about a request: checked, kept in rows that can be erased, sealed by a digest."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from brokerage.accounts.authority import By, authorise_staff
from brokerage.accounts.models import Membership, Organisation
from brokerage.domain.events import WordsErased
from brokerage.errors import InvalidInput
from brokerage.eventlog.record import record
from brokerage.free_text import FREE
from brokerage.models import AccessRequest, Step, Words
from brokerage.models.access_request import WORDS_AT_MOST


def checked(text: str, field: str, *, at_most: int = WORDS_AT_MOST, required: str = "") -> str:
    """The text, trimmed, or what is wrong with it, said of that field."""
    text = text.strip()
    if required and not text:
        raise InvalidInput.on(field, required)
    if len(text) > at_most:
        raise InvalidInput.on(field, f"Use {at_most:,} characters or fewer")
    for check in FREE:
        try:
            check(text)
        except ValidationError as error:
            raise InvalidInput.on(field, str(error.messages[0])) from error
    return text


def keep(text: str, request: AccessRequest, step: Step, *, by: Membership | None, at: datetime) -> str | None:
    """Write the row; its digest is what the event holds. Nothing was written: None."""
    return keep_for(text, request.school, step, request=request, by=by, at=at)


def keep_for(
    text: str,
    school: Organisation,
    step: Step,
    *,
    request: AccessRequest | None = None,
    by: Membership | None,
    at: datetime,
) -> str | None:
    if not text:
        return None
    words = Words.sealed(text)
    words.school, words.request, words.step, words.author, words.at = school, request, step, by, at
    words.save(force_insert=True)
    return words.sha256


@transaction.atomic(durable=True)
def erase(*, words: Words, by: By, at: datetime) -> Words:
    """Take the text away for good, as a person may ask (UK GDPR article 17); platform staff alone may. The step stays,
    with a digest that says nothing without its salt. Erased already: nothing changes."""
    authorise_staff(by)
    words = Words.objects.select_for_update(of=("self",)).select_related("school", "request").get(pk=words.pk)
    if words.erased_at is not None:
        return words
    words.text, words.salt, words.erased_at = "", "", at
    words.save(update_fields=["text", "salt", "erased_at"])
    about = words.request.public_id if words.request else words.school.public_id
    record(WordsErased(subject_id=about, organisation_id=words.school_id, words=words.sha256), by=by, at=at)
    return words
