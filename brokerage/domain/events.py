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


@fact("brokerage.need.providers_invited")
@dataclass(frozen=True, kw_only=True)
class ProvidersInvited(NeedFact):
    """The school asks these organisations in particular; the need stays open to all it names."""

    invited: list[UUID]


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


@fact("brokerage.cohort.roll_set")
@dataclass(frozen=True, kw_only=True)
class CohortRollSet(Fact):
    """How many are on roll in one cohort, from a day on."""

    y7_entry: int
    roll: int
    on: str


@fact("brokerage.cohort.groups_set")
@dataclass(frozen=True, kw_only=True)
class CohortGroupsSet(Fact):
    """The groups that partition a cohort: how many, never their names."""

    y7_entry: int
    groups: int


@fact("brokerage.cohort.counts_set")
@dataclass(frozen=True, kw_only=True)
class CohortCountsSet(Fact):
    """Pupil-premium and SEND counts changed. The numbers stay with the school."""

    y7_entry: int
    changed: list[str]


@fact("brokerage.school.corrected")
@dataclass(frozen=True, kw_only=True)
class SchoolCorrected(Fact):
    """The school put right what a register says of it: years taught, scope, first days of term."""

    changed: list[str]


@fact("brokerage.policy.drafted")
@dataclass(frozen=True, kw_only=True)
class PolicyDrafted(Fact):
    """`version` is the one that publishing will make current."""

    version: int
    changed: list[str]


@fact("brokerage.policy.discarded")
@dataclass(frozen=True, kw_only=True)
class PolicyDiscarded(Fact):
    """A draft dropped; what is published stands."""

    version: int


@fact("brokerage.policy.published")
@dataclass(frozen=True, kw_only=True)
class PolicyPublished(Fact):
    """A provider access policy statement, with the grounds it names for refusing."""

    version: int
    grounds: list[str]
    review_on: str


@dataclass(frozen=True, kw_only=True)
class AccessFact(Fact):
    """A step of an access request: `subject_id` is the request's, `organisation_id` the school's. `category` is what
    the asker comes as; `words` the salted SHA-256 of what was written, whose text lies in an erasable row."""

    asker: UUID
    category: str


@fact("brokerage.access_request.asked")
@dataclass(frozen=True, kw_only=True)
class AccessAsked(AccessFact):
    """`year_groups` to `qualifications`: what was asked for. Dates are ISO dates."""

    encounter_type: str
    year_groups: list[int]
    audience: str
    minutes: int
    delivery_mode: str
    dates: list[str]
    content: list[str]
    qualifications: list[str]
    words: str | None


@fact("brokerage.access_request.granted")
@dataclass(frozen=True, kw_only=True)
class AccessGranted(AccessFact):
    """Also what the asker made of a counter-offer by accepting it: then `counter_offer` is true, and `offer` says
    which."""

    need: UUID
    slot: UUID
    claim: UUID
    starts_at: datetime
    ends_at: datetime
    year_groups: list[int]
    audience: str
    delivery_mode: str
    counter_offer: bool
    offer: UUID | None = None
    minutes: int | None = None
    words: str | None


@fact("brokerage.access_request.countered")
@dataclass(frozen=True, kw_only=True)
class AccessCountered(AccessFact):
    """`offer` is the row's that holds the room too, which is free text."""

    offer: UUID | None = None
    dates: list[str]
    starts: str
    year_groups: list[int]
    audience: str
    minutes: int
    delivery_mode: str
    words: str | None


@fact("brokerage.access_request.counter_rejected")
@dataclass(frozen=True, kw_only=True)
class CounterOfferRejected(AccessFact):
    words: str | None


@fact("brokerage.access_request.postponed")
@dataclass(frozen=True, kw_only=True)
class AccessPostponed(AccessFact):
    until: str
    reason: str
    words: str | None


@fact("brokerage.access_request.returned")
@dataclass(frozen=True, kw_only=True)
class AccessReturned(AccessFact):
    """The day it was postponed to has come: it waits for an answer again, with a clock of its own."""


@fact("brokerage.access_request.questioned")
@dataclass(frozen=True, kw_only=True)
class AccessQuestioned(AccessFact):
    words: str


@fact("brokerage.access_request.question_answered")
@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(AccessFact):
    words: str


@fact("brokerage.access_request.refused")
@dataclass(frozen=True, kw_only=True)
class AccessRefused(AccessFact):
    """`is_published`: the ground stood in the school's published policy (rule R31)."""

    ground: str
    is_published: bool
    words: str | None


@fact("brokerage.access_request.duplicate_marked")
@dataclass(frozen=True, kw_only=True)
class DuplicateMarked(AccessFact):
    duplicate_of: UUID
    words: str | None


@fact("brokerage.access_request.duplicate_settled")
@dataclass(frozen=True, kw_only=True)
class DuplicateSettled(AccessFact):
    """By the asker, or by staff when they agree in its place."""

    is_duplicate: bool
    words: str | None


@fact("brokerage.access_request.withdrawn")
@dataclass(frozen=True, kw_only=True)
class AccessWithdrawn(AccessFact):
    """`was` is the state it was in."""

    was: str
    words: str | None


@fact("brokerage.access_request.followed_up")
@dataclass(frozen=True, kw_only=True)
class AccessFollowedUp(AccessFact):
    words: str | None


@fact("brokerage.access_request.shortfall_reported")
@dataclass(frozen=True, kw_only=True)
class ShortfallReported(AccessFact):
    """The asker's word that what happened was less than what was granted: all that it has reported by now."""

    kinds: list[str]
    minutes: int | None
    words: str | None


@fact("brokerage.access_request.clock_reached")
@dataclass(frozen=True, kw_only=True)
class ClockReached(AccessFact):
    """The clock stands at a day on which somebody is told: `day` counts school days. Recorded by the platform."""

    day: int
    state: str


@fact("brokerage.words.erased")
@dataclass(frozen=True, kw_only=True)
class WordsErased(Fact):
    """A person's right: platform staff took away what somebody wrote. `subject_id` is the request's, or the school's
    where it stood with its answer for a term; `words` is the digest that the step's own event holds."""

    words: str


@fact("brokerage.term.answered")
@dataclass(frozen=True, kw_only=True)
class TermAnswered(Fact):
    """Whether a school is interested in technical providers this term; `subject_id` is the school's."""

    school_term: str
    is_interested: bool
    reason: str
    words: str | None


@fact("brokerage.gaps.shown")
@dataclass(frozen=True, kw_only=True)
class GapsShown(Fact):
    """Whether providers may see which year groups still want an encounter; `subject_id` is the school's."""

    shows_gaps: bool


@dataclass(frozen=True, kw_only=True)
class ExternalFact(Fact):
    """`subject_id` is the encounter's; `organisation_id` the school's; `provider` null when it isn't on Doorway."""

    provider: UUID | None
    y7_entry: int
    on: str


@fact("brokerage.external_encounter.recorded")
@dataclass(frozen=True, kw_only=True)
class ExternalRecorded(ExternalFact):
    """Counts of groups under 5 stay out."""

    minutes: int
    offered: int | None
    attended: int | None
    content: list[str]


@fact("brokerage.external_encounter.confirmed")
@dataclass(frozen=True, kw_only=True)
class ExternalConfirmed(ExternalFact):
    pass


@fact("brokerage.external_encounter.disputed")
@dataclass(frozen=True, kw_only=True)
class ExternalDisputed(ExternalFact):
    pass


@fact("brokerage.external_encounter.removed")
@dataclass(frozen=True, kw_only=True)
class ExternalRemoved(ExternalFact):
    pass


@fact("brokerage.closure.changed")
@dataclass(frozen=True, kw_only=True)
class ClosureChanged(Fact):
    kind: str
    first_on: str
    last_on: str
    was_kind: str
    was_first_on: str
    was_last_on: str


@fact("brokerage.calendar.replaced")
@dataclass(frozen=True, kw_only=True)
class CalendarReplaced(Fact):
    """`subject_id` is the school's. `how` is `file`, `page` or `api`; closures read like `inset 2026-11-18 2026-11-18`;
    `renamed` kept their days."""

    how: str
    added: list[str]
    removed: list[str]
    renamed: int


@fact("brokerage.term_dates.taken_over")
@dataclass(frozen=True, kw_only=True)
class TermDatesTakenOver(Fact):
    """`subject_id` is the school's: its local authority's closures of these academic years became its own."""

    years: list[int]
    closures: int


@fact("brokerage.term_dates.brought_in")
@dataclass(frozen=True, kw_only=True)
class TermDatesBroughtIn(Fact):
    """`subject_id` names a local authority's term dates; those of these academic years were replaced."""

    years: list[int]
    closures: int


@fact("brokerage.calendar_link.made")
@dataclass(frozen=True, kw_only=True)
class CalendarLinkMade(Fact):
    """A private address from which programs read the school's encounters."""


@fact("brokerage.calendar_link.revoked")
@dataclass(frozen=True, kw_only=True)
class CalendarLinkRevoked(Fact):
    pass


@fact("brokerage.cohort.evidenced")
@dataclass(frozen=True, kw_only=True)
class CohortEvidenced(Fact):
    """A cohort has all it should have in a key phase, as far as this platform knows. `subject_id` is the school's."""

    y7_entry: int
    phase: int
    occasions: int


@dataclass(frozen=True, kw_only=True)
class FairnessFact(Fact):
    """A step of a case about how a school answers different askers: `subject_id` is the case's, `organisation_id` the
    school's. No figure, and no word of what was written."""


@fact("brokerage.fairness_case.flagged")
@dataclass(frozen=True, kw_only=True)
class CaseFlagged(FairnessFact):
    """The evidence is frozen as it stood at the end of that day."""

    on: str


@fact("brokerage.fairness_case.reply_opened")
@dataclass(frozen=True, kw_only=True)
class ReplyOpened(FairnessFact):
    """`on` is day 1 of the school's 20 school days."""

    on: str


@fact("brokerage.fairness_case.request_contested")
@dataclass(frozen=True, kw_only=True)
class RequestContested(FairnessFact):
    """The school says that this request shouldn't count."""

    request: UUID
    ground: str


@fact("brokerage.fairness_case.encounter_added")
@dataclass(frozen=True, kw_only=True)
class EncounterAdded(FairnessFact):
    """The school points to an encounter held without Doorway."""

    encounter: UUID


@fact("brokerage.fairness_case.context_given")
@dataclass(frozen=True, kw_only=True)
class ContextGiven(FairnessFact):
    pass


@fact("brokerage.fairness_case.reply_ended")
@dataclass(frozen=True, kw_only=True)
class ReplyEnded(FairnessFact):
    """`how`: the school had `finished`, or its `time` had run. From now on trust and hub see the case too."""

    how: str


@fact("brokerage.fairness_case.contest_settled")
@dataclass(frozen=True, kw_only=True)
class ContestSettled(FairnessFact):
    request: UUID
    is_accepted: bool


@fact("brokerage.fairness_case.decided")
@dataclass(frozen=True, kw_only=True)
class CaseDecided(FairnessFact):
    """By a named reviewer, with reasons: `confirmed`, `explained` or `withdrawn`."""

    state: str


@fact("brokerage.fairness_case.withdrawn")
@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(FairnessFact):
    """By the platform: `reason` is `evidence_fell`, below a tenth of the threshold, or `school_closed` (R29)."""

    reason: str


@fact("brokerage.fairness_case.monitored")
@dataclass(frozen=True, kw_only=True)
class CaseMonitored(FairnessFact):
    on: str


@fact("brokerage.fairness_case.ended")
@dataclass(frozen=True, kw_only=True)
class CaseEnded(FairnessFact):
    """`cleared`, or `renewed`: then a new case has been flagged."""

    state: str


@fact("brokerage.fairness_notice.given")
@dataclass(frozen=True, kw_only=True)
class EarlyNoticeGiven(Fact):
    """For the careers leader alone. `subject_id` is the school's."""

    on: str


@fact("brokerage.fairness_replay.differed")
@dataclass(frozen=True, kw_only=True)
class ReplayDiffered(Fact):
    """A school's evidence, worked out again from its own rows, isn't the night's. `subject_id` is the school's."""

    on: str
