"""What the platform says of itself to those who watch over it."""

import json
import time

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from prometheus_client.parser import text_string_to_metric_families

from brokerage.eventlog import heartbeat, hints
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def nowhere(settings):
    """Valkey is away."""
    settings.SOCKETS_REDIS_URL = "redis://127.0.0.1:1/0"
    hints.broker.cache_clear()
    yield
    hints.broker.cache_clear()


def ready(client) -> tuple[int, dict]:
    response = client.get("/readyz")
    return response.status_code, json.loads(response.content)


def test_a_living_process_says_so_without_asking_anyone(client, nowhere, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_tells_how_far_the_background_is_behind(client):
    heartbeat.beat(heartbeat.WORKER)
    heartbeat.beat(heartbeat.SOCKETS)
    heartbeat.count_sockets("tests:1", 7)
    heartbeat.count_sockets("tests:2", 5)
    factories.posted()

    status, body = ready(client)

    figures = body["figures"]
    assert (status, body["status"], body["failing"]) == (200, "ok", [])
    assert figures["unpaid_debts"] == 1
    assert 0 <= figures["oldest_unpaid_debt_seconds"] < 60
    assert (figures["parked_debts"], figures["unsent_letters"], figures["parked_letters"]) == (0, 0, 0)
    assert figures["open_sockets"] >= 12
    assert 0 <= figures["worker_heartbeat_seconds"] < 5
    assert 0 <= figures["sockets_heartbeat_seconds"] < 5


def test_a_worker_that_never_beat_is_null_not_zero(client):
    hints.broker().delete("doorway:heart:worker")

    assert ready(client)[1]["figures"]["worker_heartbeat_seconds"] is None


def test_without_valkey_it_is_not_ready_and_says_why(client, nowhere):
    status, body = ready(client)
    assert (status, body["failing"], body["figures"]) == (503, ["valkey"], {})


def test_with_a_migration_missing_it_is_not_ready_and_says_why(client):
    MigrationRecorder(connection).record_unapplied("notifications", "0001_initial")
    status, body = ready(client)
    assert (status, body["failing"]) == (503, ["migrations"])


def test_without_a_database_it_answers_soon_and_says_why(client, settings):
    real = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = 1
    try:
        started = time.monotonic()
        status, body = ready(client)
    finally:
        connection.settings_dict["PORT"] = real
    assert (status, body["failing"]) == (503, ["database"])
    assert time.monotonic() - started < 4


def families(response) -> dict[str, float]:
    text = response.content.decode()
    return {family.name: family.samples[0].value for family in text_string_to_metric_families(text)}


def test_metrics_are_for_this_machine_when_there_is_no_token(client):
    found = families(client.get("/metrics", REMOTE_ADDR="127.0.0.1"))
    assert found["doorway_database_ok"] == found["doorway_valkey_ok"] == found["doorway_migrations_ok"] == 1
    assert found["doorway_parked_debts"] == 0

    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403
    forwarded = client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "203.0.113.7"})
    assert forwarded.status_code == 403


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer right", 200), ("Bearer wrong", 403), ("Bearer ", 403), ("right", 403), ("", 403)],
)
def test_metrics_with_a_token_are_for_whoever_holds_it(client, settings, header, status):
    settings.METRICS_TOKEN = "right"
    response = client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers={"Authorization": header})
    assert response.status_code == status


def test_an_empty_token_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""
    response = client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers={"Authorization": "Bearer "})
    assert response.status_code == 403


def test_metrics_say_what_is_down(client, nowhere):
    found = families(client.get("/metrics", REMOTE_ADDR="127.0.0.1"))
    assert found == {"doorway_database_ok": 1, "doorway_valkey_ok": 0, "doorway_migrations_ok": 1}
