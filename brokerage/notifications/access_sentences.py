"""The words of the news about access requests: pure functions from rows to sentences, as ux.md section 6 has them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from brokerage.calendar import dates
from brokerage.calendar.clock import Clock, ClockState
from brokerage.models import AccessRequest, CounterOffer, ExternalEncounter, Slot
from brokerage.notifications.sentences import clock as hour
from brokerage.notifications.sentences import local
from brokerage.vocabulary import DeliveryMode, PostponeReason, RefusalGround, years

# The school's reasons as the asker reads them.
GROUNDS: Final[Mapping[str, str]] = {
    RefusalGround.ALREADY_MET: "they've met their need for this phase",
    RefusalGround.DATE_CLASH: "those dates don't work",
    RefusalGround.EXAM_PERIOD: "it's an exam period",
    RefusalGround.SAFEGUARDING_NOT_SATISFIED: "safeguarding or ID checks aren't complete",
    RefusalGround.NOT_RELEVANT: "the content doesn't suit these pupils",
    RefusalGround.NOT_A_PROVIDER: "they understand that you don't provide technical courses or apprenticeships",
    RefusalGround.NO_CAPACITY: "they've no room or staff on that day",
    RefusalGround.OTHER: "another reason in their policy",
}
LATER: Final[Mapping[str, str]] = {
    PostponeReason.EXAM_PERIOD: "exams or mock exams",
    PostponeReason.TIMETABLE_FULL: "the timetable is full until then",
    PostponeReason.STAFF_ABSENCE: "staff absence",
    PostponeReason.BUILDING_WORK: "building work",
}
OFFERED_AT_MOST: Final = 3


def asked(request: AccessRequest, clock: Clock) -> str:
    who = request.asker.name if request.was_verified else f"{request.asker.name} (not yet verified)"
    return f"{who} ask to meet {years(request.year_groups)}.{_answer_by(clock)}"


def returned(request: AccessRequest, clock: Clock) -> str:
    """The day it was postponed to has come."""
    return f"{request.asker.name} ask again to meet {years(request.year_groups)}, as you wished.{_answer_by(clock)}"


def returned_to_asker(request: AccessRequest) -> str:
    return f"Your request is back with {request.school.name}, as they wished. Their clock starts again."


def named_to_come(request: AccessRequest) -> str:
    return (
        f"{request.asker.name} asked {request.school.name} to meet {years(request.year_groups)}, "
        "and put you forward to come."
    )


def granted(request: AccessRequest, slot: Slot, today: date) -> str:
    return f"{request.school.name} said yes: {_when_and_where(slot, today)}."


def offer_taken(request: AccessRequest, slot: Slot, today: date) -> str:
    """For the school, whose other date the asker took."""
    return f"{request.asker.name} took your date: {_when_and_where(slot, today)}."


def countered(request: AccessRequest, offer: CounterOffer, today: date) -> str:
    """What they can't do, where that is plain, and what they offer."""
    offered = either([dates.short(day, today) for day in offer.dates[:OFFERED_AT_MOST]])
    more = len(offer.dates) - OFFERED_AT_MOST
    offered += f" and {more} more" if more > 0 else ""
    if set(offer.dates) & set(request.dates):
        return f"{request.school.name} offers {offered}, not quite as you asked."
    cant = dates.short(request.dates[0], today) if len(request.dates) == 1 else "your dates"
    return f"{request.school.name} can't do {cant} but offers {offered}."


def offer_not_taken(request: AccessRequest) -> str:
    return f"{request.asker.name} can't take the dates you offered. This request has ended."


def postponed(request: AccessRequest, until: date, reason: str, today: date) -> str:
    """Without a reason where it is none of the list, and for a subject line."""
    why = f": {LATER[reason]}" if reason in LATER else ""
    return f"Please ask {request.school.name} again after {dates.short(until, today)}{why}."


def refused(request: AccessRequest, ground: str) -> str:
    """Without a ground for a subject line."""
    why = f": {GROUNDS[ground]}" if ground in GROUNDS else ""
    return f"Not this time at {request.school.name}{why}."


def questioned(request: AccessRequest, clock: Clock) -> str:
    """What they asked stands on the page alone: it may be erased, a feed may not."""
    return f"{request.school.name} asked you a question.{_waits(request, clock)}"


def question_answered(request: AccessRequest, clock: Clock) -> str:
    return f"{request.asker.name} answered your question.{_answer_by(clock)}"


def marked(request: AccessRequest, clock: Clock, today: date) -> str:
    asked = _asked_on(request, today)
    return f"{request.school.name} says this repeats what you asked{asked}.{_waits(request, clock)}"


def agreed(request: AccessRequest, today: date) -> str:
    return f"{request.asker.name} agree that it repeats their request{_asked_on(request, today)}."


def agreed_by_staff(request: AccessRequest, today: date) -> str:
    return f"Doorway's staff agree: {request.asker.name} asked this already{_asked_on(request, today)}."


def confirmed_by_staff(request: AccessRequest, today: date) -> str:
    return (
        "Doorway's staff found that your request to "
        f"{request.school.name} repeats the one you made{_asked_on(request, today)}."
    )


def not_agreed(request: AccessRequest, clock: Clock) -> str:
    return f"{request.asker.name} say this is another request.{_answer_by(clock)}"


def withdrawn(request: AccessRequest) -> str:
    return f"{request.asker.name} withdrew their request to meet {years(request.year_groups)}. Nothing to answer."


def withdrawn_by_colleague(request: AccessRequest) -> str:
    return f"{request.asker.name} withdrew the request to meet {years(request.year_groups)} at {request.school.name}."


def followed_up(request: AccessRequest, clock: Clock) -> str:
    return f"{request.asker.name} wrote again, politely. It's day {clock.day}."


def shortfall(request: AccessRequest, slot: Slot, today: date) -> str:
    on = dates.short(local(slot.starts_at).date(), today)
    return f"{request.asker.name} say {on} was less than agreed. Read what they say."


def reached(request: AccessRequest, day: int, state: str, clock: Clock) -> str:
    """For the school."""
    waiting = f"{request.asker.name} are waiting for an answer."
    if state == ClockState.NO_RESPONSE:
        return f"No response by day {day}, and every date that {request.asker.name} offered is past."
    if state == ClockState.VERY_LATE:
        return f"Very late: day {day}. {waiting}"
    if state == ClockState.LATE:
        return f"Late: day {day}. {waiting}"
    return f"Day {day} of {clock.parameters.late_after}: {waiting}"


def reached_for_asker(request: AccessRequest, day: int, state: str) -> str:
    said = f"It's day {day}, and {request.school.name} hasn't answered."
    if state == ClockState.NO_RESPONSE:
        return f"{said} Your dates are past. Here is a polite follow-up you can send as it is."
    return f"{said} Here is a polite follow-up you can send as it is."


def reached_without_a_word(request: AccessRequest, day: int) -> str:
    """For an asker who was asked back: a follow-up would remind a school that waits for them."""
    return f"It's day {day}, and {request.school.name} hasn't answered. They wait for a word from you, too."


def reached_for_hub(request: AccessRequest, day: int, state: str) -> str:
    late = "No response by" if state == ClockState.NO_RESPONSE else "Very late:"
    return f"{late} day {day}: {request.school.name} owes {request.asker.name} an answer."


def follow_up(request: AccessRequest, today: date) -> str:
    """What the asker can send as it is. `I`, because a person sends it."""
    return (
        f"I wrote on {dates.short(local(request.asked_at).date(), today)} about meeting your "
        f"{years(request.year_groups)}. I know how full the term is. A no, or a date in {_next_term(today)}, "
        "would help us plan."
    )


def external_recorded(encounter: ExternalEncounter, today: date) -> str:
    return (
        f"{encounter.school.name} recorded that you came on {dates.short(encounter.on, today)}. Is that so?"
    )


def external_confirmed(encounter: ExternalEncounter, today: date) -> str:
    return f"{encounter.provider_name} confirmed {dates.short(encounter.on, today)}."


def external_disputed(encounter: ExternalEncounter, today: date) -> str:
    return f"{encounter.provider_name} saw {dates.short(encounter.on, today)} differently. Read their note."


def external_disputed_by_us(encounter: ExternalEncounter, today: date) -> str:
    on = dates.short(encounter.on, today)
    return f"{encounter.provider_name} told {encounter.school.name} that {on} was different."


def external_removed(encounter: ExternalEncounter, today: date) -> str:
    return f"{encounter.school.name} took back what it recorded of {dates.short(encounter.on, today)}."


def either(words: Sequence[str]) -> str:
    """`8 December`, `8 or 9 December`: any of them."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _waits(request: AccessRequest, clock: Clock) -> str:
    """A clock is paused so many times at most."""
    if clock.state is ClockState.PAUSED:
        return " Their clock waits for you."
    return " Their clock runs on." if request.is_unanswered else ""


def _answer_by(clock: Clock) -> str:
    if clock.answer_by is None or clock.today > clock.answer_by:
        return ""
    return f" Answer by {dates.in_sentence(clock.answer_by, clock.today)}."


def _asked_on(request: AccessRequest, today: date) -> str:
    if request.duplicate_of is None:
        return ""
    return f" on {dates.short(local(request.duplicate_of.asked_at).date(), today)}"


def _when_and_where(slot: Slot, today: date) -> str:
    on = dates.in_sentence(local(slot.starts_at).date(), today)
    is_online = slot.need.delivery_mode == DeliveryMode.LIVE_ONLINE
    where = "live online" if is_online else slot.need.venue
    return ", ".join(filter(None, [on, hour(slot.starts_at), where]))


def _next_term(today: date) -> str:
    if today.month >= 9:
        return "spring"
    return "summer" if today.month <= 3 else "autumn"
