"""Who asks: a knox token or a session. One statement each, and nothing is written."""

from collections.abc import Callable, Iterator
from hmac import compare_digest
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from brokerage.accounts import acting
from brokerage.accounts.models import User
from brokerage.errors import InvalidInput


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox has no types
    """The token's `acting` is the membership it acts for (see acting.theirs).

    Knox's own also sweeps the person's expired tokens on every request; sign-in does that here."""

    named: str | None = None

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        self.named = request.headers.get(acting.HEADER)
        try:
            found: tuple[User, AuthToken] | None = super().authenticate(request)
        except UnicodeEncodeError:  # a header that is not even Latin-1
            raise exceptions.AuthenticationFailed("This token isn't valid.") from None
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        try:
            secret = token.decode("ascii")
        except UnicodeDecodeError:
            raise exceptions.AuthenticationFailed("This token isn't valid.") from None
        digest = hash_token(secret)
        for known in _with_key(secret[: CONSTANTS.TOKEN_KEY_LENGTH], _if_an_id(self.named)):
            if compare_digest(digest, known.digest) and known.user.is_active:
                if known.expiry is None or known.expiry > timezone.now():
                    acting.asked_for(self.named)  # only whoever is known hears what is wrong with it
                    return known.user, known
                raise exceptions.AuthenticationFailed("This token has expired. Sign in again.")
        raise exceptions.AuthenticationFailed("This token isn't valid.")


def _if_an_id(named: str | None) -> UUID | None:
    try:
        return acting.asked_for(named)
    except InvalidInput:
        return None


class SessionAuthentication(authentication.SessionAuthentication):
    """A page's own calls; those that change something carry the CSRF token."""


def _fields(model: type[Model], named: Callable[[Any], str]) -> list[str]:
    return [named(field) for field in model._meta.concrete_fields]


# By hand: building it through the ORM cost a quarter of a whole claim; asking for the membership by itself, a
# round trip of every request.
_WITH_KEY: Final = f"""
SELECT {", ".join(f"token.{name}" for name in _fields(AuthToken, attrgetter("column")))},
    {", ".join(f"person.{name}" for name in _fields(User, attrgetter("column")))}, acting.*
FROM knox_authtoken token JOIN accounts_user person ON person.id = token.user_id
LEFT JOIN LATERAL ({acting.USUALLY_FIRST.format(person="person.id")}) acting ON true
WHERE token.token_key = %(key)s
"""  # noqa: S608 (only our own column names are interpolated)


def _with_key(key: str, organisation: UUID | None) -> Iterator[AuthToken]:
    """Tokens with their users and whom they act for; more than one only if two began alike."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_KEY, {"key": key, "organisation": organisation})
        found = cursor.fetchall()
    names, person = _fields(AuthToken, attrgetter("attname")), _fields(User, attrgetter("attname"))
    until = len(names) + len(person)
    for row in found:
        token = AuthToken.from_db("default", names, row[: len(names)])
        token.user = User.from_db("default", person, row[len(names) : until])
        token.acting = acting.from_row(token.user, row[until:])
        yield token
