"""Celery's side of the event log: one call each, no rules."""

from celery import shared_task

from brokerage.eventlog import deliver as deliveries
from brokerage.eventlog import heartbeat

SECONDS = 20.0
"""How long one task drains before it hands over to a fresh one."""


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def deliver() -> None:
    """Nudged after commits: pay what is due."""
    if deliveries.pay_due(seconds=SECONDS):
        deliver.apply_async(expires=30, retry=False)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Every two seconds: pay what a lost nudge missed and what is due again."""
    if deliveries.pay_due(seconds=SECONDS):
        deliver.apply_async(expires=30, retry=False)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def beat_heart() -> None:
    """Says in Valkey that beat, broker and worker all live."""
    heartbeat.beat(heartbeat.WORKER)
