"""A claimant's own side of the diary: what they have promised, what waits, what happened."""

from datetime import datetime

from django.db.models import Q, QuerySet

from brokerage.accounts.models import Membership
from brokerage.models import Claim
from brokerage.models.claim import ClaimQuerySet
from brokerage.queries import arrival
from brokerage.rules import COORDINATORS
from brokerage.states import ClaimState, Confirmation, EncounterState


def claims_of(by: Membership, *, only_mine: bool = False) -> ClaimQuerySet:
    """Everyone's at the organisation for those who coordinate, unless they ask for their own; for the others
    those they made or go to."""
    claims = arrival.with_details(Claim.objects.visible_to(by)).select_related("slot__encounter")
    if by.role in COORDINATORS and not only_mine:
        return claims
    return claims.filter(Q(attendee=by) | Q(submitted_by=by))


def booked(claims: QuerySet[Claim], *, at: datetime) -> QuerySet[Claim]:
    return claims.filter(state=ClaimState.ACCEPTED, slot__ends_at__gt=at)


def waiting(claims: QuerySet[Claim], *, at: datetime) -> QuerySet[Claim]:
    return claims.filter(state=ClaimState.SUBMITTED, slot__starts_at__gt=at)


def past(claims: QuerySet[Claim], *, at: datetime) -> QuerySet[Claim]:
    """What has been, and what came to nothing."""
    return claims.exclude(
        Q(state=ClaimState.ACCEPTED, slot__ends_at__gt=at)
        | Q(state=ClaimState.SUBMITTED, slot__starts_at__gt=at)
    )


def to_confirm(claims: ClaimQuerySet) -> ClaimQuerySet:
    """Recorded by the school, and nobody who came has said yet whether that is right."""
    return claims.booked_on_the_day().filter(
        confirmation=Confirmation.NONE,
        slot__encounter__state__in=[EncounterState.DELIVERED, EncounterState.NOT_DELIVERED],
    )
