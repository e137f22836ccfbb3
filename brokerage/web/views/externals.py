"""Encounters that schools recorded without Doorway and that name us: is that so?"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from brokerage.accounts.acting import MemberRequest
from brokerage.domain import external_encounters
from brokerage.domain.encounters import SMALL_GROUP
from brokerage.errors import DomainError
from brokerage.models import ExternalEncounter
from brokerage.notifications import feed, links
from brokerage.queries import asking
from brokerage.rules import may
from brokerage.vocabulary import Content
from brokerage.web.access import member_of
from brokerage.web.claiming import DisputeForm
from brokerage.web.paging import page_of
from brokerage.web.views.acts import act
from brokerage.web.views.asking import ASKERS


@require_GET
@member_of(*ASKERS)
def externals(request: MemberRequest) -> HttpResponse:
    found = asking.external_encounters(request.membership)
    page = page_of(found, "-on", "-pk", after=request.GET.get("after"))
    return render(request, "asking/externals.html", {"page": page})


@require_GET
@member_of(*ASKERS)
def external(request: MemberRequest, public_id: UUID) -> HttpResponse:
    encounter = _theirs(request, public_id)
    feed.mark_opened(request.user, links.external(public_id), at=timezone.now())
    return _show(request, encounter)


@require_http_methods(["GET", "POST"])
@member_of(*ASKERS)
def confirm(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A link opens the question; only the button answers it."""
    if request.method != "POST":
        return _show(request, _theirs(request, public_id))
    encounter = _named(request, public_id)
    return act(
        request,
        lambda: external_encounters.confirm(encounter=encounter, by=request.membership, at=timezone.now()),
        done="Thank you. You’ve confirmed that it happened.",
        back=links.external(public_id) if encounter.removed_at is None else "externals",
    )


@require_http_methods(["GET", "POST"])
@member_of(*ASKERS)
def dispute(request: MemberRequest, public_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return _show(request, _theirs(request, public_id), disputing=True)
    encounter = _named(request, public_id)
    form = DisputeForm(request.POST)
    if not form.is_valid():
        return _show(request, encounter, form, disputing=True, status=422)
    try:
        external_encounters.dispute(
            encounter=encounter, note=form.cleaned_data["note"], by=request.membership, at=timezone.now()
        )
    except DomainError as refusal:
        return _show(request, encounter, form, disputing=True, problem=refusal, status=refusal.status)
    messages.success(request, "Sent. The school sees what you wrote.")
    return redirect("external", public_id)


def _theirs(request: MemberRequest, public_id: UUID) -> ExternalEncounter:
    return get_object_or_404(asking.external_encounters(request.membership), public_id=public_id)


def _named(request: MemberRequest, public_id: UUID) -> ExternalEncounter:
    """Also one that the school took out while its page stood open: then the verb says so."""
    named = ExternalEncounter.objects.naming(request.membership).select_related("school", "provider")
    return get_object_or_404(named, public_id=public_id)


def _counted(number: int) -> str:
    return f"{number:,}" if number == 0 or number >= SMALL_GROUP else f"fewer than {SMALL_GROUP}"


def _show(
    request: MemberRequest,
    encounter: ExternalEncounter,
    form: DisputeForm | None = None,
    *,
    disputing: bool = False,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "encounter": encounter,
        "attended": _counted(encounter.attended),
        "offered": _counted(encounter.offered),
        "covers": [(str(element.label), element in encounter.content) for element in Content],
        "may_say": may("brokerage.confirm_external", request.membership, encounter),
        "form": form or DisputeForm(),
        "disputing": disputing,
        "problem": problem,
    }
    return render(request, "asking/external.html", context, status=status)
