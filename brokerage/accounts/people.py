"""The verbs of a person: their name, their keys to the API, and the end of their access."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from knox.models import AuthToken

from brokerage.accounts.authority import authorise_staff
from brokerage.accounts.events import PersonDeactivated, PersonRenamed, TokenCreated, TokenRevoked
from brokerage.accounts.models import User
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog import control
from brokerage.eventlog.record import record

TOKENS_AT_MOST = 20


def rename(user: User, *, name: str, at: datetime) -> User:
    name = " ".join(name.split())
    if not name:
        raise InvalidInput.on("name", "Enter your name.")
    if name == user.name:
        return user
    user.name = name
    try:
        user.clean_fields(exclude=["password", "email"])
    except ValidationError as error:
        raise InvalidInput.on("name", " ".join(error.messages)) from None
    with transaction.atomic(durable=True):
        user.save(update_fields=["name"])
        record(PersonRenamed(subject_id=user.public_id), by=user, at=at)
    return user


def create_token(user: User, *, at: datetime, lasts: timedelta | None = None) -> tuple[AuthToken, str]:
    """The token itself is given once; we keep its digest. Those that end by themselves (a sign-in through the
    API) don't count towards the most a person may have; the ended ones are cleared away here."""
    with transaction.atomic(durable=True):
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        AuthToken.objects.filter(user=user, expiry__lte=at).delete()
        lasting = AuthToken.objects.filter(user=user, expiry=None)
        if lasts is None and lasting.count() >= TOKENS_AT_MOST:
            raise DomainError("too_many_tokens", f"You have {TOKENS_AT_MOST} tokens. Delete one first.")
        token, secret = AuthToken.objects.create(user=user, expiry=lasts)
        record(TokenCreated(subject_id=user.public_id), by=user, at=at)
    return token, secret


def revoke_token(token: AuthToken, *, at: datetime) -> None:
    """Requests and sockets that use it stop now."""
    with transaction.atomic(durable=True):
        user, key = token.user, token.token_key
        token.delete()
        record(TokenRevoked(subject_id=user.public_id), by=user, at=at)
        control.token_ended(key)


def deactivate(user: User, *, by: User, at: datetime) -> None:
    """Staff end a person's access; their acts remain in the log. Twice is once."""
    with transaction.atomic(durable=True):
        authorise_staff(by)
        if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            AuthToken.objects.filter(user=user).delete()
            record(PersonDeactivated(subject_id=user.public_id), by=by, at=at)
            control.user_ended(user.public_id)
