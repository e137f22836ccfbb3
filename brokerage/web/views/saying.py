"""What an asker can say to a school about a request: each a button of its page."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.domain import access_requests
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.notifications import feed, links
from brokerage.web import dates
from brokerage.web.access import member_of
from brokerage.web.asking import ReportForm, WordsForm
from brokerage.web.forms import Form
from brokerage.web.requested import RequestPage
from brokerage.web.views.asking import ASKERS
from brokerage.web.views.requests import FORMS, page_for, show


@require_POST
@member_of(*ASKERS)
def accept(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    on, offer = _day(request.POST), _offer(request.POST)
    return _act(
        request,
        page,
        lambda: access_requests.accept_counter_offer(
            request=page.request, on=on, counter_offer=offer, by=page.by, at=page.at
        ),
        done=f"Booked: {dates.in_sentence(on, page.today)}. {page.school} has been told.",
    )


@require_POST
@member_of(*ASKERS)
def reject(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    return _say(
        request,
        page,
        "reject",
        lambda words: access_requests.reject_counter_offer(
            request=page.request, note=words, by=page.by, at=page.at
        ),
        done=f"{page.school} has been told. You can ask again with other dates.",
    )


@require_POST
@member_of(*ASKERS)
def answer(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    return _say(
        request,
        page,
        "answer",
        lambda words: access_requests.answer_question(
            request=page.request, answer=words, by=page.by, at=page.at
        ),
        done="Sent. Their clock goes on.",
    )


def _thanks(page: RequestPage) -> str:
    return (
        "Thank you. The school answers the other one."
        if page.original == "open"
        else "Thank you. It’s settled."
    )


@require_POST
@member_of(*ASKERS)
def settle(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    agrees = request.POST.get("agrees", "")
    if agrees not in ("yes", "no"):
        missing = InvalidInput.on("agrees", "Say whether it’s the same request")
        return show(request, page, doing="settle", problem=missing, status=missing.status)
    is_duplicate = agrees == "yes"
    return _say(
        request,
        page,
        "settle",
        lambda words: access_requests.settle_duplicate(
            request=page.request, is_duplicate=is_duplicate, note=words, by=page.by, at=page.at
        ),
        done=_thanks(page) if is_duplicate else "Sent. Their clock goes on.",
    )


@require_http_methods(["GET", "POST"])
@member_of(*ASKERS)
def follow_up(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A link in an e-mail opens it with the words filled in; only the button sends them."""
    page = page_for(request, public_id)
    if request.method != "POST":
        feed.mark_opened(request.user, links.follow_up(public_id), at=page.at)
        return show(request, page, doing="follow_up")
    return _say(
        request,
        page,
        "follow_up",
        lambda words: access_requests.follow_up(request=page.request, message=words, by=page.by, at=page.at),
        done=f"Sent to {page.school}.",
    )


@require_POST
@member_of(*ASKERS)
def withdraw(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    return _say(
        request,
        page,
        "withdraw",
        lambda words: access_requests.withdraw(request=page.request, note=words, by=page.by, at=page.at),
        done=f"Withdrawn. {page.school} has been told.",
    )


@require_http_methods(["GET", "POST"])
@member_of(*ASKERS)
def report(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    if request.method != "POST":
        return show(request, page, doing="report")
    form = ReportForm(request.POST)
    if not form.is_valid():
        return show(request, page, doing="report", form=form, status=422)
    given = form.cleaned_data
    return _act(
        request,
        page,
        lambda: access_requests.report(
            request=page.request,
            kinds=given["kinds"],
            minutes=given["minutes"],
            note=given["note"],
            by=page.by,
            at=page.at,
        ),
        done="Sent. Both sides’ words stand beside each other.",
        doing="report",
        form=form,
    )


def _say(
    request: MemberRequest, page: RequestPage, doing: str, verb: Callable[[str], object], *, done: str
) -> HttpResponse:
    form = WordsForm(request.POST, prefix=doing, **FORMS[doing])
    if not form.is_valid():
        return show(request, page, doing=doing, form=form, status=422)
    return _act(request, page, lambda: verb(form.cleaned_data["words"]), done=done, doing=doing, form=form)


def _act(
    request: MemberRequest,
    page: RequestPage,
    verb: Callable[[], object],
    *,
    done: str,
    doing: str = "",
    form: Form | None = None,
) -> HttpResponse:
    """What the world no longer allows is said on the page as it stands now, with what was typed."""
    try:
        verb()
    except NotAllowed:
        raise
    except DomainError as refusal:
        again = page_for(request, page.request.public_id)
        return show(request, again, doing=doing, form=form, problem=refusal, status=refusal.status)
    messages.success(request, done)
    return redirect("request", page.request.public_id)


def _day(sent: QueryDict) -> date:
    try:
        return parse_date(sent.get("on", "")) or date.min
    except ValueError:
        return date.min


def _offer(sent: QueryDict) -> UUID | None:
    """The one the page showed."""
    try:
        return UUID(sent.get("counter_offer", ""))
    except ValueError:
        return None
