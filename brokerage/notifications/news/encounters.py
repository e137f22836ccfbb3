"""News of what happened: recorded by the school, confirmed or disputed by those who came; and the day before."""

from datetime import date

from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, Slot
from brokerage.notifications import links, recipients, sentences
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about, bookings
from brokerage.notifications.recipients import Recipient
from brokerage.states import ClaimState


def recorded(event: Event) -> list[News]:
    """Those who came are asked to confirm; those who the school says didn't come, whether that is so."""
    today = about.today(event)
    return [
        _ask(event, claim, sentences.confirm(claim.slot, today), "fulfilled")
        for claim in about.claims_of(event.data["fulfilled"])
    ] + [
        _ask(event, claim, sentences.missed(claim.slot, today), "missed")
        for claim in about.claims_of(event.data["missed"])
    ]


def confirmed(event: Event) -> list[News]:
    encounter, claim = _both(event)
    text = sentences.agreed(claim, about.today(event))
    return [_to_school(event, encounter, claim, "encounter.confirmed", text)]


def disputed(event: Event) -> list[News]:
    encounter, claim = _both(event)
    text = sentences.disagreed(claim, about.today(event))

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            action="Read their note",
            path=links.record(encounter.public_id),
            otherwise="If you do nothing, what you recorded stands beside their note.",
            why=about.FOR_THE_SCHOOL,
        )

    return [_to_school(event, encounter, claim, "encounter.disputed", text, letter)]


def due_tomorrow(event: Event) -> list[News]:
    """The day before: those who come, and the school. Nobody, if the slot has moved to another day meanwhile."""
    slot, today = about.slot_of(event), about.today(event)
    if sentences.local(slot.starts_at).date().isoformat() != event.data["on"]:
        return []
    booked = Claim.objects.filter(slot=slot, state=ClaimState.ACCEPTED).values_list("public_id", flat=True)
    claims = about.claims_of([str(public_id) for public_id in booked])
    if not claims:
        return []
    return [*(_remind(event, claim, today) for claim in claims), _remind_school(event, slot, claims, today)]


def _ask(event: Event, claim: Claim, text: str, said: str) -> News:
    return News(
        type="encounter.recorded",
        text=text,
        to=about.claimants(event, claim),
        link=links.claim(claim.public_id),
        data={**about.ids(claim), "encounter": str(event.subject_id), "said": said},
    )


def _to_school(
    event: Event,
    encounter: Encounter,
    claim: Claim,
    type_: str,
    text: str,
    letter: about.Letter | None = None,
) -> News:
    return News(
        type=type_,
        text=text,
        to=about.school(event, claim.slot.need),
        link=links.record(encounter.public_id),
        data={**about.ids(claim), "encounter": str(encounter.public_id)},
        letter=letter,
    )


def _remind(event: Event, claim: Claim, today: date) -> News:
    text = sentences.tomorrow_for_claimant(claim)
    people = recipients.claims_people(claim)
    coming = [recipient for recipient in people if bookings.comes(claim, recipient)]

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            facts=bookings.facts(claim, today),
            action="See your booking",
            path=links.claim(claim.public_id),
            otherwise="Can't come? Withdraw there, so that the school knows before you're expected.",
            why=about.FOR_THE_BOOKED,
        )

    return News(
        type="reminder.day_before",
        text=text,
        to=coming or people,
        link=links.claim(claim.public_id),
        data=about.ids(claim),
        letter=letter,
    )


def _remind_school(event: Event, slot: Slot, claims: list[Claim], today: date) -> News:
    need = slot.need
    text = sentences.tomorrow_for_school(slot, list(dict.fromkeys(claim.claimant.name for claim in claims)))

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            facts=[bookings.who_comes(claim) for claim in claims],
            action="See who comes",
            path=links.school_need(need.public_id),
            why=about.FOR_THE_SCHOOL,
        )

    return News(
        type="reminder.day_before",
        text=text,
        to=recipients.school_writers(need),
        link=links.school_need(need.public_id),
        data={
            "need": str(need.public_id),
            "slot": str(slot.public_id),
            "school": str(need.school.public_id),
            "claims": [str(claim.public_id) for claim in claims],
        },
        letter=letter,
    )


def _both(event: Event) -> tuple[Encounter, Claim]:
    encounter = Encounter.objects.get(public_id=about.subject(event))
    (claim,) = about.claims_of([event.data["claim"]])
    return encounter, claim
