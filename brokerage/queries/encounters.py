"""Encounters with those who came; each page one statement. A claimant sees its own people's claims only, and no
count of a group under 5."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, TextField
from django.db.models.functions import Cast, JSONObject

from brokerage.accounts.models import Membership
from brokerage.models import Claim, Encounter
from brokerage.models.encounter import EncounterQuerySet
from brokerage.queries import cursors
from brokerage.queries.cursors import SIZE, Page
from brokerage.rules import may

SMALL_GROUP = 5


@dataclass(frozen=True)
class Coming:
    """One claim of the encounter."""

    id: UUID
    state: str
    places: int
    claimant_id: UUID
    claimant_name: str
    claimant_kind: str
    claimant_verified: bool
    confirmation: str
    confirmation_note: str


def one(public_id: UUID, *, by: Membership) -> Encounter:
    """Raises Encounter.DoesNotExist for what `by` may not see."""
    return _with_claims(Encounter.objects.visible_to(by), by).get(public_id=public_id)


def listed(
    *, by: Membership, state: str = "", cursor: str | None = None, size: int = SIZE
) -> Page[Encounter]:
    """Newest first."""
    encounters = _with_claims(Encounter.objects.visible_to(by), by)
    if state:
        encounters = encounters.filter(state=state)
    if cursor:
        (last,) = cursors.read(cursor, cursors.key)
        encounters = encounters.filter(id__lt=last)
    found = list(encounters.order_by("-id")[: size + 1])
    following = cursors.write([found[size - 1].pk]) if len(found) > size else None
    return Page(found[:size], following, size)


def coming(encounter: Encounter) -> list[Coming]:
    """Of an encounter read here: the claims that its reader may see."""
    return [
        Coming(
            UUID(row["a"]),
            row["b"],
            row["c"],
            UUID(row["d"]),
            row["e"],
            row["f"],
            row["g"] is not None,
            row["h"],
            row["i"],
        )
        for row in map(json.loads, encounter.claim_list)  # type: ignore[attr-defined]
    ]


def attended(encounter: Encounter, by: Membership) -> dict[str, int]:
    """Per year group; groups under 5 are the school's only."""
    if may("brokerage.read_pupil_counts", by, encounter):
        return dict(encounter.attended)
    return {year: count for year, count in encounter.attended.items() if count >= SMALL_GROUP}


def _with_claims(encounters: EncounterQuerySet, by: Membership) -> EncounterQuerySet:
    claims = Claim.objects.booked_on_the_day().filter(slot=OuterRef("slot")).order_by("id")
    if by.organisation.category is not None:
        claims = claims.filter(claimant=by.organisation)
    fields = JSONObject(
        a=F("public_id"), b=F("state"), c=F("places"), d=F("claimant__public_id"), e=F("claimant__name"),
        f=F("claimant__kind"), g=F("claimant__verified_at"), h=F("confirmation"), i=F("confirmation_note"),
    )  # fmt: skip
    return encounters.select_related("slot__need", "school").annotate(
        claim_list=ArraySubquery(claims.values(json=Cast(fields, TextField())))
    )
