"""What fairness does when something happens at a school: never inside that thing's own transaction."""

from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import subscribe
from brokerage.fairness import feed, increments


@subscribe("mark_fairness_stale", *feed.FACTS)
def mark_fairness_stale(event: Event) -> None:
    """Worked out within minutes, however many come at once."""
    if event.organisation_id is not None:
        increments.mark_stale(event.organisation_id)
