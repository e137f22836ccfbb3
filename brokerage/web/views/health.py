"""For those who watch over the platform: is the process alive, is what it needs there, how far behind is it."""

import hmac
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from brokerage.eventlog import deliver, heartbeat
from brokerage.eventlog.hints import broker
from brokerage.eventlog.models import Event
from brokerage.notifications import mailing

LOOPBACK = frozenset({"127.0.0.1", "::1"})
Figures = dict[str, float | int | None]


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether what a page needs is there; beside it how the background is doing, which no page waits for."""
    failing = _failing()
    figures = {} if failing else _figures()
    body = {"status": "unavailable" if failing else "ok", "failing": failing, "figures": figures}
    return JsonResponse(body, status=503 if failing else 200)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text form; counted where it is kept, so that any number of processes says the same."""
    if not _may_read_metrics(request):
        return HttpResponse("Not for you.\n", status=403, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _failing() -> list[str]:
    """What is known to be missing; of migrations nothing is known without a database."""
    if not _database():
        return ["database"] if _valkey() else ["database", "valkey"]
    return [name for name, works in (("valkey", _valkey), ("migrations", _migrations)) if not works()]


def _database() -> bool:
    """By a connection of its own: the pool would wait ten seconds for a server that isn't there."""
    try:
        with psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": 2}) as probe:
            probe.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _valkey() -> bool:
    try:
        return bool(broker().ping())
    except redis.RedisError:
        return False


def _migrations() -> bool:
    """Whether every migration of this code has been applied."""
    try:
        return set(MigrationRecorder(connection).applied_migrations()) >= _known_migrations()
    except DatabaseError:
        return False


CHECKED = ("database", "valkey", "migrations")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Reads the files once for each process."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())


def _figures() -> Figures:
    debts = deliver.figures()
    return {
        "worker_heartbeat_seconds": _age(heartbeat.WORKER),
        "sockets_heartbeat_seconds": _age(heartbeat.SOCKETS),
        "open_sockets": heartbeat.sockets(),
        "unpaid_debts": debts.unpaid,
        "oldest_unpaid_debt_seconds": round(debts.oldest_seconds, 1),
        "parked_debts": debts.parked,
        "unsent_letters": mailing.unsent().count(),
        "parked_letters": mailing.parked().count(),
    }


def _age(name: str) -> float | None:
    """Null when it never beat, which is not the same as long ago."""
    age = heartbeat.age(name)
    return None if age is None else round(age, 1)


class _Collector:
    def collect(self) -> Iterator[GaugeMetricFamily]:
        failing = _failing()
        for name in CHECKED:
            yield GaugeMetricFamily(
                f"doorway_{name}_ok", f"0 when {name} fails.", value=int(name not in failing)
            )
        if failing:
            return
        with suppress(DatabaseError, redis.RedisError):
            for name, value in _figures().items():
                if value is not None:
                    yield GaugeMetricFamily(
                        f"doorway_{name}", name.replace("_", " ").capitalize(), value=value
                    )
            last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
            yield GaugeMetricFamily("doorway_last_event", "Id of the newest event.", value=last)


def _may_read_metrics(request: HttpRequest) -> bool:
    """With the token; without one only this machine itself, and nobody a proxy speaks for."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    is_forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip"))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded
