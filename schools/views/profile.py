"""School details: how it receives visitors. What a new need is filled in with."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from brokerage import vocabulary
from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.domain import hosting as verbs
from brokerage.errors import InvalidInput
from brokerage.models import Hosting
from brokerage.rules import authorise, may
from brokerage.web import access
from schools import words
from schools.forms.hosting import HostingForm
from schools.models import School
from schools.queries import cohorts as query
from schools.queries import policies


@access.member_of(Kind.SCHOOL)
def profile(request: MemberRequest) -> HttpResponse:
    by = request.membership
    hosting = Hosting.objects.filter(school_id=by.organisation_id).first() or Hosting(school=by.organisation)
    details = School.objects.filter(organisation_id=by.organisation_id).first()
    form = HostingForm(request.POST if request.method == "POST" else None, hosting=hosting)
    if request.method == "POST":
        authorise("brokerage.edit_hosting", by, by.organisation)
        if form.is_valid():
            try:
                verbs.change(fields=form.said(), by=by, at=timezone.now())
            except InvalidInput as error:
                form.refused(error)
            else:
                messages.success(request, "Saved. New needs are filled in with this.")
                return redirect("schools:profile")
    context = {
        "form": form,
        "hosting": hosting,
        "details": details,
        "cohorts": query.cohorts_of(details, words.today()) if details else [],
        "years": vocabulary.years(details.year_groups) if details else "",
        "policies": policies.of(by.organisation_id, words.today()),
        "organisation": by.organisation,
        "may_edit": may("brokerage.edit_hosting", by, by.organisation),
    }
    return render(request, "schools/profile.html", context, status=422 if form.errors else 200)
