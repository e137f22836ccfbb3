"""Registers as staff see them: what we hold, what each file changed, and the rows that couldn't be taken."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from brokerage.accounts.acting import SignedInRequest
from brokerage.registers import queries
from brokerage.registers.models import Import
from brokerage.web.access import staff
from brokerage.web.paging import page_of


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
