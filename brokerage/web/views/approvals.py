"""What waits for Doorway's own staff: organisations to check, requests nobody else can answer, debts that stuck."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import SignedInRequest
from brokerage.domain import access_requests
from brokerage.eventlog import deliver
from brokerage.eventlog import parked as parked_debts
from brokerage.models import AccessRequest
from brokerage.queries import access_requests as queried_requests
from brokerage.queries import people as queries
from brokerage.registers import queries as registers
from brokerage.web.access import staff
from brokerage.web.paging import page_of
from brokerage.web.views.acts import act, actor
from brokerage.web.views.people import roles_of


@staff
def approvals(request: SignedInRequest) -> HttpResponse:
    requests = page_of(
        queries.requests_nobody_can_answer(), "asked_at", "pk", after=request.GET.get("after_request")
    )
    unverified = page_of(
        queries.unverified(), "created_at", "pk", after=request.GET.get("after_organisation")
    )
    context = {
        "organisations": unverified,
        "matches": registers.matches(unverified.items),
        "requests": requests,
        "duplicates": list(queried_requests.unsettled_duplicates(at=timezone.now())),
        "asking": [(asked, roles_of(asked.organisation)) for asked in requests.items],
    }
    return render(request, "people/approvals.html", context)


@require_POST
@staff
def confirm_duplicate(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """In the asker's place, once they have had a while to say it themselves."""
    found = get_object_or_404(AccessRequest, public_id=public_id)
    return act(
        request,
        lambda: access_requests.confirm_duplicate(request=found, by=actor(request), at=timezone.now()),
        done="It stands as a duplicate, and both have been told.",
        back="approvals",
    )


@staff
def parked(request: SignedInRequest) -> HttpResponse:
    """Debts that failed eight times, newest first."""
    page = page_of(deliver.parked(), "-pk", after=request.GET.get("after"))
    return render(request, "people/parked.html", {"page": page})


@require_POST
@staff
def retry(request: SignedInRequest, delivery: int) -> HttpResponse:
    debt = get_object_or_404(deliver.parked(), pk=delivery)
    return act(
        request,
        lambda: parked_debts.retry(debt, by=actor(request), at=timezone.now()),
        done="It will be tried again within seconds.",
        back="parked",
    )
