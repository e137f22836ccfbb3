"""Has each year group had two encounters, what is missing, and what to do about it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.domain import external_encounters, needs, terms
from brokerage.domain.external_encounters import Happened
from brokerage.domain.slots import LONDON, SlotTime
from brokerage.errors import DomainError
from brokerage.models import AccessTerms, ExternalEncounter
from brokerage.queries import access_requests
from brokerage.rules import authorise, may
from brokerage.vocabulary import EncounterType
from brokerage.web import access, paging
from brokerage.web.dates import local_day
from schools import standing_words, words
from schools.domain import forecasting
from schools.forms.provider_access import ElsewhereForm, GapForm
from schools.queries import free_dates, policies, providers
from schools.queries import provider_access as query
from schools.queries.provider_access import Access, CohortAccess

school = access.member_of(Kind.SCHOOL)
SUGGESTED = 3
MINUTES = 50


@school
def home(request: MemberRequest) -> HttpResponse:
    found = _access(request)
    wanting = found.wanting
    return render(
        request,
        "schools/provider_access.html",
        pictures(found)
        | {
            "gap": wanting[0] if wanting else None,
            "candidates": providers.nearest_unmet(found.school, wanting[0]) if wanting else [],
            "shows_gaps": AccessTerms.objects.filter(school=found.school, shows_gaps=True).exists(),
            "may_run": may("brokerage.record_external", request.membership, found.school),
            "elsewhere": paging.page_of(
                ExternalEncounter.objects.visible_to(request.membership),
                "-on",
                "-pk",
                after=request.GET.get("elsewhere"),
            ),
        },
    )


@school
def summary(request: MemberRequest) -> HttpResponse:
    """For governors: one printed side, and what to ask."""
    found, by = _access(request), request.membership
    asked = access_requests.timed(
        access_requests.with_everything(
            by.organisation.access_requests.filter(asked_at__gte=timezone.now() - timedelta(days=365))
        ),
        today=found.today,
    )
    answering = access_requests.answering(asked)
    late = sum(each.is_late or each.clock.was_late for each in asked)
    policy = policies.of(by.organisation_id, found.today)
    return render(
        request,
        "schools/provider_access_summary.html",
        pictures(found, guarded=True)
        | {
            "answering": answering,
            "waiting": sum(each.request.is_unanswered for each in asked),
            "late": late,
            "policy": policy,
            "questions": standing_words.questions(
                found, answered=answering.answered, late=late, policy=policy.standing.status.value
            ),
        },
    )


@school
def close_gap(request: MemberRequest, y7_entry: int) -> HttpResponse:
    """A need on free dates, filled in, and the nearest providers this cohort hasn't met asked to take it."""
    by, at = request.membership, timezone.now()
    authorise("brokerage.post_need", by)
    found = _access(request)
    gap = next((each for each in found.open if each.cohort.y7_entry == y7_entry), None)
    if gap is None:
        raise Http404
    candidates = providers.nearest_unmet(found.school, gap, at_most=6)
    days = free_dates.for_gap(found.school, found.evidence.days, until=gap.standing.window.closes, at=at)
    form = GapForm(
        request.POST or None,
        candidates=candidates,
        dates=days,
        initial={
            "providers": [str(each.provider.public_id) for each in candidates[: providers.NEAREST]],
            "dates": [day.isoformat() for day in days[:SUGGESTED]],
            "starts": found.evidence.days.day_starts,
            "minutes": MINUTES,
        },
    )
    if request.method == "POST" and form.is_valid():
        asked = {str(each.provider.public_id): each.provider for each in candidates}
        invited = [asked[public_id] for public_id in form.cleaned_data["providers"]]
        try:
            need = needs.post(
                fields={
                    "title": words.title(EncounterType.PROVIDER_ENCOUNTER, [gap.cohort.year]),
                    "encounter_type": EncounterType.PROVIDER_ENCOUNTER,
                    "year_groups": [_year_on(gap, found, form.days[0])],
                    "allocation": "first_come",
                },
                slots=[_slot(day, form.cleaned_data) for day in form.days],
                publish=True,
                by=by,
                at=at,
            )
            needs.invite(need=need, providers=invited, by=by, at=at)
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, f"Posted, and {words.joined(each.name for each in invited)} asked.")
            return redirect("schools:need", need.public_id)
    return render(
        request, "schools/close_gap.html", {"form": form, "gap": gap, "access": found, "days": days}
    )


@school
def elsewhere(request: MemberRequest) -> HttpResponse:
    """Write down what was held without Doorway."""
    by, at = request.membership, timezone.now()
    authorise("brokerage.record_external", by, by.organisation)
    found = _access(request)
    form = ElsewhereForm(
        request.POST or None,
        years=[(each.year, each.y7_entry) for each in found.evidence.cohorts],
    )
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        said["is_technical"] = external_encounters.is_technical(said["provider"], said["provider_kind"])
        try:
            external_encounters.record(what=Happened(**said), by=by, at=at)
        except DomainError as error:
            form.refused(error)
        else:
            told = " They’ve been asked to confirm it." if said["provider"] else ""
            messages.success(request, f"Recorded.{told}")
            return redirect("schools:provider_access")
    names = providers.suggested_names(by.organisation)
    return render(request, "schools/elsewhere.html", {"form": form, "names": names})


@require_POST
@school
def show_gaps(request: MemberRequest) -> HttpResponse:
    """Whether providers may see which year groups still want an encounter."""
    shows = request.POST.get("shows") == "yes"
    terms.show_gaps(shows=shows, by=request.membership, at=timezone.now())
    messages.success(
        request, "Providers can see your gaps now." if shows else "Your gaps are yours alone again."
    )
    return redirect("schools:provider_access")


@require_POST
@school
def remove_elsewhere(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(ExternalEncounter.objects.visible_to(request.membership), public_id=public_id)
    external_encounters.remove(encounter=found, by=request.membership, at=timezone.now())
    messages.success(request, "Taken out. The log keeps that it once stood.")
    return redirect("schools:provider_access")


def _access(request: MemberRequest) -> Access:
    found = query.of(request.membership.organisation, today=local_day(timezone.now()))
    if found is None:
        raise Http404
    return found


def pictures(found: Access, *, guarded: bool = False) -> dict[str, Any]:
    """`guarded` for governors, trust and hub."""
    today = found.today
    if guarded:
        found = standing_words.guarded(found)
    return {
        "access": found,
        "timeline": standing_words.timeline(
            found,
            chances=forecasting.chances(found.school.pk, found.open, today=today),
            guarded=guarded,
        ),
        "coverage": standing_words.coverage(found),
        "rows": [
            (each, standing_words.PHASES[each.phase], standing_words.state_of(each, today))
            for each in found.cohorts
        ],
        "uncounted": [(each, one) for each in found.cohorts for one in each.uncounted],
    }


def _slot(day: date, said: dict[str, Any]) -> SlotTime:
    starts = datetime.combine(day, said["starts"], LONDON)
    return SlotTime(starts_at=starts, ends_at=starts + timedelta(minutes=said["minutes"]))


def _year_on(gap: CohortAccess, found: Access, day: date) -> int:
    """The cohort may have moved up by then (R4)."""
    older = (day.year - (day.month < 9)) - (found.today.year - (found.today.month < 9))
    return gap.cohort.year + older
