"""Who may do what: predicates only. *When* it may be done is the state table's business.

Pages ask `may` to hide a button; verbs call `authorise`, which is the law."""

from collections.abc import Callable
from typing import Final

from brokerage.accounts.models import Kind, Membership, Organisation, Role
from brokerage.errors import NotAllowed
from brokerage.models import AccessRequest, Claim, Encounter, EncounterNeed, ExternalEncounter

SCHOOL_WRITERS: Final = frozenset({Role.CAREERS_LEADER, Role.CAREERS_ADMINISTRATOR, Role.SENIOR_LEADER})
COORDINATORS: Final = frozenset({Role.COORDINATOR, Role.LIAISON_LEAD})
CLAIMANTS: Final = COORDINATORS | {Role.VOLUNTEER, Role.LIAISON_OFFICER}


def runs_school(by: Membership, school: Organisation | None = None) -> bool:
    """Posts, answers and records for the school (any school of theirs when none is named)."""
    ours = by.organisation.kind == Kind.SCHOOL and (school is None or by.organisation_id == school.pk)
    return by.is_active and ours and by.role in SCHOOL_WRITERS


def post_need(by: Membership, _: object = None) -> bool:
    return runs_school(by)


def change_need(by: Membership, need: EncounterNeed) -> bool:
    return by.organisation_id == need.school_id and runs_school(by)


def submit_claim(by: Membership, need: EncounterNeed) -> bool:
    """Anyone of an employer or provider of a kind the need is open to."""
    category = by.organisation.category
    return by.is_active and by.role in CLAIMANTS and category is not None and category in need.open_to


def coordinate(by: Membership, _: object = None) -> bool:
    """May claim for anyone of theirs, and name and change who comes."""
    return by.is_active and by.role in COORDINATORS


def answer_claim(by: Membership, claim: Claim) -> bool:
    return change_need(by, claim.slot.need)


def leave_claim(by: Membership, claim: Claim) -> bool:
    """Their own claim; a coordinator's or liaison lead's, any of the organisation's."""
    if not by.is_active or by.organisation_id != claim.claimant_id:
        return False
    return by.role in COORDINATORS or by.pk in (claim.attendee_id, claim.submitted_by_id)


def name_attendee(by: Membership, claim: Claim) -> bool:
    return by.organisation_id == claim.claimant_id and coordinate(by)


def record_encounter(by: Membership, encounter: Encounter) -> bool:
    return by.organisation_id == encounter.school_id and runs_school(by)


def confirm_encounter(by: Membership, claim: Claim) -> bool:
    return leave_claim(by, claim)


def edit_hosting(by: Membership, school: Organisation) -> bool:
    """How a school receives visitors and when it is closed: its keepers' (careers leader, senior leader)."""
    return by.is_keeper and by.organisation.kind == Kind.SCHOOL and by.organisation_id == school.pk


def read_pupil_counts(by: Membership, encounter: Encounter) -> bool:
    """Pupil-premium and SEND counts are the school's only."""
    return by.is_active and by.organisation_id == encounter.school_id


def ask_school(by: Membership, school: Organisation) -> bool:
    """Anyone of an employer, college, training provider or university may ask any school."""
    outside = by.is_active and by.role in CLAIMANTS and by.organisation.category is not None
    return outside and school.kind == Kind.SCHOOL


def answer_request(by: Membership, request: AccessRequest) -> bool:
    return by.organisation_id == request.school_id and runs_school(by)


def speak_for_asker(by: Membership, request: AccessRequest) -> bool:
    """Their own request, or one they are to come for; a coordinator's or liaison lead's, any of theirs."""
    if not by.is_active or by.organisation_id != request.asker_id:
        return False
    return by.role in COORDINATORS or by.pk in (request.asked_by_id, request.visitor_id)


def read_words(by: Membership, request: AccessRequest) -> bool:
    """What the two wrote to each other is theirs; trust and hub see the steps and the clock alone."""
    return by.is_active and by.organisation_id in (request.school_id, request.asker_id)


def answer_for_term(by: Membership, school: Organisation) -> bool:
    return runs_school(by, school)


def record_external(by: Membership, school: Organisation) -> bool:
    return runs_school(by, school)


def confirm_external(by: Membership, encounter: ExternalEncounter) -> bool:
    return by.is_active and by.role in CLAIMANTS and by.organisation_id == encounter.provider_id


RULES: Final[dict[str, tuple[Callable[..., bool], str]]] = {
    "brokerage.post_need": (
        post_need,
        "Only a careers leader, administrator or senior leader can post a need.",
    ),
    "brokerage.change_need": (change_need, "Only this school's careers leaders can change this need."),
    "brokerage.submit_claim": (submit_claim, "This need isn't open to your organisation."),
    "brokerage.coordinate": (coordinate, "Only your coordinator can claim for someone else."),
    "brokerage.answer_claim": (answer_claim, "Only this school's careers leaders can answer offers."),
    "brokerage.leave_claim": (leave_claim, "Only the person who comes or your coordinator can do that."),
    "brokerage.name_attendee": (name_attendee, "Only your coordinator can change who comes."),
    "brokerage.record_encounter": (
        record_encounter,
        "Only this school's careers leaders can record what happened.",
    ),
    "brokerage.confirm_encounter": (
        confirm_encounter,
        "Only the person who came or your coordinator can say what happened.",
    ),
    "brokerage.edit_hosting": (
        edit_hosting,
        "Only a careers leader or senior leader can change the school's details.",
    ),
    "brokerage.ask_school": (
        ask_school,
        "Only employers, colleges, training providers and universities can ask.",
    ),
    "brokerage.answer_request": (answer_request, "Only this school's careers leaders can answer requests."),
    "brokerage.speak_for_asker": (
        speak_for_asker,
        "Only the person who asked or your coordinator can do that.",
    ),
    "brokerage.read_words": (read_words, "Only the school and the asker can read what they wrote."),
    "brokerage.answer_for_term": (answer_for_term, "Only this school's careers leaders can answer that."),
    "brokerage.record_external": (
        record_external,
        "Only this school's careers leaders can record an encounter.",
    ),
    "brokerage.confirm_external": (confirm_external, "Only the provider it names can confirm or dispute it."),
    "brokerage.read_pupil_counts": (read_pupil_counts, "These counts are the school's own."),
}


def may(rule: str, by: Membership | None, thing: object = None) -> bool:
    return by is not None and RULES[rule][0](by, thing)


def authorise(rule: str, by: Membership, thing: object = None) -> None:
    """Raise `not_allowed` with a sentence unless `by` may."""
    predicate, sentence = RULES[rule]
    if not predicate(by, thing):
        raise NotAllowed("not_allowed", sentence)
