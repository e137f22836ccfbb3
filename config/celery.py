"""Celery: batched and slow work only, never a task per event. The schedule is code."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("doorway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "brokerage.eventlog",
        "brokerage.notifications",
        "brokerage.ledger",
        "brokerage.fairness",
        "brokerage.equity",
        "brokerage",
        "schools",
    ]
)
# Tasks wait for PostgreSQL and mail servers, which threads do well; a forked pool would also throw its
# connection pool away after every task.
app.conf.worker_pool = "threads"
# A worker outlives any absence of Valkey: it asks again until it is back, and bears what was cut off.
app.conf.broker_connection_max_retries = None
app.conf.broker_transport = "config.broker:Transport"


def _every(seconds: float, task: str, *, expires: int) -> dict[str, object]:
    """Dropped unrun once `expires` seconds have passed: the next turn does the same work."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": expires}}


app.conf.beat_schedule = {
    "sweep-debts": _every(2, "brokerage.eventlog.tasks.sweep", expires=10),
    "send-mail": _every(5, "brokerage.notifications.tasks.send_mail", expires=30),
    "remind": _every(600, "brokerage.notifications.tasks.remind", expires=600),
    "seal-ledger": _every(10, "brokerage.ledger.tasks.seal", expires=20),
    "look-at-clocks": _every(600, "brokerage.notifications.tasks.look_at_clocks", expires=600),
    "recompute-standings": _every(900, "schools.tasks.recompute_standings", expires=900),
    "roll-over": _every(4 * 3600, "schools.tasks.roll_over", expires=3600),
    # Asks whether last night's is whole: after an outage the next turn catches up.
    "replay-fairness": _every(900, "brokerage.fairness.tasks.replay", expires=900),
    "bring-fairness-up-to-date": _every(120, "brokerage.fairness.tasks.bring_up_to_date", expires=120),
    "look-at-fairness-replies": _every(3600, "brokerage.fairness.tasks.look_at_replies", expires=3600),
    "keep-equity-facts": _every(4 * 3600, "schools.tasks.keep_equity_facts", expires=3600),
    "count-terms": _every(4 * 3600, "brokerage.equity.tasks.count_terms", expires=3600),
    "worker-heartbeat": _every(10, "brokerage.eventlog.tasks.beat_heart", expires=20),
}
