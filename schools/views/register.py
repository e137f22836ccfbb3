"""Years and scope: what a register says of the school, put right by its keepers."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from brokerage import vocabulary
from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.calendar import calendars, terms
from brokerage.calendar.dates import academic_year
from brokerage.errors import DomainError
from brokerage.rules import authorise
from brokerage.web import access
from schools import words
from schools.domain import profiles
from schools.forms.register import RegisterForm
from schools.models import School


@access.member_of(Kind.SCHOOL)
def register(request: MemberRequest) -> HttpResponse:
    by, today = request.membership, words.today()
    authorise("brokerage.edit_hosting", by, by.organisation)
    school = School.objects.filter(organisation=by.organisation).first() or School(high_age=18)
    sent = request.POST if request.method == "POST" else None
    form = RegisterForm(sent, school=school)
    if sent is not None and form.is_valid():
        try:
            profiles.correct(fields=form.to_fields(), by=by, at=timezone.now())
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, "Saved.")
            return redirect("schools:profile")
    context = {
        "form": form,
        "school": school,
        "years": vocabulary.years(school.year_groups),
        "moves_up": _next_first_day(by.organisation_id, today),
    }
    return render(request, "schools/register.html", context, status=422 if form.errors else 200)


def _next_first_day(organisation_id: int, today: date) -> date:
    days = calendars.days_of(organisation_id)
    return terms.first_day_of_term(days, academic_year(today) + 1)
