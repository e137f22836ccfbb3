"""What is said of a school, and every state and legal move of a case: see brokerage/states.py for the others."""

from typing import Final

from django.db.models import TextChoices

from brokerage.states import Moves


class Tier(TextChoices):
    """Never «compliant»: figures can't show that."""

    INSUFFICIENT = "insufficient", "Too few requests to say anything either way"
    NO_CONCERN = "no_concern", "No concern from these figures"
    EARLY_NOTICE = "early_notice", "Early notice, for you only"
    FLAG = "flag", "For review"


class CaseState(TextChoices):
    FLAGGED = "flagged", "For review, your reply opens on the next school day"
    REPLY_OPEN = "reply_open", "For review, your reply open"
    REVIEW = "review", "With a reviewer"
    CONFIRMED = "confirmed", "Confirmed"
    EXPLAINED = "explained", "Explained"
    WITHDRAWN = "withdrawn", "Withdrawn"
    MONITORED = "monitored", "Watched from now on"
    CLEARED = "cleared", "Cleared"
    RENEWED = "renewed", "Seen again"


CASE_MOVES: Moves = {
    CaseState.FLAGGED: frozenset({CaseState.REPLY_OPEN, CaseState.WITHDRAWN}),
    CaseState.REPLY_OPEN: frozenset({CaseState.REVIEW, CaseState.WITHDRAWN}),
    CaseState.REVIEW: frozenset({CaseState.CONFIRMED, CaseState.EXPLAINED, CaseState.WITHDRAWN}),
    CaseState.CONFIRMED: frozenset({CaseState.MONITORED}),
    CaseState.EXPLAINED: frozenset({CaseState.MONITORED}),
    CaseState.WITHDRAWN: frozenset(),
    CaseState.MONITORED: frozenset({CaseState.CLEARED, CaseState.RENEWED}),
    CaseState.CLEARED: frozenset(),
    CaseState.RENEWED: frozenset(),
}
ENDED: Final = (CaseState.WITHDRAWN, CaseState.CLEARED, CaseState.RENEWED)
# The school may still say something of its own.
REPLYING: Final = (CaseState.FLAGGED, CaseState.REPLY_OPEN)
DECISIONS: Final = (CaseState.CONFIRMED, CaseState.EXPLAINED, CaseState.WITHDRAWN)


class ContestGround(TextChoices):
    """Why the school says that a request shouldn't count."""

    WRONG_TYPE = "wrong_type", "It wasn't a request of this kind, or not from a provider of this kind"
    PROVIDERS_FAULT = "providers_fault", "The provider called it off or asked for what can't be done"
    AGREED_ELSEWHERE = "agreed_elsewhere", "We agreed it without Doorway"
    SAFEGUARDING = "safeguarding", "Safeguarding or ID checks weren't complete"


class ContestOutcome(TextChoices):
    OPEN = "", "Waits for a reviewer"
    ACCEPTED = "accepted", "Accepted: it no longer counts"
    REFUSED = "refused", "Not accepted: it still counts"
