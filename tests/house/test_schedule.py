"""Whatever the clock calls exists: beat asks by name, and a name that no worker knows fails only in production."""

from config.celery import app


def test_every_scheduled_task_is_known_to_workers():
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled - set(app.tasks) == set()
