"""How often the API talks to PostgreSQL, counted on the wire: each ReadyForQuery ends one round trip."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.pq import Trace

from brokerage.models import Claim
from tests import factories
from tests.factories.market import time_slot

AT_MOST_PER_CLAIM = 5
AT_MOST_PER_REFUSAL = 3
AT_MOST_PER_LIST = 2


class Wire:
    round_trips = 0


@contextmanager
def wire() -> Iterator[Wire]:
    """libpq's own trace of the messages to and from the server."""
    counted = Wire()
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as file:
        pgconn.trace(file.fileno())
        pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield counted
        finally:
            pgconn.untrace()
        file.seek(0)
        counted.round_trips = sum("ReadyForQuery" in line for line in file)


def warm(ask, times: int = 5, status: int | None = None) -> None:
    """Past the point where psycopg prepares a statement, which costs a round trip once."""
    for _ in range(times):
        assert ask().status_code in ((200, 201) if status is None else (status,))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("colleague", [False, True])
def test_claim_takes_at_most_five_round_trips_and_nothing_between_lock_and_commit(api, colleague):
    leader = factories.member(factories.school())
    needs = [factories.posted(leader, slots=[time_slot(days=20 + day)]) for day in range(7)]
    coordinator = factories.member(factories.employer())
    attendee = factories.member(coordinator.organisation, "volunteer") if colleague else coordinator
    client = api(coordinator)
    bodies = [
        (
            need.public_id,
            {"slot": str(factories.slot_of(need).public_id), "attendee": str(attendee.public_id)},
        )
        for need in needs
    ]

    def ask():
        need, body = bodies.pop()
        return client.post(f"needs/{need}/claims/", body)

    warm(ask)
    with wire() as talk:
        assert ask().status_code == 201
    with CaptureQueriesContext(connection) as asked:
        assert ask().json()["state"] == "accepted"

    assert talk.round_trips <= AT_MOST_PER_CLAIM
    told = [query["sql"] for query in asked]
    lock = next(place for place, sql in enumerate(told) if "UPDATE brokerage_slot" in sql)
    assert told[lock + 1 :] == ["COMMIT"]
    assert told[lock - 1] == "BEGIN"
    assert Claim.objects.filter(state="accepted").count() == 7


@pytest.mark.django_db(transaction=True)
def test_refusal_on_a_full_slot_needs_no_transaction(api):
    need = factories.posted(slots=[time_slot()])
    factories.accepted_claim(on=need)
    client, slot = api(factories.member(factories.employer())), factories.slot_of(need)

    def ask():
        return client.post(f"needs/{need.public_id}/claims/", {"slot": str(slot.public_id)})

    warm(ask, status=409)
    with wire() as talk:
        assert ask().json()["code"] == "slot_full"
    with CaptureQueriesContext(connection) as asked:
        ask()

    assert talk.round_trips <= AT_MOST_PER_REFUSAL
    assert not [query["sql"] for query in asked if query["sql"] == "BEGIN" or "UPDATE" in query["sql"]]


LISTS = [
    "needs/",
    "needs/?state=closed",
    "needs/?year_group=10&sector=law&near=B1&within_km=900",
    "needs/?ordering=newest",
    "needs/?near=B1&ordering=nearest&within_km=900",
    "claims/",
    "encounters/",
    "events/",
    "notifications/",
]
EMPTY = {"needs/?state=closed", "events/", "notifications/"}


@pytest.mark.django_db
def test_list_page_takes_the_same_few_statements_at_any_size(api):
    leader = factories.member(factories.school(easting=406000, northing=286000))
    by = factories.member(factories.employer())
    counts = {}
    for size in (1, 30):
        while (made := Claim.objects.count()) < size:
            need = factories.posted(leader, slots=[time_slot(days=20 + made, places=2)])
            factories.accepted_claim(by, on=need, attendee=None)
        for viewer in (by, leader):
            client = api(viewer)
            for path in LISTS:
                warm(lambda client=client, path=path: client.get(path))
                with wire() as talk:
                    told = client.get(path).json()["results"]
                assert path in EMPTY or len(told) == min(size, 20), path
                counts.setdefault((viewer.role, path), []).append(talk.round_trips)
    assert max(max(each) for each in counts.values()) <= AT_MOST_PER_LIST, counts
    assert all(few == many for few, many in counts.values()), counts
