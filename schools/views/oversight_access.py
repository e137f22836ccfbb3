"""Hub and trust: which of their schools have met the duty, and which providers wait. Read only, never ranked."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from brokerage import vocabulary
from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.calendar.settings import CLOCK
from brokerage.models import AccessRequest
from brokerage.queries import access_requests, oversight
from brokerage.states import UNANSWERED
from brokerage.web import access, charts, clocks, paging
from brokerage.web.dates import local_day
from schools import oversight_words, standing_words
from schools.pal.standing import State
from schools.queries import oversight_access as query
from schools.queries import policies
from schools.queries import provider_access as school_access
from schools.queries.oversight_access import LATE, TO_FIND, VERY_LATE_ANSWER, WAITING, Asking
from schools.views.provider_access import pictures

overseer = access.member_of(Kind.HUB, Kind.TRUST)
CARDS = 12
A_YEAR = timedelta(days=365)
STATES = {
    TO_FIND: "Still to find",
    State.COVERAGE_UNPROVEN.value: "Coverage not yet proven",
    State.MET.value: "Evidenced",
    State.NOT_ASSESSED.value: "Not assessed",
}
WAITS = {WAITING: "Somebody waiting", LATE: "Late answer", VERY_LATE_ANSWER: "Very late answer"}


@overseer
def schools(request: MemberRequest) -> HttpResponse:
    by, today = request.membership, local_day(timezone.now())
    asking = _asking(request.GET)
    waiting = query.open_requests(by, today)
    found = query.schools(by, asking, waiting, today)
    page = paging.page_of(found, "name", "pk", after=request.GET.get("after"), size=CARDS)
    shown = query.described(page.items, waiting, asking, today)
    counts = query.by_phase(by, today)
    context = {
        "page": page,
        "cards": charts.HubSchools(tuple(oversight_words.card(each, today) for each in shown)),
        "filters": _filters(asking),
        "is_filtered": asking != Asking(),
        "counts": [(standing_words.PHASES[each.phase], each) for each in counts],
        "to_find": sum(each.to_find for each in counts),
        "cohorts": sum(each.cohorts - each.not_assessed for each in counts),
        "unproven": sum(each.unproven for each in counts),
        "late": sum(asked.is_late for asked in waiting),
        "very_late": sum(query.is_very_late(asked) for asked in waiting),
        "in_time": CLOCK,
        "deadline": query.next_deadline(today),
        "organisation": by.organisation,
    }
    return render(request, "oversight_access/schools.html", context)


@overseer
def waiting(request: MemberRequest) -> HttpResponse:
    """Who asked first and has no answer yet; never what was written."""
    by, today = request.membership, local_day(timezone.now())
    rows = access_requests.with_everything(AccessRequest.objects.visible_to(by).filter(state__in=UNANSWERED))
    page = paging.page_of(rows, "asked_at", "pk", after=request.GET.get("after"))
    listed = [
        (asked.request, vocabulary.years(asked.request.year_groups), clocks.badge(asked))
        for asked in access_requests.timed(page.items, today=today)
    ]
    context = {"page": page, "rows": listed, "organisation": by.organisation}
    return render(request, "oversight_access/waiting.html", context)


@overseer
def school(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by, now = request.membership, timezone.now()
    today = local_day(now)
    its = get_object_or_404(oversight.schools_of(by), public_id=public_id)
    found = school_access.of(its, today=today)
    if found is None:
        raise Http404
    asked = access_requests.timed(
        access_requests.with_everything(its.access_requests.filter(asked_at__gte=now - A_YEAR)), today=today
    )
    context = {
        "school": its,
        "answering": access_requests.answering(asked),
        "waiting": sum(each.request.is_unanswered for each in asked),
        "late": sum(each.is_late or each.clock.was_late for each in asked),
        "policy": policies.of(its.pk, today),
        "organisation": by.organisation,
    }
    return render(request, "oversight_access/school.html", pictures(found, guarded=True) | context)


def _asking(said: QueryDict) -> Asking:
    """What isn't on offer is left out."""
    phase, state, waits = said.get("phase", ""), said.get("state", ""), said.get("waiting", "")
    return Asking(
        int(phase) if phase in {str(each) for each in query.PHASES} else None,
        state if state in STATES else "",
        waits if waits in WAITS else "",
    )


def _filters(asking: Asking) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Each group's links: address, words, whether it is chosen; the other groups stay as they are."""
    now = {"phase": str(asking.phase or ""), "state": asking.state, "waiting": asking.waiting}
    offered = {
        "phase": {str(phase): words for phase, words in standing_words.PHASES.items()},
        "state": STATES,
        "waiting": WAITS,
    }
    names = {"phase": "Phase", "state": "State", "waiting": "Waiting"}
    return [
        (
            names[group],
            [
                (_address(now | {group: value}), words, now[group] == value)
                for value, words in {"": "All", **choices}.items()
            ],
        )
        for group, choices in offered.items()
    ]


def _address(chosen: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in chosen.items() if value})
