"""Access requests: a college, training provider, university or employer asks to meet pupils, and the school answers.

Every step is an event, and none can be unsaid. The request's row is locked first, then what hangs on it; a grant makes
a need with one time, one accepted claim and an encounter, which nobody else can claim. What people write lies in rows
that can be erased; events hold its digest (`models.Words`).
"""

from brokerage.domain.access_requests.answering import (
    ask_back,
    counter_offer,
    grant,
    mark_duplicate,
    postpone,
    refuse,
)
from brokerage.domain.access_requests.asking import Ask, ask, refuse_closed
from brokerage.domain.access_requests.clock import bring_back, reach
from brokerage.domain.access_requests.replying import (
    accept_counter_offer,
    answer_question,
    confirm_duplicate,
    follow_up,
    reject_counter_offer,
    report,
    settle_duplicate,
    withdraw,
)

__all__ = [
    "Ask",
    "accept_counter_offer",
    "answer_question",
    "ask",
    "ask_back",
    "bring_back",
    "confirm_duplicate",
    "counter_offer",
    "follow_up",
    "grant",
    "mark_duplicate",
    "postpone",
    "reach",
    "refuse",
    "refuse_closed",
    "reject_counter_offer",
    "report",
    "settle_duplicate",
    "withdraw",
]
