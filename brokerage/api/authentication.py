"""Who asks: a knox token or a session. One statement each, and nothing is written."""

from hmac import compare_digest

from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from brokerage.accounts.models import User


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Knox's own also sweeps the person's expired tokens on every request; sign-in does that here."""

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
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
        for known in AuthToken.objects.filter(token_key=secret[: CONSTANTS.TOKEN_KEY_LENGTH]).select_related(
            "user"
        ):
            if compare_digest(digest, known.digest) and known.user.is_active:
                if known.expiry is None or known.expiry > timezone.now():
                    return known.user, known
                raise exceptions.AuthenticationFailed("This token has expired. Sign in again.")
        raise exceptions.AuthenticationFailed("This token isn't valid.")


class SessionAuthentication(authentication.SessionAuthentication):
    """A page's own calls; those that change something carry the CSRF token."""
