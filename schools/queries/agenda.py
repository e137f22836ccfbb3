"""The school's agenda: what is booked or open, week by week, and the days it is closed."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, Prefetch, Q

from brokerage.accounts.models import Membership
from brokerage.calendar import days
from brokerage.calendar.models import Closure
from brokerage.domain.slots import LONDON
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.states import PLACE_HOLDERS, ClaimState, EncounterState, NeedState
from schools import words

WEEKS: Final = 6
MOST: Final = 400
A_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class Item:
    slot: Slot
    coming: list[Claim]
    is_over: bool
    waiting: int = 0
    """Offers that the school has not answered."""

    @property
    def name(self) -> str:
        return words.name(self.slot.need)

    @property
    def who(self) -> str:
        names = list(dict.fromkeys(claim.claimant.name for claim in self.coming))
        return words.joined(names if len(names) < 3 else [*names[:2], f"{len(names) - 2} more"])

    @property
    def state(self) -> tuple[str, str]:
        encounter = getattr(self.slot, "encounter", None)
        if encounter and encounter.state != EncounterState.PLANNED:
            happened = encounter.state == EncounterState.DELIVERED
            return ("ok", "Happened") if happened else ("na", "Didn't happen")
        if any(claim.state == ClaimState.ACCEPTED for claim in self.coming):
            return ("live", "To record") if self.is_over else ("book", "Booked")
        if self.waiting and not self.is_over:
            return "live", words.offers_to_choose(self.waiting)
        return ("na", "Nobody came") if self.is_over else ("na", "Nobody yet")

    @property
    def needs_recording(self) -> bool:
        return self.state == ("live", "To record")


@dataclass
class Week:
    monday: date
    items: list[Item] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)

    @property
    def friday(self) -> date:
        return self.monday + timedelta(days=4)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks(by: Membership, first: date, *, at: datetime) -> list[Week]:
    """Six weeks from this Monday on."""
    shown = [Week(first + A_WEEK * number) for number in range(WEEKS)]
    end = first + A_WEEK * WEEKS
    for slot, waiting in _slots(by, _midnight(first), _midnight(end)):
        week = shown[(slot.starts_at.astimezone(LONDON).date() - first).days // 7]
        week.items.append(Item(slot, list(slot.claims.all()), slot.ends_at <= at, waiting))
    closures = days.closures_between(by.organisation_id, first, end)
    for week in shown:
        sunday = week.monday + timedelta(days=6)
        week.closures = [each for each in closures if each.first_on <= sunday and each.last_on >= week.monday]
    return shown


def closures_ahead(by: Membership, today: date) -> list[Closure]:
    return list(Closure.objects.filter(school_id=by.organisation_id, last_on__gte=today)[:MOST])


def _slots(by: Membership, start: datetime, end: datetime) -> list[tuple[Slot, int]]:
    """Booked times, and open ones nobody has taken; each with the offers that wait for an answer."""
    came = Claim.objects.filter(state__in=PLACE_HOLDERS).select_related("claimant").order_by("pk")
    wanted = Q(taken__gt=0) | Q(need__state=NeedState.OPEN)
    slots = (
        Slot.objects.standing()
        .filter(
            wanted,
            need__in=EncounterNeed.objects.visible_to(by).published(),
            starts_at__gte=start,
            starts_at__lt=end,
        )
        .select_related("need", "encounter")
        .annotate(waiting=Count("claims", filter=Q(claims__state=ClaimState.SUBMITTED)))
        .prefetch_related(Prefetch("claims", came))
        .order_by("starts_at", "pk")[:MOST]
    )
    return [(slot, slot.waiting) for slot in slots]  # type: ignore[attr-defined]  # annotated above


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)
