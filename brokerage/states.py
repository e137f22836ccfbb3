"""Every state and every legal move, in one place. The same tables feed PostgreSQL's own guard (a trigger),
the guard in the verbs, and the diagrams in docs/states.md."""

from collections.abc import Mapping

from django.db.models import TextChoices

from brokerage.errors import DomainError

Moves = Mapping[str, frozenset[str]]


class NeedState(TextChoices):
    """What a school decided. «Filled» and «closed» follow from places and the clock: see `Shown`."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    WITHDRAWN = "withdrawn", "Withdrawn"


NEED_MOVES: Moves = {
    NeedState.DRAFT: frozenset({NeedState.OPEN, NeedState.WITHDRAWN}),
    NeedState.OPEN: frozenset({NeedState.WITHDRAWN}),
    NeedState.WITHDRAWN: frozenset(),
}


class Shown(TextChoices):
    """A need's state as people see it."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    FILLED = "filled", "Filled"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ClaimState(TextChoices):
    SUBMITTED = "submitted", "Waiting for the school"
    ACCEPTED = "accepted", "Booked"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CANCELLED_BY_SCHOOL = "cancelled_by_school", "Cancelled by the school"
    CANCELLED_BY_CLAIMANT = "cancelled_by_claimant", "Can't come"
    FULFILLED = "fulfilled", "Happened"
    MISSED = "missed", "Didn't come"


CLAIM_MOVES: Moves = {
    ClaimState.SUBMITTED: frozenset({ClaimState.ACCEPTED, ClaimState.DECLINED, ClaimState.WITHDRAWN}),
    ClaimState.ACCEPTED: frozenset(
        {
            ClaimState.CANCELLED_BY_SCHOOL,
            ClaimState.CANCELLED_BY_CLAIMANT,
            ClaimState.FULFILLED,
            ClaimState.MISSED,
        }
    ),
    ClaimState.DECLINED: frozenset(),
    ClaimState.WITHDRAWN: frozenset(),
    ClaimState.CANCELLED_BY_CLAIMANT: frozenset(),
    # The school may correct what it recorded: who came, and whether it happened at all.
    ClaimState.CANCELLED_BY_SCHOOL: frozenset({ClaimState.FULFILLED, ClaimState.MISSED}),
    ClaimState.FULFILLED: frozenset({ClaimState.MISSED, ClaimState.CANCELLED_BY_SCHOOL}),
    ClaimState.MISSED: frozenset({ClaimState.FULFILLED, ClaimState.CANCELLED_BY_SCHOOL}),
}
LIVE_CLAIMS = (ClaimState.SUBMITTED, ClaimState.ACCEPTED)
# These hold places in their slot for good or for now.
PLACE_HOLDERS = (ClaimState.ACCEPTED, ClaimState.FULFILLED, ClaimState.MISSED)


class EncounterState(TextChoices):
    PLANNED = "planned", "Planned"
    DELIVERED = "delivered", "Delivered"
    NOT_DELIVERED = "not_delivered", "Did not happen"


ENCOUNTER_MOVES: Moves = {
    EncounterState.PLANNED: frozenset({EncounterState.DELIVERED, EncounterState.NOT_DELIVERED}),
    EncounterState.DELIVERED: frozenset({EncounterState.NOT_DELIVERED}),
    EncounterState.NOT_DELIVERED: frozenset({EncounterState.DELIVERED}),
}


class Confirmation(TextChoices):
    """The claimant's word on what the school recorded."""

    NONE = "", "Not yet confirmed"
    CONFIRMED = "confirmed", "Confirmed"
    DISPUTED = "disputed", "Disputed"


class AccessState(TextChoices):
    """Where an access request stands. «Answered» is anything but waiting, questioned and duplicate marked."""

    WAITING = "waiting", "Waiting for the school"
    QUESTIONED = "questioned", "The school asked a question"
    COUNTERED = "countered", "Other dates offered"
    POSTPONED = "postponed", "Postponed"
    DUPLICATE_MARKED = "duplicate_marked", "Marked as a duplicate"
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Not this time"
    REJECTED = "rejected", "Other dates not taken"
    DUPLICATE = "duplicate", "Duplicate"
    WITHDRAWN = "withdrawn", "Withdrawn"


_ANSWERS = frozenset(
    {
        AccessState.COUNTERED,
        AccessState.POSTPONED,
        AccessState.GRANTED,
        AccessState.REFUSED,
        AccessState.WITHDRAWN,
    }
)
ACCESS_MOVES: Moves = {
    AccessState.WAITING: _ANSWERS | {AccessState.QUESTIONED, AccessState.DUPLICATE_MARKED},
    # The asker's answer, or their no to being a duplicate, brings it back; the school needn't wait for either.
    AccessState.QUESTIONED: _ANSWERS | {AccessState.WAITING, AccessState.DUPLICATE_MARKED},
    AccessState.DUPLICATE_MARKED: _ANSWERS | {AccessState.WAITING, AccessState.DUPLICATE},
    # On its day, or when the school answers before.
    AccessState.POSTPONED: (_ANSWERS - {AccessState.POSTPONED}) | {AccessState.WAITING},
    AccessState.COUNTERED: (_ANSWERS - {AccessState.COUNTERED}) | {AccessState.REJECTED},
    AccessState.GRANTED: frozenset(),
    AccessState.REFUSED: frozenset(),
    AccessState.REJECTED: frozenset(),
    AccessState.DUPLICATE: frozenset(),
    AccessState.WITHDRAWN: frozenset(),
}
OPEN_REQUESTS = (
    AccessState.WAITING,
    AccessState.QUESTIONED,
    AccessState.DUPLICATE_MARKED,
    AccessState.COUNTERED,
    AccessState.POSTPONED,
)
# The school owes the next word, now or once the asker has given theirs: its clock runs or is paused.
UNANSWERED = (AccessState.WAITING, AccessState.QUESTIONED, AccessState.DUPLICATE_MARKED)


MACHINES: dict[str, tuple[type[TextChoices], Moves]] = {
    "need": (NeedState, NEED_MOVES),
    "claim": (ClaimState, CLAIM_MOVES),
    "encounter": (EncounterState, ENCOUNTER_MOVES),
    "access_request": (AccessState, ACCESS_MOVES),
}


def transitions(moves: Moves) -> list[tuple[str, str]]:
    """The table as pairs, for PostgreSQL's guard."""
    return [(str(old), str(new)) for old, to in moves.items() for new in sorted(to)]


def require(moves: Moves, old: str, new: str, *, code: str, message: str) -> None:
    """Refuse a move that the table does not hold."""
    if new not in moves[old]:
        raise DomainError(code, message)
