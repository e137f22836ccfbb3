"""A request's row is where its events have led, and whoever changes it by hand is found out."""

from datetime import datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from brokerage.domain import access_requests
from brokerage.eventlog.models import Event
from brokerage.ledger import chain, rows
from brokerage.models import AccessRequest, Claim, CounterOffer
from tests import factories
from tests.factories import access
from tests.ledger.test_chain import tamper

pytestmark = pytest.mark.django_db

START = timezone.now() - timedelta(days=30)


def after(days: int) -> datetime:
    return START + timedelta(days=days)


def differing(school_id: int | None = None) -> list[str]:
    return [found.what for found in rows.differences(school_id)]


def taken() -> AccessRequest:
    """Asked back twice, told of, followed up, offered two things, of which the second was taken; then told to have
    been less."""
    request = access.asked(at=START)
    leader, by = access.answerer(request), request.asked_by
    access_requests.ask_back(request=request, question="How many?", by=leader, at=after(1))
    access_requests.answer_question(request=request, answer="Two.", by=by, at=after(2))
    access_requests.reach(request=request, day=6, state="running", at=after(3))
    access_requests.follow_up(request=request, message="A no would help.", by=by, at=after(4))
    access_requests.ask_back(request=request, question="How long?", by=leader, at=after(5))
    for day in (6, 7):
        access_requests.counter_offer(
            request=request, dates=[access.weekday()], starts=time(9 + day), by=leader, at=after(day)
        )
    access_requests.accept_counter_offer(
        request=request,
        on=access.weekday(),
        counter_offer=CounterOffer.objects.get(request=request, outcome="").public_id,
        by=by,
        at=after(8),
    )
    factories.over(Claim.objects.get(slot__need__access_request=request))
    access_requests.report(request=request, kinds=["shorter"], minutes=20, by=by, at=timezone.now())
    return request


def put_off() -> AccessRequest:
    """Postponed, back, refused."""
    request = access.asked(at=START)
    leader = access.answerer(request)
    until = after(10).date()
    access_requests.postpone(request=request, until=until, reason="exam_period", by=leader, at=after(1))
    access_requests.bring_back(request=request, at=after(11))
    access_requests.refuse(request=request, ground="no_capacity", by=leader, at=after(12))
    return request


def settled() -> AccessRequest:
    """Marked as a duplicate twice, agreed to the second time; the first was offered dates that didn't suit."""
    by = access.college()
    first = access.asked(by, at=START, year_groups=[9])
    second = access.asked(by, of=first.school, at=after(1))
    leader = access.answerer(first)
    for agrees in (False, True):
        access_requests.mark_duplicate(request=second, duplicate_of=first, by=leader, at=after(2))
        access_requests.settle_duplicate(request=second, is_duplicate=agrees, by=by, at=after(3))
    access_requests.counter_offer(
        request=first, dates=[access.weekday()], starts=time(9), by=leader, at=after(4)
    )
    access_requests.reject_counter_offer(request=first, by=by, at=after(5))
    return second


def withdrawn() -> AccessRequest:
    request = access.asked(at=START)
    access_requests.ask_back(request=request, question="Who?", by=access.answerer(request), at=after(1))
    access_requests.withdraw(request=request, by=request.asked_by, at=after(2))
    return request


def test_rows_are_what_their_events_say() -> None:
    for story in (access.asked, access.granted, taken, put_off, settled, withdrawn):
        story()
    assert AccessRequest.objects.count() == 7
    assert differing() == []


@pytest.mark.parametrize(
    ("story", "table", "change", "what"),
    [
        (put_off, "request", "state = 'waiting'", "state is waiting, and by its events refused"),
        (put_off, "request", "answered_at = answered_at - interval '9 days'", "answered_at is "),
        (
            put_off,
            "request",
            "ground = 'exam_period'",
            "ground is exam_period, and by its events no_capacity",
        ),
        (put_off, "request", "ground_is_published = true", "ground_is_published is True"),
        (put_off, "request", "postponed_until = postponed_until + 30", "postponed_until is "),
        (put_off, "request", "clock_from = clock_from + 1", "clock_from is "),
        (put_off, "request", "dates = ARRAY[dates[1]]", "dates is "),
        (taken, "request", "asked_at = asked_at + interval '1 day'", "asked_at is "),
        (taken, "request", "told_day = 21", "told_day is 21, and by its events 6"),
        (taken, "request", "shortfalls = '{}'", "shortfalls is empty, and by its events shorter"),
        (taken, "question", "answered_at = answered_at + interval '1 day'", "its questions aren't"),
        (taken, "counteroffer", "starts = '08:00'", "its counter-offers aren't"),
        (taken, "counteroffer", "outcome = 'replaced'", "its counter-offers aren't"),
        (settled, "request", "duplicate_of_id = NULL, state = 'waiting'", "state is waiting"),
        (withdrawn, "request", "changed_at = changed_at - interval '1 day'", "changed_at is "),
    ],
)
def test_a_row_changed_by_hand_shows(story, table, change, what) -> None:  # type: ignore[no-untyped-def]
    request, untouched = story(), access.asked()
    key = "id" if table == "request" else "request_id"
    tamper(
        f"brokerage_{'access' if table == 'request' else ''}{table}",
        f"SET {change} WHERE {key} = %s",
        request.pk,
    )
    assert {found.request for found in rows.differences()} == {request.public_id}
    assert differing()[0].startswith(what)
    assert differing(untouched.school_id) == []


def test_a_visit_that_was_exchanged_shows() -> None:
    granted, other = access.granted(), access.granted()
    tamper("brokerage_slot", "SET need_id = %s WHERE need_id = %s", other.need_id, granted.need_id)
    assert differing(granted.school_id)[-1] == "the visit it became isn't the one that was granted"


def test_a_row_taken_out_or_put_in_shows() -> None:
    request = access.asked(message="")
    tamper("brokerage_accessrequest", "WHERE id = %s", request.pk)
    assert differing() == ["its row is gone"]
    with pytest.raises(CommandError, match=f"request {request.public_id}: its row is gone"):
        call_command("verify_ledger", stdout=StringIO())
    invented = access.asked(message="")
    tamper(
        "eventlog_delivery",
        "WHERE event_id IN (SELECT id FROM eventlog_event WHERE subject_id = %s)",
        invented.public_id,
    )
    tamper("eventlog_event", "WHERE subject_id = %s", invented.public_id)
    assert differing(invented.school_id) == ["no event tells that it was asked"]


@pytest.mark.parametrize(
    ("story", "step", "change"),
    [
        (access.asked, "asked", "data - 'minutes'"),
        (access.asked, "asked", "'[]'"),
        (access.granted, "granted", """data || '{"claim": "the first"}'"""),
        (access.granted, "granted", """data || '{"claim": 7}'"""),
        (put_off, "postponed", """data || '{"until": "2026-02-31"}'"""),
        (put_off, "refused", "data - 'ground'"),
    ],
)
def test_a_step_that_cannot_be_read_is_said_beside_the_break(story, step, change) -> None:  # type: ignore[no-untyped-def]
    request, untouched = story(), access.asked()
    chain.seal(at=timezone.now())
    event = Event.objects.get(subject_id=request.public_id, type=f"brokerage.access_request.{step}.v1")
    tamper("eventlog_event", f"SET data = {change} WHERE id = %s", event.pk)
    assert differing() == [f"a step of it can't be read: event {event.pk}"]
    with pytest.raises(CommandError) as refused:
        call_command("verify_ledger", stdout=StringIO())
    for found in (f"event {event.pk} or the link before it isn't", f"can't be read: event {event.pk}."):
        assert found in str(refused.value)
    assert differing(untouched.school_id) == []


def test_the_same_statements_for_many_requests(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    school = access.asked().school
    for _ in range(4):
        access.asked(of=school)
    access.granted(access.asked(of=school))
    with django_assert_num_queries(8):
        assert differing() == []
    assert Event.objects.filter(type__contains="access_request.asked").count() == 6
