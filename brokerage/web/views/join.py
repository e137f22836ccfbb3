"""Getting in: join an organisation, wait for its answer, accept an invitation, switch between those you belong to."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from brokerage.accounts import acting, invitations, memberships, organisations, people
from brokerage.accounts.acting import SignedInRequest
from brokerage.accounts.models import Invitation, Kind, Membership, Organisation, ProviderKind, Role, User
from brokerage.accounts.models.membership import ROLES_OF
from brokerage.accounts.organisations import Place
from brokerage.errors import DomainError
from brokerage.matching import places
from brokerage.queries import people as queries
from brokerage.web.access import signed_in
from brokerage.web.forms import Form, PostcodeField
from brokerage.web.views.acts import is_too_often

NEW = "new"
SHOWN = 6
TOO_OFTEN = DomainError(
    "rate_limited", "That's many tries in a short time. Wait a few minutes and try again."
)


class NameForm(Form):
    """What everyone is asked once: without it a school would read an address where it expects a person."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name"},
    )


class JoinForm(NameForm):
    """Name, organisation, place. Names alike come back as choices; with none alike, it is a new organisation."""

    kind: ClassVar[Kind]
    role: ClassVar[Role]
    can_found: ClassVar[bool] = True
    missing: ClassVar[str] = "Enter who you work for"

    organisation = forms.CharField(
        label="Who do you work for?",
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    chosen = forms.ChoiceField(
        label="Is it one of these?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of these"},
    )
    postcode = PostcodeField(
        label="Postcode",
        required=False,
        help_text="Where you set out from. The first half is enough.",
        max_length=10,
    )

    def __init__(self, *args: Any, user: User, text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: Organisation | None = None
        self.place = organisations.NOWHERE
        text = self.data.get("organisation", "") if self.is_bound else text
        self.alike = list(queries.named_like(text, self.kind)[:SHOWN])
        self.initial.update(name=user.name, chosen=self._exact(text))
        self._offer_choices()

    def _offer_choices(self) -> None:
        choices = [(str(each.public_id), in_one_line(each)) for each in self.alike]
        if self.can_found:
            choices.append((NEW, "None of these. Add it: we check it within 2 school days."))
        self.fields["chosen"].choices = choices  # type: ignore[attr-defined]
        self.fields["organisation"].widget.attrs |= {
            "hx-get": reverse("join_search", args=[self.kind]),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": "#alike",
            "hx-sync": "this:replace",
        }

    @property
    def is_alone(self) -> bool:
        return False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = cleaned.get("organisation", "").strip()
        if self.is_alone:
            self._locate(cleaned.get("postcode", ""))
        elif not text:
            self._ask_for("organisation", self.missing)
        elif "chosen" not in self.errors:
            self._settle(text, cleaned)
        return cleaned

    def _settle(self, text: str, cleaned: dict[str, Any]) -> None:
        """Which organisation they mean; one of exactly that name needs no asking."""
        picked = cleaned.get("chosen") or self._exact(text)
        self.found = next((each for each in self.alike if str(each.public_id) == picked), None)
        if self.found is not None:
            return
        if self.alike and picked != NEW:
            self.add_error("chosen", "Choose one of these" + (", or add a new one" if self.can_found else ""))
        elif self.can_found:
            self._locate(cleaned.get("postcode", ""))
        else:
            self.add_error("organisation", "We don't know that school. Check the spelling, or try its URN.")

    def _exact(self, text: str) -> str:
        same = [each for each in self.alike if each.name.casefold() == " ".join(text.split()).casefold()]
        return str(same[0].public_id) if len(same) == 1 else ""

    def _ask_for(self, name: str, sentence: str) -> None:
        """Not of what was given and already refused: that it is missing would be untrue."""
        if name not in self.errors:
            self.add_error(name, sentence)

    def _locate(self, postcode: str) -> None:
        if not postcode:
            self._ask_for("postcode", "Enter a postcode, or its first half")
            return
        try:
            self.place = place_at(postcode)
        except DomainError as unknown:
            self.refused(unknown)

    def join(self, user: User) -> Membership:
        at = timezone.now()
        people.rename(user, name=self.cleaned_data["name"], at=at)
        if self.found is not None:
            return memberships.ask(self.found, role=self.wanted_role(), by=user, at=at)
        return organisations.found(
            kind=self.kind, by=user, at=at, place=self.place, **self.new_organisation()
        )

    def wanted_role(self) -> Role:
        return self.role

    def new_organisation(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["organisation"]}


class VolunteerForm(JoinForm):
    kind = Kind.EMPLOYER
    role = Role.VOLUNTEER
    missing = "Enter who you work for, or tick “I work for myself”"

    alone = forms.BooleanField(label="I work for myself", required=False)
    field_order = ("name", "organisation", "chosen", "alone", "postcode")

    @property
    def is_alone(self) -> bool:
        return bool(self.cleaned_data.get("alone"))

    def new_organisation(self) -> dict[str, Any]:
        if self.is_alone:
            name = self.cleaned_data["organisation"].strip() or self.cleaned_data["name"]
            return {"name": name, "is_sole_trader": True}
        return super().new_organisation()


class ProviderForm(JoinForm):
    kind = Kind.PROVIDER
    role = Role.LIAISON_OFFICER

    provider_kind = forms.ChoiceField(
        label="What kind is it?",
        help_text="Needed only if we don't know it yet.",
        choices=[("", "Choose one"), *ProviderKind.choices],
        required=False,
    )
    field_order = ("name", "organisation", "chosen", "provider_kind", "postcode")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.found is None and not self.errors and not cleaned.get("provider_kind"):
            self.add_error("provider_kind", "Choose what kind of provider it is")
        return cleaned

    def new_organisation(self) -> dict[str, Any]:
        return super().new_organisation() | {"provider_kind": self.cleaned_data["provider_kind"]}


class SchoolForm(JoinForm):
    kind = Kind.SCHOOL
    can_found = False
    missing = "Enter the name of your school, or its URN"

    job = forms.ChoiceField(
        label="Your role",
        choices=[(role.value, role.label) for role in ROLES_OF[Kind.SCHOOL]],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose your role"},
    )
    field_order = ("name", "organisation", "chosen", "job")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["postcode"]
        self.fields["organisation"].label = "Your school"
        self.fields["organisation"].help_text = "Its name or URN."

    def wanted_role(self) -> Role:
        return Role(self.cleaned_data["job"])


FORMS: dict[str, type[JoinForm]] = {"employer": VolunteerForm, "provider": ProviderForm, "school": SchoolForm}
TABS = (
    ("employer", "An employer"),
    ("provider", "A college or provider"),
    ("school", "A school"),
)


@signed_in
def join(request: SignedInRequest, kind: str = "employer") -> HttpResponse:
    form_class = _form_or_404(kind)
    if kind == "employer" and request.method == "GET" and _only_waits(request):
        return redirect("waiting")
    problem = None
    if request.method == "POST":
        form = form_class(request.POST, user=request.user)
        if is_too_often(request, "join"):
            problem = TOO_OFTEN
        elif form.is_valid():
            try:
                return _welcome(request, form.join(request.user), is_new=form.found is None)
            except DomainError as refusal:
                form.refused(refusal)
    else:
        form = form_class(user=request.user)
    context = {"form": form, "kind": kind, "tabs": TABS, "problem": problem}
    return render(request, "people/join.html", context, status=422 if form.is_bound else 200)


@require_GET
@signed_in
def search(request: SignedInRequest, kind: str) -> HttpResponse:
    """The organisations named like what has been typed so far: the choices of the form, alone."""
    text = request.GET.get("organisation", "").strip()
    form = _form_or_404(kind)(user=request.user, text=text)
    context = {"form": form, "text": text if len(text) >= queries.SHORTEST_SEARCH else ""}
    return render(request, "people/alike.html", context)


@signed_in
def waiting(request: SignedInRequest) -> HttpResponse:
    asked = list(queries.asked_by(request.user))
    if not asked:
        return redirect("home" if request.membership else "join")
    return render(request, "people/waiting.html", {"asked": asked})


@signed_in
def switch(request: SignedInRequest) -> HttpResponse:
    theirs = acting.memberships_of(request.user)
    if request.method == "POST":
        chosen = get_object_or_404(theirs, public_id=_uuid_or_404(request.POST.get("membership", "")))
        acting.choose(request, chosen, at=timezone.now())
        messages.success(request, f"You now act for {chosen.organisation}.")
        return redirect("home")
    context = {"memberships": theirs, "asked": queries.asked_by(request.user)}
    return render(request, "people/switch.html", context)


@require_POST
@signed_in
def leave(request: SignedInRequest, membership: UUID) -> HttpResponse:
    """Leave an organisation, or take a request back."""
    theirs = get_object_or_404(
        Membership.objects.live().select_related("organisation"), public_id=membership, user=request.user
    )
    was_active = theirs.is_active
    try:
        memberships.leave(theirs, by=request.user, at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("switch")
    messages.success(
        request, f"You've left {theirs.organisation}." if was_active else "You've taken it back."
    )
    return redirect("home")


def invitation(request: SignedInRequest, token: str) -> HttpResponse:
    """The link of an invitation opens this page and does nothing by itself; strangers sign up or in first."""
    invited = get_object_or_404(Invitation.objects.select_related("organisation"), token=token)
    problem, form = None, None
    if request.user.is_authenticated:
        if not request.user.name:
            form = NameForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                if form is not None:
                    people.rename(request.user, name=form.cleaned_data["name"], at=timezone.now())
                return _welcome(request, invitations.accept(invited, by=request.user, at=timezone.now()))
            except DomainError as refusal:
                problem = refusal
    context = {
        "form": form,
        "invitation": invited,
        "is_open": invitations.is_open(invited, at=timezone.now()),
        "role": Role(invited.role).label,
        "problem": problem,
    }
    status = problem.status if problem else 422 if form is not None and form.errors else 200
    return render(request, "people/invitation.html", context, status=status)


def in_one_line(organisation: Organisation) -> str:
    where = organisation.town or organisation.outcode
    return f"{organisation.name}, {where}" if where else organisation.name


def place_at(postcode: str) -> Place:
    """Raises `place_not_found`."""
    spot = places.find(postcode)
    return Place(**vars(spot))


def _welcome(request: SignedInRequest, joined: Membership, *, is_new: bool = False) -> HttpResponse:
    if not joined.is_active:
        return redirect("waiting")
    acting.choose(request, joined, at=timezone.now())
    firm = joined.organisation
    where = f"Doorway, {joined.user}" if firm.is_sole_trader and is_new else firm
    message = f"You're in. Welcome to {where}."
    if is_new:
        message += " We check new organisations within 2 school days; you can look and offer meanwhile."
    messages.success(request, message)
    return redirect("home")


def _form_or_404(kind: str) -> type[JoinForm]:
    if kind not in FORMS:
        raise Http404
    return FORMS[kind]


def _only_waits(request: SignedInRequest) -> bool:
    """They have asked, belong nowhere yet and don't mean to ask elsewhere (`?another`)."""
    if request.membership is not None or "another" in request.GET:
        return False
    return queries.asked_by(request.user).exists()


def _uuid_or_404(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
