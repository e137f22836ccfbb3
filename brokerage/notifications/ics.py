"""A booking as a calendar file (RFC 5545, 5546): the same UID for good, a higher SEQUENCE with every change."""

from datetime import UTC, datetime
from email.utils import parseaddr

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress

from brokerage.models import Claim
from brokerage.notifications import links
from brokerage.notifications.letters import address

REQUEST, CANCEL = "REQUEST", "CANCEL"


def booking(
    claim: Claim, *, to: str, arrival: list[str], sequence: int, at: datetime, method: str = REQUEST
) -> str:
    """`arrival` is what only those who are booked may read: entrance, visitor notes, contact, telephone.
    `sequence` is the event's id: it only ever grows."""
    slot, need = claim.slot, claim.slot.need
    calendar = Calendar()
    calendar.add("prodid", "-//Doorway//Encounters//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{claim.public_id}@doorway")
    event.add("sequence", sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", slot.starts_at.astimezone(UTC))
    event.add("dtend", slot.ends_at.astimezone(UTC))
    event.add("summary", f"{need.title} at {need.school.name}")
    event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("location", ", ".join(filter(None, [need.venue, need.school.name, need.school.postcode])))
    event.add("url", address(links.claim(claim.public_id)))
    if method == REQUEST and arrival:
        event.add("description", "\n".join(arrival))
    event.add("organizer", _person(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], "Doorway"))
    event.add("attendee", _person(to, ""))
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def _person(email: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{email}")
    if name:
        person.params["CN"] = name
    return person
