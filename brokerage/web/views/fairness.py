"""Fairness: what a school reads of its own figures, and who may read its case."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from brokerage.accounts.acting import MemberRequest, SignedInRequest
from brokerage.accounts.models import Kind
from brokerage.fairness import reading
from brokerage.fairness.models import FairnessCase
from brokerage.fairness.states import CaseState
from brokerage.queries.cursors import Page
from brokerage.web.access import member_of, signed_in
from brokerage.web.cases import Caseload, CasePage
from brokerage.web.dates import local_day
from brokerage.web.evidence import Row, is_reader, listed


@require_GET
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "fairness/method.html")


@require_GET
@member_of(Kind.SCHOOL)
def fairness(request: MemberRequest) -> HttpResponse:
    return render(request, "fairness/evidence.html", {"page": own_page(request)})


@require_GET
@member_of(Kind.SCHOOL)
def requests(request: MemberRequest) -> HttpResponse:
    page = own_page(request)
    if not page.is_shown:
        raise Http404
    return show_requests(request, page, back="/fairness/")


@require_GET
@signed_in
def cases(request: SignedInRequest) -> HttpResponse:
    """A hub's, a trust's, or for Doorway's own staff every case that reached a reviewer."""
    by = request.membership
    if not request.user.is_staff and (by is None or by.organisation.kind not in (Kind.HUB, Kind.TRUST)):
        raise Http404
    found = FairnessCase.objects.for_staff() if request.user.is_staff else reading.cases_for(by)
    shown = found.exclude(state=CaseState.WITHDRAWN).select_related("school", "reviewer")
    load = Caseload(list(shown), local_day(timezone.now()))
    rows, following = listed(load.all, lambda row: str(row.case.public_id), request.GET.get("after"))
    return render(request, "fairness/cases.html", {"page": load, "found": Page(rows, following)})


def own_page(request: MemberRequest) -> CasePage:
    """P13 of the school one acts for, for the roles that may ever read it."""
    by, school = request.membership, request.membership.organisation
    if not is_reader(by):
        raise Http404
    evidence, found = reading.evidence_of(school, by=by), reading.case_of(school, by=by)
    return CasePage(school, evidence, found, by=by, at=timezone.now())


def case_of(request: SignedInRequest, public_id: UUID) -> FairnessCase:
    """Another's case isn't there; nor is one that hasn't reached its reader yet."""
    cases = FairnessCase.objects
    found = cases.for_staff() if request.user.is_staff else cases.visible_to(request.membership)
    return get_object_or_404(found.select_related("school", "reviewer"), public_id=public_id)


def show_requests(request: SignedInRequest, page: CasePage, *, back: str) -> HttpResponse:
    rows, following = listed(page.rows, lambda row: row.public_id, request.GET.get("after"))
    found: Page[Row] = Page(rows, following)
    return render(request, "fairness/requests.html", {"page": page, "found": found, "back": back})
