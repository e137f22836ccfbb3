"""Registers as staff see them: what we hold, what each file changed, and the rows that couldn't be taken."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts import organisations
from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.models import Kind, Organisation
from brokerage.registers import queries
from brokerage.registers.models import ApprenticeshipProvider, Import
from brokerage.web.access import staff
from brokerage.web.paging import page_of
from brokerage.web.views.acts import act


@staff
def registers(request: SignedInRequest) -> HttpResponse:
    context = {
        "held": queries.held(),
        "page": page_of(queries.imports(), "-pk", after=request.GET.get("after")),
    }
    return render(request, "registers/registers.html", context)


@staff
def register_import(request: SignedInRequest, source: UUID) -> HttpResponse:
    theirs = get_object_or_404(Import, public_id=source)
    page = page_of(theirs.set_aside.all(), "row", "pk", after=request.GET.get("after"))
    return render(request, "registers/import.html", {"source": theirs, "page": page})


@require_POST
@staff
def recognise(request: SignedInRequest, organisation: UUID) -> HttpResponse:
    """This provider is that row of the apprenticeship register."""
    theirs = get_object_or_404(Organisation, public_id=organisation, kind=Kind.PROVIDER)
    number = request.POST.get("ukprn", "").replace("\0", "")
    row = get_object_or_404(ApprenticeshipProvider, ukprn=number, is_listed=True)
    return act(
        request,
        lambda: organisations.recognise(
            theirs, ukprn=row.ukprn, apar_type=row.apar_type, by=request.user, at=timezone.now()
        ),
        done=f"{theirs} is {row.name}, UKPRN {row.ukprn}.",
        back="approvals",
    )
