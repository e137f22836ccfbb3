"""Answers as plain dictionaries: what a viewer may see of a need, a claim, an encounter, an entry."""

from datetime import datetime
from typing import Any, Final

from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.api.fields import local, local_text
from brokerage.models import Claim, Encounter
from brokerage.notifications.models import Entry
from brokerage.queries import arrival, encounters
from brokerage.queries.need_rows import NEED_COLUMNS, Measure, NeedRow, SlotRow
from brokerage.rules import may

Json = dict[str, Any]


def moment(at: datetime | None) -> datetime | None:
    return local(at) if at else None


def need(row: NeedRow, by: Membership, at: datetime) -> Json:
    """What was posted; the school's own words for visitors only to the school (claimants: see `claim`)."""
    answer = {
        "id": row.public_id,
        "state": row.shown_state(at).value,
        "title": row.title,
        "encounter_type": row.encounter_type,
        "year_groups": row.year_groups,
        "audience": row.audience,
        "expected_pupils": row.expected_pupils,
        "subjects": row.subjects,
        "sectors": row.sectors,
        "open_to": row.open_to,
        "delivery_mode": row.delivery_mode,
        "main_benchmark": row.main_benchmark,
        "description": row.description,
        "supervision": row.supervision,
        "allocation": row.allocation,
        "closes_at": moment(row.closes_at),
        "venue": row.venue,
        "published_at": moment(row.published_at),
        "school": {"id": row.school_public_id, "name": row.school_name, "town": row.school_town},
        "slots": [slot(each) for each in row.slots],
        "distance_km": row.distance_km,
        "withdraw_reason": row.withdraw_reason,
        "withdraw_note": row.withdraw_note,
        "claimed": row.is_claimed_by_us,
    }
    if row.school_id == by.organisation_id:
        answer |= {"entrance": row.entrance, "visitor_notes": row.visitor_notes, "contact": _contact(row)}
    return answer


_OF_NEED: Final = ("pk", "id", *NEED_COLUMNS[2:])


def open_need(read: list[Any], measure: Measure) -> tuple[int, Json]:
    """The school's key, and what `need` answers of a row of the feed, straight from PostgreSQL's JSON: without a
    NeedRow in between a page takes a tenth less (benchmarks, P16). What takes claims is open, and whoever may claim
    is no school."""
    *need, school_pk, school_id, name, town, easting, northing, claimed, slots = read
    answer = dict(zip(_OF_NEED, need, strict=True))
    del answer["pk"]
    for name_of_time in ("closes_at", "published_at"):
        answer[name_of_time] = answer[name_of_time] and local_text(answer[name_of_time])
    answer["school"] = {"id": school_id, "name": name, "town": town}
    answer["slots"] = [_open_slot(*each) for each in slots]
    answer["distance_km"] = measure(easting, northing)
    answer["withdraw_reason"] = answer["withdraw_note"] = ""
    answer["claimed"] = claimed
    return school_pk, answer


def _open_slot(
    _pk: int, public_id: str, starts_at: str, ends_at: str, places: int, taken: int, _open_until: str | None
) -> Json:
    return {
        "id": public_id,
        "starts_at": local_text(starts_at),
        "ends_at": local_text(ends_at),
        "places": places,
        "places_left": places - taken,
    }


def slot(row: SlotRow) -> Json:
    return {
        "id": row.public_id,
        "starts_at": local(row.starts_at),
        "ends_at": local(row.ends_at),
        "places": row.places,
        "places_left": row.places_left,
    }


def claim(claim: Claim, by: Membership, at: datetime) -> Json:
    """Read with its slot, need, school, claimant and attendee."""
    slot = claim.slot
    answer = {
        "id": str(claim.public_id),
        "state": str(claim.state),
        "need": str(slot.need.public_id),
        "slot": str(slot.public_id),
        "places": claim.places,
        "attendee": _attendee(claim, by, at),
        "claimant": _claimant(claim.claimant),
        "reason": claim.reason,
        "note": claim.note,
        "answer_note": claim.answer_note,
        "title": slot.need.title,
        "school": _school(slot.need.school),
        "starts_at": local(slot.starts_at),
        "ends_at": local(slot.ends_at),
        "submitted_at": local(claim.submitted_at),
        "answered_at": moment(claim.answered_at),
        "ended_at": moment(claim.ended_at),
    }
    ours = claim.claimant_id == by.organisation_id
    if ours and (details := arrival.of(claim, at=at)):
        answer["arrival"] = {
            "venue": details.venue,
            "entrance": details.entrance,
            "visitor_notes": details.visitor_notes,
            "contact": {"name": details.contact_name, "email": details.contact_email},
            "telephone": details.telephone,
        }
    return answer


def encounter(encounter: Encounter, by: Membership) -> Json:
    """Read by `queries.encounters`."""
    slot = encounter.slot
    answer = {
        "id": str(encounter.public_id),
        "state": encounter.state,
        "need": str(slot.need.public_id),
        "slot": str(slot.public_id),
        "title": slot.need.title,
        "school": _school(encounter.school),
        "starts_at": local(slot.starts_at),
        "ends_at": local(slot.ends_at),
        "minutes": encounter.minutes,
        "attended": encounters.attended(encounter, by),
        "note": encounter.note if _takes_part(by) else "",
        "recorded_at": moment(encounter.recorded_at),
        "claims": [_coming(each, by) for each in encounters.coming(encounter)],
    }
    if may("brokerage.read_pupil_counts", by, encounter):
        answer |= {
            "pupil_premium_attended": encounter.pupil_premium_attended,
            "send_attended": encounter.send_attended,
        }
    return answer


def entry(entry: Entry) -> Json:
    return {
        "id": entry.position,
        "type": entry.type,
        "at": local(entry.at),
        "data": entry.data,
        "text": entry.text,
    }


def notification(notified: Entry) -> Json:
    return {**entry(notified), "link": notified.link, "read_at": moment(notified.read_at)}


def member(membership: Membership) -> Json:
    organisation = membership.organisation
    return {
        "id": str(membership.public_id),
        "role": membership.role,
        "organisation": {
            "id": str(organisation.public_id),
            "kind": organisation.kind,
            "name": organisation.name,
        },
    }


def _contact(row: NeedRow) -> Json | None:
    if row.contact_public_id is None:
        return None
    return {"id": row.contact_public_id, "name": row.contact_name, "email": row.contact_email}


def _attendee(claim: Claim, by: Membership, at: datetime) -> Json | None:
    visitor = arrival.visitor(claim, at=at)
    if visitor is None or claim.attendee is None:
        return None
    answer = {"id": str(claim.attendee.public_id), "name": visitor.name}
    if visitor.email and claim.slot.need.school_id == by.organisation_id:
        answer["email"] = visitor.email
    return answer


def _claimant(organisation: Organisation) -> Json:
    return {
        "id": str(organisation.public_id),
        "name": organisation.name,
        "kind": organisation.kind,
        "is_verified": organisation.is_verified,
    }


def _school(organisation: Organisation) -> Json:
    return {"id": str(organisation.public_id), "name": organisation.name, "town": organisation.town}


def _coming(coming: encounters.Coming, by: Membership) -> Json:
    return {
        "id": str(coming.id),
        "state": coming.state,
        "places": coming.places,
        "claimant": {
            "id": str(coming.claimant_id),
            "name": coming.claimant_name,
            "kind": coming.claimant_kind,
            "is_verified": coming.claimant_verified,
        },
        "confirmation": coming.confirmation or "none",
        "confirmation_note": coming.confirmation_note if _takes_part(by) else "",
    }


def _takes_part(by: Membership) -> bool:
    """What the two sides wrote of an encounter is between them; hub and trust read the counts."""
    return by.organisation.kind not in (Kind.HUB, Kind.TRUST)
