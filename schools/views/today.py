"""Today: what needs the school, and how things stand."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.rules import may
from brokerage.web import access
from schools.queries import today as query
from schools.views.requests import term_question

NOON, EVENING = 12, 17


@access.member_of(Kind.SCHOOL)
def today(request: MemberRequest) -> HttpResponse:
    by, at = request.membership, timezone.now()
    shown = query.of(by, at=at)
    context = {
        "today": shown,
        "greeting": _greeting(timezone.localtime(at).hour),
        "first_name": by.user.first_name_only,
        "now": at,
        "may_post": may("brokerage.post_need", by),
        "term": query.until_the_holiday(by, at),
        "steps": query.steps_done(by) if shown.is_new else {},
    } | term_question(request)
    template = "schools/today_parts.html" if request.headers.get("HX-Request") else "schools/today.html"
    return render(request, template, context)


def _greeting(hour: int) -> str:
    return "Good morning" if hour < NOON else "Good afternoon" if hour < EVENING else "Good evening"
