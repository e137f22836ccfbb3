"""Two answer at once, or one presses twice: one word stands, and whoever comes second is told."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.domain import access_requests
from brokerage.errors import DomainError
from brokerage.ledger import rows
from brokerage.models import AccessRequest, Claim, CounterOffer, ExternalEncounter, Question
from tests import factories
from tests.concurrency.test_claims_race import at_once
from tests.factories import access

pytestmark = pytest.mark.django_db(transaction=True)


def granting(request: Any, by: Any, *, date: int, hour: int) -> Callable[[], str]:
    def grant() -> str:
        on, starts = request.dates[date], time(hour)
        access_requests.grant(request=request, on=on, starts=starts, by=by, at=timezone.now())
        return "granted"

    return grant


def test_two_leaders_say_yes_to_different_dates_at_once() -> None:
    request = access.asked()
    leader, other = access.answerer(request), factories.member(request.school, Role.SENIOR_LEADER)
    answers = at_once(granting(request, leader, date=0, hour=10), granting(request, other, date=1, hour=11))
    assert sorted(answers) == ["granted", "request_answered"]
    assert Claim.objects.filter(slot__need__access_request=request).count() == 1


def test_the_same_yes_twice_at_once_is_one() -> None:
    request = access.asked()
    yes = granting(request, access.answerer(request), date=0, hour=10)
    assert at_once(yes, yes) == ["granted", "granted"]
    assert Claim.objects.filter(slot__need__access_request=request).count() == 1


def test_who_said_no_for_one_reason_does_not_hear_that_another_stood() -> None:
    request = access.asked()
    leader = access.answerer(request)
    access_requests.refuse(request=request, ground="exam_period", by=leader, at=timezone.now())
    access_requests.refuse(request=request, ground="exam_period", by=leader, at=timezone.now())
    with pytest.raises(DomainError, match="not this time"):
        access_requests.refuse(request=request, ground="no_capacity", by=leader, at=timezone.now())


def test_an_answer_beside_a_question_put_a_moment_later_by_its_own_clock() -> None:
    """The loser had read the time before it waited for the lock."""
    request = access.asked()
    leader, early = access.answerer(request), timezone.now()
    asked_at = early + timedelta(milliseconds=5)
    access_requests.ask_back(request=request, question="How many come?", by=leader, at=asked_at)
    access_requests.grant(request=request, on=request.dates[0], starts=time(10), by=leader, at=early)
    assert Question.objects.get(request=request).answered_at == asked_at


def test_a_visit_recorded_twice_at_once_is_one() -> None:
    leader, college = factories.member(factories.school()), access.college().organisation
    record = lambda: access.held_elsewhere(leader, college).pk  # noqa: E731
    assert len(set(at_once(record, record, record))) == 1
    assert ExternalEncounter.objects.count() == 1


@pytest.mark.parametrize("start", range(3))
def test_every_word_about_an_offer_at_once_and_one_stands(start: int) -> None:
    """The school answers anew in four ways while the asker answers in three: one of them ends it, whoever comes later
    is told with a code, and row, visit and events say the same."""
    request = access.asked()
    school, asker, now = access.answerer(request), request.asked_by, timezone.now()
    day = access.weekday(days=40)
    access_requests.counter_offer(request=request, dates=[day], starts=time(9), by=school, at=now)
    read = CounterOffer.objects.get(request=request).public_id
    to = {"request": request, "at": now}
    ending: dict[str, Callable[[], Any]] = {
        "accept": lambda: access_requests.accept_counter_offer(on=day, counter_offer=read, by=asker, **to),
        "reject": lambda: access_requests.reject_counter_offer(by=asker, **to),
        "withdraw": lambda: access_requests.withdraw(by=asker, **to),
        "refuse": lambda: access_requests.refuse(ground="exam_period", by=school, **to),
        "grant": lambda: access_requests.grant(on=request.dates[0], starts=time(11), by=school, **to),
    }
    going_on: dict[str, Callable[[], Any]] = {
        "offer": lambda: access_requests.counter_offer(dates=[day], starts=time(14), by=school, **to),
        "postpone": lambda: access_requests.postpone(until=day, reason="exam_period", by=school, **to),
    }
    verbs = [*ending.items(), *going_on.items()]
    verbs = verbs[start * 2 :] + verbs[: start * 2]
    said = dict(zip((name for name, _ in verbs), at_once(*(verb for _, verb in verbs)), strict=True))

    ended = {name for name in ending if isinstance(said[name], AccessRequest)}
    request.refresh_from_db()
    assert len(ended) == 1, said
    assert {code for code in said.values() if isinstance(code, str)} <= {
        "request_answered",
        "request_withdrawn",
        "no_counter_offer",
        "offer_replaced",
        "already_granted",
    }
    is_visit = ended <= {"accept", "grant"}
    assert Claim.objects.filter(slot__need__access_request=request).count() == is_visit
    assert (request.state == "granted") is is_visit
    assert list(rows.differences()) == []
