"""An open need as a card of a list: the time it offers, how far, and what one would press."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from brokerage import vocabulary
from brokerage.accounts.models import Membership
from brokerage.models import Claim, EncounterNeed
from brokerage.queries import open_needs
from brokerage.queries.need_rows import NeedRow, SlotRow
from brokerage.queries.open_needs import Order, Wanted
from brokerage.vocabulary import Allocation, DeliveryMode
from brokerage.web import wording

FRESH = timedelta(hours=1)
ALIKE = 2


@dataclass(frozen=True)
class Card:
    """`others` counts further open times; `at_once` says that claiming is having; `ours` is a live claim on the time,
    the reader's own before a colleague's, and `held` what it makes of the place."""

    row: NeedRow
    slot: SlotRow
    others: int
    at_once: bool
    is_fresh: bool
    ours: Claim | None = None
    held: str = ""

    @property
    def years(self) -> str:
        return vocabulary.years(self.row.year_groups)

    @property
    def pupils(self) -> str:
        return wording.pupils(self.row.expected_pupils)

    @property
    def metres(self) -> float | None:
        return None if self.row.distance_km is None else self.row.distance_km * 1000

    @property
    def is_online(self) -> bool:
        return self.row.delivery_mode == DeliveryMode.LIVE_ONLINE


def of(row: NeedRow, by: Membership, *, at: datetime, starts_after: datetime | None = None) -> Card | None:
    """None when its last place went while it was read."""
    times = [slot for slot in row.open_slots(at) if slot.starts_at >= (starts_after or at)]
    if not times:
        return None
    return Card(
        row=row,
        slot=times[0],
        others=len(times) - 1,
        at_once=row.allocation == Allocation.FIRST_COME and by.organisation.is_verified,
        is_fresh=row.published_at is not None and row.published_at > at - FRESH,
    )


def with_ours(shown: list[Card], by: Membership) -> list[Card]:
    """The same cards, those on whose time the organisation has a claim with that claim."""
    times = [card.slot.id for card in shown if card.row.is_claimed_by_us]
    if not times:
        return shown
    ours: dict[int, Claim] = {}
    for claim in Claim.objects.live().filter(claimant=by.organisation, slot__in=times).order_by("id"):
        if claim.attendee_id == by.pk or claim.slot_id not in ours:
            ours[claim.slot_id] = claim
    return [
        replace(card, ours=ours[card.slot.id], held=wording.held(ours[card.slot.id], by))
        if card.slot.id in ours
        else card
        for card in shown
    ]


def like(need: EncounterNeed, by: Membership, *, at: datetime) -> list[Card]:
    """Two open ones of the same type, the nearest first where we know where they are."""
    wanted = Wanted(encounter_type=need.encounter_type, order=Order.NEAREST)
    found = open_needs.search(wanted, by=by, at=at, size=ALIKE + 1).items
    cards = [of(row, by, at=at) for row in found if row.pk != need.pk]
    return [card for card in cards if card][:ALIKE]
