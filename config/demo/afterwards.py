"""After the day: the school records what happened, those who came confirm it or see it otherwise."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from brokerage.models import Claim
from brokerage.states import Confirmation
from brokerage.vocabulary import Audience
from config.demo.clock import days_later
from config.demo.ledger import Meeting, Posted
from config.demo.market import Market
from config.demo.templates import DISPUTES, RECORD_NOTES

SEND_SHARE: Final = 0.14
LATELY: Final = 10
"""Days: of what ended since, some still waits to be recorded."""


def follow(market: Market, posted: Posted) -> None:
    """Have each time of the need recorded once it is over."""
    chance, today = market.chance, market.timeline.today
    for meeting in posted.meetings:
        ends_at = meeting.slot.ends_at
        is_late = (today - ends_at.date()).days < LATELY and chance.random() < 0.4
        when = days_later(ends_at + timedelta(minutes=30), chance.randint(0, 5), chance)
        if not is_late:
            market.timeline.at(when, partial(_record, market, posted, meeting))


def _record(market: Market, posted: Posted, meeting: Meeting, at: datetime) -> None:
    came = meeting.held()
    if not came:
        return
    chance = market.chance
    attended = _attendance(market, meeting)
    total = sum(attended.values())
    market.ledger.record(
        meeting,
        delivered=chance.random() > 0.03,
        attended=attended,
        pupil_premium_attended=round(total * chance.uniform(0.1, 0.4)) if chance.random() < 0.5 else None,
        send_attended=round(total * SEND_SHARE) if chance.random() < 0.4 else None,
        note=chance.choice(RECORD_NOTES),
        missed=[claim for claim in came if chance.random() < 0.035],
        by=posted.by,
        at=at,
    )
    for organisation in dict.fromkeys(claim.claimant_id for claim in came):
        theirs = [claim for claim in came if claim.claimant_id == organisation]
        _have_them_say(market, meeting, theirs, at)


def _attendance(market: Market, meeting: Meeting) -> dict[str, int]:
    need = meeting.slot.need
    rolls = market.rolls[need.school_id]
    group = {Audience.CLASS: 27, Audience.SELECTED_GROUP: 14}
    attended = {}
    for year in need.year_groups:
        roll = int(rolls[str(year)])
        whole = group.get(Audience(need.audience), roll)
        attended[str(year)] = min(roll, max(1, round(whole * market.chance.uniform(0.86, 0.99))))
    return attended


def _have_them_say(market: Market, meeting: Meeting, claims: list[Claim], at: datetime) -> None:
    chance = market.chance
    luck, when = chance.random(), days_later(at, chance.randint(0, 4), chance)
    if luck < 0.72:
        word, note = Confirmation.CONFIRMED, ""
    elif luck < 0.76:
        word, note = Confirmation.DISPUTED, chance.choice(DISPUTES)
    else:
        return
    market.timeline.at(when, lambda now: market.ledger.say(meeting, claims, word, note, at=now))
