"""The school's encounters as a calendar file (RFC 5545) that other programs fetch: times, rooms and organisations,
never a person's name."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.urls import reverse
from icalendar import Calendar, Event

from brokerage.accounts.models import Organisation
from brokerage.domain.arranging import says_who_comes
from brokerage.notifications.letters import address
from schools.queries.agenda import Item

BEHIND: Final = timedelta(days=92)
AHEAD: Final = timedelta(days=400)


def made(school: Organisation, items: Iterable[Item], *, at: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Doorway//School calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Encounters at {school.name}")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for item in items:
        calendar.add_component(_event(school, item, at))
    return bytes(calendar.to_ical())


def _summary(item: Item, state: str) -> str:
    if not item.who:
        return f"{item.name} ({state.lower()})"
    return item.name if says_who_comes(item.name, item.who) else f"{item.name}: {item.who}"


def _event(school: Organisation, item: Item, at: datetime) -> Event:
    slot, need = item.slot, item.slot.need
    state = item.state[1]
    event = Event()
    event.add("uid", f"{slot.public_id}@doorway")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", slot.starts_at.astimezone(UTC))
    event.add("dtend", slot.ends_at.astimezone(UTC))
    event.add("summary", _summary(item, state))
    event.add("status", "CONFIRMED" if item.coming else "TENTATIVE")
    event.add("transp", "OPAQUE" if item.coming else "TRANSPARENT")
    event.add("location", ", ".join(filter(None, [need.venue, school.name])))
    page = address(reverse("schools:need", args=[need.public_id]))
    event.add("description", f"{state}.\n{page}")
    event.add("url", page)
    return event
