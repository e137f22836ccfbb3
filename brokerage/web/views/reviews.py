"""A fairness case as its reviewer reads and decides it (ux.md P22)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.models import Membership, User
from brokerage.errors import DomainError, NotAllowed
from brokerage.fairness import lifecycle, reading
from brokerage.fairness.models import FairnessCase, SchoolEvidence
from brokerage.web.access import signed_in
from brokerage.web.cases import ReviewPage
from brokerage.web.forms import Form
from brokerage.web.reply import DecisionForm, SettleForm
from brokerage.web.views.fairness import case_of, show_requests


@require_GET
@signed_in
def case(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    return _show(request, _page(request, case_of(request, public_id)))


@require_GET
@signed_in
def case_requests(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, case_of(request, public_id))
    return show_requests(request, page, back=f"/fairness/cases/{public_id}/")


@require_POST
@signed_in
def settle(request: SignedInRequest, public_id: UUID, contested: UUID) -> HttpResponse:
    case = case_of(request, public_id)
    contest = get_object_or_404(case.contests.select_related("case"), request=contested)
    form = SettleForm(request.POST, prefix=str(contested))
    if form.is_valid():
        given = form.cleaned_data
        try:
            lifecycle.settle_contest(
                contest=contest,
                accept=given["accept"] == "yes",
                answer=given["answer"],
                by=_reviewer(request),
                at=timezone.now(),
            )
        except NotAllowed:
            raise
        except DomainError as refusal:
            return _again(request, case, refusal, form)
        messages.success(request, "Saved. The figures above are worked out again.")
        return redirect(f"/fairness/cases/{public_id}/#contest-{contested}")
    return _show(request, _page(request, case), form, status=422)


@require_POST
@signed_in
def decide(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    case, form = case_of(request, public_id), DecisionForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            lifecycle.decide(
                case=case,
                decision=given["decision"],
                reason=given["reason"],
                by=_reviewer(request),
                at=timezone.now(),
            )
        except NotAllowed:
            raise
        except DomainError as refusal:
            return _again(request, case, refusal, form)
        messages.success(request, "Recorded. Everyone in the case is told.")
        return redirect("fairness_case", public_id)
    return _show(request, _page(request, case), form, status=422)


def _reviewer(request: SignedInRequest) -> Membership | User:
    """Staff review as themselves, a hub lead through the acting membership."""
    if request.user.is_staff:
        return request.user
    if request.membership is None:
        raise NotAllowed("not_allowed", "Join an organisation first.")
    return request.membership


def _page(request: SignedInRequest, case: FairnessCase) -> ReviewPage:
    """Staff read figures as a hub does: while the case stands."""
    by = request.membership
    if request.user.is_staff:
        found = SchoolEvidence.objects.filter(school=case.school).select_related("replay")
        evidence = None if case.has_ended else found.order_by("-on").first()
    else:
        evidence = reading.evidence_of(case.school, by=by)
    return ReviewPage(
        case.school,
        evidence,
        case,
        by=by,
        at=timezone.now(),
        reviewer=request.user if request.user.is_staff else by,
        user=request.user,
    )


def _again(request: SignedInRequest, case: FairnessCase, refusal: DomainError, form: Form) -> HttpResponse:
    """As it stands now, with what was typed."""
    form.refused(refusal)
    return _show(request, _page(request, case_of(request, case.public_id)), form, status=refusal.status)


def _show(
    request: SignedInRequest, page: ReviewPage, form: Form | None = None, *, status: int = 200
) -> HttpResponse:
    assert page.case is not None
    deciding = form if isinstance(form, DecisionForm) else DecisionForm()
    context: dict[str, Any] = {
        "page": page,
        "decision_form": deciding,
        "contests": [(each, row, _settling(page, str(each.request), form)) for each, row in page.contested],
        "added": list(page.case.encounters.order_by("-on")),
        "forms": [form] if form else [],
    }
    return render(request, "fairness/case.html", context, status=status)


def _settling(page: ReviewPage, contested: str, form: Form | None) -> Form | None:
    if not page.may_decide:
        return None
    is_this = isinstance(form, SettleForm) and form.prefix == contested
    return form if is_this else SettleForm(prefix=contested)
