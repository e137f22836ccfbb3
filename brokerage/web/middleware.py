"""The last stop of every page: a refusal becomes a sentence, and the page may reach its socket."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from brokerage.errors import DomainError
from brokerage.notifications.address import socket_url

PRIVATE = "private, no-cache"
TITLES = {
    400: "Check what you sent",
    403: "You can't do that here",
    405: "There's no page here",
    409: "That isn't possible now",
}
NOT_A_PAGE = DomainError("not_a_page", "Only a button on another page leads here.")


class PrivateMiddleware:
    """What was made for one person is kept by no cache in between, and asked for again before it is shown again.
    Files and pages that say otherwise are left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", PRIVATE)
        return response


class DomainErrorMiddleware:
    """A DomainError that no view turned into part of its page becomes a page of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            allowed = response.headers.get("Allow", "POST")
            response = _refused(request, NOT_A_PAGE, status=405)
            response.headers["Allow"] = allowed
        if not hasattr(response, "_csp_update"):
            response._csp_update = {"connect-src": [socket_url(request)]}  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        return _refused(request, error, status=error.status)


def _refused(request: HttpRequest, problem: DomainError, *, status: int) -> HttpResponse:
    context = {"problem": problem, "title": TITLES.get(status, TITLES[409])}
    return render(request, "refused.html", context, status=status)
