"""A school's needs as its lists show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from brokerage.accounts.models import Membership
from brokerage.calendar import calendars
from brokerage.calendar.school_days import SchoolDays
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.models.need import NeedQuerySet
from brokerage.states import ClaimState, NeedState, Shown
from brokerage.web.dates import local_day
from schools import words

TABS: Final = {"open": "Open", "drafts": "Drafts", "past": "Past and withdrawn"}
SOON: Final = 10
"""School days ahead within which a need with nobody yet deserves a look."""
LATE: Final = 5


@dataclass(frozen=True)
class NeedRow:
    need: EncounterNeed
    slots: list[Slot]
    waiting: int
    state: tuple[str, str]

    @property
    def name(self) -> str:
        return words.name(self.need)

    @property
    def taken(self) -> int:
        return sum(slot.taken for slot in self.slots)

    @property
    def places(self) -> int:
        return sum(slot.places for slot in self.slots)

    @property
    def next(self) -> Slot | None:
        """The first time still to come, else the last one there was."""
        return self.slots[0] if self.slots else None

    @property
    def more_times(self) -> int:
        return max(0, len(self.slots) - 1)


def in_tab(by: Membership, tab: str, *, at: datetime) -> NeedQuerySet:
    """Open: posted, with a time that isn't over. Past: every time is over, or withdrawn."""
    ahead = Exists(Slot.objects.standing().filter(need=OuterRef("pk"), ends_at__gt=at))
    mine: NeedQuerySet = EncounterNeed.objects.visible_to(by)
    if tab == "drafts":
        return mine.filter(state=NeedState.DRAFT)
    if tab == "past":
        return mine.filter(Q(state=NeedState.WITHDRAWN) | (Q(state=NeedState.OPEN) & ~ahead))
    return mine.filter(ahead, state=NeedState.OPEN)


def counts(by: Membership, *, at: datetime) -> dict[str, int]:
    return {tab: in_tab(by, tab, at=at).count() for tab in ("open", "drafts")}


def with_slots(needs: NeedQuerySet, *, at: datetime) -> NeedQuerySet:
    waiting = Q(slots__claims__state=ClaimState.SUBMITTED, slots__starts_at__gt=at)
    return needs.annotate(waiting=Count("slots__claims", filter=waiting)).prefetch_related(
        Prefetch("slots", Slot.objects.standing())
    )


def rows(needs: Iterable[EncounterNeed], *, school_id: int, at: datetime) -> list[NeedRow]:
    days = calendars.days_of(school_id)
    return [_row(need, days, at=at) for need in needs]


def _row(need: EncounterNeed, days: SchoolDays, *, at: datetime) -> NeedRow:
    slots = list(need.slots.all())
    ahead = [slot for slot in slots if slot.ends_at > at]
    shown = need.shown_state(places_left=sum(slot.places_left for slot in ahead), at=at)
    waiting = getattr(need, "waiting", 0)
    return NeedRow(need, ahead or slots[-1:], waiting, state_words(shown, ahead, waiting, days, at=at))


def state_words(
    shown: Shown, ahead: Sequence[Slot], waiting: int, days: SchoolDays, *, at: datetime
) -> tuple[str, str]:
    """A status as `{% status %}` draws it: kind and words."""
    if shown in (Shown.DRAFT, Shown.WITHDRAWN):
        return "na", shown.label
    if waiting:
        return "live", words.offers_to_choose(waiting)
    if shown == Shown.FILLED:
        return "ok", "Filled"
    if not ahead:
        return "na", "Past"
    if shown == Shown.CLOSED:
        return "na", "Closed"
    if any(slot.taken for slot in ahead):
        return "live", "Open"
    left = days.count(local_day(at), local_day(ahead[0].starts_at)) - 1
    if left > SOON:
        return "live", "Nobody yet"
    remaining = "today" if left < 1 else "1 school day left" if left == 1 else f"{left} school days left"
    return ("late" if left <= LATE else "soon"), f"Nobody yet, {remaining}"


def waiting_claims(by: Membership, *, at: datetime) -> int:
    return Claim.objects.visible_to(by).filter(state=ClaimState.SUBMITTED, slot__starts_at__gt=at).count()
