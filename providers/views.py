"""A provider's page: its own people and schools read it, those who run it change it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.authority import authorise_keeping, may_keep
from brokerage.errors import DomainError, NotAllowed
from brokerage.vocabulary import Sector
from brokerage.web.access import member
from providers import profiles
from providers.forms import ProfileForm


@require_GET
@member
def profile(request: MemberRequest, organisation: UUID) -> HttpResponse:
    ours = get_object_or_404(profiles.visible_to(request.membership), public_id=organisation)
    provider = profiles.of(ours)
    context = {
        "organisation": ours,
        "provider": provider,
        "sectors": [Sector(sector).label for sector in provider.sectors],
        "may_edit": may_keep(request.membership, ours),
        "is_ours": ours.pk == request.membership.organisation_id,
    }
    return render(request, "providers/profile.html", context)


@require_http_methods(["GET", "POST"])
@member
def edit(request: MemberRequest, organisation: UUID) -> HttpResponse:
    ours = get_object_or_404(profiles.visible_to(request.membership), public_id=organisation)
    authorise_keeping(request.membership, ours)
    form = ProfileForm(request.POST or None, provider=profiles.of(ours))
    if request.method == "POST" and form.is_valid():
        try:
            profiles.edit(organisation=ours, by=request.membership, at=timezone.now(), **form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.refused(refusal)
        else:
            messages.success(request, "Saved. Schools see it from now on.")
            return redirect("providers:profile", organisation)
    context = {"organisation": ours, "form": form}
    return render(request, "providers/edit.html", context, status=422 if form.errors else 200)
