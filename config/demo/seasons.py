"""Two terms behind us and six weeks ahead, at every school."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

from brokerage.accounts.models import Kind, Organisation
from brokerage.domain.slots import SlotTime
from brokerage.vocabulary import Allocation, SchoolCancelReason
from config.demo import afterwards, schools, terms
from config.demo.clock import local
from config.demo.ledger import Posted
from config.demo.market import Market
from config.demo.templates import TEMPLATES, Template

BEHIND: Final = timedelta(days=225)
AHEAD: Final = timedelta(days=42)
SCHOOL_DAYS_AHEAD: Final = 16
"""Never fewer than these, even when the six weeks ahead are holidays."""
SMALL: Final = 40
DRAFTS_SHARE, WITHDRAWN_SHARE = 0.3, 0.05


def spend(market: Market) -> None:
    for school in market.everyone.of(Kind.SCHOOL):
        _look_back(market, school)
        if school.name == schools.FERNLOW:  # its own days ahead are told by hand (stories)
            continue
        _look_ahead(market, school)
        if market.chance.random() < DRAFTS_SHARE:
            _leave_a_draft(market, school)


def days_ahead(market: Market, school: Organisation) -> list[date]:
    """School days from tomorrow on, six weeks of them or as many as it takes."""
    today, closed = market.timeline.today, market.everyone.closures[school.pk]
    far = list(terms.school_days(today + timedelta(days=1), today + timedelta(days=100), closed))
    near = [day for day in far if day <= today + AHEAD]
    return near if len(near) >= SCHOOL_DAYS_AHEAD else far[:SCHOOL_DAYS_AHEAD]


def days_behind(market: Market, school: Organisation) -> list[date]:
    today, closed = market.timeline.today, market.everyone.closures[school.pk]
    return list(terms.school_days(today - BEHIND, today - timedelta(days=1), closed))


def _look_back(market: Market, school: Organisation) -> None:
    days = days_behind(market, school)
    for template in _choose(market, school, usual=9, small=4):
        _plan(market, school, template, _some(market, template, days), market.chance.uniform(0.6, 1.3))


def _look_ahead(market: Market, school: Organisation) -> None:
    days = days_ahead(market, school)
    for template in _choose(market, school, usual=4, small=2):
        fill = market.chance.choice((0.0, 0.3, 0.6, 1.0, 1.4))
        closes = market.chance.random() < 0.15
        _plan(market, school, template, _some(market, template, days), fill, closes=closes)


def _plan(
    market: Market,
    school: Organisation,
    template: Template,
    days: Sequence[date],
    fill: float,
    *,
    closes: bool = False,
) -> None:
    """`closes`: yesterday or the day before, with its times still to come."""
    times = market.times(school, template, days)
    posted_at = market.posting_time(times)
    fields = _ways(market, template)
    if closes:
        posted_at = min(posted_at, local(market.timeline.today - timedelta(days=9), time(9, 40)))
        fields["closes_at"] = local(market.timeline.today - timedelta(days=1), time(17, 0))
    is_withdrawn = market.chance.random() < WITHDRAWN_SHARE

    def post(at: datetime) -> None:
        posted = market.post(school, template, times, at=at, **fields)
        market.offer_around(posted, fill, at)
        if is_withdrawn:
            _withdraw_later(market, posted, times, at)
        afterwards.follow(market, posted)

    market.timeline.at(posted_at, post)


def _withdraw_later(market: Market, posted: Posted, times: Sequence[SlotTime], at: datetime) -> None:
    first = min(slot.starts_at for slot in times)
    reason = market.chance.choice(tuple(SchoolCancelReason))
    market.timeline.at(
        at + (first - at) * market.chance.uniform(0.2, 0.8),
        lambda when: market.ledger.withdraw_need(posted, reason, at=when),
    )


def _leave_a_draft(market: Market, school: Organisation) -> None:
    """Something a school began to write and has not posted; some still lack their times."""
    template = _choose(market, school, usual=1, small=1)[0]
    days = [market.chance.choice(days_ahead(market, school))] if market.chance.random() < 0.6 else []
    times = market.times(school, template, days)
    at = local(market.timeline.today - timedelta(days=market.chance.randint(1, 9)), time(16, 5))
    market.timeline.at(at, partial(_draft, market, school, template, times))


def _draft(
    market: Market, school: Organisation, template: Template, times: Sequence[SlotTime], at: datetime
) -> None:
    market.post(school, template, times, at=at, publish=False)


def _choose(market: Market, school: Organisation, *, usual: int, small: int) -> list[Template]:
    rolls = market.rolls[school.pk]
    fitting = [t for t in TEMPLATES if any(str(year) in rolls for year in t.years)]
    count = small if max(map(int, rolls.values())) < SMALL else usual
    return market.chance.sample(fitting, min(count, len(fitting)))


def _some(market: Market, template: Template, days: Sequence[date]) -> list[date]:
    """So many of the days as the template has times, within a fortnight of each other."""
    count = market.chance.randint(template.times[0], template.times[1])
    start = market.chance.randrange(max(1, len(days) - 8))
    return sorted(market.chance.sample(days[start : start + 8], min(count, len(days[start : start + 8]))))


def _ways(market: Market, template: Template) -> dict[str, Any]:
    """Now and then a school would rather choose."""
    chooses = template.places[1] <= 2 and market.chance.random() < 0.25
    return {"allocation": Allocation.SCHOOL_CHOOSES} if chooses else {}
