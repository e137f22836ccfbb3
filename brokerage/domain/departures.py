"""When somebody leaves an organisation its promises stand without them: a colleague names who comes instead."""

from brokerage.accounts.events import MembershipEnded
from brokerage.domain import claims
from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import subscribe


@subscribe("take_off_who_left", MembershipEnded)
def take_off_who_left(event: Event) -> None:
    if event.subject_id is not None:
        claims.take_off(attendee_id=event.subject_id, at=event.at)
