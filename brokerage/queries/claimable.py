"""What a claim needs to know before its transaction: the slot with its need, and the colleague it names."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import JSONObject

from brokerage.accounts.models import Membership, User
from brokerage.models import EncounterNeed, Slot


@dataclass(frozen=True)
class Claimable:
    """`attendee` is None when nobody was named or it is nobody of the organisation."""

    slot: Slot
    attendee: Membership | None


def read(need: UUID, slot: UUID, *, by: Membership, attendee: UUID | None = None) -> Claimable | None:
    """One statement; None when `by` may not see such a need or it has no such slot."""
    found = Slot.objects.filter(
        public_id=slot, need__public_id=need, need__in=EncounterNeed.objects.visible_to(by)
    ).select_related("need__school", "need__contact__user")
    if attendee is not None and attendee != by.public_id:
        person = JSONObject(
            pk=F("pk"), role=F("role"), user=F("user_id"), name=F("user__name"), email=F("user__email")
        )
        found = found.annotate(named=Subquery(_colleagues(by).filter(public_id=attendee).values(json=person)))
    row = found.first()
    if row is None:
        return None
    if attendee is None or attendee == by.public_id:
        return Claimable(row, by if attendee else None)
    named: dict[str, Any] | None = row.named  # type: ignore[attr-defined]  # annotated above
    return Claimable(row, _colleague(named, attendee, by) if named and attendee else None)


def colleague(public_id: UUID, *, by: Membership) -> Membership | None:
    return _colleagues(by).select_related("user").filter(public_id=public_id).first()


def _colleagues(by: Membership) -> QuerySet[Membership]:
    return Membership.objects.active().filter(organisation=by.organisation_id)


def _colleague(row: dict[str, Any], public_id: UUID, by: Membership) -> Membership:
    return Membership(
        pk=row["pk"],
        public_id=public_id,
        role=row["role"],
        state=by.state,
        organisation=by.organisation,
        user=User(pk=row["user"], name=row["name"], email=row["email"]),
    )
