"""A school's reply to its evidence (ux.md P14)."""

from base64 import b64encode
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from brokerage.accounts.acting import MemberRequest, SignedInRequest
from brokerage.accounts.models import Kind
from brokerage.errors import DomainError, NotAllowed
from brokerage.fairness import lifecycle, reading
from brokerage.fairness.models import FairnessCase
from brokerage.models import ExternalEncounter
from brokerage.web.access import member_of, signed_in
from brokerage.web.cases import CasePage
from brokerage.web.claiming import as_uuid
from brokerage.web.forms import Form
from brokerage.web.reply import ContestForm, ContextForm
from brokerage.web.views.acts import act
from brokerage.web.views.fairness import case_of


@require_GET
@member_of(Kind.SCHOOL)
def reply(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return _show(request, _page(request, public_id))


@require_POST
@member_of(Kind.SCHOOL)
def contest(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id)
    form = ContestForm(request.POST, rows=page.contestable)
    return _save(
        request,
        page,
        form,
        lambda: lifecycle.contest(
            case=_case(page),
            request=UUID(form.cleaned_data["request"]),
            ground=form.cleaned_data["ground"],
            note=form.cleaned_data["note"],
            by=request.membership,
            at=timezone.now(),
        ),
        done="Saved. The reviewer decides whether it counts.",
        section="contest",
    )


@require_POST
@member_of(Kind.SCHOOL)
def add_encounter(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page, by = _page(request, public_id), request.membership
    encounter = get_object_or_404(
        ExternalEncounter.objects.visible_to(by), public_id=as_uuid(request.POST.get("encounter", ""))
    )
    return act(
        request,
        lambda: lifecycle.add_encounter(case=_case(page), encounter=encounter, by=by, at=timezone.now()),
        done="Added to your reply.",
        back=f"/fairness/cases/{public_id}/reply/#encounters",
    )


@require_POST
@member_of(Kind.SCHOOL)
def context(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page, form = _page(request, public_id), ContextForm(request.POST)
    return _save(
        request,
        page,
        form,
        lambda: lifecycle.give_context(
            case=_case(page),
            context=form.cleaned_data["context"],
            by=request.membership,
            at=timezone.now(),
        ),
        done="Saved. You can change it until you send your reply.",
        section="context",
    )


@require_POST
@member_of(Kind.SCHOOL)
def send(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id)
    return act(
        request,
        lambda: lifecycle.finish_reply(case=_case(page), by=request.membership, at=timezone.now()),
        done="Sent. A named person reads it next, and you hear what they decide.",
        back=f"/fairness/cases/{public_id}/reply/#send",
    )


@require_GET
@signed_in
def bundle(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The frozen evidence, byte for byte, for whoever may see the case."""
    found = case_of(request, public_id).bundle
    return HttpResponse(
        found.content,
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="fairness-{found.sha256[:12]}.json"',
            "Repr-Digest": f"sha-256=:{_base64(found.sha256)}:",
        },
    )


def _page(request: MemberRequest, public_id: UUID) -> CasePage:
    case, by = case_of(request, public_id), request.membership
    if case.school_id != by.organisation_id:
        raise Http404
    return CasePage(case.school, reading.evidence_of(case.school, by=by), case, by=by, at=timezone.now())


def _case(page: CasePage) -> FairnessCase:
    assert page.case is not None
    return page.case


def _save(
    request: MemberRequest,
    page: CasePage,
    form: Form,
    verb: Callable[[], object],
    *,
    done: str,
    section: str,
) -> HttpResponse:
    """One section by itself; what can't be saved comes back with what was typed."""
    status = 422
    if form.is_valid():
        try:
            verb()
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.refused(refusal)
            status = refusal.status
        else:
            messages.success(request, done)
            return redirect(f"/fairness/cases/{_case(page).public_id}/reply/#{section}")
    return _show(request, page, form, status=status)


def _show(
    request: MemberRequest, page: CasePage, form: Form | None = None, *, status: int = 200
) -> HttpResponse:
    case = _case(page)
    picked = {"request": request.GET.get("request", "")}
    contesting = form if isinstance(form, ContestForm) else ContestForm(initial=picked, rows=page.contestable)
    giving = form if isinstance(form, ContextForm) else ContextForm(initial={"context": case.context})
    added = list(case.encounters.order_by("-on"))
    elsewhere = ExternalEncounter.objects.visible_to(request.membership).order_by("-on")
    context_ = {
        "page": page,
        "contest_form": contesting,
        "context_form": giving,
        "forms": [contesting, giving],
        "added": added,
        "addable": elsewhere.exclude(pk__in=[each.pk for each in added]) if page.may_reply else [],
    }
    return render(request, "fairness/reply.html", context_, status=status)


def _base64(hexadecimal: str) -> str:
    return b64encode(bytes.fromhex(hexadecimal)).decode()
