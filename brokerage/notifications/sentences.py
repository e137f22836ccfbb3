"""The words of the news: pure functions from rows to sentences. Nobody's name is in them but an organisation's,
because a feed outlives the days in which a name may be shown."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from brokerage.domain.arranging import says_who_comes
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.vocabulary import (
    ClaimantReason,
    DeclineReason,
    DeliveryMode,
    EncounterType,
    SchoolCancelReason,
)

LONDON = ZoneInfo("Europe/London")

WANTED: dict[str, str] = {
    EncounterType.CAREER_TALK: "someone for a career talk",
    EncounterType.PROVIDER_ENCOUNTER: "a provider to meet pupils",
    EncounterType.ASSEMBLY: "a speaker for an assembly",
    EncounterType.MOCK_INTERVIEWS: "mock interviewers",
    EncounterType.CV_WORKSHOP: "helpers for a CV workshop",
    EncounterType.MENTORING: "mentors",
    EncounterType.CAREERS_FAIR_STAND: "stands for a careers fair",
    EncounterType.WORKPLACE_VISIT: "a workplace to visit",
    EncounterType.WORK_EXPERIENCE: "work experience places",
    EncounterType.JOB_SHADOWING: "someone to shadow at work",
    EncounterType.TASTER_DAY: "a taster day",
    EncounterType.ENTERPRISE_CHALLENGE: "helpers for an enterprise challenge",
    EncounterType.EMPLOYER_SET_PROJECT: "an employer to set a project",
    EncounterType.STAFF_DEVELOPMENT: "hosts for staff development",
}
# What of an amended need those who come may want to know, and in which words.
CHANGED: dict[str, str] = {
    "title": "its title",
    "encounter_type": "what it is",
    "year_groups": "the year groups",
    "audience": "how many pupils",
    "expected_pupils": "how many pupils",
    "description": "the description",
    "delivery_mode": "how you meet",
    "supervision": "supervision",
    "venue": "where it is",
    "entrance": "where to arrive",
    "visitor_notes": "visitor information",
    "contact": "the contact",
}
# These are shown from acceptance only, so only those who are booked hear of them.
FROM_ACCEPTANCE = frozenset({"entrance", "visitor_notes", "contact"})


def local(moment: datetime) -> datetime:
    return moment.astimezone(LONDON)


def day(moment: datetime, today: date) -> str:
    """`10 December`; the year when it isn't this academic year."""
    then = local(moment).date()
    return f"{then.day} {then:%B}" + ("" if _school_year(then) == _school_year(today) else f" {then.year}")


def weekday(moment: datetime, today: date) -> str:
    """`Thursday 10 December`."""
    return f"{local(moment):%A} {day(moment, today)}"


def clock(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def hours(slot: Slot) -> str:
    return f"{clock(slot.starts_at)} to {clock(slot.ends_at)}"


def counted(number: int, one: str, many: str) -> str:
    return f"{one if number == 1 else f'{number:,} {many}'}"


def wanted(need: EncounterNeed, first: Slot, others: int, miles: float | None, today: date) -> str:
    later = "" if not others else f" and {counted(others, 'one other day', 'other times')}"
    away = ", live online" if need.delivery_mode == DeliveryMode.LIVE_ONLINE else _away(miles)
    return f"{need.school.name} needs {WANTED[need.encounter_type]} on {day(first.starts_at, today)}{later}{away}."


def offered(claim: Claim, today: date) -> str:
    """For the school, when it has to answer."""
    need, slot = claim.slot.need, claim.slot
    by = min(need.closes_at, slot.starts_at) if need.closes_at else slot.starts_at
    who = claim.claimant.name if claim.was_verified else f"{claim.claimant.name} (not yet verified)"
    verb = "Choose" if need.allocation == "school_chooses" else "Answer"
    return f"{who} offered for {about(slot, today)}. {verb} by {weekday(by, today)}."


def taken(claim: Claim, places_left: int, today: date) -> str:
    """For the school, when first come applied."""
    left = {0: "None left", 1: "One left"}.get(places_left, f"{places_left} left")
    places = counted(claim.places, "a place", "places")
    return f"{claim.claimant.name} took {places} on {about(claim.slot, today)}. {left}."


def booked(claim: Claim, today: date, *, is_theirs: bool) -> str:
    """For the claimant: whoever comes reads «you», whoever claimed for somebody reads «your place»."""
    slot = claim.slot
    when = f"{weekday(slot.starts_at, today)}, {clock(slot.starts_at)}"
    if is_theirs:
        return f"You're booked at {slot.need.school.name}, {when}."
    places = counted(claim.places, "Your place", "places")
    then = "" if claim.attendee_id else " Name who will come."
    verb = "is" if claim.places == 1 else "are"
    return f"{places} at {slot.need.school.name} {verb} booked: {when}.{then}"


def not_this_time(claim: Claim, reason: str, today: date) -> str:
    why = DeclineReason(reason).label.lower() if reason != DeclineReason.OTHER else ""
    school = claim.slot.need.school.name
    return f"{school} chose others for {about(claim.slot, today)}{f': {why}' if why else ''}."


def need_gone(slot: Slot, today: date) -> str:
    return f"{slot.need.school.name} withdrew {about(slot, today)}. You needn't do anything."


def left(claim: Claim, was: str, reason: str, today: date) -> str:
    """For the school, when a claimant goes."""
    if was == "submitted":
        return f"{claim.claimant.name} took back the offer for {about(claim.slot, today)}."
    why = "" if reason == ClaimantReason.OTHER else f": {ClaimantReason(reason).label.lower()}"
    title, then = claim.slot.need.title, day(claim.slot.starts_at, today)
    return f"{claim.claimant.name} can't come to {title} on {then}{why}."


def given_up(claim: Claim, today: date) -> str:
    """For those of the claimant who didn't do it themselves."""
    school = claim.slot.need.school.name
    return f"{claim.claimant.name} gave up your place on {about(claim.slot, today)}, at {school}."


def put_forward(claim: Claim, today: date) -> str:
    return f"{claim.claimant.name} put you forward for {about(claim.slot, today)}, at {claim.slot.need.school.name}."


def no_longer_coming(claim: Claim, today: date) -> str:
    return f"{claim.claimant.name} took you off {about(claim.slot, today)}, at {claim.slot.need.school.name}."


def cancelled(claim: Claim, reason: str, today: date) -> str:
    slot = claim.slot
    why = "" if reason == SchoolCancelReason.OTHER else f": {SchoolCancelReason(reason).label.lower()}"
    return (
        f"{slot.need.school.name} cancelled {slot.need.title} on {day(slot.starts_at, today)}{why}. "
        "You needn't do anything."
    )


def did_not_happen(slot: Slot, today: date) -> str:
    return f"{slot.need.school.name} recorded that {about(slot, today)}, didn't happen."


def full(slot: Slot, today: date) -> str:
    return f"{slot.need.title} on {day(slot.starts_at, today)} is full."


def moved(slot: Slot, was: datetime, today: date, *, is_unnamed: bool) -> str:
    same_day = local(was).date() == local(slot.starts_at).date()
    to = clock(slot.starts_at) if same_day else f"{weekday(slot.starts_at, today)}, {clock(slot.starts_at)}"
    ask = (
        "Whoever was coming is booked elsewhere then. Name who will come."
        if is_unnamed
        else "Can you still come?"
    )
    return f"{slot.need.school.name} moved {slot.need.title} to {to}. {ask}"


def changed(slot: Slot, what: list[str], today: date) -> str:
    return f"{slot.need.school.name} changed {joined(what)} for {about(slot, today)}."


def who_comes_changed(claim: Claim, today: date) -> str:
    verb = "changed who comes to" if claim.attendee_id else "will name who comes to"
    return f"{claim.claimant.name} {verb} {about(claim.slot, today)}."


def name_another(claim: Claim, today: date) -> str:
    """For those who coordinate, when whoever was to come is no longer a member."""
    where = claim.slot.need.school.name
    return f"Whoever was to come to {about(claim.slot, today)}, at {where}, is no longer a member. Name who will come."


def confirm(slot: Slot, today: date) -> str:
    return f"{slot.need.school.name} recorded {about(slot, today)}. Did it happen as they say?"


def missed(slot: Slot, today: date) -> str:
    return f"{slot.need.school.name} recorded that nobody came from you to {about(slot, today)}. Is that so?"


def agreed(claim: Claim, today: date) -> str:
    return f"{claim.claimant.name} confirmed {about(claim.slot, today)}."


def disagreed(claim: Claim, today: date) -> str:
    return f"{claim.claimant.name} saw {about(claim.slot, today)}, differently. Read their note."


def can_still_come(claim: Claim, today: date) -> str:
    return f"{claim.claimant.name} can still come to {about(claim.slot, today)}."


def tomorrow_for_claimant(claim: Claim) -> str:
    slot = claim.slot
    ask = "" if claim.attendee_id else " Name who will come."
    bring = " Bring photo ID." if slot.need.delivery_mode != DeliveryMode.LIVE_ONLINE and not ask else ""
    return f"Tomorrow, {clock(slot.starts_at)}: {slot.need.title} at {slot.need.school.name}.{bring}{ask}"


def tomorrow_for_school(slot: Slot, claimants: list[str]) -> str:
    what = f"Tomorrow, {clock(slot.starts_at)}: {slot.need.title}."
    if len(claimants) > 1:
        return f"{what} {len(claimants)} organisations come."
    return what if says_who_comes(slot.need.title, claimants[0]) else f"{what} {claimants[0]} comes."


def about(slot: Slot, today: date) -> str:
    return f"{slot.need.title}, {day(slot.starts_at, today)}"


def joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _away(miles: float | None) -> str:
    if miles is None:
        return ""
    if miles < 0.95:
        return ", under a mile away"
    return f", {miles:.1f} miles away" if miles < 10 else f", {miles:.0f} miles away"


def _school_year(then: date) -> int:
    return then.year if then.month >= 9 else then.year - 1
