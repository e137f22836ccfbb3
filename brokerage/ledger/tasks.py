"""Celery's side of the ledger: one call, no rules."""

from celery import shared_task
from django.utils import timezone

from brokerage.ledger import chain


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def seal() -> None:
    """Every few seconds: link what was recorded since. A long backlog takes several turns."""
    while chain.seal(at=timezone.now()) == chain.BATCH:
        pass
