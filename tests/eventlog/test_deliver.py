import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from brokerage.accounts.models import Organisation
from brokerage.eventlog import deliver
from brokerage.eventlog.facts import FACTS, Fact, fact
from brokerage.eventlog.models import Delivery, Event
from brokerage.eventlog.record import PLATFORM, record
from brokerage.eventlog.subscriptions import SUBSCRIPTIONS, Subscription
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def happened():
    """A fact of the tests' own, gone again afterwards."""

    @fact("tests.thing.happened")
    @dataclass(frozen=True, kw_only=True)
    class ThingHappened(Fact):
        pass

    yield ThingHappened
    del FACTS[ThingHappened.type]


@pytest.fixture
def subscribe(happened):
    names = []

    def subscribe(name, handle):
        SUBSCRIPTIONS[name] = Subscription(name, frozenset({happened.type}), handle)
        names.append(name)

    yield subscribe
    for name in names:
        SUBSCRIPTIONS.pop(name, None)


@pytest.fixture
def happen(happened):
    def happen():
        with transaction.atomic():
            subject = factories.employer()
            fact = happened(subject_id=subject.public_id, organisation_id=subject.pk)
            return record(fact, by=PLATFORM, at=timezone.now())

    return happen


def debt(name: str) -> Delivery:
    return Delivery.objects.get(subscriber=name)


def make_due() -> None:
    Delivery.objects.update(next_try_at=Now() - timedelta(seconds=1))


def test_each_subscriber_is_paid_once_for_each_event_in_order(subscribe, happen):
    heard = []
    subscribe("first", lambda event: heard.append(("first", event.pk)))
    subscribe("second", lambda event: heard.append(("second", event.pk)))
    events = [happen(), happen()]

    assert deliver.pay_due(seconds=5) is False
    assert deliver.pay_due(seconds=5) is False

    assert sorted(heard) == sorted((name, event) for name in ("first", "second") for event in events)
    assert [event for name, event in heard if name == "first"] == events
    assert Delivery.objects.filter(paid_at=None).count() == 0
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_what_a_failing_handler_wrote_is_undone_and_the_others_are_paid(subscribe, happen):
    def write_and_fail(event):
        factories.employer(town="Half done")
        raise ValueError("no luck")

    heard = []
    subscribe("broken", write_and_fail)
    subscribe("whole", lambda event: heard.append(event.pk))
    event = happen()

    deliver.pay_due(seconds=5)

    broken = debt("broken")
    assert heard == [event]
    assert (broken.attempts, broken.last_error, broken.paid_at) == (1, "ValueError: no luck", None)
    assert not Organisation.objects.filter(town="Half done").exists()


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 2), (1, 4), (4, 32)])
def test_a_failed_debt_waits_twice_as_long_each_time(subscribe, happen, attempts, seconds):
    subscribe("broken", _fail)
    happen()
    Delivery.objects.update(attempts=attempts)

    deliver.pay_due(seconds=5)

    waits = Delivery.objects.annotate(wait=F("next_try_at") - Now()).get().wait
    assert timedelta(seconds=seconds - 1) < waits <= timedelta(seconds=seconds)


def test_a_debt_is_parked_after_eight_attempts_and_left_alone(subscribe, happen):
    tries = []
    subscribe("broken", lambda event: tries.append(event.pk) or _fail(event))
    happen()

    for _ in range(10):
        make_due()
        deliver.pay_due(seconds=5)

    parked = debt("broken")
    assert len(tries) == 8
    assert parked.parked_at is not None
    assert list(deliver.parked()) == [parked]
    assert deliver.figures() == deliver.Debts(unpaid=0, oldest_seconds=0.0, parked=1)


def test_a_parked_debt_taken_up_again_is_paid_once_its_handler_is_mended(subscribe, happen):
    subscribe("broken", _fail)
    happen()
    for _ in range(8):
        make_due()
        deliver.pay_due(seconds=5)
    heard = []
    subscribe("broken", lambda event: heard.append(event.pk))

    assert deliver.take_up_again(debt("broken").pk) is True
    deliver.pay_due(seconds=5)

    assert len(heard) == 1
    assert debt("broken").paid_at is not None


def test_a_partly_paid_debt_keeps_what_was_written_and_is_asked_again(subscribe, happen):
    def serve_some(event):
        factories.employer(town="Served")
        raise deliver.PartlyPaidError("1 of 2")

    subscribe("partly", serve_some)
    happen()

    deliver.pay_due(seconds=5)

    assert Organisation.objects.filter(town="Served").count() == 1
    assert (debt("partly").paid_at, debt("partly").attempts) == (None, 1)


def test_a_debt_whose_subscriber_is_gone_is_parked_not_lost(subscribe, happen):
    subscribe("gone", _fail)
    happen()
    del SUBSCRIPTIONS["gone"]
    deliver.pay_due(seconds=5)

    assert debt("gone").last_error == "KeyError: 'gone'"


def test_oldest_unpaid_debt_has_an_age(subscribe, happen):
    subscribe("slow", _fail)
    happen()

    figures = deliver.figures()

    assert figures.unpaid == 1
    assert 0 <= figures.oldest_seconds < 5


def test_a_drain_stops_when_its_time_is_up_and_says_so(subscribe, happen):
    subscribe("any", lambda event: None)
    for _ in range(3):
        happen()

    assert deliver.pay_due(seconds=-1) is True
    assert Delivery.objects.filter(paid_at=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_nudge_and_sweep_beside_each_other_pay_each_debt_once(subscribe, happen):
    heard, gate = [], threading.Barrier(2)
    subscribe("counting", lambda event: heard.append(event.pk))
    events = [happen() for _ in range(60)]

    def drain():
        gate.wait()
        try:
            while deliver.pay_due(seconds=10) or Delivery.objects.filter(paid_at=None).exists():
                pass
        finally:
            connection.close()

    drains = [threading.Thread(target=drain) for _ in range(2)]
    for one in drains:
        one.start()
    for one in drains:
        one.join()

    assert sorted(heard) == events
    assert Delivery.objects.filter(paid_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_debt_that_another_process_holds_is_left_to_it(subscribe, happen):
    heard = []
    subscribe("held", lambda event: heard.append(event.pk))
    happen()
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Delivery.objects.select_for_update(of=("self",)).get()
            held.set()
            release.wait(5)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    deliver.pay_due(seconds=1)
    assert heard == []
    release.set()
    holder.join()

    deliver.pay_due(seconds=1)
    assert len(heard) == 1


def test_an_event_can_be_neither_changed_nor_deleted(happen):
    happen()
    for touch in (lambda: Event.objects.update(type="other"), lambda: Event.objects.all().delete()):
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            touch()


def _fail(event):
    raise ValueError("no luck")
