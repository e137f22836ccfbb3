"""Hub and trust: where a person may need to step in. Everything here is read only."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Category, Kind, Membership
from brokerage.models import Encounter, EncounterNeed
from brokerage.queries import encounters as encounter_queries
from brokerage.queries import oversight as query
from brokerage.states import NeedState
from brokerage.vocabulary import Audience, Benchmark, DeliveryMode, Supervision
from brokerage.web import access, paging

overseer = access.member_of(Kind.HUB, Kind.TRUST)


@dataclass(frozen=True)
class Met:
    """An encounter, and how many were there as its reader may know it."""

    encounter: Encounter
    attended: dict[str, int]

    @property
    def pupils(self) -> int:
        return sum(self.attended.values())

    @property
    def hides_some(self) -> bool:
        return len(self.attended) < len(self.encounter.attended)


@overseer
def overview(request: MemberRequest) -> HttpResponse:
    by, at = request.membership, timezone.now()
    met = Encounter.objects.visible_to(by).filter(recorded_at__isnull=False)
    context = {
        "figures": query.figures(by, at=at),
        "unfilled": query.unfilled(by, at=at).order_by("starts_at", "pk")[: query.SHOWN],
        "schools": query.schools_of(by).count(),
        "met": _met(
            met.select_related("slot__need", "school").order_by("-recorded_at", "-pk")[: query.SHOWN], by
        ),
        "organisation": by.organisation,
    }
    return render(request, "oversight/overview.html", context)


@overseer
def schools(request: MemberRequest) -> HttpResponse:
    by, at = request.membership, timezone.now()
    found = query.with_counts(query.schools_of(by), by, at=at)
    page = paging.page_of(found, "name", "pk", after=request.GET.get("after"))
    return render(request, "oversight/schools.html", {"page": page, "since": query.year_began(at)})


@overseer
def school(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by, at = request.membership, timezone.now()
    found = get_object_or_404(query.with_counts(query.schools_of(by), by, at=at), public_id=public_id)
    needs = EncounterNeed.objects.visible_to(by).filter(school=found).prefetch_related("slots")
    met = Encounter.objects.visible_to(by).filter(school=found).select_related("slot__need")
    needs_page = paging.page_of(needs, "-pk", after=request.GET.get("after"))
    met_page = paging.page_of(met, "-slot__starts_at", "-pk", after=request.GET.get("met"))
    context = {
        "school": found,
        "needs": [(need, *_state(need, at)) for need in needs_page.items],
        "needs_page": needs_page,
        "met": _met(met_page.items, by),
        "met_page": met_page,
        "now": at,
    }
    return render(request, "oversight/school.html", context)


@overseer
def need(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by, at = request.membership, timezone.now()
    found = get_object_or_404(
        EncounterNeed.objects.visible_to(by).select_related("school"), public_id=public_id
    )
    slots = list(found.slots.standing())
    found._prefetched_objects_cache = {"slots": slots}  # type: ignore[attr-defined]
    context = {
        "need": found,
        "slots": slots,
        "facts": _facts(found),
        "now": at,
        "state": _state(found, at)[0],
    }
    return render(request, "oversight/need.html", context)


@overseer
def unfilled(request: MemberRequest) -> HttpResponse:
    by, at = request.membership, timezone.now()
    page = paging.page_of(query.unfilled(by, at=at), "starts_at", "pk", after=request.GET.get("after"))
    return render(request, "oversight/unfilled.html", {"page": page})


def _met(found: Any, by: Membership) -> list[Met]:
    return [Met(encounter, encounter_queries.attended(encounter, by)) for encounter in found]


def _state(found: EncounterNeed, at: Any) -> tuple[tuple[str, str], int, int]:
    """Status, places taken, places."""
    slots = [slot for slot in found.slots.all() if slot.removed_at is None]
    ahead = [slot for slot in slots if slot.ends_at > at]
    shown = found.shown_state(places_left=sum(slot.places_left for slot in ahead), at=at)
    kind = {NeedState.OPEN: "live", "filled": "ok"}.get(shown, "na")
    words = "Past" if found.state == NeedState.OPEN and not ahead else shown.label
    return (kind, words), sum(slot.taken for slot in slots), sum(slot.places for slot in slots)


def _facts(found: EncounterNeed) -> list[tuple[str, str]]:
    told = [
        ("Year groups", ", ".join(str(year) for year in found.year_groups)),
        ("Who", Audience(found.audience).label),
        ("Open to", ", ".join(Category(each).label for each in found.open_to)),
        ("How", DeliveryMode(found.delivery_mode).label),
        ("Supervision", Supervision(found.supervision).label),
        (
            "Benchmark",
            f"{found.main_benchmark}. {Benchmark(found.main_benchmark).label}"
            if found.main_benchmark
            else "",
        ),
    ]
    return [(term, value) for term, value in told if value]
