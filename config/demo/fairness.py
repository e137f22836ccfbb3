"""One school of each tier, with a story behind it: the platform's own nights, acted out on three days."""

from datetime import date, datetime, time, timedelta
from typing import Final

from brokerage.accounts.models import Membership, Role
from brokerage.fairness import bundles, lifecycle, nightly
from brokerage.fairness.models import FairnessCase
from brokerage.fairness.states import CaseState, ContestGround
from config.demo.clock import local
from config.demo.people import HUB
from config.demo.stories import Stories
from schools.domain import comparison

FIRST_NIGHT, REPLIED, DECIDED, SECOND_NIGHT = 74, 56, 30, 12
"""Days ago: the first flags, those schools' replies, the decision on one, and the last flag, whose reply is still
open."""
IN_REVIEW: Final = "Saltmere Community School"
"""It has replied too, and the reviewer has yet to decide."""
REASON: Final = (
    "I have read the school's reply and the requests. The building work explains four of the answers, which are in the "
    "evidence all the same; the others came before it began. The difference remains without them."
)
CONTEXT: Final = (
    "Our hall was closed for six weeks from June, and we turned down everybody who needed it. We have a new careers "
    "leader since September and have put two mornings a term aside for colleges."
)


def tell(stories: Stories) -> None:
    comparison.tell()
    _night(stories, FIRST_NIGHT)
    for case in list(FairnessCase.objects.select_related("school")):
        _reply_and_decide(stories, case)
    _night(stories, SECOND_NIGHT)
    _night(stories, 0)


def _night(stories: Stories, days_ago: int) -> None:
    """A night's replay and what followed from it, the days after included."""
    on = stories.timeline.today - timedelta(days=days_ago)
    at = local(on, time(2, 40))
    lifecycle.follow(run=nightly.replay(on=on, at=at), at=at)
    for day in range(1, min(days_ago, 10) + 1):
        lifecycle.look_at_replies(at=local(on + timedelta(days=day), time(7)))


def _reply_and_decide(stories: Stories, case: FairnessCase) -> None:
    leader, reviewer = _leader(stories, case), stories.market.everyone.by_email[HUB]
    is_left_open = case.school.name == IN_REVIEW
    case.refresh_from_db()
    if case.state != CaseState.REPLY_OPEN:  # a holiday lay over those days
        return
    replied, decided = _at(stories, REPLIED), _at(stories, DECIDED)
    first = sorted(bundles.requests_in(case.bundle.content))[0]
    contest = lifecycle.contest(
        case=case,
        request=first,  # type: ignore[arg-type]
        ground=ContestGround.PROVIDERS_FAULT,
        note="They asked for a day on which the whole year was away.",
        by=leader,
        at=replied,
    )
    lifecycle.give_context(case=case, context=CONTEXT, by=leader, at=replied)
    lifecycle.finish_reply(case=case, by=leader, at=replied + timedelta(minutes=20))
    if is_left_open:
        return
    lifecycle.settle_contest(
        contest=contest,
        accept=True,
        answer="The school's calendar shows it. This request no longer counts.",
        by=reviewer,
        at=decided,
    )
    case.refresh_from_db()
    if case.state == CaseState.REVIEW:
        is_strong = lifecycle.is_strong_enough(case)
        decision = CaseState.CONFIRMED if is_strong else CaseState.EXPLAINED
        lifecycle.decide(
            case=case, decision=decision, reason=REASON, by=reviewer, at=decided + timedelta(minutes=40)
        )


def _leader(stories: Stories, case: FairnessCase) -> Membership:
    members = stories.market.everyone.members[case.school_id]
    return next(member for member in members if member.role == Role.CAREERS_LEADER)


def _at(stories: Stories, days_ago: int) -> datetime:
    """A weekday's morning about then."""
    on: date = stories.timeline.today - timedelta(days=days_ago)
    return local(on - timedelta(days=max(0, on.weekday() - 4)), time(10, 15))
