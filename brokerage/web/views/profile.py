"""A person's own page: name, sign-in, tokens; for those who run it, the organisation's name and place."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from knox.models import AuthToken

from brokerage.accounts import organisations, people
from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.models import Kind, Organisation
from brokerage.errors import DomainError
from brokerage.web.access import signed_in
from brokerage.web.forms import Form, PostcodeField
from brokerage.web.views.acts import actor
from brokerage.web.views.join import place_at

SHOWN = 50  # the newest; the API makes one at each sign-in


class NameForm(Form):
    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name"},
    )


class OrganisationForm(Form):
    name = forms.CharField(
        label="Name", max_length=160, error_messages={"required": "Enter the organisation's name"}
    )
    postcode = PostcodeField(
        label="Postcode", max_length=10, error_messages={"required": "Enter a postcode, or its first half"}
    )
    town = forms.CharField(label="Town", max_length=80, required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        kept = {name: getattr(organisation, name) for name in ("name", "postcode", "town")}
        super().__init__(*args, initial=kept, prefix="organisation", **kwargs)
        self.organisation = organisation
        self.fields["name"].disabled = organisation.kind == Kind.SCHOOL
        if organisation.kind == Kind.SCHOOL:
            self.fields["name"].help_text = "From the register. Ask us if it's wrong."
        elif organisation.kind in organisations.CHECKED_BY_NAME and organisation.is_verified:
            self.fields["name"].help_text = "If you change it, we check the organisation again."

    def save(self, request: SignedInRequest) -> None:
        """Raises DomainError."""
        ours, wanted = self.organisation, self.cleaned_data
        kept = {name: getattr(ours, name) for name in vars(organisations.NOWHERE)}
        if wanted["postcode"] != ours.postcode:
            kept |= vars(place_at(wanted["postcode"]))
        place = organisations.Place(**kept | {"town": wanted["town"]})
        organisations.edit(ours, name=wanted["name"], place=place, by=actor(request), at=timezone.now())


@never_cache
@signed_in
def profile(request: SignedInRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        try:
            people.rename(request.user, name=form.cleaned_data["name"], at=timezone.now())
            messages.success(request, "Your name is changed.")
            return redirect("profile")
        except DomainError as refusal:
            form.refused(refusal)
    return _page(request, form=form)


@require_POST
@signed_in
def organisation(request: SignedInRequest) -> HttpResponse:
    if request.membership is None:
        return redirect("join")
    form = OrganisationForm(request.POST, organisation=request.membership.organisation)
    if form.is_valid():
        try:
            form.save(request)
            messages.success(request, "Saved.")
            return redirect("profile")
        except DomainError as refusal:
            if refusal.status == 403:
                raise
            form.refused(refusal)
    return _page(request, organisation_form=form)


@never_cache
@require_POST
@signed_in
def create_token(request: SignedInRequest) -> HttpResponse:
    """The answer shows the token, once: it stands in no address and no later page."""
    try:
        _, secret = people.create_token(request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("profile")
    return _page(request, secret=secret)


@require_POST
@signed_in
def revoke_token(request: SignedInRequest, key: str) -> HttpResponse:
    token = get_object_or_404(AuthToken, user=request.user, token_key=key)
    people.revoke_token(token, at=timezone.now())
    messages.success(request, "The token is deleted. Whatever used it is signed out.")
    return redirect("profile")


def _page(
    request: SignedInRequest,
    *,
    form: NameForm | None = None,
    organisation_form: OrganisationForm | None = None,
    secret: str = "",
) -> HttpResponse:
    ours = request.membership
    if organisation_form is None and ours is not None and ours.is_keeper:
        organisation_form = OrganisationForm(organisation=ours.organisation)
    form = form or NameForm(initial={"name": request.user.name})
    context = {
        "form": form,
        "organisation_form": organisation_form,
        "forms": [organisation_form],
        "tokens": AuthToken.objects.filter(user=request.user).order_by("-created")[:SHOWN],
        "secret": secret,
    }
    is_refused = form.is_bound or (organisation_form is not None and organisation_form.is_bound)
    return render(request, "people/profile.html", context, status=422 if is_refused else 200)
