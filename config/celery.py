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
# A worker outlives any absence of Valkey: it asks again until it is back.
app.conf.broker_connection_max_retries = None
app.conf.beat_schedule = {
    "sweep-debts": {"task": "brokerage.eventlog.tasks.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "send-mail": {
        "task": "brokerage.notifications.tasks.send_mail",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "remind": {
        "task": "brokerage.notifications.tasks.remind",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "seal-ledger": {
        "task": "brokerage.ledger.tasks.seal",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
    "look-at-clocks": {
        "task": "brokerage.notifications.tasks.look_at_clocks",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "recompute-standings": {
        "task": "schools.tasks.recompute_standings",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "roll-over": {
        "task": "schools.tasks.roll_over",
        "schedule": 4 * 3600.0,
        "options": {"expires": 3600},
    },
    # Asks whether last night's is whole: after an outage the next turn catches up.
    "replay-fairness": {
        "task": "brokerage.fairness.tasks.replay",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "bring-fairness-up-to-date": {
        "task": "brokerage.fairness.tasks.bring_up_to_date",
        "schedule": 120.0,
        "options": {"expires": 120},
    },
    "look-at-fairness-replies": {
        "task": "brokerage.fairness.tasks.look_at_replies",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "keep-equity-facts": {
        "task": "schools.tasks.keep_equity_facts",
        "schedule": 4 * 3600.0,
        "options": {"expires": 3600},
    },
    "count-terms": {
        "task": "brokerage.equity.tasks.count_terms",
        "schedule": 4 * 3600.0,
        "options": {"expires": 3600},
    },
    "worker-heartbeat": {
        "task": "brokerage.eventlog.tasks.beat_heart",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
}
