"""How a password is checked."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from brokerage.accounts.models import User

# Printed on the first page of every demo: worth nothing as a password anywhere else.
DEMO_PASSWORD = "doorway-demo"  # noqa: S105


class PasswordBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """As allauth does; in production the demo world's password opens nothing."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        if settings.PRODUCTION and credentials.get("password") == DEMO_PASSWORD:
            return None
        user: User | None = super().authenticate(request, **credentials)
        return user
