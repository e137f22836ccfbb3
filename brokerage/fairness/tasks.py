"""Celery's side of fairness: one call, no rules."""

from celery import shared_task
from django.utils import timezone

from brokerage.fairness import increments, lifecycle, nightly


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def replay() -> None:
    """Through the day: last night's replay, unless it is whole. After an outage the next turn catches up."""
    now = timezone.now()
    nightly.replay_if_due(now=now, then=lambda run: lifecycle.follow(run=run, at=now))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def bring_up_to_date() -> None:
    """Every few minutes: schools where something happened since."""
    now = timezone.now()
    increments.bring_up_to_date(today=timezone.localdate(now), at=now)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def look_at_replies() -> None:
    """Every hour: whose reply opens today, whose time has run."""
    lifecycle.look_at_replies(at=timezone.now())
