"""Celery's side of equity: one call, no rules."""

from celery import shared_task
from django.utils import timezone

from brokerage.equity import counting


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def count_terms() -> None:
    """Every few hours: who got the visits."""
    counting.count_all(at=timezone.now())
