"""Cohorts and rolls: how many there are, in which groups. Numbers, never names."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.errors import DomainError
from brokerage.rules import authorise, may
from brokerage.web import access
from schools import words
from schools.domain import cohorts as verbs
from schools.forms import cohorts as forms
from schools.models import School
from schools.queries import cohorts as query
from schools.queries.cohorts import TaughtCohort

school = access.member_of(Kind.SCHOOL)
SAVED = "Saved. New needs are filled in with these numbers."


@school
def rolls(request: MemberRequest) -> HttpResponse:
    by, today = request.membership, words.today()
    taught = query.cohorts_of(_profile(request), today)
    sent = request.POST if request.method == "POST" else None
    form = forms.RollsForm(sent, cohorts=taught, initial={"on": today})
    if sent is not None:
        authorise("brokerage.edit_hosting", by, by.organisation)
        if form.is_valid():
            try:
                verbs.set_rolls(rolls=form.given(), on=form.cleaned_data["on"], by=by, at=timezone.now())
            except DomainError as error:
                form.refused(error)
            else:
                messages.success(request, SAVED)
                return redirect("schools:cohorts")
    context = {
        "form": form,
        "cohorts": taught,
        "may_edit": may("brokerage.edit_hosting", by, by.organisation),
    }
    return render(request, "schools/cohorts.html", context, status=422 if form.errors else 200)


@school
def cohort(request: MemberRequest, y7_entry: int) -> HttpResponse:
    by = request.membership
    taught = _one(request, y7_entry)
    if request.method != "POST":
        return _page(request, taught)
    authorise("brokerage.edit_hosting", by, by.organisation)
    if "add" in request.POST:
        groups = forms.groups(forms.with_another_row(request.POST), cohort=taught)
        return _page(request, taught, form=forms.RollForm(request.POST), groups=groups)
    form, groups = forms.RollForm(request.POST), forms.groups(request.POST, cohort=taught)
    if form.is_valid() and groups.is_valid():
        try:
            verbs.set_groups(
                y7_entry=y7_entry,
                groups=groups.given(),
                roll=form.cleaned_data["roll"],
                by=by,
                at=timezone.now(),
            )
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, SAVED)
            return redirect("schools:cohorts")
    return _page(request, taught, form=form, groups=groups, status=422)


@school
@require_POST
def counts(request: MemberRequest, y7_entry: int) -> HttpResponse:
    by = request.membership
    taught = _one(request, y7_entry)
    authorise("brokerage.edit_hosting", by, by.organisation)
    form = forms.CountsForm(request.POST)
    if form.is_valid():
        try:
            verbs.set_counts(y7_entry=y7_entry, by=by, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, "Saved. Only your school sees these counts.")
            return redirect("schools:cohort", y7_entry)
    return _page(request, taught, counts=form, status=422)


def _page(
    request: MemberRequest,
    taught: TaughtCohort,
    *,
    form: forms.RollForm | None = None,
    groups: forms.BaseGroups | None = None,
    counts: forms.CountsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    by = request.membership
    form = form or forms.RollForm(initial={"roll": taught.roll})
    groups = groups if groups is not None else forms.groups(cohort=taught)
    counts = counts or forms.CountsForm(initial={"pupil_premium": taught.pupil_premium, "send": taught.send})
    context: dict[str, Any] = {
        "cohort": taught,
        "form": form,
        "groups": groups,
        "counts": counts,
        "forms": [groups, counts],
        "may_edit": may("brokerage.edit_hosting", by, by.organisation),
    }
    return render(request, "schools/cohort.html", context, status=status)


def _one(request: MemberRequest, y7_entry: int) -> TaughtCohort:
    taught = query.cohorts_of(_profile(request), words.today())
    found = next((each for each in taught if each.y7_entry == y7_entry), None)
    if found is None:
        raise Http404
    return found


def _profile(request: MemberRequest) -> School:
    """What is known of the school; nothing yet of one that has just joined."""
    organisation = request.membership.organisation
    found = School.objects.filter(organisation=organisation).first()
    return found or School(organisation=organisation, high_age=18)
