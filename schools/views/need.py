"""The list of needs, and one need with its claims."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.models import EncounterNeed
from brokerage.rules import may
from brokerage.web import access, paging
from schools import look
from schools.queries import needs, offers

school = access.member_of(Kind.SCHOOL)


@school
def needs_list(request: MemberRequest, tab: str = "open") -> HttpResponse:
    if tab not in needs.TABS:
        raise Http404
    by, at = request.membership, timezone.now()
    found = needs.with_slots(needs.in_tab(by, tab, at=at), at=at)
    page = paging.page_of(found, "-pk", after=request.GET.get("after"))
    context = {
        "tab": tab,
        "tabs": needs.TABS,
        "counts": needs.counts(by, at=at),
        "page": page,
        "rows": needs.rows(page.items, school_id=by.organisation_id, at=at),
        "may_post": may("brokerage.post_need", by),
    }
    return render(request, "schools/needs.html", context)


@school
def need(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "schools/need.html", context_of(request, public_id))


@school
def claims(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The part of the page that follows what happens."""
    return render(request, "schools/need_claims.html", context_of(request, public_id) | {"is_part": True})


def context_of(request: MemberRequest, public_id: UUID) -> dict[str, Any]:
    by = request.membership
    found = get_object_or_404(
        EncounterNeed.objects.visible_to(by).select_related("school", "contact__user"), public_id=public_id
    )
    return offers.of_need(found, by=by, at=timezone.now(), query=request.GET) | {
        "facts": look.facts(found) if found.encounter_type and found.year_groups else [],
        "may_change": may("brokerage.change_need", by, found),
    }
