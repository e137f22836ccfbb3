"""What a visitor needs to arrive, and who the school may expect: from acceptance until 14 days after the day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from brokerage.accounts import telephones
from brokerage.models import Claim
from brokerage.models.claim import ClaimQuerySet
from brokerage.states import PLACE_HOLDERS

AFTERWARDS = timedelta(days=14)


@dataclass(frozen=True)
class Arrival:
    """For the claimant: where to go and whom to ask. Empty strings where the school said nothing."""

    venue: str
    entrance: str
    visitor_notes: str
    contact_name: str
    contact_email: str
    telephone: str

    @property
    def call(self) -> str:
        """For a link."""
        return telephones.address_of(self.telephone)


@dataclass(frozen=True)
class Visitor:
    """For the school: who comes. `email` is empty before acceptance and 14 days after the slot ended."""

    name: str
    email: str


def with_details(claims: ClaimQuerySet) -> ClaimQuerySet:
    """Everything that `of`, `visitor` and a claim's own page read, in one statement."""
    return claims.select_related(
        "slot__need__school", "slot__need__contact__user", "claimant", "attendee__user", "submitted_by__user"
    )


def is_shown(claim: Claim, *, at: datetime) -> bool:
    return claim.state in PLACE_HOLDERS and at <= claim.slot.ends_at + AFTERWARDS


def of(claim: Claim, *, at: datetime) -> Arrival | None:
    """None while the claimant may not see it."""
    if not is_shown(claim, at=at):
        return None
    need = claim.slot.need
    contact = need.contact.user if need.contact else None
    return Arrival(
        venue=need.venue,
        entrance=need.entrance,
        visitor_notes=need.visitor_notes,
        contact_name=contact.name if contact else "",
        contact_email=contact.email if contact else "",
        telephone=need.school.telephone,
    )


def visitor(claim: Claim, *, at: datetime) -> Visitor | None:
    """None while nobody is named."""
    if claim.attendee is None:
        return None
    person = claim.attendee.user
    return Visitor(name=person.name, email=person.email if is_shown(claim, at=at) else "")
