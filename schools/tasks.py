"""Celery's side of schools: one call, no rules."""

from celery import shared_task
from django.utils import timezone

from schools import equity
from schools.domain import cohorts, comparison, forecasting, standings


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def recompute_standings() -> None:
    """Through the day: those that no one has computed since midnight. A day has gone by, and year groups roll on."""
    now = timezone.now()
    today = timezone.localdate(now)
    standings.recompute_stale(today=today, at=now)
    forecasting.fit_last_season(today=today, at=now)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def roll_over() -> None:
    """Every few hours: on the day on which year groups move up, the market hears their rolls. With whom each school
    is compared follows."""
    now = timezone.now()
    cohorts.roll_over(today=timezone.localdate(now), at=now)
    comparison.tell()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def keep_equity_facts() -> None:
    """Every few hours: rolls and shares that no event told of."""
    equity.keep_facts()
