"""What is on and what is free, and the days the school is closed."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.calendar.models import Closure
from brokerage.domain import closures
from brokerage.errors import InvalidInput
from brokerage.rules import authorise, may
from brokerage.web import access
from brokerage.web.dates import in_sentence
from schools import words
from schools.forms.closure import ClosureForm
from schools.queries import agenda as query

school = access.member_of(Kind.SCHOOL)
A_CENTURY = timedelta(days=36_500)


@school
def agenda(request: MemberRequest) -> HttpResponse:
    return _page(request, ClosureForm())


@school
@require_POST
def add_closure(request: MemberRequest) -> HttpResponse:
    by = request.membership
    authorise("brokerage.edit_hosting", by, by.organisation)
    form = ClosureForm(request.POST)
    if form.is_valid():
        try:
            closure = closures.add(by=by, at=timezone.now(), **form.cleaned_data)
        except InvalidInput as error:
            form.refused(error)
        else:
            messages.success(request, f"Added: {closure.label}, {in_sentence(closure.first_on)}.")
            return redirect("schools:calendar")
    return _page(request, form, status=422)


@school
@require_POST
def remove_closure(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by = request.membership
    closure = get_object_or_404(
        Closure.objects.filter(school=by.organisation).select_related("school"), public_id=public_id
    )
    closures.remove(closure=closure, by=by, at=timezone.now())
    messages.success(request, f"Removed: {closure.label}.")
    return redirect("schools:calendar")


def _page(request: MemberRequest, form: ClosureForm, *, status: int = 200) -> HttpResponse:
    by, at = request.membership, timezone.now()
    first = query.monday_of(_day(request.GET.get("from", "")))
    weeks = query.weeks(by, first, at=at)
    span = query.A_WEEK * query.WEEKS
    context = {
        "weeks": weeks,
        "is_empty": not any(week.items for week in weeks),
        "earlier": (first - span).isoformat(),
        "later": (first + span).isoformat(),
        "is_now": first == query.monday_of(words.today()),
        "closures": query.closures_ahead(by, words.today()),
        "form": form,
        "may_edit": may("brokerage.edit_hosting", by, by.organisation),
        "may_record": may("brokerage.post_need", by),
    }
    return render(request, "schools/calendar.html", context, status=status)


def _day(text: str) -> date:
    """The day asked for, if it can be read and lies within living memory; else today."""
    today = words.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs(day - today) < A_CENTURY else today
