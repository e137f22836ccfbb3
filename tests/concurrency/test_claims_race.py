"""Many at once, on connections of their own: never over-allocated, never double-booked."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from brokerage.domain import claims, taking
from brokerage.domain.idempotency import Once
from brokerage.errors import DomainError
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, IdempotencyKey, Listing, Slot
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db(transaction=True)

# The most places that were ever held at once, told by the log alone: taken when booked, given back when ended.
_HIGH_WATER = """
WITH moves AS (
    SELECT data->>'slot' AS slot, id, CASE
        WHEN type = 'brokerage.claim.submitted.v1' AND data->>'state' = 'accepted' THEN (data->>'places')::int
        WHEN type = 'brokerage.claim.accepted.v1' THEN (data->>'places')::int
        WHEN type = 'brokerage.claim.withdrawn.v1' AND data->>'was' = 'accepted' THEN -(data->>'places')::int
        WHEN type = 'brokerage.claim.cancelled.v1' THEN -(data->>'places')::int
        ELSE 0 END AS places
    FROM eventlog_event WHERE type LIKE 'brokerage.claim.%%'
), held AS (
    SELECT slot, sum(places) OVER (PARTITION BY slot ORDER BY id) AS held FROM moves
)
SELECT slot.places, max(held.held)::int FROM held JOIN brokerage_slot slot ON slot.public_id = held.slot::uuid
GROUP BY slot.id, slot.places
"""


def at_once(*asks: Callable[[], Any], threads: int = 24) -> list[Any]:
    """Each in a thread of its own (so many at a time), let go together; a refusal is its code."""
    gate = threading.Barrier(min(threads, len(asks)))
    waited = threading.local()

    def ask(do: Callable[[], Any]) -> Any:
        if not getattr(waited, "once", False):
            waited.once = True
            gate.wait(30)
        try:
            return do()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(min(threads, len(asks))) as pool:
        return list(pool.map(ask, asks))


def never_over() -> None:
    """By the log's own history and by what stands at the end."""
    with connection.cursor() as cursor:
        cursor.execute(_HIGH_WATER)
        history = cursor.fetchall()
    assert history
    assert all(held <= places for places, held in history), history
    for slot in Slot.objects.all():
        booked = Claim.objects.filter(slot=slot, state="accepted")
        assert slot.taken == sum(claim.places for claim in booked) <= slot.places


def submit(slot, by, attendee=None, once=None):
    """A request of its own: its own clock, its own transaction."""
    return partial(_submit, slot, by, attendee, once)


def _submit(slot, by, attendee, once):
    return claims.submit(slot=slot, attendee=attendee, by=by, at=timezone.now(), once=once)


def leave(claim):
    return lambda: claims.withdraw(claim=claim, reason="ill", by=claim.submitted_by, at=timezone.now()).state


def accept(claim, by):
    return lambda: claims.accept(claim=claim, by=by, at=timezone.now()).state


def rival(slot):
    by = factories.member(factories.employer(), "volunteer")
    return submit(slot, by, by)


@pytest.fixture
def few_connections(settings):
    """As many as the pool gives; the rest wait, as requests do."""
    return settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]


def test_200_rivals_for_20_places_of_whom_exactly_20_win(few_connections):
    need = factories.posted(slots=[time_slot(places=20)])
    slot = factories.slot_of(need)
    answers = at_once(*[rival(slot) for _ in range(200)], threads=few_connections)

    assert Counter(type(answer).__name__ for answer in answers) == {"Submitted": 20, "str": 180}
    assert {answer for answer in answers if isinstance(answer, str)} == {"slot_full"}
    assert Claim.objects.count() == Event.objects.filter(type="brokerage.claim.submitted.v1").count() == 20
    assert (Encounter.objects.count(), Listing.objects.count()) == (1, 0)
    never_over()


def test_no_place_is_lost_after_withdrawals(few_connections):
    need = factories.posted(slots=[time_slot(places=5)])
    slot = factories.slot_of(need)
    going = [leave(factories.accepted_claim(on=need, attendee=None)) for _ in range(5)]
    mixed = [ask for pair in zip(going, [rival(slot) for _ in range(5)], strict=True) for ask in pair]
    at_once(*mixed, *[rival(slot) for _ in range(30)], threads=few_connections)
    at_once(*[rival(slot) for _ in range(10)], threads=few_connections)

    slot.refresh_from_db()
    assert slot.taken == 5
    never_over()


def test_one_person_gets_one_of_two_overlapping_times():
    for _ in range(5):
        by = factories.member(factories.employer())
        slots = [
            factories.slot_of(factories.posted(slots=[time_slot(minutes=length)])) for length in (60, 90)
        ]
        answers = at_once(*[submit(slot, by, by) for slot in slots])
        assert sorted(type(answer).__name__ for answer in answers) == ["Submitted", "str"]
        assert "person_already_booked" in answers
        assert (
            sum(Slot.objects.filter(pk__in=[slot.pk for slot in slots]).values_list("taken", flat=True)) == 1
        )
    never_over()


def test_of_two_who_wait_for_each_others_row_one_looks_again():
    """What two bookings of one person can come to: PostgreSQL ends one of them."""
    first, second = (factories.slot_of(factories.posted(slots=[time_slot(places=2)])) for _ in "12")
    gate = threading.Barrier(2)
    tries = []

    def add_to(*slots):
        def work():
            tries.append(slots)
            with transaction.atomic():
                for slot in slots:
                    Slot.objects.filter(pk=slot.pk).update(taken=F("taken") + 1)
                    if len(tries) <= 2 and slot is slots[0]:
                        gate.wait(30)

        return lambda: taking.retried(work)

    at_once(add_to(first, second), add_to(second, first))

    assert len(tries) == 3
    assert [Slot.objects.get(pk=slot.pk).taken for slot in (first, second)] == [2, 2]


def test_one_person_is_accepted_for_one_of_two_overlapping_times():
    for _ in range(5):
        by = factories.member(factories.employer())
        offers = [
            factories.submitted_claim(
                by, on=factories.posted(allocation="school_chooses", slots=[time_slot(minutes=length)])
            )
            for length in (60, 90)
        ]
        answers = at_once(*[accept(offer, factories.member(offer.slot.need.school)) for offer in offers])
        assert sorted(answers) == ["accepted", "person_already_booked"]
    never_over()


@pytest.mark.parametrize("named", [True, False])
def test_same_claim_four_times_at_once_is_one_claim(named):
    for _ in range(5):
        slot = factories.slot_of(factories.posted(slots=[time_slot(places=9)]))
        by = factories.member(factories.employer())
        answers = at_once(*[submit(slot, by, by if named else None)] * 4)
        assert len({answer.claim.public_id for answer in answers}) == 1
        assert [answer.is_new for answer in answers].count(True) == 1
    never_over()


def test_accept_beside_withdraw_ends_in_one_or_the_other():
    leader = factories.member(factories.school())
    for _ in range(8):
        claim = factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))
        answers = at_once(accept(claim, leader), leave(claim))
        claim.refresh_from_db()
        assert answers in (["accepted", "cancelled_by_claimant"], ["claim_not_waiting", "withdrawn"])
        assert answers[1] == claim.state
        assert Slot.objects.get(pk=claim.slot_id).taken == 0


def test_two_acceptances_for_the_last_place():
    leader = factories.member(factories.school())
    for _ in range(5):
        need = factories.posted(leader, allocation="school_chooses")
        waiting = [factories.submitted_claim(on=need) for _ in range(2)]
        assert sorted(at_once(*[accept(claim, leader) for claim in waiting])) == ["accepted", "slot_full"]
    never_over()


def test_same_idempotency_key_four_times_at_once_makes_one_claim():
    for number in range(5):
        slot = factories.slot_of(factories.posted(slots=[time_slot(places=9)]))
        by = factories.member(factories.employer())
        once = Once(by.user_id, f"key-{number}", "hash")
        answers = at_once(*[submit(slot, by, once=once)] * 4)
        made = {answer.claim.public_id for answer in answers if not isinstance(answer, str)}
        assert made == {Claim.objects.get(slot=slot).public_id}
        assert {answer for answer in answers if isinstance(answer, str)} <= {"idempotency_key_in_use"}
        assert IdempotencyKey.objects.get(key=f"key-{number}").made_id in made
