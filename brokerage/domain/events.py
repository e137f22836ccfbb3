"""The facts of the market, typed and versioned. Ids, codes and counts only: no name, no address, no free text."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from brokerage.eventlog.facts import Fact, fact

NEEDS_CHANGED = ("needs.changed",)


@dataclass(frozen=True, kw_only=True)
class NeedFact(Fact):
    """`subject_id` is the need's public_id; `organisation_id` the school's id."""


@fact("brokerage.need.drafted")
@dataclass(frozen=True, kw_only=True)
class NeedDrafted(NeedFact):
    encounter_type: str


@fact("brokerage.need.published")
@dataclass(frozen=True, kw_only=True)
class NeedPublished(NeedFact):
    hints: ClassVar = NEEDS_CHANGED
    encounter_type: str
    year_groups: list[int]
    sectors: list[str]
    open_to: list[str]
    slots: int


@fact("brokerage.need.amended")
@dataclass(frozen=True, kw_only=True)
class NeedAmended(NeedFact):
    """`changed` names the fields; a slot's new time has its own fact."""

    hints: ClassVar = NEEDS_CHANGED
    changed: list[str]


@fact("brokerage.need.withdrawn")
@dataclass(frozen=True, kw_only=True)
class NeedWithdrawn(NeedFact):
    hints: ClassVar = NEEDS_CHANGED
    reason: str
    claims_ended: int


@fact("brokerage.slot.moved")
@dataclass(frozen=True, kw_only=True)
class SlotMoved(Fact):
    """`subject_id` is the slot's. Its claimants may leave without it counting; `unnamed` claims lost a person
    who is now somewhere else at that time."""

    hints: ClassVar = NEEDS_CHANGED
    need: UUID
    starts_at: datetime
    ends_at: datetime
    was_starts_at: datetime
    was_ends_at: datetime
    claims: list[UUID]
    unnamed: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ClaimFact(Fact):
    """`subject_id` is the claim's public_id; `organisation_id` the school's id."""

    need: UUID
    slot: UUID
    places: int
    claimant: UUID


@fact("brokerage.claim.submitted")
@dataclass(frozen=True, kw_only=True)
class ClaimSubmitted(ClaimFact):
    """`state` is `accepted` when the first to come took the places at once, else `submitted`."""

    hints: ClassVar = NEEDS_CHANGED
    state: str
    places_left: int


@fact("brokerage.claim.accepted")
@dataclass(frozen=True, kw_only=True)
class ClaimAccepted(ClaimFact):
    hints: ClassVar = NEEDS_CHANGED
    places_left: int


@fact("brokerage.claim.declined")
@dataclass(frozen=True, kw_only=True)
class ClaimDeclined(ClaimFact):
    reason: str


@fact("brokerage.claim.withdrawn")
@dataclass(frozen=True, kw_only=True)
class ClaimWithdrawn(ClaimFact):
    """By the claimant: `was` is `submitted` or `accepted`; `counts` is false when the school had moved the slot."""

    hints: ClassVar = NEEDS_CHANGED
    reason: str
    was: str
    counts: bool


@fact("brokerage.claim.kept")
@dataclass(frozen=True, kw_only=True)
class ClaimKept(ClaimFact):
    """The school had moved the time, and the claimant can still come: leaving counts again."""

    claimant: UUID


@fact("brokerage.claim.cancelled")
@dataclass(frozen=True, kw_only=True)
class ClaimCancelled(ClaimFact):
    """By the school, from accepted."""

    hints: ClassVar = NEEDS_CHANGED
    reason: str


@fact("brokerage.claim.attendee_named")
@dataclass(frozen=True, kw_only=True)
class AttendeeNamed(ClaimFact):
    """Who comes changed; `attendee` is a membership's public_id, or null: to be named."""

    attendee: UUID | None


@fact("brokerage.encounter.recorded")
@dataclass(frozen=True, kw_only=True)
class EncounterRecorded(Fact):
    """`subject_id` is the encounter's; counts of everyone who attended, never of groups under 5."""

    need: UUID
    slot: UUID
    delivered: bool
    minutes: int | None
    attended: dict[str, int]
    fulfilled: list[UUID]
    missed: list[UUID]


@fact("brokerage.encounter.confirmed")
@dataclass(frozen=True, kw_only=True)
class EncounterConfirmed(Fact):
    claim: UUID
    claimant: UUID


@fact("brokerage.encounter.disputed")
@dataclass(frozen=True, kw_only=True)
class EncounterDisputed(Fact):
    claim: UUID
    claimant: UUID


@fact("brokerage.hosting.changed")
@dataclass(frozen=True, kw_only=True)
class HostingChanged(Fact):
    """`subject_id` is the school's; `changed` names what it changed of how it receives visitors."""

    changed: list[str]


@fact("brokerage.closure.added")
@dataclass(frozen=True, kw_only=True)
class ClosureAdded(Fact):
    """Days on which the school can't, or would rather not, receive anyone."""

    kind: str
    first_on: str
    last_on: str


@fact("brokerage.closure.removed")
@dataclass(frozen=True, kw_only=True)
class ClosureRemoved(Fact):
    kind: str
    first_on: str
    last_on: str
