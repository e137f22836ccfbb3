"""Celery's side of telling people: one call each, no rules."""

from celery import shared_task
from django.utils import timezone

from brokerage.notifications import clocks, mailing, reminders

SECONDS = 60.0


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def send_mail() -> None:
    """Every few seconds: send the letters that are due."""
    mailing.send_due(seconds=SECONDS)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def remind() -> None:
    """Every ten minutes: once a day and visit, whoever goes somewhere tomorrow hears of it."""
    reminders.remind(at=timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def look_at_clocks() -> None:
    """Every ten minutes: once a morning and telling day, whoever waits for a school's answer, or owes one, hears."""
    clocks.look(at=timezone.now())
