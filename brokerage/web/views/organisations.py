"""Organisations as staff and hub leads see them: who is new, who is checked, who runs them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts import organisations as verbs
from brokerage.accounts import people
from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.models import Kind, Membership, Organisation, ProviderKind, Role
from brokerage.accounts.models.organisation import COMPANIES_HOUSE, UKPRN, URN
from brokerage.accounts.organisations import Register
from brokerage.errors import DomainError
from brokerage.queries import people as queries
from brokerage.web.access import signed_in, staff
from brokerage.web.forms import Form, PostcodeField
from brokerage.web.paging import page_of
from brokerage.web.views.acts import act, actor
from brokerage.web.views.join import place_at
from brokerage.web.views.people import InviteForm, about_people, invited

# The platform's own opens itself, and is in no list.
KINDS = [(kind.value, kind.label) for kind in Kind if kind != Kind.PLATFORM]


class FilterForm(Form):
    q = forms.CharField(label="Name or register number", required=False, max_length=160)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All kinds"), *KINDS])
    unverified = forms.BooleanField(label="Not yet verified", required=False)


class NewOrganisationForm(Form):
    kind = forms.ChoiceField(
        label="Kind",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is"},
    )
    provider_kind = forms.ChoiceField(
        label="Kind of provider",
        required=False,
        choices=[("", "Not a provider"), *ProviderKind.choices],
    )
    name = forms.CharField(label="Name", max_length=160, error_messages={"required": "Enter its name"})
    postcode = PostcodeField(label="Postcode", max_length=10, required=False)
    town = forms.CharField(label="Town", max_length=80, required=False)
    urn = forms.CharField(label="URN", required=False, validators=[URN])
    ukprn = forms.CharField(label="UKPRN", required=False, validators=[UKPRN])
    companies_house_number = forms.CharField(
        label="Companies House number", required=False, validators=[COMPANIES_HOUSE]
    )
    hub = forms.ModelChoiceField(
        Organisation.objects.filter(kind=Kind.HUB).order_by("name"), required=False, empty_label="None"
    )
    trust = forms.ModelChoiceField(
        Organisation.objects.filter(kind=Kind.TRUST).order_by("name"), required=False, empty_label="None"
    )
    email_domain = forms.CharField(
        label="E-mail domain",
        required=False,
        max_length=100,
        help_text="Once you've checked whose it is: confirmed addresses there join without asking.",
    )

    def clean(self) -> dict[str, Any]:
        """What the verb would refuse is said with everything else, and once."""
        super().clean()
        self.place = verbs.Place(town=self.cleaned_data.get("town", ""))
        if postcode := self.cleaned_data.get("postcode"):
            try:
                self.place = replace(place_at(postcode), town=self.place.town)
            except DomainError as unknown:
                self.refused(unknown)
        what = self._what()
        place, register = vars(what.pop("place")), vars(what.pop("register"))
        for name, sentence in verbs.unfit(Organisation(**what, **place, **register)).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, sentence)
        return self.cleaned_data

    def save(self, request: SignedInRequest) -> Organisation:
        """Raises DomainError."""
        return verbs.create(**self._what(), by=actor(request), at=timezone.now())

    def _what(self) -> dict[str, Any]:
        """In the verb's words, as far as it could be read."""
        given = self.cleaned_data
        is_provider = given.get("kind") == Kind.PROVIDER
        return {
            "kind": given.get("kind", ""),
            "name": given.get("name", ""),
            "provider_kind": given.get("provider_kind", "") if is_provider else "",
            "place": self.place,
            "register": Register(**{name: given.get(name) or None for name in vars(verbs.UNREGISTERED)}),
            "hub": given.get("hub"),
            "trust": given.get("trust"),
            "email_domain": verbs.as_domain(given.get("email_domain", "")),
        }


class DomainForm(Form):
    email_domain = forms.CharField(
        label="E-mail domain",
        required=False,
        max_length=100,
        help_text="Confirmed addresses there join without asking. Empty it to stop that.",
    )


@signed_in
def organisations(request: SignedInRequest) -> HttpResponse:
    within_reach = _within_reach(request)
    form = FilterForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    if kind := given.get("kind"):
        within_reach = within_reach.filter(kind=kind)
    if given.get("unverified"):
        within_reach = within_reach.filter(verified_at=None)
    if text := given.get("q"):
        named = queries.named_like(text).values("pk")
        within_reach = within_reach.filter(pk__in=named)
    context = {
        "filter": form,
        "page": page_of(within_reach, "name", "pk", after=request.GET.get("after")),
        "is_staff": request.user.is_staff,
        "area": None if request.user.is_staff or not request.membership else request.membership.organisation,
    }
    return render(request, "people/organisations.html", context)


@require_POST
@signed_in
def verify(request: SignedInRequest, organisation: UUID) -> HttpResponse:
    theirs = get_object_or_404(_within_reach(request), public_id=organisation)
    return act(
        request,
        lambda: verbs.verify(theirs, by=actor(request), at=timezone.now()),
        done=f"{theirs} is verified.",
        back="organisations",
    )


@staff
def new(request: SignedInRequest) -> HttpResponse:
    form = NewOrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = form.save(request)
            messages.success(request, f"{made} is added. Invite the person who runs it.")
            return redirect("organisation", made.public_id)
        except DomainError as refusal:
            form.refused(refusal)
    context = {"form": form}
    return render(request, "people/new_organisation.html", context, status=422 if form.is_bound else 200)


@staff
def organisation(request: SignedInRequest, organisation: UUID) -> HttpResponse:
    """One organisation; sending the form at its end invites a person."""
    theirs = get_object_or_404(_within_reach(request).select_related("hub", "trust"), public_id=organisation)
    form = InviteForm(request.POST or None, organisation=theirs)
    if request.method == "POST" and form.is_valid() and invited(request, theirs, form):
        return redirect("organisation", theirs.public_id)
    return _detail(request, theirs, form=form)


@require_POST
@staff
def set_domain(request: SignedInRequest, organisation: UUID) -> HttpResponse:
    theirs = get_object_or_404(_within_reach(request).select_related("hub", "trust"), public_id=organisation)
    form = DomainForm(request.POST)
    if form.is_valid():
        try:
            domain = form.cleaned_data["email_domain"]
            verbs.set_email_domain(theirs, email_domain=domain, by=actor(request), at=timezone.now())
            messages.success(request, "Saved.")
            return redirect("organisation", theirs.public_id)
        except DomainError as refusal:
            form.refused(refusal)
    return _detail(request, theirs, domain_form=form)


@require_POST
@staff
def close_account(request: SignedInRequest, membership: UUID) -> HttpResponse:
    """End a person's access everywhere: a stolen address, somebody who isn't who they said."""
    theirs = get_object_or_404(Membership.objects.active().select_related("user"), public_id=membership)
    return act(
        request,
        lambda: people.deactivate(theirs.user, by=request.user, at=timezone.now()),
        done=f"{theirs.user} can't sign in any more.",
        back="organisations",
    )


def _detail(
    request: SignedInRequest,
    theirs: Organisation,
    *,
    form: InviteForm | None = None,
    domain_form: DomainForm | None = None,
) -> HttpResponse:
    form = form or InviteForm(organisation=theirs)
    domain_form = domain_form or DomainForm(initial={"email_domain": theirs.email_domain})
    context: dict[str, Any] = about_people(request, theirs) | {
        "form": form,
        "domain_form": domain_form,
        "forms": [domain_form],
        "back": request.path,
    }
    is_refused = form.is_bound or domain_form.is_bound
    return render(request, "people/organisation.html", context, status=422 if is_refused else 200)


def _within_reach(request: SignedInRequest) -> QuerySet[Organisation]:
    """All of them for staff, the hub's own area for its lead; for everyone else there is no such page."""
    if request.user.is_staff:
        return Organisation.objects.with_a_door()
    if request.membership is None or request.membership.role != Role.HUB_LEAD:
        raise Http404
    return queries.area_of(request.membership.organisation)
