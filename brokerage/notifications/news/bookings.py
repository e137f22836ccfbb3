"""News of a place that is somebody's: the booking, its calendar file, the day before.

Only here do words hold what is shown from acceptance alone: the entrance, the visitor notes, the contact, the telephone
number; and for the school the name and work e-mail of who comes."""

from datetime import date

from brokerage.eventlog.models import Event
from brokerage.models import Claim
from brokerage.notifications import ics, links, sentences
from brokerage.notifications.letters import Draft
from brokerage.notifications.news.about import FOR_THE_BOOKED
from brokerage.notifications.recipients import Recipient
from brokerage.vocabulary import DeliveryMode, Supervision

SAFE: dict[str, str] = {
    Supervision.STAFF_PRESENT: "Staff stay with you throughout.",
    Supervision.STAFF_NEARBY: "Staff are nearby throughout.",
    Supervision.RISK_ASSESSED: "The school's written risk assessment applies; it will tell you what it needs first.",
    Supervision.HOST_SUPERVISES: "A named person of yours supervises the pupils.",
}


def letter(claim: Claim, event: Event, today: date, recipient: Recipient) -> Draft:
    """The confirmation: everything one needs on the day."""
    text = sentences.booked(claim, today, is_theirs=comes(claim, recipient))
    return Draft(
        subject=text,
        paragraphs=[text, *_staff(claim)],
        facts=facts(claim, today),
        action="See your booking",
        path=links.claim(claim.public_id),
        otherwise="Something come up? Withdraw there, up to the start, and the place goes to somebody else.",
        why=FOR_THE_BOOKED,
        ics=calendar(claim, event, recipient),
    )


def facts(claim: Claim, today: date) -> list[tuple[str, str]]:
    slot, need = claim.slot, claim.slot.need
    when = f"{sentences.weekday(slot.starts_at, today)}, {sentences.hours(slot)}"
    rows = [("What", need.title), ("When", when), ("Where", _where(claim))]
    if claim.places > 1:
        rows.append(("Places", str(claim.places)))
    return [*rows, *_arrival(claim)]


def calendar(claim: Claim, event: Event, recipient: Recipient) -> str:
    arrival = [f"{label}: {value}" for label, value in _arrival(claim)]
    return ics.booking(claim, to=recipient.user.email, arrival=arrival, sequence=event.pk, at=event.at)


def calendar_without(claim: Claim, event: Event, recipient: Recipient) -> str:
    """Takes the booking out of their calendar again."""
    return ics.booking(
        claim, to=recipient.user.email, arrival=[], sequence=event.pk, at=event.at, method=ics.CANCEL
    )


def comes(claim: Claim, recipient: Recipient) -> bool:
    return claim.person_id == recipient.user.pk


def who_comes(claim: Claim) -> tuple[str, str]:
    """For the school, from acceptance."""
    if claim.attendee is None:
        return "Who comes", f"{claim.claimant.name}: to be named"
    user = claim.attendee.user
    return "Who comes", f"{user.name or 'A colleague'}, {claim.claimant.name}, {user.email}"


def _staff(claim: Claim) -> list[str]:
    need = claim.slot.need
    bring = "" if need.delivery_mode == DeliveryMode.LIVE_ONLINE else " Bring photo ID."
    return [f"{SAFE[need.supervision]}{bring}"]


def _where(claim: Claim) -> str:
    need = claim.slot.need
    if need.delivery_mode == DeliveryMode.LIVE_ONLINE:
        return "Live online"
    place = ", ".join(filter(None, [need.venue, need.school.name, need.school.town, need.school.postcode]))
    return f"{place}, or live online" if need.delivery_mode == DeliveryMode.HYBRID else place


def _arrival(claim: Claim) -> list[tuple[str, str]]:
    need = claim.slot.need
    contact = need.contact
    rows = [("Arrive", need.entrance), ("Good to know", need.visitor_notes)]
    if contact is not None and contact.is_active:
        rows.append(("Contact", ", ".join(filter(None, [contact.user.name, contact.user.email]))))
    rows.append(("Telephone", need.school.telephone))
    return [(label, value) for label, value in rows if value]
