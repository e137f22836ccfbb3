"""One line of the chain each: every test here failed when that line was broken on purpose."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone as clock

from brokerage.eventlog.models import Event
from brokerage.ledger import chain
from brokerage.ledger.models import Seal
from tests.factories import access

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SUBJECT = uuid.UUID(int=5)


def event(**fields: Any) -> Event:
    told = {
        "pk": 7, "type": "a.b.1", "at": AT, "actor_id": 3, "actor_key": "membership:x",
        "organisation_id": 4, "subject_id": SUBJECT, "data": {"b": 1, "a": "é"},
    }  # fmt: skip
    return Event(**told | fields)


def test_an_event_is_the_same_bytes_on_every_machine() -> None:
    """In UTC, keys in order, no spaces: what an old link's digest was made of must never change."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=1)))
    expected = (
        '{"actor":[3,"membership:x"],"at":"2026-03-02T09:30:00.000000+00:00","data":{"a":"é","b":1},"id":7,'
        f'"organisation":4,"subject":"{SUBJECT}","type":"a.b.1"}}'
    )
    assert chain.canonical(event(at=elsewhere)) == expected.encode()


@pytest.mark.parametrize(
    "other",
    [
        {"pk": 8}, {"type": "a.c.1"}, {"at": AT + timedelta(microseconds=1)}, {"actor_id": None},
        {"actor_key": "staff"}, {"organisation_id": 5}, {"subject_id": None}, {"data": {}},
    ],
)  # fmt: skip
def test_whatever_is_changed_of_an_event_changes_its_link(other: dict[str, Any]) -> None:
    assert chain.digest(chain.START, event(**other)) != chain.digest(chain.START, event())


def test_a_link_covers_the_one_before_it() -> None:
    assert chain.digest("1" * 64, event()) != chain.digest(chain.START, event())


@contextmanager
def another_session() -> Iterator[Any]:
    """A second connection to the same database."""
    other = connection.get_new_connection(connection.get_connection_params())
    other.autocommit = True
    try:
        yield other
    finally:
        other.close()


def put_in(like: Event, **fields: Any) -> Event:
    like.pk = None
    for name, value in fields.items():
        setattr(like, name, value)
    like.save(force_insert=True)
    return like


@pytest.mark.django_db
def test_one_school_is_verified_without_another() -> None:
    requests = access.asked(), access.asked()
    chain.seal(at=clock.now())
    put_in(Event.objects.get(subject_id=requests[0].public_id))
    later = clock.now() + chain.SETTLED + timedelta(minutes=1)
    broken, whole = (chain.verify(at=later, school_id=each.school_id) for each in requests)
    assert [(found.school_id, found.what[-18:]) for found in broken.breaks] == [
        (requests[0].school_id, "stands in no chain")
    ]
    assert whole == chain.Verdict(schools=1, links=1, breaks=())


@pytest.mark.django_db
def test_links_are_made_in_the_order_in_which_things_happened() -> None:
    first = Event.objects.get(subject_id=access.asked().public_id)
    earlier = put_in(Event.objects.get(pk=first.pk), at=first.at - timedelta(minutes=1))
    chain.seal(at=clock.now())
    assert list(Seal.objects.order_by("number").values_list("event_id", flat=True)) == [earlier.pk, first.pk]


@pytest.mark.django_db
def test_a_long_backlog_is_linked_in_batches_that_join() -> None:
    first = Event.objects.get(subject_id=access.asked().public_id)
    for _ in range(2):
        put_in(Event.objects.get(pk=first.pk))
    assert [chain.seal(at=clock.now(), at_most=2) for _ in range(3)] == [2, 1, 0]
    assert chain.verify(at=clock.now()) == chain.Verdict(schools=1, links=3, breaks=())


@pytest.mark.django_db
def test_a_chain_goes_on_from_its_own_end_whatever_number_another_ends_with() -> None:
    requests = access.asked(), access.asked()
    school, neighbour = (each.school_id for each in requests)
    first, other = (Event.objects.get(subject_id=each.public_id) for each in requests)
    second = put_in(Event.objects.get(pk=first.pk))
    for of, number, linked in ((school, 2, second), (school, 1, first), (neighbour, 1, other)):
        Seal.objects.create(
            school_id=of, number=number, event=linked, sha256=f"{number}" * 64, sealed_at=clock.now()
        )
    assert chain._ends([school, neighbour]) == {school: (2, "2" * 64), neighbour: (1, "1" * 64)}


@pytest.mark.django_db
def test_beside_another_sealer_nothing_is_linked() -> None:
    access.asked()
    with another_session() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [chain._LOCK])
        assert chain.seal(at=clock.now()) == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [chain._LOCK])
        assert chain.seal(at=clock.now()) == 1
