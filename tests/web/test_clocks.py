"""A request's clock and steps in the words both sides read."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import timezone

from brokerage.calendar import clock
from brokerage.calendar.clock import Pause
from brokerage.calendar.school_days import Closed, SchoolDays
from brokerage.domain import access_requests as verbs
from brokerage.eventlog.facts import FACTS
from brokerage.models import AccessRequest
from brokerage.queries import access_requests
from brokerage.web import charts, clocks, steps
from brokerage.web.dates import in_list, in_sentence
from tests.factories import access

DAYS = SchoolDays(
    time(8, 45), time(15, 15), (Closed(date(2026, 11, 18), date(2026, 11, 18), "INSET day", False),)
)
ASKED = date(2026, 11, 11)


def read(today: date, **more: Any) -> clock.Clock:
    return clock.read(DAYS, ASKED, today, **more)


@pytest.mark.parametrize(
    ("today", "more", "badge"),
    [
        (date(2026, 11, 11), {}, ("day", "Starts Thu 12 Nov")),
        (date(2026, 11, 12), {}, ("day", "Day 1 of 10")),
        (date(2026, 11, 24), {}, ("soon", "Day 8 of 10")),
        (date(2026, 11, 27), {}, ("late", "Late: day 11")),
        (date(2026, 12, 14), {}, ("very", "Very late: day 22")),
        (date(2026, 11, 24), {"last_offered_on": date(2026, 11, 20)}, ("soon", "Day 8 of 10")),
        (date(2026, 11, 27), {"last_offered_on": date(2026, 11, 20)}, ("very", "No response: day 11")),
        (date(2026, 11, 24), {"answered_on": date(2026, 11, 13)}, ("ok", "Answered on day 2")),
        (date(2026, 11, 17), {"pauses": [Pause(date(2026, 11, 16))]}, ("wait", "Clock paused on day 2")),
    ],
)
def test_a_running_clock_in_a_badge(today: date, more: dict[str, Any], badge: tuple[str, str]) -> None:
    assert clocks.running(read(today, **more)) == badge


def test_before_day_1_a_clock_says_when_it_starts_and_counts_no_day_0() -> None:
    asked = date(2026, 11, 22)
    sunday = clock.read(DAYS, asked, asked)
    paused = clock.read(DAYS, asked, asked, pauses=[Pause(asked)])
    never = clock.read(
        SchoolDays(time(9), time(15), (Closed(asked, date(2099, 8, 31), "closed", True),)), asked, asked
    )

    said = [
        (clocks.running(each)[1], charts.figure(clocks.drawn(each)).label) for each in (sunday, paused, never)
    ]
    assert [(badge, label.split(".")[0]) for badge, label in said] == [
        ("Starts Mon 23 Nov", "Starts on 23 November"),
        ("Clock paused before day 1", "Not started"),
        ("Not started", "Not started"),
    ]


def test_the_drawing_leaves_weekends_out_and_names_what_closed_a_day() -> None:
    drawn = clocks.drawn(read(date(2026, 11, 24)), said="8 counted.")

    assert [day.on.weekday() for day in drawn.days if day.on.weekday() > 4] == []
    assert [(day.on, day.why) for day in drawn.days if day.number is None] == [
        (date(2026, 11, 18), "INSET day")
    ]
    assert (drawn.number, drawn.said) == (8, "8 counted.")
    assert clocks.named(read(date(2026, 11, 24))) == "day 8 of 10"


@pytest.mark.parametrize(
    ("at_most", "ran_on", "runs_on", "working"),
    [
        (
            0,
            "The clock ran on: no question pauses it",
            "No question pauses your clock: it doesn’t wait",
            "no question pauses a clock",
        ),
        (
            1,
            "The clock ran on: 1 question pauses it, and no more",
            "Your clock has been paused 1 time: it doesn’t wait",
            "1 at most pauses a clock",
        ),
        (
            2,
            "The clock ran on: 2 questions pause it, and no more",
            "Your clock has been paused 2 times: it doesn’t wait",
            "2 at most pause a clock",
        ),
    ],
)
def test_however_many_questions_pause_a_clock_it_is_said_in_english(
    at_most: int, ran_on: str, runs_on: str, working: str
) -> None:
    assert (clocks.ran_on(at_most), clocks.runs_on(at_most)) == (ran_on, runs_on)
    asked_back = [Pause(date(2026, 11, 16), date(2026, 11, 16))] * 3
    some = read(date(2026, 11, 24), pauses=asked_back, parameters=clock.Parameters(pauses_at_most=at_most))
    assert f": {working}, or questions could stop it for good." in some.working[2]


def test_every_step_of_a_request_can_be_read() -> None:
    kind = "brokerage.access_request."
    recorded = {name.removeprefix(kind).rpartition(".")[0] for name in FACTS if name.startswith(kind)}

    assert recorded == set(steps._SAID)


@pytest.mark.django_db
def test_steps_say_who_did_what_with_their_words() -> None:
    request = access.asked(message="May we come?")
    school, leader, now = request.school, access.answerer(request), timezone.now()
    verbs.ask_back(request=request, question="How many of you?", by=leader, at=now)
    verbs.answer_question(request=request, answer="Two.", by=request.asked_by, at=now)
    verbs.refuse(request=request, ground="no_capacity", by=leader, at=now)

    assert told(request, leader) == [
        (f"{request.asker.name} asked to meet Year 10", "May we come?"),
        (f"{school.name} asked a question. The clock paused", "How many of you?"),
        (f"{request.asker.name} answered. The clock went on", "Two."),
        (f"{school.name} said not this time: no room or staff on that day (no published ground)", ""),
    ]


@pytest.mark.django_db
def test_offers_grants_and_postponements_name_their_days() -> None:
    request = access.asked()
    leader, now = access.answerer(request), timezone.now()
    day = access.weekday()
    verbs.postpone(request=request, until=day, reason="exam_period", by=leader, at=now)
    verbs.counter_offer(request=request, dates=[day], starts=time(9), by=leader, at=now)
    verbs.accept_counter_offer(request=request, on=day, by=request.asked_by, at=now)

    postponed, offered, taken = (text for text, _ in told(request, leader)[1:])
    assert postponed.endswith(": exams or mock exams")
    what = "Year 10, in person"
    assert offered == f"{request.school.name} offered {in_list(day)}, at 09:00: 50 minutes, {what}"
    assert taken == f"{request.asker.name} took {in_sentence(day)}, 09:00 to 09:50, {what}"


def told(request: AccessRequest, reader: Any) -> list[tuple[str, str]]:
    lines = steps.lines(access_requests.history(request, reader=reader), request)
    assert all(isinstance(line.at, datetime) for line in lines)
    return [(line.text, line.quoted) for line in lines]
