"""Who gets the visits: for a hub's own area, and for everyone in the country's sums."""

import csv
from itertools import pairwise

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Organisation
from brokerage.equity import terms
from brokerage.web import access, equity_file
from brokerage.web import equity as figures
from brokerage.web.equity import Equity

# Opened by the spreadsheet it was made for, «é» stays «é».
BYTE_ORDER_MARK = "\ufeff"


@require_GET
@access.member_of(Kind.HUB)
def equity(request: MemberRequest) -> HttpResponse:
    return _page(request, "equity/equity.html", hub=request.membership.organisation)


@require_GET
@access.member_of(Kind.HUB)
def equity_csv(request: MemberRequest) -> HttpResponse:
    return _file(_chosen(request, request.membership.organisation))


@require_GET
@access.member
def national(request: MemberRequest) -> HttpResponse:
    return _page(request, "equity/national.html", hub=None)


@require_GET
@access.member
def national_csv(request: MemberRequest) -> HttpResponse:
    return _file(_chosen(request, None))


def _page(request: MemberRequest, template: str, *, hub: Organisation | None) -> HttpResponse:
    context = {
        "equity": _chosen(request, hub),
        "terms": list(terms.back_from(timezone.localdate(), terms.KEPT)),
        "organisation": request.membership.organisation,
    }
    return render(request, template, context)


def _chosen(request: HttpRequest, hub: Organisation | None) -> Equity:
    """The term in the address; this one where none is. One that isn't kept isn't there."""
    kept = list(terms.back_from(timezone.localdate(), terms.KEPT + 1))
    slug = request.GET.get("term") or kept[0].slug
    for term, before in pairwise(kept):
        if term.slug == slug:
            return figures.of_term(term, before, hub=hub)
    raise Http404


def _file(made: Equity) -> HttpResponse:
    response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="who-gets-the-visits-{made.term.slug}.csv"'
    csv.writer(response).writerows(equity_file.rows(made))
    return response
