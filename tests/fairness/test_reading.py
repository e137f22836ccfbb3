"""What pages read of a school: its requests, its steps over time, its like."""

from datetime import time, timedelta

import pytest

from brokerage.domain import access_requests
from brokerage.fairness import asked, nightly, reading
from brokerage.fairness.asked import Outcome, Uncounted
from brokerage.fairness.descriptive import Wait
from brokerage.fairness.models import SchoolEvidence, Trial
from brokerage.fairness.parameters import ACCESS_ROW
from schools.domain import comparison
from schools.models import School
from tests import factories
from tests.factories import access
from tests.fairness import logs
from tests.fairness.logs import NIGHT, ON

pytestmark = pytest.mark.django_db


def test_requests_history_and_what_remains_without_each() -> None:
    school, (technical, others) = factories.school(), logs.askers(4)
    logs.write(school, technical, others, refused=10, of=12)
    nightly.replay(on=ON, at=NIGHT)

    found = asked.of(school, today=ON)
    refused = [each for each in found if each.is_technical and each.outcome == Outcome.REFUSED]
    assert (len(found), len(refused)) == (24, 10)
    assert {each.wait(ON) for each in found} == {Wait(3, answered=True)}
    assert {each.reason for each in refused} == {"no_capacity"}
    assert {each.is_claim for each in found} == {False}
    assert refused[0].asker in {str(each.public_id) for each in technical}

    evidence = SchoolEvidence.objects.get()
    scored = Trial.objects.filter(school=school).order_by("number")
    matured = [trial.matured_on for trial in scored]
    assert matured == sorted(matured)
    assert {str(trial.request) for trial in scored} <= {each.public_id for each in found}
    without = reading.left_out_of(evidence)
    assert {each.provider for each in without if each.provider} == {*technical, *others}
    assert [each.e for each in without] == sorted(each.e for each in without)


def test_a_request_nobody_answered_is_silent_after_four_weeks_and_waits_until_then() -> None:
    request = access.asked(at=NIGHT)
    asked_on = NIGHT.date()
    outcomes = []
    for days in (27, 28):
        day = asked_on + timedelta(days=days)
        nightly.replay(on=day, at=NIGHT + timedelta(days=days))
        (each,) = asked.of(request.school, today=day)
        outcomes.append((each.outcome, each.uncounted(day), each.wait(day)))
    assert outcomes == [
        (None, Uncounted.TOO_NEW, Wait(27, answered=False)),
        (Outcome.SILENT, None, Wait(28, answered=False)),
    ]


def test_schools_are_compared_with_their_like() -> None:
    """With a sixth form or without; of a third by size once there are enough to tell; of its region likewise."""
    ours = factories.school()
    other = factories.school()
    School.objects.filter(organisation=other).update(has_sixth_form=False)
    technical, others = logs.askers(4)
    for school in (ours, other):
        logs.write(school, technical, others, refused=2, of=8)
    nightly.replay(on=ON, at=NIGHT)
    assert reading.comparable_to(ours) == []

    comparison.tell()
    (only,) = reading.comparable_to(ours)
    assert (only.school_id, only.granted, only.asked) == (ours.pk, 6, 8)


def test_why_a_request_does_not_count_is_said_of_what_happened() -> None:
    """Whose turn it is, and an offer of all that was asked: neither repeats another request."""
    on, leader = NIGHT.date() + timedelta(days=40), factories.member(factories.school())
    requests = [
        access.asked(access.college(), of=leader.organisation, at=NIGHT + timedelta(minutes=number))
        for number in range(3)
    ]
    question, offer, turned_down = requests
    at = NIGHT + timedelta(days=2)
    access_requests.ask_back(request=question, question="Which day?", by=leader, at=at)
    for request in (offer, turned_down):
        access_requests.counter_offer(
            request=request, dates=request.dates[:1], starts=time(11), by=leader, at=at
        )
    access_requests.reject_counter_offer(
        request=turned_down, by=turned_down.asked_by, at=at + timedelta(days=1)
    )

    found = {each.public_id: each.uncounted(on) for each in asked.of(leader.organisation, today=on)}
    assert [found[str(request.public_id)] for request in requests] == [
        Uncounted.ASKER_OWES,
        Uncounted.ASKER_OWES,
        Uncounted.OFFERED,
    ]


def test_an_answer_ends_the_days_that_the_asker_owes() -> None:
    leader = factories.member(factories.school())
    request = access.asked(access.college(), of=leader.organisation, at=NIGHT)
    access_requests.ask_back(request=request, question="Which day?", by=leader, at=NIGHT + timedelta(days=2))
    access_requests.refuse(request=request, ground="no_capacity", by=leader, at=NIGHT + timedelta(days=9))

    (each,) = asked.of(leader.organisation, today=NIGHT.date() + timedelta(days=10))
    assert (each.owed, each.wait(NIGHT.date())) == (7, Wait(2, answered=True))
    assert each.judged_on == NIGHT.date() + timedelta(days=28 + 7)


def test_an_offer_of_all_that_was_asked_moves_the_day_of_judgement_and_no_wait() -> None:
    leader = factories.member(factories.school())
    request = access.asked(access.college(), of=leader.organisation, at=NIGHT)
    on, offered = request.dates[0], NIGHT + timedelta(days=5)
    access_requests.counter_offer(request=request, dates=[on], starts=time(11), by=leader, at=offered)
    taken = offered + timedelta(days=6)
    access_requests.accept_counter_offer(request=request, on=on, by=request.asked_by, at=taken)

    (each,) = asked.of(leader.organisation, today=taken.date())
    assert (each.wait(taken.date()), each.asker_owes) == (Wait(5, answered=True), False)
    assert each.uncounted(taken.date()) is Uncounted.TOO_NEW
    assert each.judged_on == NIGHT.date() + timedelta(days=28 + 6)


def test_full_then_less_then_withdrawn_is_judged_and_the_page_says_so() -> None:
    leader = factories.member(factories.school())
    request = access.asked(access.college(), of=leader.organisation, at=NIGHT)
    on, at = request.dates[:1], NIGHT + timedelta(days=2)
    access_requests.counter_offer(request=request, dates=on, starts=time(11), by=leader, at=at)
    less = at + timedelta(days=3)
    access_requests.counter_offer(request=request, dates=on, starts=time(11), minutes=10, by=leader, at=less)
    access_requests.withdraw(request=request, by=request.asked_by, at=less + timedelta(days=1))

    judged = NIGHT.date() + timedelta(days=28 + 3)
    (each,) = asked.of(leader.organisation, today=judged)
    assert (each.uncounted(judged), each.judged_on) == (Uncounted.TOO_NEW, judged)
    nightly.replay(on=judged, at=NIGHT + timedelta(days=32))
    (each,) = asked.of(leader.organisation, today=judged)
    assert (each.uncounted(judged), each.outcome) == (None, Outcome.REFUSED)
    assert each.judged_on == Trial.objects.get(row=ACCESS_ROW).matured_on == judged


def test_the_day_on_which_it_was_scored_is_the_trials() -> None:
    request = access.asked(at=NIGHT)
    trial = Trial(request=request.public_id, row=ACCESS_ROW, is_bad=True, matured_on=ON)
    (each,) = asked.of(request.school, today=NIGHT.date(), trials=[trial])
    assert each.judged_on == ON
