"""The first page: what Doorway is, for whom, and what is happening on it now."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from brokerage.accounts.models import Kind
from brokerage.queries import landing

FIRST_PAGE = {
    Kind.SCHOOL: "schools:today",
    Kind.EMPLOYER: "find",
    Kind.PROVIDER: "find",
    Kind.HUB: "overview",
    Kind.TRUST: "overview",
    Kind.PLATFORM: "approvals",
}


def home(request: HttpRequest) -> HttpResponse:
    """Signed-in people go to the first page of their role; everybody else reads what this is."""
    if request.user.is_authenticated and (own := _own_first_page(request)):
        return redirect(own)
    context = {
        "figures": landing.figures(),
        "find_href": _address("find") or _address("account_login"),
        "demo_sign_ins": settings.DEMO_SIGN_INS,
    }
    return render(request, "landing.html", context)


def strip(request: HttpRequest) -> HttpResponse:
    """The live strip alone, asked for again every minute."""
    return render(request, "doorway/strip.html", {"figures": landing.figures()})


def _own_first_page(request: HttpRequest) -> str:
    membership = getattr(request, "membership", None)
    if membership is not None:
        name = FIRST_PAGE[membership.organisation.kind]
    else:
        name = "approvals" if getattr(request.user, "is_staff", False) else "join"
    return _address(name)


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
