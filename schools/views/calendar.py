"""What is on and what is free, and the days the school is closed."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST, require_safe

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership
from brokerage.calendar import calendars, links
from brokerage.calendar.dates import academic_year
from brokerage.calendar.models import CalendarLink, Closure, ClosureKind
from brokerage.domain import calendars as verbs
from brokerage.domain import closures
from brokerage.errors import InvalidInput
from brokerage.models import Slot
from brokerage.rules import authorise, may
from brokerage.web import access
from brokerage.web.dates import clock, in_sentence
from schools import calendar_feed, words
from schools.forms.closure import BringInForm, ClosureForm, FileForm
from schools.queries import agenda as query
from schools.queries import closed_visits

school = access.member_of(Kind.SCHOOL)
A_CENTURY = timedelta(days=36_500)
VISITS_NAMED = 5


@school
def agenda(request: MemberRequest) -> HttpResponse:
    return _page(request, ClosureForm())


@school
def month(request: MemberRequest) -> HttpResponse:
    by, at = request.membership, timezone.now()
    first = query.month_of(_day(request.GET.get("from", "")))
    listed = calendars.listed(by.organisation_id)
    weeks = query.month(by, first, listed, at=at)
    context = {
        "weeks": weeks,
        "is_empty": not any(day and day.items for week in weeks for day in week),
        "first": first,
        "earlier": query.month_of(first - query.A_DAY).isoformat(),
        "later": query.month_of(first + timedelta(days=31)).isoformat(),
        "is_now": first == query.month_of(words.today()),
        "today": words.today(),
    }
    return render(request, "schools/calendar_month.html", context)


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
            _warn_of_visits(request, [(closure.first_on, closure.last_on)])
            return redirect("schools:calendar")
    return _page(request, form, status=422)


@school
def change_closure(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by, closure = request.membership, _own(request, public_id)
    authorise("brokerage.edit_hosting", by, by.organisation)
    parts = {name: getattr(closure, name) for name in ("kind", "label", "first_on", "last_on")}
    form = ClosureForm(request.POST or None, initial=parts)
    if request.method == "POST" and form.is_valid():
        try:
            changed = closures.change(closure=closure, by=by, at=timezone.now(), **form.cleaned_data)
        except InvalidInput as error:
            form.refused(error)
        else:
            messages.success(request, f"Changed: {changed.label}, {in_sentence(changed.first_on)}.")
            _warn_of_visits(request, [(changed.first_on, changed.last_on)])
            return redirect("schools:calendar")
    status = 422 if form.is_bound else 200
    return render(request, "schools/closure.html", {"form": form, "closure": closure}, status=status)


@school
@require_POST
def remove_closure(request: MemberRequest, public_id: UUID) -> HttpResponse:
    closure = _own(request, public_id)
    closures.remove(closure=closure, by=request.membership, at=timezone.now())
    messages.success(request, f"Removed: {closure.label}.{_whose_now(closure)}")
    return redirect("schools:calendar")


@school
@require_POST
def take_over(request: MemberRequest) -> HttpResponse:
    taken = verbs.take_over(by=request.membership, at=timezone.now())
    messages.success(
        request, f"{_closures(taken)} now yours to change." if taken else "These dates are yours already."
    )
    return redirect("schools:calendar")


@school
def bring_in(request: MemberRequest) -> HttpResponse:
    """A file: first what was read of it, then, from `apply_file`, what became of it."""
    by = request.membership
    authorise("brokerage.edit_hosting", by, by.organisation)
    if request.method != "POST":
        return render(request, "schools/closures_file.html", {"form": FileForm()})
    form = FileForm(request.POST, request.FILES)
    if (reading := form.read()) is None:
        return render(request, "schools/closures_file.html", {"form": form}, status=422)
    return _preview(request, BringInForm.of(reading), sentence=reading.sentence)


@school
def apply_file(request: MemberRequest) -> HttpResponse:
    by = request.membership
    authorise("brokerage.edit_hosting", by, by.organisation)
    if request.method != "POST":
        return redirect("schools:bring_in")
    form = BringInForm(request.POST)
    rows = form.read()
    if rows is not None:
        replaces = form.cleaned_data["replace"] == "yes"
        try:
            done = verbs.bring_in(rows=rows, replace=replaces, by=by, at=timezone.now())
        except InvalidInput as error:
            form.refused_rows(error, rows)
        else:
            messages.success(request, _brought(done))
            _warn_of_visits(request, [(row.first_on, row.last_on) for row in rows])
            return redirect("schools:calendar")
    return _preview(request, form, status=422)


@school
@require_POST
def make_link(request: MemberRequest) -> HttpResponse:
    verbs.make_link(by=request.membership, at=timezone.now())
    messages.success(
        request, "Your private link is ready. Anyone who has it can read your school’s encounters."
    )
    return redirect(f"{reverse('schools:calendar')}#link")


@school
@require_POST
def revoke_link(request: MemberRequest) -> HttpResponse:
    verbs.revoke_link(by=request.membership, at=timezone.now())
    messages.success(request, "The private link no longer works.")
    return redirect("schools:calendar")


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever holds the link: a calendar program, without signing in."""
    link = links.find(token)
    if link is None:
        raise Http404
    at = timezone.now()
    first, end = (at - calendar_feed.BEHIND).date(), (at + calendar_feed.AHEAD).date()
    items = query.of_school(link.school_id, first, end, at=at)
    made = calendar_feed.made(link.school, items, at=at)
    headers = {"X-Robots-Tag": "noindex", "Content-Disposition": 'inline; filename="doorway.ics"'}
    return HttpResponse(made, content_type="text/calendar; charset=utf-8", headers=headers)


def _page(request: MemberRequest, form: ClosureForm, *, status: int = 200) -> HttpResponse:
    by, at = request.membership, timezone.now()
    first = query.monday_of(_day(request.GET.get("from", "")))
    listed = calendars.listed(by.organisation_id)
    weeks = query.weeks(by, first, listed, at=at)
    span = query.A_WEEK * query.WEEKS
    context = {
        "weeks": weeks,
        "is_empty": not any(week.items for week in weeks),
        "earlier": (first - span).isoformat(),
        "later": (first + span).isoformat(),
        "is_now": first == query.monday_of(words.today()),
        "standing": query.standing(listed, words.today()),
        "form": form,
        "is_adding": form.is_bound or "add" in request.GET,
        "may_edit": may("brokerage.edit_hosting", by, by.organisation),
        "may_record": may("brokerage.post_need", by),
        "link": _link(request, by),
    }
    return render(request, "schools/calendar.html", context, status=status)


def _warn_of_visits(request: MemberRequest, spans: list[closed_visits.Span]) -> None:
    """Beside the word that the days are listed: who is booked on them, each a link to where it can be called off."""
    booked = closed_visits.booked_in(request.membership.organisation_id, spans, at=timezone.now())
    if not booked:
        return
    links = [
        format_html('<a href="{}">{}</a>', reverse("schools:need", args=[slot.need.public_id]), _visit(slot))
        for slot in booked[:VISITS_NAMED]
    ]
    more = f" and {len(booked) - VISITS_NAMED} more" if len(booked) > VISITS_NAMED else ""
    whole = (
        "1 visit is booked then already: {}{}. It stands until you move it or cancel it."
        if len(booked) == 1
        else f"{len(booked)} visits are booked then already: {{}}{{}}. They stand until you move or cancel them."
    )
    messages.warning(
        request, format_html(whole, format_html_join("; ", "{}", ((each,) for each in links)), more)
    )


def _visit(slot: Slot) -> str:
    coming = words.joined(dict.fromkeys(claim.claimant.name for claim in slot.accepted))  # type: ignore[attr-defined]
    return f"{words.name(slot.need)}, {in_sentence(slot.starts_at)}, {clock(slot.starts_at)} ({coming})"


def _link(request: MemberRequest, by: Membership) -> str:
    """Where the school's calendar can be read, for those who may share it."""
    if not may("brokerage.post_need", by):
        return ""
    link = CalendarLink.objects.filter(school_id=by.organisation_id, revoked_at__isnull=True).first()
    return request.build_absolute_uri(reverse("calendar_feed", args=[links.token_of(link)])) if link else ""


def _preview(
    request: MemberRequest, form: BringInForm, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    listed = calendars.listed(request.membership.organisation_id)
    known = {(each.kind, *each.span) for each in listed if each.is_own}
    standing = query.standing(listed, words.today())
    found: list[dict[str, Any]] = [
        {
            "row": row,
            "kind": calendars.Listed(row.kind, row.label, row.first_on, row.last_on).kind_in_words,
            "is_known": (row.kind, row.first_on, row.last_on) in known,
        }
        for row in form.found()
    ]
    holidays = [each["row"].first_on for each in found if each["row"].kind == ClosureKind.HOLIDAY]
    own = {query.year_in_words(academic_year(day)) for day in holidays}
    context = {
        "form": form,
        "found": found,
        "sentence": sentence,
        "whose": standing.whose,
        "replaced": sorted(own & set(standing.years)),
        "has_bad": bool(form["mend"].value() or form.has_error("mend")),
    }
    return render(request, "schools/closures_preview.html", context, status=status)


def _own(request: MemberRequest, public_id: UUID) -> Closure:
    mine = Closure.objects.filter(school=request.membership.organisation).select_related("school")
    return get_object_or_404(mine, public_id=public_id)


def _whose_now(closure: Closure) -> str:
    """With the last holiday of a year gone, the authority's dates hold for it: that shouldn't come as a surprise."""
    standing = query.standing(calendars.listed(closure.school_id), words.today())
    year = query.year_in_words(academic_year(closure.first_on))
    if closure.kind != ClosureKind.HOLIDAY or year not in standing.years:
        return ""
    return f" You list no holiday for {year} now, so {standing.whose} dates hold."


def _closures(number: int) -> str:
    return "1 closure is" if number == 1 else f"{number} closures are"


def _brought(done: verbs.Brought) -> str:
    parts = [f"{done.added} added"]
    if done.kept:
        parts.append(f"{done.kept} listed already")
    if done.removed:
        parts.append(f"{done.removed} removed")
    return f"{words.joined(parts)}."


def _day(text: str) -> date:
    """The day asked for, if it can be read and lies within living memory; else today."""
    today = words.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs(day - today) < A_CENTURY else today
