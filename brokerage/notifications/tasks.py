"""Celery's side of telling people: one call each, no rules."""

from celery import shared_task
from django.utils import timezone

from brokerage.notifications import mailing, reminders

SECONDS = 60.0


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def send_mail() -> None:
    """Every few seconds: send the letters that are due."""
    mailing.send_due(seconds=SECONDS)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def remind() -> None:
    """Every ten minutes: once a day and visit, whoever goes somewhere tomorrow hears of it."""
    reminders.remind(at=timezone.now())
