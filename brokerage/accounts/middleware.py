"""`request.membership`: who acts, found out when it is first asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from brokerage.accounts import acting
from brokerage.accounts.models import Membership


def _membership(request: HttpRequest) -> Membership | None:
    return acting.for_session(request.user, request.session)


class ActingMembershipMiddleware:
    """Gives every request a lazy `membership`. A property, because None must be None: a lazy object isn't."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        lazily = cached_property(_membership)
        lazily.__set_name__(HttpRequest, "membership")
        HttpRequest.membership = lazily  # type: ignore[attr-defined]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
