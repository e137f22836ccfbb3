"""Who belongs to an organisation: its members, those who ask, those invited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from brokerage.accounts import invitations, memberships
from brokerage.accounts.acting import MemberRequest, SignedInRequest
from brokerage.accounts.authority import may_keep
from brokerage.accounts.models import Invitation, Kind, Membership, Organisation, Role
from brokerage.accounts.models.membership import ROLES_OF
from brokerage.errors import DomainError, InvalidInput
from brokerage.queries import people as queries
from brokerage.web.access import member, signed_in
from brokerage.web.forms import Form
from brokerage.web.paging import page_of
from brokerage.web.views.acts import act, actor, is_too_often


class InviteForm(Form):
    email = forms.EmailField(
        label="Work e-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Enter their work e-mail",
            "invalid": "Enter an address like name@school.org.uk",
        },
    )
    role = forms.ChoiceField(
        label="Role", error_messages={"required": "Choose a role", "invalid_choice": "Choose a role"}
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = roles_of(organisation)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        if len(roles) == 1:
            self.fields["role"].initial = roles[0][0]


@member
def people(request: MemberRequest) -> HttpResponse:
    ours = request.membership.organisation
    form = InviteForm(request.POST or None, organisation=ours)
    problem = None
    if request.method == "POST":
        if is_too_often(request, "invite"):
            problem = DomainError("rate_limited", "That's many invitations in a short time. Wait a while.")
        elif form.is_valid() and invited(request, ours, form):
            return redirect("people")
    context = about_people(request, ours) | {"form": form, "problem": problem}
    return render(request, "people/people.html", context, status=422 if form.is_bound else 200)


def about_people(request: SignedInRequest, organisation: Organisation) -> dict[str, object]:
    """What the members' part of a page shows, and to whom."""
    keeps = may_keep(actor(request), organisation)
    members = queries.with_visits(queries.members_of(organisation), at=timezone.now())
    return {
        "organisation": organisation,
        "keeps": keeps,
        "page": page_of(members, "user__name", "pk", after=request.GET.get("after")),
        "asking": queries.asking(organisation)[:50] if keeps else (),
        "invitations": queries.open_invitations(organisation)[:50] if keeps else (),
        "roles": roles_of(organisation),
        "now": timezone.now(),
    }


def roles_of(organisation: Organisation) -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in ROLES_OF[Kind(organisation.kind)]]


@require_POST
@signed_in
def approve(request: SignedInRequest, membership: UUID) -> HttpResponse:
    asked = get_object_or_404(_within_reach(request), public_id=membership)
    role = _role(request.POST.get("role") or asked.role)
    return act(
        request,
        lambda: memberships.approve(asked, role=role, by=actor(request), at=timezone.now()),
        done=f"{asked.user} has joined as {role.label.lower()}.",
        back="people",
    )


@require_POST
@signed_in
def decline(request: SignedInRequest, membership: UUID) -> HttpResponse:
    asked = get_object_or_404(_within_reach(request), public_id=membership)
    return act(
        request,
        lambda: memberships.decline(asked, by=actor(request), at=timezone.now()),
        done=f"{asked.user} wasn't let in.",
        back="people",
    )


@require_POST
@signed_in
def change_role(request: SignedInRequest, membership: UUID) -> HttpResponse:
    theirs = get_object_or_404(_within_reach(request), public_id=membership)
    role = _role(request.POST.get("role", ""))
    return act(
        request,
        lambda: memberships.change_role(theirs, role=role, by=actor(request), at=timezone.now()),
        done=f"{theirs.user} is now {role.label.lower()}.",
        back="people",
    )


@require_POST
@signed_in
def remove(request: SignedInRequest, membership: UUID) -> HttpResponse:
    theirs = get_object_or_404(_within_reach(request), public_id=membership)
    at = timezone.now()
    return act(
        request,
        lambda: memberships.remove(theirs, by=actor(request), at=at),
        done=_removed(request, theirs, at=at),
        back="people",
    )


def _removed(request: SignedInRequest, theirs: Membership, *, at: datetime) -> str:
    """What to say then; asked before, because the visits lose their name afterwards. Those who can name another are
    led there; staff of Doorway can't."""
    done = f"{theirs.user} is no longer a member."
    ours = request.membership is not None and request.membership.organisation_id == theirs.organisation_id
    visits = queries.visits_of(theirs, at=at) if ours else []
    if not visits:
        return done
    where = reverse("claim", args=[visits[0].public_id]) if len(visits) == 1 else reverse("visits")
    how_many = "1 visit has" if len(visits) == 1 else f"{len(visits)} visits have"
    return format_html('{} {} nobody named: <a href="{}">name who will come</a>.', done, how_many, where)


@require_POST
@signed_in
def revoke(request: SignedInRequest, invitation: UUID) -> HttpResponse:
    theirs = get_object_or_404(_invitations_within_reach(request), public_id=invitation)
    return act(
        request,
        lambda: invitations.revoke(theirs, by=actor(request), at=timezone.now()),
        done="The invitation is taken back.",
        back="people",
    )


def invited(request: SignedInRequest, organisation: Organisation, form: InviteForm) -> bool:
    try:
        invitations.send(
            organisation,
            email=form.cleaned_data["email"],
            role=Role(form.cleaned_data["role"]),
            by=actor(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        form.refused(refusal)
        return False
    messages.success(
        request, f"We've written to {form.cleaned_data['email']}. The invitation is open for 14 days."
    )
    return True


def _within_reach(request: SignedInRequest) -> QuerySet[Membership]:
    """Memberships this person may know of at all: all of them for staff, else their organisation's."""
    every = Membership.objects.live().select_related("organisation", "user")
    if request.user.is_staff:
        return every
    if request.membership is None:
        return every.none()
    return every.filter(organisation=request.membership.organisation)


def _invitations_within_reach(request: SignedInRequest) -> QuerySet[Invitation]:
    every = Invitation.objects.select_related("organisation")
    if request.user.is_staff:
        return every
    if request.membership is None or not request.membership.is_keeper:
        return every.none()
    return every.filter(organisation=request.membership.organisation)


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise InvalidInput.on("role", "Choose a role.") from None
