"""Who may open a page at all. Whose object it is stays the view's business (`visible_to`), what may be done with
it the verb's."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.models import Kind, Role
from brokerage.errors import NotAllowed

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Strangers sign in first and come back; a refused POST comes back to where it was sent from."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        return view(request, *args, **kwargs)

    return guarded


def member(view: View) -> View:
    """Behind it `request.membership` is never None."""

    @wraps(view)
    @signed_in
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.membership is None:
            return redirect("home" if request.user.is_staff else "join")
        return view(request, *args, **kwargs)

    return guarded


def member_of(*kinds: Kind) -> Callable[[View], View]:
    """Only for members of such organisations; for others the page isn't there."""

    def decorate(view: View) -> View:
        @wraps(view)
        @member
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.membership.organisation.kind not in kinds:
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def role(*roles: Role) -> Callable[[View], View]:
    """Only in these roles; others of the same organisation are told so (403)."""

    def decorate(view: View) -> View:
        @wraps(view)
        @member
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.membership.role not in roles:
                raise NotAllowed("not_allowed", "Your role lets you read here, but not do this.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def staff(view: View) -> View:
    """Doorway's own staff; for everyone else the page isn't there."""

    @wraps(view)
    @signed_in
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
