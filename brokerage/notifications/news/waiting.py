"""News of a clock: nudges to the school while it is in time, each to one person more; from the day it is late both
sides hear, and the asker has a follow-up that only wants sending."""

from brokerage.accounts.models import Role
from brokerage.calendar.clock import ClockState
from brokerage.calendar.settings import CLOCK
from brokerage.eventlog.models import Event
from brokerage.notifications import access_sentences as sentences
from brokerage.notifications import links, recipients
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about
from brokerage.notifications.news.access import CLOCK_RUNS, FOR_THE_ASKER, Telling
from brokerage.notifications.recipients import FIRST_TO_ANSWER, Recipient
from brokerage.queries.access_requests import LATE
from brokerage.rules import SCHOOL_WRITERS

LEADER = frozenset({Role.CAREERS_LEADER})
FOR_THE_HUB = "You got this because you lead the hub this school is in."


def clock_reached(event: Event) -> list[News]:
    """Nobody hears of a clock that was answered or paused since."""
    telling = Telling.of(event)
    if not telling.is_running:
        return []
    tell_asker = _asker if telling.is_waiting else _asked_back
    is_late = event.data["state"] in LATE
    return [_school(telling), *([tell_asker(telling)] if is_late else []), *_hub(telling)]


def told_at_school(day: int, state: str) -> frozenset[Role]:
    if state in LATE or day >= CLOCK.late_after:
        return SCHOOL_WRITERS
    return FIRST_TO_ANSWER if day >= CLOCK.due_soon_from else LEADER


def _school(telling: Telling) -> News:
    day, state = telling.event.data["day"], telling.event.data["state"]
    text = sentences.reached(telling.request, day, state, telling.clock)
    is_early = state not in LATE and day < CLOCK.due_soon_from
    return News(
        type=telling.step,
        text=text,
        to=recipients.answerers(telling.school, told_at_school(day, state)),
        link=links.school_request(telling.request.public_id),
        data=telling.ids(day=day, state=state),
        letter=None if is_early else telling.school_letter(text, action="Answer it"),
    )


def _asker(telling: Telling) -> News:
    day, state = telling.event.data["day"], telling.event.data["state"]
    text = sentences.reached_for_asker(telling.request, day, state)
    ready = sentences.follow_up(telling.request, telling.today)

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text, f"“{ready}”", "Nothing is sent until you send it yourself."],
            action="Open the follow-up",
            path=links.follow_up(telling.request.public_id),
            otherwise="If you do nothing, your request stays with them, and both of you see its clock.",
            why=FOR_THE_ASKER,
        )

    return News(
        type=telling.step,
        text=text,
        to=about.others(telling.event, recipients.askers(telling.request)),
        link=links.follow_up(telling.request.public_id),
        data=telling.ids(day=day, state=state),
        letter=letter,
    )


def _asked_back(telling: Telling) -> News:
    """The asker, where the school waits for a word too: there is nothing to follow up."""
    day, state = telling.event.data["day"], telling.event.data["state"]
    text = sentences.reached_without_a_word(telling.request, day)
    letter = telling.asker_letter(text, action="Read it and answer", otherwise=CLOCK_RUNS)
    return telling.to_asker(text, letter, day=day, state=state)


def _hub(telling: Telling) -> list[News]:
    """From very late on, and once: there is one such day."""
    day, state = telling.event.data["day"], telling.event.data["state"]
    leads = recipients.hub_leads(telling.school)
    if state not in (ClockState.VERY_LATE, ClockState.NO_RESPONSE) or not leads:
        return []
    text = sentences.reached_for_hub(telling.request, day, state)
    path = links.overview_school(telling.school.public_id)

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text, "A word from you may help. They may not know that somebody waits."],
            action="See the school",
            path=path,
            otherwise="You needn't do anything: both sides see the clock.",
            why=FOR_THE_HUB,
        )

    return [
        News(
            type=telling.step,
            text=text,
            to=leads,
            link=path,
            data=telling.ids(day=day, state=state),
            letter=letter,
        )
    ]
