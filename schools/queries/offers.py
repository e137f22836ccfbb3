"""One need as its school sees it: times, offers, bookings, and what happened to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import hypot
from typing import Any, Final

from django.db.models import Max

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar import calendars
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.states import PLACE_HOLDERS, ClaimState, EncounterState
from brokerage.web import paging
from brokerage.web.paging import Page
from schools import words
from schools.queries import history
from schools.queries.needs import state_words

ORDER: Final = ("slot__starts_at", "pk")
ENDED_SHOWN: Final = 20


@dataclass(frozen=True)
class Offer:
    claim: Claim
    metres: float | None
    last_visit: datetime | None

    @property
    def who(self) -> str:
        return str(self.claim.attendee.user) if self.claim.attendee else "To be named"

    @property
    def is_verified(self) -> bool:
        return self.claim.claimant.is_verified

    @property
    def fits(self) -> bool:
        """There are places left for it. Asked of offers that wait."""
        return self.claim.places <= self.claim.slot.places_left


@dataclass(frozen=True)
class Offers:
    """A page of claims, each with what the school weighs."""

    items: list[Offer]
    next: str | None
    size: int = paging.SIZE


def of_need(need: EncounterNeed, *, by: Membership, at: datetime, query: Any) -> dict[str, Any]:
    """Everything the claims part of the need's page shows."""
    slots = list(Slot.objects.standing().filter(need=need).select_related("encounter"))
    need._prefetched_objects_cache = {"slots": slots}  # type: ignore[attr-defined]
    ahead = [slot for slot in slots if slot.ends_at > at]
    visible = Claim.objects.visible_to(by).filter(slot__need=need)
    visible = visible.select_related("slot", "claimant", "attendee__user")
    submitted = visible.filter(state=ClaimState.SUBMITTED)
    waiting = _page(submitted.filter(slot__starts_at__gt=at), query.get("after"), by.organisation)
    booked = _page(visible.filter(state__in=PLACE_HOLDERS), query.get("booked"), by.organisation)
    ended = list(visible.filter(ended_at__isnull=False).order_by("-ended_at", "-pk")[:ENDED_SHOWN])
    shown = need.shown_state(places_left=sum(slot.places_left for slot in ahead), at=at)
    days = calendars.days_of(by.organisation_id)
    to_come = [slot for slot in slots if slot.starts_at > at]
    held = [slot for slot in slots if slot.ends_at <= at and slot.taken]
    return {
        "need": need,
        "name": words.name(need),
        "slots": slots,
        "waiting": waiting,
        "booked": booked,
        "ended": ended,
        "unanswered": list(
            submitted.filter(slot__starts_at__lte=at).order_by("-slot__starts_at", "-pk")[:ENDED_SHOWN]
        ),
        "state": state_words(shown, ahead, len(waiting.items), days, at=at),
        "taken": sum(slot.taken for slot in slots),
        "places": sum(slot.places for slot in slots),
        "to_record": any(_waits_for_record(slot) for slot in held),
        "may_read_record": bool(held),
        "is_over": bool(slots) and not to_come,
        "history": history.of_need(need, slots),
        "now": at,
    }


def _waits_for_record(slot: Slot) -> bool:
    """Only a time that someone claimed has an encounter."""
    return hasattr(slot, "encounter") and slot.encounter.state == EncounterState.PLANNED


def _page(claims: Any, after: str | None, school: Organisation) -> Offers:
    page: Page[Claim] = paging.page_of(claims, *ORDER, after=after)
    visits = last_visits(school, [claim.claimant_id for claim in page.items])
    return Offers(
        [
            Offer(claim, metres_between(school, claim.claimant), visits.get(claim.claimant_id))
            for claim in page.items
        ],
        page.next,
    )


def last_visits(school: Organisation, claimants: Iterable[int]) -> dict[int, datetime]:
    """When each was last here and it happened."""
    return dict(
        Claim.objects.filter(
            slot__need__school=school, claimant__in=set(claimants), state=ClaimState.FULFILLED
        )
        .order_by()
        .values_list("claimant")
        .annotate(last=Max("slot__starts_at"))
    )


def metres_between(one: Organisation, other: Organisation) -> float | None:
    if one.easting is None or one.northing is None or other.easting is None or other.northing is None:
        return None
    return hypot(one.easting - other.easting, one.northing - other.northing)


def gone(claim: Claim) -> str:
    """For a claim that no longer waits: who stepped back or what became of it, and who is still there."""
    claim.refresh_from_db()
    still = Claim.objects.filter(slot__need=claim.slot.need_id, state=ClaimState.SUBMITTED).count()
    others = {0: "Nobody else waits.", 1: "One other is free."}.get(still, f"{still} others are free.")
    person = words.who(claim)
    what = {
        ClaimState.WITHDRAWN: f"{person} withdrew a moment ago.",
        ClaimState.CANCELLED_BY_CLAIMANT: f"{person} withdrew a moment ago.",
        ClaimState.ACCEPTED: f"{person} is already booked.",
        ClaimState.DECLINED: f"{person} was declined already.",
    }.get(ClaimState(claim.state), f"{person} no longer waits for an answer.")
    return f"{what} {others}"


def full(claim: Claim) -> str:
    """For a claim that finds too few places: how many there are, and what can be done."""
    claim.slot.refresh_from_db()
    left = claim.slot.places_left
    room = "every place at this time is taken" if not left else f"only {left} left at this time"
    return f"{words.who(claim)} wasn't booked: {room}. Add places or cancel a booking first."
