"""Sign in, sign out, who am I."""

import hashlib
from datetime import timedelta
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.utils import timezone
from knox.models import AuthToken
from redis.exceptions import RedisError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts import acting, people
from brokerage.accounts.models import User
from brokerage.api import answers, inputs, outputs
from brokerage.api.permissions import IsSignedIn, membership_of
from brokerage.api.problems import problem
from brokerage.api.schema import describes
from brokerage.api.views.base import View, body, person
from brokerage.notifications.address import socket_url

LASTS: Final = timedelta(days=30)
TRIES, TRIES_FROM_ONE_PLACE, SECONDS = 20, 100, 60


class Login(View):
    authentication_classes = []
    permission_classes = [AllowAny]

    @describes(
        "Sign in: a token for 30 days",
        request=inputs.SignIn,
        answers={200: outputs.Token},
        refuses={
            401: "`wrong_credentials`.",
            403: "`email_not_confirmed`.",
            429: "`too_many_tries`, with Retry-After.",
        },
        name="auth_login",
    )
    def post(self, request: Request) -> Response:
        said = body(inputs.SignIn, request)
        tries = _Tries(said["email"], get_adapter().get_client_ip(request._request))
        if tries.are_used_up():
            return problem(429, headers={"Retry-After": str(SECONDS)})
        user = authenticate(request._request, **said)
        if not isinstance(user, User) or not user.is_active:
            tries.count()
            return problem(
                401,
                "wrong_credentials",
                "That address and password don't go together.",
                headers={"WWW-Authenticate": "Token"},
            )
        if not EmailAddress.objects.filter(user=user, verified=True).exists():
            return problem(403, "email_not_confirmed", "Confirm your address first: sign in on the website.")
        token, secret = people.create_token(user, at=timezone.now(), lasts=LASTS)
        return Response({"token": secret, "expiry": answers.moment(token.expiry)})


class Logout(View):
    permission_classes = [IsSignedIn]

    @describes("End this token", request=None, answers={204: None}, name="auth_logout")
    def post(self, request: Request) -> Response:
        if isinstance(request.auth, AuthToken):
            people.revoke_token(request.auth, at=timezone.now())
        return Response(status=204)


class Me(View):
    permission_classes = [IsSignedIn]
    acts = True

    @describes("Who am I, and for whom do I act", answers={200: outputs.Me}, name="me")
    def get(self, request: Request) -> Response:
        user = person(request)
        membership = membership_of(request)
        return Response(
            {
                "user": {"id": str(user.public_id), "name": user.name, "email": user.email},
                "membership": answers.member(membership) if membership else None,
                "memberships": [answers.member(each) for each in acting.memberships_of(user)],
                "socket_url": socket_url(request._request),
            }
        )


class _Tries:
    """Wrong passwords within a minute: for one address from one place, and for any address from there (a school
    has one address for all its people). Right ones count nothing."""

    def __init__(self, email: str, ip: str) -> None:
        self.limits = {_key(email.lower(), ip): TRIES, _key("", ip): TRIES_FROM_ONE_PLACE}

    def are_used_up(self) -> bool:
        try:
            counted = cache.get_many(self.limits)
        except RedisError:
            return False
        return any(count >= self.limits[key] for key, count in counted.items())

    def count(self) -> None:
        try:
            for key in self.limits:
                cache.add(key, 0, SECONDS)
                cache.incr(key)
        except (RedisError, ValueError):
            return


def _key(email: str, ip: str) -> str:
    return f"tries:{hashlib.sha256(f'{email}|{ip}'.encode()).hexdigest()[:32]}"
