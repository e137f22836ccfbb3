"""The inbox of requests, and one of them with its primary answer: yes to a date."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.domain import access_requests as verbs
from brokerage.domain import terms
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import AccessRequest, Slot, term_of
from brokerage.queries import access_requests
from brokerage.rules import authorise, may
from brokerage.states import AccessState
from brokerage.vocabulary import NotThisTerm
from brokerage.web import access
from brokerage.web.charts import ClockKey
from brokerage.web.dates import clock, in_sentence, local_day
from schools.forms.requests import GrantForm
from schools.queries import request_detail
from schools.queries import requests as query
from schools.queries.request_detail import Detail, Granting

school = access.member_of(Kind.SCHOOL)
WITHDREW = "They withdrew while you were reading. Nothing to answer."


@school
def inbox(request: MemberRequest, tab: str = "to-answer") -> HttpResponse:
    """The list; where there is room, the one that has waited longest stands open beside it."""
    if tab not in query.TABS:
        raise Http404
    return _page(request, tab=tab)


@school
def one(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return _page(request, found=find(request, public_id))


@school
@require_POST
def grant(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = find(request, public_id)
    authorise("brokerage.answer_request", request.membership, found)
    by, at = request.membership, timezone.now()
    hosting = query.hosting_of(by)
    shown = request_detail.of(found, by=by, days=query.days_of(by, hosting), hosting=hosting, at=at)
    if shown.granting is None:
        return _page(request, found=found, problem=_gone(found), status=409)
    form = _grant_form(shown.granting, found, request.POST)
    problem = ""
    if form.is_valid():
        said = form.cleaned_data
        try:
            verbs.grant(
                request=found,
                on=said["on"],
                starts=said["starts"],
                minutes=said["minutes"],
                venue=said["venue"],
                audience=said["audience"],
                note=said["message"],
                by=by,
                at=at,
            )
        except NotAllowed:
            raise
        except DomainError as error:
            problem = refused(form, error, found)
        else:
            when = f"{in_sentence(said['on'])}, {clock(said['starts'])}"
            messages.success(request, f"Granted: {found.asker.name}, {when}. They’ve been told.")
            return redirect("schools:requests")
    status = 409 if problem else 422
    return _page(request, found=find(request, public_id), form=form, problem=problem, status=status)


@school
@require_POST
def answer_for_term(request: MemberRequest) -> HttpResponse:
    """«Interested», or «not this term, because…»."""
    reason = request.POST.get("reason", "")
    try:
        answer = terms.answer(
            is_interested=not reason, reason=reason, by=request.membership, at=timezone.now()
        )
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        told = "interested" if answer.is_interested else "not this term"
        messages.success(request, f"Providers now see: {told}. You can change it until the term ends.")
    return redirect("schools:today" if request.POST.get("next") == "today" else "schools:requests")


def find(request: MemberRequest, public_id: UUID) -> AccessRequest:
    return get_object_or_404(query.visible(request.membership), public_id=public_id)


def answered(found: AccessRequest, *, at: datetime) -> str:
    """Where one that was granted is called off; empty for any other."""
    if found.state != AccessState.GRANTED or found.need is None:
        return ""
    visit = reverse("schools:need", args=[found.need.public_id])
    is_ahead = Slot.objects.standing().filter(need=found.need, starts_at__gt=at).exists()
    way_out = 'To call it off, cancel on <a href="{}">the visit’s page</a>.'
    words = way_out if is_ahead else 'See <a href="{}">the visit</a>.'
    return format_html("This request was granted. " + words, visit)


def refused(form: Any, error: DomainError, found: AccessRequest) -> str:
    """What a verb said: beside its field where it named one, else the sentence for the top of the page."""
    if error.code == "request_withdrawn":
        return WITHDREW
    if error.fields:
        form.refused(error)
        return ""
    if error.code == "request_answered":
        found.refresh_from_db()
        return answered(found, at=timezone.now()) or error.message
    return error.message


def term_question(request: MemberRequest) -> dict[str, Any]:
    """What the card on Today and beside the inbox asks once a term."""
    by, at = request.membership, timezone.now()
    answer = access_requests.term_answer(by.organisation, today=at)
    return {
        "term_answer": answer,
        "term_reason": _inside(NotThisTerm(answer.reason).label) if answer and answer.reason else "",
        "term_name": f"{term_of(timezone.localtime(at)).partition(' ')[2]} term",
        "not_this_term": NotThisTerm.choices,
        "may_answer_term": may("brokerage.answer_for_term", by, by.organisation),
    }


def _page(
    request: MemberRequest,
    *,
    tab: str = "",
    found: AccessRequest | None = None,
    form: GrantForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    by, at = request.membership, timezone.now()
    today = local_day(at)
    hosting = query.hosting_of(by)
    days = query.days_of(by, hosting)
    tab = tab or (query.tab_of(found) if found else "")
    is_open = (
        found is not None and "beside" not in request.GET
    )  # what stands beside the list reads itself again
    listed = query.rows(by, tab, days, today=today, after=request.GET.get("after"))
    if found is None and listed.items:
        found = listed.items[0].request
    shown = request_detail.of(found, by=by, days=days, hosting=hosting, at=at) if found else None
    # An answer may have moved the open one to another list, of which nothing was seen.
    said = request.GET.copy()
    seen = [] if said.pop("seen_in", [tab]) != [tab] else said.getlist("seen")
    for known in ("seen", "beside"):
        said.pop(known, None)
    request.GET = said  # type: ignore[assignment]  # what the list's own links carry on
    context = {
        "tab": tab,
        "tabs": query.tabs(by),
        "page": listed,
        "rows": query.placed(listed.items, open_one=found.public_id if found else None, seen=seen),
        "figures": query.figures(by, days, today=today),
        "shown": shown,
        "is_open": is_open,
        "key": ClockKey(),
        "form": form or (_form_of(shown, found) if shown and found else None),
        "picked": _picked(shown, form),
        "problem": problem,
        "notes_go_with_it": bool(hosting and hosting.visitor_notes),
    } | term_question(request)
    return render(request, "schools/requests/inbox.html", context, status=status)


def _form_of(shown: Detail, found: AccessRequest) -> GrantForm | None:
    return _grant_form(shown.granting, found, None) if shown.granting else None


def _grant_form(granting: Granting, found: AccessRequest, data: Any) -> GrantForm:
    initial = {"on": granting.chosen.on} if granting.chosen else {}
    return GrantForm(data, listed=granting.days, plan=granting.plan, audience=found.audience, initial=initial)


def _picked(shown: Detail | None, form: GrantForm | None) -> str:
    """The date that stands selected: what was sent, where it can still be chosen, else the first free one."""
    if shown is None or shown.granting is None:
        return ""
    sent = form.data.get("on", "") if form else ""
    open_ones = {day.on.isoformat() for day in shown.granting.days if not day.refused}
    chosen = shown.granting.chosen
    return sent if sent in open_ones else chosen.on.isoformat() if chosen else ""


def _gone(found: AccessRequest) -> str:
    if found.state == AccessState.WITHDRAWN:
        return WITHDREW
    return answered(found, at=timezone.now()) or "This request has been answered already."


def _inside(label: str) -> str:
    return label[:1].lower() + label[1:]
