"""The market's history in memory, then in bulk: the rows and events that the verbs would have left, at a tenth of
their price. The newest of it (stories) is acted out with the verbs themselves; a test holds both to the same rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Membership, Organisation
from brokerage.domain import events as facts
from brokerage.domain import needs
from brokerage.domain.slots import SlotTime
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.models import Event
from brokerage.eventlog.record import Actor
from brokerage.models import Claim, Encounter, EncounterNeed, Hosting, Slot
from brokerage.states import PLACE_HOLDERS, ClaimState, Confirmation, EncounterState, NeedState
from brokerage.vocabulary import Allocation, DeclineReason

SMALL_GROUP = 5


def event(fact: Fact, *, by: Actor, at: datetime) -> Event:
    return Event(
        type=fact.type,
        at=at,
        actor_id=by.actor_id,
        actor_key=by.actor_key,
        organisation_id=fact.organisation_id,
        subject_id=fact.subject_id,
        data=fact.data(),
    )


@dataclass
class Meeting:
    """A slot, everyone who offered for it and what came of it."""

    slot: Slot
    claims: list[Claim] = field(default_factory=list)
    encounter: Encounter | None = None

    def held(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.state in PLACE_HOLDERS]


@dataclass(frozen=True)
class Posted:
    need: EncounterNeed
    meetings: list[Meeting]
    by: Membership


class Ledger:
    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.events: list[Event] = []
        self._diaries: dict[int, list[Claim]] = {}
        self._hostings: dict[int, Hosting] = {}

    def write(self) -> None:
        """Everything at once; the caller writes the events with those of others, in order."""
        meetings = [meeting for posted in self.posted for meeting in posted.meetings]
        EncounterNeed.objects.bulk_create([posted.need for posted in self.posted])
        Slot.objects.bulk_create([meeting.slot for meeting in meetings])
        claims = [claim for meeting in meetings for claim in meeting.claims]
        Claim.objects.bulk_create(sorted(claims, key=lambda claim: claim.submitted_at))
        Encounter.objects.bulk_create([meeting.encounter for meeting in meetings if meeting.encounter])

    # -- the school ------------------------------------------------------------------------------------

    def post(
        self,
        fields: Mapping[str, Any],
        times: Sequence[SlotTime],
        *,
        publish: bool,
        by: Membership,
        at: datetime,
    ) -> Posted:
        values = {**self.filled_in(fields, by), **fields}
        state = NeedState.OPEN if publish else NeedState.DRAFT
        need = EncounterNeed(
            school=by.organisation, posted_by=by, state=state, created_at=at, changed_at=at, **values
        )
        need.published_at = at if publish else None
        posted = Posted(need, [Meeting(self._slot(need, time)) for time in times], by)
        self.posted.append(posted)
        about: dict[str, Any] = {"subject_id": need.public_id, "organisation_id": need.school_id}
        self._tell(facts.NeedDrafted(**about, encounter_type=str(need.encounter_type)), by=by, at=at)
        if publish:
            said = facts.NeedPublished(
                **about,
                encounter_type=str(need.encounter_type),
                year_groups=need.year_groups,
                sectors=need.sectors,
                open_to=need.open_to,
                slots=len(times),
            )
            self._tell(said, by=by, at=at)
        return posted

    def filled_in(self, fields: Mapping[str, Any], by: Membership) -> dict[str, Any]:
        """As the verbs do it; how a school receives visitors is read once."""
        if by.organisation_id not in self._hostings:
            self._hostings[by.organisation_id] = Hosting.objects.get(school_id=by.organisation_id)
        return needs.filled_in_from(self._hostings[by.organisation_id], fields, by)

    def withdraw_need(self, posted: Posted, reason: str, *, at: datetime) -> None:
        need = posted.need
        ended = 0
        for meeting in posted.meetings:
            meeting.slot.open_until = None
            for claim in meeting.claims if meeting.slot.starts_at > at else ():
                if claim.state == ClaimState.ACCEPTED:
                    self.cancel(claim, reason, "", by=posted.by, at=at)
                elif claim.state == ClaimState.SUBMITTED:
                    self.decline(claim, DeclineReason.DATE_CLASH, "", by=posted.by, at=at)
                else:
                    continue
                ended += 1
        need.state, need.withdrawn_at, need.withdraw_reason = NeedState.WITHDRAWN, at, str(reason)
        fact = facts.NeedWithdrawn(
            subject_id=need.public_id, organisation_id=need.school_id, reason=str(reason), claims_ended=ended
        )
        self._tell(fact, by=posted.by, at=at)

    def accept(self, meeting: Meeting, claim: Claim, *, by: Membership, at: datetime) -> bool:
        """False when there is no place left or the person is somewhere else by now."""
        if claim.state != ClaimState.SUBMITTED or not self._is_free(claim, meeting.slot):
            return False
        claim.state, claim.answered_at = ClaimState.ACCEPTED, at
        self._book(meeting, claim, at=at)
        self._tell(facts.ClaimAccepted(**_about(claim), places_left=meeting.slot.places_left), by=by, at=at)
        return True

    def decline(self, claim: Claim, reason: str, note: str, *, by: Membership, at: datetime) -> None:
        if claim.state == ClaimState.SUBMITTED:
            claim.answered_at = at
            self._end(claim, ClaimState.DECLINED, reason, note, at=at)
            self._tell(facts.ClaimDeclined(**_about(claim), reason=str(reason)), by=by, at=at)

    def cancel(self, claim: Claim, reason: str, note: str, *, by: Membership, at: datetime) -> None:
        if claim.state == ClaimState.ACCEPTED:
            self._end(claim, ClaimState.CANCELLED_BY_SCHOOL, reason, note, at=at)
            self._tell(facts.ClaimCancelled(**_about(claim), reason=str(reason)), by=by, at=at)

    def record(
        self,
        meeting: Meeting,
        *,
        delivered: bool,
        attended: dict[str, int],
        missed: Sequence[Claim],
        by: Membership,
        at: datetime,
        **counts: Any,
    ) -> None:
        encounter = meeting.encounter
        if encounter is None:
            return
        for claim in meeting.held():
            if claim in missed:
                claim.state = ClaimState.MISSED
            elif delivered:
                claim.state = ClaimState.FULFILLED
            else:
                self.cancel(claim, "other", "", by=by, at=at)
        slot = meeting.slot
        encounter.state = EncounterState.DELIVERED if delivered else EncounterState.NOT_DELIVERED
        encounter.recorded_by, encounter.recorded_at = by, at
        if delivered:
            encounter.minutes = int((slot.ends_at - slot.starts_at).total_seconds() // 60)
            encounter.attended = attended
            for name, value in counts.items():
                setattr(encounter, name, value)
        fact = facts.EncounterRecorded(
            subject_id=encounter.public_id,
            organisation_id=encounter.school_id,
            need=slot.need.public_id,
            slot=slot.public_id,
            delivered=delivered,
            minutes=encounter.minutes,
            attended={year: count for year, count in encounter.attended.items() if count >= SMALL_GROUP},
            fulfilled=[c.public_id for c in meeting.claims if c.state == ClaimState.FULFILLED],
            missed=[c.public_id for c in meeting.claims if c.state == ClaimState.MISSED],
        )
        self._tell(fact, by=by, at=at)

    # -- the claimant ----------------------------------------------------------------------------------

    def submit(self, meeting: Meeting, *, by: Membership, note: str, at: datetime) -> Claim | None:
        """None when it is full, closed, theirs already, or when they are somewhere else then."""
        slot, organisation = meeting.slot, by.organisation
        is_again = any(claim.attendee == by and claim.is_live for claim in meeting.claims)
        if slot.open_until is None or slot.open_until <= at or is_again:
            return None
        at_once = slot.need.allocation == Allocation.FIRST_COME and organisation.is_verified
        claim = Claim(
            slot=slot,
            claimant=organisation,
            attendee=by,
            person_id=by.user_id,
            during=TimestamptzRange(slot.starts_at, slot.ends_at),
            state=ClaimState.ACCEPTED if at_once else ClaimState.SUBMITTED,
            submitted_by=by,
            submitted_at=at,
            answered_at=at if at_once else None,
            note=note,
            was_verified=organisation.is_verified,
        )
        if not self._is_free(claim, slot):
            return None
        meeting.claims.append(claim)
        if at_once:
            self._book(meeting, claim, at=at)
        fact = facts.ClaimSubmitted(**_about(claim), state=str(claim.state), places_left=slot.places_left)
        self._tell(fact, by=by, at=at)
        return claim

    def leave(self, claim: Claim, reason: str, note: str, *, by: Membership, at: datetime) -> None:
        ways = {
            ClaimState.SUBMITTED: ClaimState.WITHDRAWN,
            ClaimState.ACCEPTED: ClaimState.CANCELLED_BY_CLAIMANT,
        }
        was = ClaimState(claim.state)
        if was in ways:
            self._end(claim, ways[was], reason, note, at=at)
            fact = facts.ClaimWithdrawn(**_about(claim), reason=str(reason), was=str(was), counts=True)
            self._tell(fact, by=by, at=at)

    def say(
        self, meeting: Meeting, claims: Sequence[Claim], word: Confirmation, note: str, *, at: datetime
    ) -> None:
        """Those of one claimant who came agree with what was recorded, or don't."""
        fact = facts.EncounterConfirmed if word == Confirmation.CONFIRMED else facts.EncounterDisputed
        for claim in claims:
            if meeting.encounter is None or claim.state not in PLACE_HOLDERS:
                continue
            claim.confirmation, claim.confirmation_note, claim.confirmed_at = word, note, at
            said = fact(
                subject_id=meeting.encounter.public_id,
                organisation_id=meeting.encounter.school_id,
                claim=claim.public_id,
                claimant=claim.claimant.public_id,
            )
            self._tell(said, by=claim.submitted_by, at=at)

    # -- keeping the books -----------------------------------------------------------------------------

    def _tell(self, fact: Fact, *, by: Actor, at: datetime) -> None:
        self.events.append(event(fact, by=by, at=at))

    @staticmethod
    def _slot(need: EncounterNeed, time: SlotTime) -> Slot:
        until = min(need.closes_at, time.starts_at) if need.closes_at else time.starts_at
        return Slot(
            need=need,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            places=time.places,
            open_until=until if need.state == NeedState.OPEN else None,
        )

    def _is_free(self, claim: Claim, slot: Slot) -> bool:
        booked = self._diaries.get(claim.person_id or 0, ())
        clash = any(b.slot.starts_at < slot.ends_at and slot.starts_at < b.slot.ends_at for b in booked)
        return not clash and slot.places_left >= claim.places

    def _book(self, meeting: Meeting, claim: Claim, *, at: datetime) -> None:
        meeting.slot.taken += claim.places
        self._diaries.setdefault(claim.person_id or 0, []).append(claim)
        if meeting.encounter is None:
            school = meeting.slot.need.school
            meeting.encounter = Encounter(slot=meeting.slot, school=school, created_at=at)

    def _end(self, claim: Claim, to: ClaimState, reason: str, note: str, *, at: datetime) -> None:
        if claim.state == ClaimState.ACCEPTED:
            claim.slot.taken -= claim.places
            self._diaries[claim.person_id or 0].remove(claim)
        claim.state, claim.reason, claim.answer_note, claim.ended_at = to, str(reason), note, at


def _about(claim: Claim) -> dict[str, Any]:
    need: EncounterNeed = claim.slot.need
    claimant: Organisation = claim.claimant
    return {
        "subject_id": claim.public_id,
        "organisation_id": need.school_id,
        "need": need.public_id,
        "slot": claim.slot.public_id,
        "places": claim.places,
        "claimant": claimant.public_id,
    }
