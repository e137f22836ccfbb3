"""Accept, decline, cancel, withdraw. What can't be done is said on the need's page, beside what still can."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.domain import claims, needs
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import Claim, EncounterNeed
from brokerage.rules import authorise
from brokerage.vocabulary import DeclineReason, SchoolCancelReason
from brokerage.web import access
from brokerage.web.dates import clock, in_sentence
from schools import words
from schools.forms.answers import ReasonForm
from schools.queries import offers
from schools.views.need import context_of

school = access.member_of(Kind.SCHOOL)


@school
@require_POST
def accept(request: MemberRequest, public_id: UUID) -> HttpResponse:
    claim = get_object_or_404(_visible(request), public_id=public_id)
    if problem := _accept(claim, request):
        return _need_page(request, claim.slot.need.public_id, problem)
    slot = claim.slot
    when = f"{in_sentence(slot.starts_at)}, {clock(slot.starts_at)}"
    messages.success(request, f"Booked: {words.who(claim)}, {when}. They've been told.")
    return redirect("schools:need", public_id=claim.slot.need.public_id)


@school
@require_POST
def accept_several(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Each on its own: those that can be booked are, the others are named."""
    need = get_object_or_404(EncounterNeed.objects.visible_to(request.membership), public_id=public_id)
    authorise("brokerage.change_need", request.membership, need)
    chosen = [value for value in map(_uuid, request.POST.getlist("claim")) if value]
    if not chosen:
        return _need_page(request, public_id, "Tick at least one offer", status=422)
    ticked = list(_visible(request).filter(slot__need=need, public_id__in=chosen).order_by("pk"))
    problems = [problem for claim in ticked if (problem := _accept(claim, request))]
    booked = len(ticked) - len(problems)
    done = f"Booked {booked} of {len(ticked)}." if booked else ""
    if problems:
        return _need_page(request, public_id, " ".join(filter(None, (done, *problems))))
    messages.success(request, f"Booked {booked}. They've been told." if booked else "Nobody was booked.")
    return redirect("schools:need", public_id=public_id)


def _accept(claim: Claim, request: MemberRequest) -> str:
    """Empty when it is booked, else the sentence that says why not."""
    try:
        claims.accept(claim=claim, by=request.membership, at=timezone.now())
    except NotAllowed:
        raise
    except DomainError as error:
        if error.code == "claim_not_waiting":
            return offers.gone(claim)
        if error.code == "slot_full":
            return offers.full(claim)
        return f"{words.who(claim)}: {error.message}"
    return ""


@school
def decline(request: MemberRequest, public_id: UUID) -> HttpResponse:
    claim = get_object_or_404(_visible(request), public_id=public_id)
    authorise("brokerage.answer_claim", request.membership, claim)
    return _with_reason(
        request,
        claim.slot.need,
        lambda **said: claims.decline(claim=claim, by=request.membership, at=timezone.now(), **said),
        DeclineReason.choices,
        title=f"Decline {words.who(claim)}",
        lede=f"They offered for {_when(claim)}. They'll read your reason.",
        button="Decline",
        done=f"Declined: {words.who(claim)}. They've been told why.",
        claim=claim,
    )


@school
def cancel(request: MemberRequest, public_id: UUID) -> HttpResponse:
    claim = get_object_or_404(_visible(request), public_id=public_id)
    authorise("brokerage.answer_claim", request.membership, claim)
    return _with_reason(
        request,
        claim.slot.need,
        lambda **said: claims.cancel(claim=claim, by=request.membership, at=timezone.now(), **said),
        SchoolCancelReason.choices,
        title=f"Cancel {words.who(claim)}",
        lede=f"They're booked for {_when(claim)}. They're told at once, and their place is free again.",
        button="Cancel this booking",
        done=f"Cancelled: {words.who(claim)}. They've been told why.",
        claim=claim,
    )


@school
def withdraw(request: MemberRequest, public_id: UUID) -> HttpResponse:
    need = get_object_or_404(EncounterNeed.objects.visible_to(request.membership), public_id=public_id)
    authorise("brokerage.change_need", request.membership, need)
    return _with_reason(
        request,
        need,
        lambda **said: needs.withdraw(need=need, by=request.membership, at=timezone.now(), **said),
        SchoolCancelReason.choices,
        title=f"Withdraw {words.name(need)}",
        lede="Everyone who offered or is booked for a time to come is told why. "
        "It can't be opened again, but you can copy it.",
        button="Withdraw this need",
        done=f"Withdrawn: {words.name(need)}. Everyone concerned has been told.",
    )


def _with_reason(
    request: MemberRequest,
    need: EncounterNeed,
    act: Callable[..., object],
    reasons: list[tuple[str, Any]],
    *,
    done: str,
    claim: Claim | None = None,
    **said: str,
) -> HttpResponse:
    """One question: why. A note that says too much, or a claim that changed meanwhile, is said on the page."""
    form = ReasonForm(request.POST if request.method == "POST" else None, reasons=reasons)
    problem: str | DomainError | None = None
    if form.is_valid():
        try:
            act(reason=form.cleaned_data["reason"], note=form.cleaned_data["note"])
        except NotAllowed:
            raise
        except DomainError as error:
            problem = offers.gone(claim) if claim and error.code == "claim_not_waiting" else error
        else:
            messages.success(request, done)
            return redirect("schools:need", public_id=need.public_id)
    context = {"form": form, "need": need, "name": words.name(need), "problem": problem, **said}
    status = 409 if problem else 422 if form.errors else 200
    return render(request, "schools/reason.html", context, status=status)


def _visible(request: MemberRequest) -> QuerySet[Claim]:
    return Claim.objects.visible_to(request.membership).select_related(
        "slot__need__school", "claimant", "attendee__user"
    )


def _when(claim: Claim) -> str:
    return (
        f"{words.name(claim.slot.need)}, {in_sentence(claim.slot.starts_at)}, {clock(claim.slot.starts_at)}"
    )


def _need_page(request: MemberRequest, public_id: UUID, problem: str, *, status: int = 409) -> HttpResponse:
    context = context_of(request, public_id) | {"problem": problem}
    return render(request, "schools/need.html", context, status=status)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
