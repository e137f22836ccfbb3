"""The one statement that takes places: docs/adr/0004.

Rivals for a place wait here, for the slot's row alone. The places are taken, and the claim, its encounter, the
event and the debts written, before the lock is a round trip old. A second live claim of the same attendee, and a
person who is booked elsewhere, are looked for first and refused by constraints last.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from django.db import IntegrityError, OperationalError, connection
from psycopg.errors import DeadlockDetected

from brokerage.accounts.models import Membership
from brokerage.domain.events import ClaimSubmitted
from brokerage.eventlog.record import DEBTS_SQL, after_commit, parameters
from brokerage.models import Claim, Slot
from brokerage.states import ClaimState, NeedState

T = TypeVar("T")
_TAKE_PLACES: Final = f"""
WITH slot AS (
    UPDATE brokerage_slot SET taken = taken + %(taking)s::int
    WHERE id = %(slot_id)s::bigint
      AND open_until > %(at)s::timestamptz
      AND taken + %(places)s::int <= places
      AND NOT EXISTS (
        SELECT FROM brokerage_claim live
        WHERE live.slot_id = %(slot_id)s::bigint
          AND live.claimant_id = %(claimant_id)s::bigint
          AND live.attendee_id IS NOT DISTINCT FROM %(attendee_id)s::bigint
          AND NOT live.attendee_clashed
          AND live.state IN ('submitted', 'accepted'))
      AND NOT EXISTS (
        SELECT FROM brokerage_claim booked
        WHERE booked.person_id = %(person_id)s::bigint
          AND booked.state = 'accepted'
          AND booked.during && tstzrange(starts_at, ends_at))
    RETURNING id, starts_at, ends_at, places - taken AS places_left
), claim AS (
    INSERT INTO brokerage_claim (
        public_id, slot_id, claimant_id, attendee_id, person_id, attendee_clashed, during, places, state,
        submitted_by_id, submitted_at, answered_at, reason, note, answer_note, was_verified,
        confirmation, confirmation_note)
    SELECT
        %(public_id)s::uuid, slot.id, %(claimant_id)s::bigint, %(attendee_id)s::bigint, %(person_id)s::bigint,
        false, tstzrange(slot.starts_at, slot.ends_at), %(places)s::int, %(state)s::text,
        %(submitted_by_id)s::bigint, %(at)s::timestamptz,
        CASE WHEN %(state)s::text = 'accepted' THEN %(at)s::timestamptz END,
        '', %(note)s::text, '', %(was_verified)s::boolean, '', ''
    FROM slot
    RETURNING id
), encounter AS (
    INSERT INTO brokerage_encounter (public_id, slot_id, school_id, state, attended, note, created_at)
    SELECT gen_random_uuid(), slot.id, %(organisation_id)s::bigint, 'planned', '{{}}', '', %(at)s::timestamptz
    FROM slot WHERE %(state)s::text = 'accepted'
    ON CONFLICT (slot_id) DO NOTHING
), event AS (
    INSERT INTO eventlog_event (type, at, actor_id, actor_key, organisation_id, subject_id, data)
    SELECT
        %(type)s::text, %(at)s::timestamptz, %(actor_id)s::bigint, %(actor_key)s::text,
        %(organisation_id)s::bigint, %(subject_id)s::uuid,
        %(data)s::jsonb || jsonb_build_object('places_left', slot.places_left)
    FROM slot, claim
    RETURNING id
), debts AS ({DEBTS_SQL})
SELECT id FROM claim
"""  # noqa: S608 (only our own SQL is interpolated)


def seemed_free(slot: Slot, places: int, *, at: datetime) -> bool:
    """As the slot was when it was read, which decides nothing: `standing` reads it again, `take_places` at last."""
    return slot.open_until is not None and slot.open_until > at and slot.places_left >= places


def take_places(claim: Claim, *, by: Membership, at: datetime) -> bool:
    """Write an unsaved claim if its slot still takes it; false when it doesn't, and nothing is written.

    May raise IntegrityError for `one_live_claim…` or `nobody_in_two_places` when a rival was quicker."""
    need = claim.slot.need
    fact = ClaimSubmitted(
        subject_id=claim.public_id,
        organisation_id=need.school_id,
        need=need.public_id,
        slot=claim.slot.public_id,
        places=claim.places,
        claimant=by.organisation.public_id,
        state=str(claim.state),
        places_left=0,
    )
    values = parameters(fact, by=by, at=at) | {
        "taking": claim.places if claim.state == ClaimState.ACCEPTED else 0,
        "slot_id": claim.slot_id,
        "places": claim.places,
        "public_id": claim.public_id,
        "claimant_id": claim.claimant_id,
        "attendee_id": claim.attendee_id,
        "person_id": claim.person_id,
        "submitted_by_id": by.pk,
        "state": str(claim.state),
        "note": claim.note,
        "was_verified": claim.was_verified,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_PLACES, values)
        row = cursor.fetchone()
    if row is None:
        return False
    claim.pk = row[0]
    claim._state.adding = False
    after_commit(fact)
    return True


def retried(work: Callable[[], T], *, times: int = 3) -> T:
    """A person may be booked elsewhere between our look at their diary and our write: look again. The constraint says
    so, or PostgreSQL ends one of two bookings that each wait for the other's row."""
    for left in reversed(range(times)):
        try:
            return work()
        except (IntegrityError, OperationalError) as error:
            rival = "nobody_in_two_places" in str(error) or isinstance(error.__cause__, DeadlockDetected)
            if left == 0 or not rival:
                raise
    raise AssertionError("unreachable")


@dataclass(frozen=True)
class Standing:
    """What a claim that took nothing met: the same live claim, if there is one, and the slot as it is now."""

    same_id: int | None
    open_until: datetime | None
    places_left: int
    is_withdrawn: bool


# One statement: on a need that everybody wants, far more are refused than served.
_STANDING: Final = """
SELECT
    (SELECT live.id FROM brokerage_claim live
     WHERE live.slot_id = slot.id
       AND live.claimant_id = %(claimant_id)s::bigint
       AND live.attendee_id IS NOT DISTINCT FROM %(attendee_id)s::bigint
       AND NOT live.attendee_clashed
       AND live.state IN ('submitted', 'accepted')),
    slot.open_until, slot.places - slot.taken, need.state
FROM brokerage_slot slot JOIN brokerage_encounterneed need ON need.id = slot.need_id
WHERE slot.id = %(slot_id)s::bigint
"""


def standing(claim: Claim) -> Standing:
    values = {
        "slot_id": claim.slot_id,
        "claimant_id": claim.claimant_id,
        "attendee_id": claim.attendee_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, values)
        row = cursor.fetchone()
    if row is None:  # the school took this time out of its need a moment ago
        return Standing(None, None, 0, is_withdrawn=False)
    same_id, open_until, places_left, state = row
    return Standing(same_id, open_until, places_left, state == NeedState.WITHDRAWN)
