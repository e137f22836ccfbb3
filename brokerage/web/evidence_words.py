"""The words of fairness pages (ux.md section 5): what the figures say, never why, and never more than they can."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from brokerage import vocabulary
from brokerage.fairness.asked import Outcome, Requested, Uncounted
from brokerage.fairness.mapping import Kind
from brokerage.fairness.models import FairnessCase
from brokerage.fairness.parameters import MARGINAL_ROW
from brokerage.fairness.states import CaseState
from brokerage.vocabulary import DeclineReason, RefusalGround
from brokerage.web import dates
from brokerage.web.clocks import Badge

HALVES: Final = (
    ("autumn", "first"),
    ("autumn", "second"),
    ("spring", "first"),
    ("spring", "second"),
    ("summer", "first"),
    ("summer", "second"),
)
WHY_NOT: Final = {
    Uncounted.AT_ONCE: "taken at once, nobody decided",
    Uncounted.TAKEN_OUT: "taken out after the reply",
    Uncounted.WITHDRAWN: "withdrawn by the asker",
    Uncounted.DUPLICATE: "asked twice",
    Uncounted.NO_PROVIDER: "not a provider of technical courses",
    Uncounted.SAFEGUARDING: "safeguarding, upheld by a reviewer",
    Uncounted.SHORT_NOTICE: "asked less than 10 school days ahead",
    Uncounted.TOO_OLD: "asked before the school years that count",
    Uncounted.OFFERED: "all that was asked was offered, and turned down",
    Uncounted.ASKER_OWES: "waits for the asker’s answer",
    Uncounted.REPEATED: "repeats one made within six weeks before",
}
ENDED: Final = frozenset({Kind.WITHDRAWN, Kind.CLAIM_WITHDRAWN, Kind.DUPLICATE_AGREED})
_BADGES: Final[dict[str, Badge]] = {
    CaseState.FLAGGED: ("soon", "For review, your reply open"),
    CaseState.REPLY_OPEN: ("soon", "For review, your reply open"),
    CaseState.REVIEW: ("wait", "With a reviewer"),
    CaseState.CONFIRMED: ("day", "Confirmed"),
    CaseState.EXPLAINED: ("day", "Explained"),
    CaseState.WITHDRAWN: ("na", "Withdrawn"),
    CaseState.MONITORED: ("day", "Watched from now on"),
    CaseState.CLEARED: ("ok", "Cleared"),
    CaseState.RENEWED: ("soon", "Seen again"),
}


def period(first: date, last: date) -> str:
    """`From September 2025 to October 2026`."""
    if (first.year, first.month) == (last.year, last.month):
        return f"In {first:%B %Y}"
    return (
        f"From {first:%B} to {last:%B %Y}"
        if first.year == last.year
        else f"From {first:%B %Y} to {last:%B %Y}"
    )


def too_few(requests: int) -> str:
    if not requests:
        return "No requests so far. There is nothing to say anything about."
    return f"{many(requests, 'request')} so far. That’s too few to say anything either way."


def about(request: Requested) -> str:
    """`Year 10, a place on a posted need`."""
    what = "offer on a need you posted" if request.is_claim else "request to meet pupils"
    return f"{vocabulary.years(sorted(request.year_groups))}, {what}"


def happened(request: Requested) -> str:
    kinds = request.kinds
    if request.outcome == Outcome.SILENT:
        is_marked = Kind.DUPLICATE_MARKED in kinds
        return "Marked as asked twice, not agreed by day 28" if is_marked else "No answer by day 28"
    if Kind.CLAIM_CANCELLED_BY_SCHOOL in kinds and Kind.ENCOUNTER_DELIVERED not in kinds:
        return "Agreed, then cancelled or moved by the school"
    if request.is_granted:
        said = "Granted later than four weeks" if request.outcome == Outcome.LATER else "Granted"
        return (
            f"{said}; held short, outside lessons or for part of the year" if _is_marginal(request) else said
        )
    if request.reason:
        return f"Refused: {_reason(request.reason)}"
    if Kind.COUNTER_REJECTED in kinds or Kind.COUNTERED in kinds:
        return "Other dates offered, none agreed"
    if Kind.POSTPONED in kinds:
        return "Put off, no date agreed"
    if kinds & {Kind.WITHDRAWN, Kind.CLAIM_WITHDRAWN}:
        return "Withdrawn by the asker"
    if Kind.DUPLICATE_AGREED in kinds:
        return "Asked twice"
    return "Waits for the asker’s answer" if request.asker_owes else "Waits for an answer"


def _is_marginal(request: Requested) -> bool:
    return request.scored.get(MARGINAL_ROW, False)


def _reason(code: str) -> str:
    labels = dict(DeclineReason.choices) | dict(RefusalGround.choices)
    label = str(labels.get(code, "another reason"))
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def counted(request: Requested, today: date) -> str:
    why = request.uncounted(today)
    if why is None:
        return "Yes"
    if why is Uncounted.TOO_NEW:
        return f"Not yet: from {dates.in_list(request.judged_on, today)}"
    if why is Uncounted.AT_ONCE and request.scored:
        return "In part: taken at once, so only whether it was held as agreed"
    return f"No: {WHY_NOT[why]}"


def outcome_count(group: Sequence[Requested], outcome: Outcome) -> str:
    counted_here = [each.outcome for each in group if each.is_counted]
    return of(counted_here.count(outcome), len(counted_here))


def of(some: int, every: int) -> str:
    return f"{some:,} of {every:,}" if every else "none so far"


def half_term(number: int, day_0: date) -> str:
    """`spring 2026, first half`; counted from the first September that counts, six a year."""
    year, place = divmod(number, len(HALVES))
    season, half = HALVES[place]
    return f"{season} {day_0.year + year + (season != 'autumn')}, {half} half"


def case_badge(case: FairnessCase) -> Badge:
    return _BADGES[case.state]


def many(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else one + 's'}"


def waits(request: Requested) -> bool:
    """The school owes it an answer, whatever its age."""
    return request.answered is None and not request.kinds & ENDED
