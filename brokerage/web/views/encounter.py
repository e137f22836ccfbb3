"""What the school recorded, and the word of those who came."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership
from brokerage.domain import encounters
from brokerage.domain.encounters import SMALL_GROUP
from brokerage.errors import DomainError
from brokerage.models import Claim, Encounter
from brokerage.queries import arrival
from brokerage.rules import may
from brokerage.states import Confirmation, EncounterState
from brokerage.web import wording
from brokerage.web.access import member_of
from brokerage.web.claiming import DisputeForm
from brokerage.web.views.acts import act

CLAIMANTS = (Kind.EMPLOYER, Kind.PROVIDER)


class EncounterPage:
    def __init__(self, encounter: Encounter, by: Membership, *, at: datetime) -> None:
        self.encounter, self.by, self.at = encounter, by, at
        ours = Claim.objects.visible_to(by).booked_on_the_day().filter(slot=encounter.slot)
        self.claims = list(arrival.with_details(ours).select_related("slot__encounter").order_by("pk"))

    @property
    def is_recorded(self) -> bool:
        return self.encounter.state != EncounterState.PLANNED

    @property
    def happened(self) -> bool:
        return self.encounter.state == EncounterState.DELIVERED

    @property
    def answerable(self) -> list[Claim]:
        return [claim for claim in self.claims if may("brokerage.confirm_encounter", self.by, claim)]

    @property
    def said(self) -> str:
        """Their word so far: one person's, or what all of them agree on."""
        words = {claim.confirmation for claim in self.answerable}
        return words.pop() if len(words) == 1 else Confirmation.NONE

    @property
    def said_note(self) -> str:
        return next((claim.confirmation_note for claim in self.answerable if claim.confirmation_note), "")

    @property
    def attended(self) -> list[tuple[str, str]]:
        """Pupils per year group; a group under 5 is never told exactly."""
        counts = sorted(self.encounter.attended.items(), key=lambda item: int(item[0]))
        return [
            (f"Year {year}", f"{count:,}" if count >= SMALL_GROUP else f"fewer than {SMALL_GROUP}")
            for year, count in counts
        ]

    @property
    def who(self) -> list[tuple[Claim, str, tuple[str, str]]]:
        return [(c, wording.who_comes(c, self.by), wording.badge(c)) for c in self.claims]


@require_GET
@member_of(*CLAIMANTS)
def encounter(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return _show(request, _page(request, public_id))


@require_http_methods(["GET", "POST"])
@member_of(*CLAIMANTS)
def confirm(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A link in an e-mail opens the question; only the button answers it."""
    page = _page(request, public_id)
    if request.method != "POST":
        return _show(request, page)
    return act(
        request,
        lambda: encounters.confirm(encounter=page.encounter, by=page.by, at=page.at),
        done="Thank you. You’ve confirmed that it happened."
        if page.happened
        else "Thank you. The school sees that you agree.",
        back=f"/encounters/{public_id}/",
    )


@require_http_methods(["GET", "POST"])
@member_of(*CLAIMANTS)
def dispute(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id)
    if request.method != "POST":
        return _show(request, page, disputing=True)
    form = DisputeForm(request.POST)
    if not form.is_valid():
        return _show(request, page, form, disputing=True, status=422)
    try:
        encounters.dispute(encounter=page.encounter, note=form.cleaned_data["note"], by=page.by, at=page.at)
    except DomainError as refusal:
        return _show(request, page, form, disputing=True, problem=refusal, status=refusal.status)
    messages.success(request, "Sent. The school sees what you wrote.")
    return redirect("encounter", public_id)


def _page(request: MemberRequest, public_id: UUID) -> EncounterPage:
    visible = Encounter.objects.visible_to(request.membership).select_related("slot__need__school", "school")
    return EncounterPage(
        get_object_or_404(visible, public_id=public_id), request.membership, at=timezone.now()
    )


def _show(
    request: MemberRequest,
    page: EncounterPage,
    form: DisputeForm | None = None,
    *,
    disputing: bool = False,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": page,
        "encounter": page.encounter,
        "slot": page.encounter.slot,
        "need": page.encounter.slot.need,
        "form": form or DisputeForm(),
        "disputing": disputing,
        "problem": problem,
    }
    return render(request, "visits/encounter.html", context, status=status)
