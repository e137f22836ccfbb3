"""Asking a school: which one, and what, when, who. Its own requests afterwards are `requests`'."""

from datetime import date, datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.calendar.settings import CLOCK
from brokerage.domain import access_requests
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import AccessRequest, AccessTerms, TermAnswer
from brokerage.queries import access_requests as reads
from brokerage.queries import asking
from brokerage.queries.access_requests import Asked
from brokerage.queries.asking import SchoolRow
from brokerage.queries.cursors import Page
from brokerage.queries.people import SHORTEST_SEARCH, members_of
from brokerage.vocabulary import YEAR_GROUPS, NotThisTerm
from brokerage.web import dates
from brokerage.web.access import member_of
from brokerage.web.asking import DATES, AskForm, polite_message, remembered
from brokerage.web.paging import from_the_top

ASKERS: Final = (Kind.EMPLOYER, Kind.PROVIDER)
BECAUSE: Final[dict[str, str]] = {
    NotThisTerm.ALREADY_MET: "because their year groups have met providers already",
    NotThisTerm.TIMETABLE_FULL: "because the timetable is full",
    NotThisTerm.EXAM_PERIOD: "because of exams",
    NotThisTerm.STAFF_CHANGE: "because of a change of careers leader",
    NotThisTerm.BUILDING_WORK: "because of building work",
}


class SchoolsPage:
    """Which school? By name, or those near."""

    def __init__(self, by: Membership, *, text: str, after: str | None, at: datetime) -> None:
        self.by, self.at, self.text = by, at, " ".join(text.split())
        self.after = after

    @property
    def is_too_short(self) -> bool:
        return 0 < len(self.text) < SHORTEST_SEARCH

    @cached_property
    def page(self) -> Page[SchoolRow]:
        if len(self.text) >= SHORTEST_SEARCH:
            return Page(asking.schools_named(self.text, self.by, at=self.at))
        return from_the_top(lambda last: asking.schools_near(self.by, at=self.at, after=last), self.after)

    @property
    def has_place(self) -> bool:
        return self.by.organisation.easting is not None


class AskPage:
    """One school: what it said, what we have asked it already, and the form."""

    def __init__(
        self, school: Organisation, by: Membership, *, given: QueryDict, sent: QueryDict | None, at: datetime
    ) -> None:
        self.school, self.by, self.at, self.given = school, by, at, given
        self.today = dates.local_day(at)
        self.days = asking.days_of(school)
        self.row = asking.rows_of([school], by, at=at)[0]
        people = list(members_of(by.organisation).order_by("user__name", "pk"))
        initial = None if sent is not None else self._initial()
        self.form = AskForm(sent, days=self.days, people=people, by=by, initial=initial)

    @cached_property
    def terms(self) -> AccessTerms | None:
        return asking.terms_of(self.school)

    @property
    def policy_href(self) -> str:
        """The school's published statement, where it has one."""
        if not (self.terms and self.terms.has_policy and self.school.urn):
            return ""
        try:
            return reverse("policy_statement", args=[self.school.urn])
        except NoReverseMatch:
            return ""

    @cached_property
    def standing(self) -> list[Asked]:
        """Our requests to this school that are open, each with its clock."""
        keys = [request.pk for request in self.row.open_requests]
        found = reads.with_everything(AccessRequest.objects.filter(pk__in=keys)) if keys else []
        return reads.timed(found, today=self.today) if found else []

    @property
    def not_this_term(self) -> TermAnswer | None:
        return self.row.not_this_term

    @property
    def because(self) -> str:
        return BECAUSE.get(self.not_this_term.reason, "") if self.not_this_term else ""

    @property
    def in_time(self) -> int:
        """The school days a school has."""
        return CLOCK.late_after

    @property
    def next_season(self) -> str:
        return next_term(self.today)[0]

    def _initial(self) -> dict[str, Any]:
        last = asking.last_asked(self.by)
        initial = remembered(last)
        year = self.given.get("year", "")
        if year in map(str, YEAR_GROUPS):
            initial["year_groups"] = [int(year)]
        if self.given.get("when") == "next-term":
            suggested = asking.suggested_days(self.days, next_term(self.today)[1])
            initial |= dict(zip(DATES, suggested, strict=False))
        initial["message"] = polite_message(
            initial.get("qualifications", []), is_employer=self.by.organisation.kind == Kind.EMPLOYER
        )
        return initial


def next_term(today: date) -> tuple[str, date]:
    """Its name, and a Tuesday of its second or third week."""
    if today.month >= 9:
        return "spring", date(today.year + 1, 1, 12)
    if today.month <= 3:
        return "summer", date(today.year, 4, 27)
    return "autumn", date(today.year, 9, 15)


@require_GET
@member_of(*ASKERS)
def schools(request: MemberRequest) -> HttpResponse:
    page = SchoolsPage(
        request.membership,
        text=request.GET.get("q", ""),
        after=request.GET.get("after"),
        at=timezone.now(),
    )
    return render(request, "asking/schools.html", {"page": page})


@require_http_methods(["GET", "POST"])
@member_of(*ASKERS)
def ask(request: MemberRequest, public_id: UUID) -> HttpResponse:
    at = timezone.now()
    school = asking.school_to_ask(public_id)
    if school is None:
        raise Http404
    access_requests.refuse_closed(school, at=at)
    sent = request.POST if request.method == "POST" else None
    page = AskPage(school, request.membership, given=request.GET, sent=sent, at=at)
    if sent is None:
        return _show(request, page)
    if not page.form.is_valid():
        return _show(request, page, status=422)
    try:
        made = access_requests.ask(school=school, what=page.form.asked(), by=page.by, at=at)
    except NotAllowed:
        raise
    except DomainError as refusal:
        page.form.refused(refusal)
        return _show(request, page, problem=refusal, status=refusal.status)
    answer_by = reads.one(made, today=page.today).clock.answer_by
    by_when = f" They should answer by {dates.in_sentence(answer_by, page.today)}." if answer_by else ""
    messages.success(request, f"Sent to {school.name}.{by_when}")
    for warning in page.form.warnings():
        messages.warning(request, f"Their calendar says {warning}. They may offer another date.")
    for note in page.form.notes():
        messages.info(request, f"{note}.")
    return redirect("request", made.public_id)


def _show(
    request: MemberRequest, page: AskPage, *, problem: DomainError | None = None, status: int = 200
) -> HttpResponse:
    code = problem.code if problem else ""
    context = {"page": page, "school": page.school, "form": page.form, "code": code}
    return render(request, "asking/ask.html", context, status=status)
