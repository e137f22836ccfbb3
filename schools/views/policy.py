"""The provider access policy statement (P12): a task list for the school, and a page anyone can read."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import Hosting
from brokerage.web import access
from schools import words
from schools.domain import policies as verbs
from schools.forms.policy import form_of
from schools.models import ProviderAccessPolicy, School
from schools.policy import model_text
from schools.policy.statement import STATUTORY, TITLES, Part
from schools.queries import policies as query

school = access.member_of(Kind.SCHOOL)


@school
def overview(request: MemberRequest) -> HttpResponse:
    return _overview(request)


@school
@require_POST
def start(request: MemberRequest) -> HttpResponse:
    """From the model text. A draft that is there already is not written over."""
    by = request.membership
    if query.of(by.organisation_id, words.today()).shown is None:
        verbs.save_draft(fields=_model(by.organisation_id), by=by, at=timezone.now())
        messages.success(request, "Started. Read each part and make it yours: nobody else sees it yet.")
    return redirect("schools:policy")


@school
def part(request: MemberRequest, part: str) -> HttpResponse:
    by = request.membership
    if part not in list(Part):
        raise Http404
    if not verbs.may_write(by):
        raise NotAllowed("not_allowed", "Only this school's careers leaders can change its policy statement.")
    shown = query.of(by.organisation_id, words.today()).shown
    form = form_of(Part(part), request.POST if request.method == "POST" else None, policy=shown, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.save_draft(fields=form.to_fields(), by=by, at=timezone.now())
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, f"Saved: {TITLES[Part(part)].lower()}.")
            return redirect("schools:policy")
    context = {"form": form, "part": part, "title": TITLES[Part(part)]}
    return render(request, "schools/policy_part.html", context, status=422 if form.errors else 200)


@school
def preview(request: MemberRequest) -> HttpResponse:
    """As it will be read."""
    shown = query.of(request.membership.organisation_id, words.today()).shown
    return _statement(request, shown, "schools/policy_preview.html")


@school
def version(request: MemberRequest, number: int) -> HttpResponse:
    by = request.membership
    found = get_object_or_404(query.versions(by.organisation), version=number)
    return _statement(request, found, "schools/policy_preview.html")


@school
@require_POST
def publish(request: MemberRequest) -> HttpResponse:
    return _act(request, verbs.publish, "Published. Anyone can read it at its address.")


@school
@require_POST
def discard(request: MemberRequest) -> HttpResponse:
    return _act(request, verbs.discard_draft, "The changes are gone.")


def public(request: HttpRequest, key: str) -> HttpResponse:
    """Open to all. Another of the school's addresses leads here."""
    found = query.published_at_address(key)
    if found is None:
        raise Http404
    if found.school.slug != key:
        return redirect("policy_statement", found.school.slug, permanent=True)
    return _statement(request, found, "schools/policy_public.html")


def _act(request: MemberRequest, verb: Callable[..., object], done: str) -> HttpResponse:
    try:
        verb(by=request.membership, at=timezone.now())
    except NotAllowed:
        raise
    except DomainError as error:
        return _overview(request, problem=error)
    messages.success(request, done)
    return redirect("schools:policy")


def _overview(request: MemberRequest, *, problem: DomainError | None = None) -> HttpResponse:
    by, at = request.membership, timezone.now()
    policies = query.of(by.organisation_id, words.today())
    shown = policies.shown
    statement = shown.statement if shown else None
    tasks = [(each, TITLES[each], bool(statement and statement.has(each))) for each in Part]
    published = query.versions(by.organisation)
    context: dict[str, Any] = {
        "policies": policies,
        "statutory": [task for task in tasks if task[0] in STATUTORY],
        "around": [task for task in tasks if task[0] not in STATUTORY],
        "done": sum(is_done for each, _, is_done in tasks if each in STATUTORY),
        "sentence": policies.sentence,
        "differences": query.differing(by.organisation, policies, at),
        "versions": published,
        "address": _address(request, published),
        "may_write": verbs.may_write(by),
        "problem": problem,
    }
    return render(request, "schools/policy.html", context, status=problem.status if problem else 200)


def _address(request: MemberRequest, published: object) -> str:
    found = School.objects.filter(organisation=request.membership.organisation).first()
    if not published or found is None or not found.slug:
        return ""
    return request.build_absolute_uri(reverse("policy_statement", args=[found.slug]))


def _statement(request: HttpRequest, found: ProviderAccessPolicy | None, template: str) -> HttpResponse:
    if found is None:
        raise Http404
    context = {"policy": found, "statement": found.statement, "organisation": found.school.organisation}
    return render(request, template, context)


def _model(organisation_id: int) -> dict[str, Any]:
    hosting = Hosting.objects.filter(school_id=organisation_id).first() or Hosting()
    profile = School.objects.filter(organisation_id=organisation_id).first() or School(high_age=18)
    return model_text.start(
        day_starts=hosting.day_starts_at,
        day_ends=hosting.day_ends_at,
        rooms=hosting.rooms,
        years=profile.year_groups,
    )
