"""How a visit and a claim are put into words for those who come (ux.md section 5)."""

from collections.abc import Mapping

from brokerage.accounts.models import Membership
from brokerage.models import Claim, EncounterNeed
from brokerage.states import ClaimState
from brokerage.vocabulary import (
    Benchmark,
    ClaimantReason,
    DeclineReason,
    DeliveryMode,
    SchoolCancelReason,
    Sector,
    Subject,
    Supervision,
)
from brokerage.web import dates

STAFF_DO = {
    Supervision.STAFF_PRESENT: "Staff stay with you throughout.",
    Supervision.STAFF_NEARBY: "Staff are nearby, but not always in the room.",
    Supervision.RISK_ASSESSED: "The school’s written risk assessment says what it needs from you first.",
    Supervision.HOST_SUPERVISES: "Pupils come to you, and one of your own staff supervises them.",
}
PHOTO_ID = "Photo ID. Nobody should ask for a certificate for a one-off, supervised visit."
BRING = {
    Supervision.STAFF_PRESENT: PHOTO_ID,
    Supervision.STAFF_NEARBY: "Photo ID. The school tells you if it needs anything else.",
    Supervision.RISK_ASSESSED: "Photo ID, and whatever the school’s risk assessment asks for.",
    Supervision.HOST_SUPERVISES: "Nothing: the school sends you numbers and needs beforehand.",
}


def pupils(expected_pupils: Mapping[str, int]) -> str:
    """`About 180 pupils`, or nothing when the school didn't say."""
    expected = sum(expected_pupils.values())
    return f"About {expected:,} {'pupil' if expected == 1 else 'pupils'}" if expected else ""


def staff_do(need: EncounterNeed) -> str:
    if need.delivery_mode == DeliveryMode.LIVE_ONLINE:
        return "Staff are in the room with the pupils and run the call."
    return STAFF_DO[Supervision(need.supervision)]


def bring(need: EncounterNeed) -> str:
    if need.delivery_mode == DeliveryMode.LIVE_ONLINE:
        return "Nothing. You join from your desk, and pupils can ask you questions."
    return BRING[Supervision(need.supervision)]


def where(need: EncounterNeed) -> str:
    school = need.school
    if need.delivery_mode == DeliveryMode.LIVE_ONLINE:
        return "Live online, from your desk"
    if need.supervision == Supervision.HOST_SUPERVISES:
        return "At your workplace"
    place = ", ".join(filter(None, [need.venue, school.name, school.town or school.outcode]))
    return f"{place}, or live online" if need.delivery_mode == DeliveryMode.HYBRID else place


def wanted(need: EncounterNeed) -> list[tuple[str, str]]:
    """What else the school said: (term, words)."""
    sectors = ", ".join(str(Sector(sector).label) for sector in need.sectors)
    subjects = ", ".join(str(Subject(subject).label) for subject in need.subjects)
    benchmark = need.main_benchmark
    counts = f"{Benchmark(benchmark).label} (benchmark {benchmark})" if benchmark else ""
    said = [("Sectors", sectors), ("Subjects", subjects), ("Counts towards", counts)]
    return [(term, words) for term, words in said if words]


def held(claim: Claim, by: Membership) -> str:
    """What a live claim makes of its place for this reader: their own, or their organisation's."""
    if claim.attendee_id != by.pk:
        return f"{by.organisation} has a claim here"
    return "You’re booked" if claim.state == ClaimState.ACCEPTED else "You’ve offered to come"


# What a claim's state looks like: the kind of its badge, its short words.
BADGES = {
    ClaimState.SUBMITTED: ("wait", "Waiting for an answer"),
    ClaimState.ACCEPTED: ("book", "Booked"),
    ClaimState.DECLINED: ("na", "Not this time"),
    ClaimState.WITHDRAWN: ("na", "Taken back"),
    ClaimState.CANCELLED_BY_SCHOOL: ("na", "Cancelled by the school"),
    ClaimState.CANCELLED_BY_CLAIMANT: ("na", "Cancelled"),
    ClaimState.FULFILLED: ("ok", "Happened"),
    ClaimState.MISSED: ("soon", "Recorded as not there"),
}


def badge(claim: Claim) -> tuple[str, str]:
    return ("na", "Recorded as not held") if claim.ended_undelivered else BADGES[ClaimState(claim.state)]


def who_comes(claim: Claim, by: Membership) -> str:
    if claim.attendee_id == by.pk:
        return "You"
    return str(claim.attendee.user) if claim.attendee else "To be named"


def _why(reason: str, labels: type) -> str:
    if not reason or reason == "other":
        return ""
    label = str(labels(reason).label)
    return f": {label[0].lower()}{label[1:]}"


def headline(claim: Claim, by: Membership, *, is_over: bool) -> str:
    """The claim's state as the page's first line."""
    school = claim.slot.need.school.name
    is_theirs = claim.attendee_id == by.pk
    match claim.state:
        case ClaimState.ACCEPTED if is_over:
            return "How did it go?"
        case ClaimState.ACCEPTED if is_theirs:
            return "You’re booked"
        case ClaimState.ACCEPTED if claim.attendee:
            return f"{claim.attendee.user} is booked"
        case ClaimState.ACCEPTED:
            return "1 place is booked" if claim.places == 1 else f"{claim.places} places are booked"
        case ClaimState.SUBMITTED if is_over:
            return f"{school} didn’t answer before this date"
        case ClaimState.SUBMITTED:
            return f"Waiting for {school} to answer"
        case ClaimState.DECLINED if claim.reason == DeclineReason.NO_CAPACITY:
            return f"{school} chose others this time"
        case ClaimState.DECLINED:
            return f"{school} can’t say yes this time"
        case ClaimState.WITHDRAWN:
            return "You took back this offer"
        case ClaimState.CANCELLED_BY_SCHOOL if claim.ended_undelivered:
            return f"{school} recorded that it didn’t happen"
        case ClaimState.CANCELLED_BY_SCHOOL:
            return f"{school} cancelled"
        case ClaimState.CANCELLED_BY_CLAIMANT:
            return "This booking was cancelled on your side"
        case ClaimState.MISSED:
            return f"{school} recorded that nobody came"
    return "This visit happened"


def sentence(claim: Claim, by: Membership, *, is_over: bool) -> str:
    """When and where, and what it means for them now."""
    slot, need = claim.slot, claim.slot.need
    day = f"{dates.in_sentence(slot.starts_at)}, {dates.clock(slot.starts_at)}"
    match claim.state:
        case ClaimState.ACCEPTED if is_over:
            return f"{need.title}, {day}. {need.school.name} hasn’t recorded it yet."
        case ClaimState.ACCEPTED:
            return f"{day}, {need.school.name}. {_arrive(need)}"
        case ClaimState.SUBMITTED if not is_over:
            answer_by = min(need.closes_at, slot.starts_at) if need.closes_at else slot.starts_at
            return f"{need.title}, {day}. They answer by {dates.in_sentence(answer_by)}."
        case ClaimState.DECLINED:
            return f"{need.title}, {day}{_why(claim.reason, DeclineReason)}."
        case ClaimState.CANCELLED_BY_SCHOOL if not claim.ended_undelivered:
            return f"{need.title}, {day}{_why(claim.reason, SchoolCancelReason)}. You needn’t do anything."
        case ClaimState.CANCELLED_BY_CLAIMANT | ClaimState.WITHDRAWN:
            return f"{need.title}, {day}{_why(claim.reason, ClaimantReason)}. The school has been told."
    return f"{need.title}, {day}, {need.school.name}."


def _arrive(need: EncounterNeed) -> str:
    if need.delivery_mode == DeliveryMode.LIVE_ONLINE:
        return "Join from your desk; staff are in the room with the pupils."
    if need.supervision == Supervision.HOST_SUPERVISES:
        return staff_do(need)
    return f"Go to reception; {staff_do(need)[0].lower()}{staff_do(need)[1:]}"
