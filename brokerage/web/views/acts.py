"""What the pages of people share: who acts, and how a refused act comes back."""

from collections.abc import Callable

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.authority import By
from brokerage.errors import DomainError, NotAllowed


def actor(request: SignedInRequest) -> By:
    """Staff act as themselves, everybody else through the acting membership."""
    if request.user.is_staff:
        return request.user
    if request.membership is None:
        raise NotAllowed("not_allowed", "Join an organisation first.")
    return request.membership


def act(request: HttpRequest, verb: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Do it, say so, and go back. What the world no longer allows is said there too; not being allowed isn't."""
    try:
        verb()
    except NotAllowed:
        raise
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect(_asked_back(request) or back)


def is_too_often(request: HttpRequest, action: str) -> bool:
    return not ratelimit.consume(request, action=action, user=request.user)


def _asked_back(request: HttpRequest) -> str:
    wanted = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else ""
