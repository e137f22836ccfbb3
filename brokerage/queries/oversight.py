"""What a hub or trust reads of its schools: published needs and encounters. No claims, no counts of groups."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.models import Encounter, EncounterNeed, Slot
from brokerage.models.slot import SlotQuerySet
from brokerage.states import EncounterState

SOON: Final = timedelta(days=10)
A_WEEK: Final = timedelta(days=7)
SHOWN: Final = 6


@dataclass(frozen=True)
class Figures:
    open_needs: int
    unfilled: int
    this_week: int
    delivered: int
    since: date


def schools_of(by: Membership) -> QuerySet[Organisation]:
    """The schools of this hub or trust; nobody else has any."""
    schools = Organisation.objects.filter(kind=Kind.SCHOOL)
    if not by.is_active or by.organisation.kind not in (Kind.HUB, Kind.TRUST):
        return schools.none()
    side = {Kind.HUB: "hub", Kind.TRUST: "trust"}[Kind(by.organisation.kind)]
    return schools.filter(**{side: by.organisation})


def unfilled(by: Membership, *, at: datetime) -> SlotQuerySet:
    """Times within ten days that still have places and can be claimed."""
    found: SlotQuerySet = (
        Slot.objects.standing()
        .filter(
            need__in=EncounterNeed.objects.visible_to(by),
            open_until__gt=at,
            starts_at__lte=at + SOON,
            taken__lt=F("places"),
        )
        .select_related("need__school")
    )
    return found


def figures(by: Membership, *, at: datetime) -> Figures:
    year = year_began(at)
    encounters = Encounter.objects.visible_to(by)
    return Figures(
        open_needs=_open_slots(EncounterNeed.objects.visible_to(by), at).values("need").distinct().count(),
        unfilled=unfilled(by, at=at).count(),
        this_week=encounters.filter(
            state=EncounterState.PLANNED, slot__starts_at__range=(at, at + A_WEEK)
        ).count(),
        delivered=encounters.filter(state=EncounterState.DELIVERED, slot__starts_at__gte=year).count(),
        since=year.date(),
    )


def with_counts(schools: QuerySet[Organisation], by: Membership, *, at: datetime) -> QuerySet[Organisation]:
    """Each school's `open_needs`, `unfilled` times and `delivered` encounters of this academic year."""
    needs = EncounterNeed.objects.visible_to(by).filter(school=OuterRef("pk"))
    open_slots = (
        Slot.objects.standing()
        .filter(need__school=OuterRef("pk"), open_until__gt=at, taken__lt=F("places"))
        .order_by()
        .values("need__school")
    )
    open_needs = open_slots.annotate(n=Count("need", distinct=True)).values("n")
    soon = open_slots.filter(starts_at__lte=at + SOON).annotate(n=Count("pk")).values("n")
    delivered = (
        Encounter.objects.filter(
            school=OuterRef("pk"), state=EncounterState.DELIVERED, slot__starts_at__gte=year_began(at)
        )
        .order_by()
        .values("school")
        .annotate(n=Count("pk"))
        .values("n")
    )
    posted = needs.order_by().values("school").annotate(n=Count("pk")).values("n")
    return schools.annotate(
        open_needs=_number(open_needs),
        unfilled=_number(soon),
        delivered=_number(delivered),
        posted=_number(posted),
    )


def year_began(at: datetime) -> datetime:
    """1 September of this academic year."""
    day = timezone.localtime(at)
    first = datetime(day.year if day.month >= 9 else day.year - 1, 9, 1)  # noqa: DTZ001
    return timezone.make_aware(first)


def _open_slots(needs: QuerySet[EncounterNeed], at: datetime) -> QuerySet[Slot]:
    return Slot.objects.standing().filter(Q(open_until__gt=at), need__in=needs, taken__lt=F("places"))


def _number(counted: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
