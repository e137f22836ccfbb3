"""News of needs: a new one to those it may suit, a changed one to those who offered."""

from datetime import date, datetime

from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.models import Claim, EncounterNeed
from brokerage.notifications import links, recipients, sentences
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about, bookings
from brokerage.notifications.recipients import Recipient
from brokerage.states import ClaimState, NeedState


def published(event: Event) -> list[News]:
    need, today = _need(event), about.today(event)
    slots = [slot for slot in need.slots.all() if slot.open_until is not None and slot.open_until > event.at]
    if need.state != NeedState.OPEN or not slots:
        return []
    near = recipients.nearby(need)
    miles = {one.recipient.user.pk: one.miles for one in reversed(near)}

    def text(recipient: Recipient) -> str:
        return sentences.wanted(need, slots[0], len(slots) - 1, miles[recipient.user.pk], today)

    return [
        News(
            type="need.published",
            text=text,
            to=about.others(event, [one.recipient for one in near]),
            link=links.need(need.public_id),
            data={**_ids(need), "encounter_type": need.encounter_type},
        )
    ]


def amended(event: Event) -> list[News]:
    """Those who offered hear of what bears on them; what is shown from acceptance, only those who are booked."""
    need, today = _need(event), about.today(event)
    news = []
    for claim in about.claims_on(need):
        is_booked = claim.state == ClaimState.ACCEPTED
        hidden = frozenset() if is_booked else sentences.FROM_ACCEPTANCE
        fields = [name for name in event.data["changed"] if name in sentences.CHANGED and name not in hidden]
        if fields and claim.slot.starts_at > event.at:
            news.append(_changed(event, claim, fields, today))
    return news


def withdrawn(event: Event) -> list[News]:
    """Colleagues at the school; everyone who had offered hears of the end of their own claim."""
    need = _need(event)
    return [
        News(
            type="need.withdrawn",
            text=f"{need.title or 'A draft'} was withdrawn.",
            to=about.school(event, need),
            link=links.school_need(need.public_id),
            data={**_ids(need), "claims_ended": event.data["claims_ended"]},
        )
    ]


def slot_moved(event: Event) -> list[News]:
    """Those whose person is now elsewhere come first: who stands in both lines hears that one."""
    live = [claim for claim in about.claims_of(event.data["claims"]) if claim.is_live]
    unnamed = event.data["unnamed"]
    live.sort(key=lambda claim: str(claim.public_id) not in unnamed)
    return [_moved(event, claim, is_unnamed=str(claim.public_id) in unnamed) for claim in live]


def _changed(event: Event, claim: Claim, fields: list[str], today: date) -> News:
    words = list(dict.fromkeys(sentences.CHANGED[name] for name in fields))
    text = sentences.changed(claim.slot, words, today)
    is_booked = claim.state == ClaimState.ACCEPTED

    def letter(recipient: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text, "This is how it stands now."],
            facts=bookings.facts(claim, today),
            action="See what changed",
            path=links.claim(claim.public_id),
            otherwise="If you can still come, you needn't do anything.",
            why=about.FOR_THE_BOOKED,
            ics=bookings.calendar(claim, event, recipient),
        )

    return News(
        type="need.amended",
        text=text,
        to=about.claimants(event, claim),
        link=links.claim(claim.public_id),
        data={**about.ids(claim), "changed": [*fields]},
        letter=letter if is_booked else None,
    )


def _moved(event: Event, claim: Claim, *, is_unnamed: bool) -> News:
    """The time told is the event's: the slot may have moved on since, and that is the next event's news."""
    slot, today = claim.slot, about.today(event)
    slot.starts_at = datetime.fromisoformat(event.data["starts_at"])
    slot.ends_at = datetime.fromisoformat(event.data["ends_at"])
    was = datetime.fromisoformat(event.data["was_starts_at"])
    text = sentences.moved(slot, was, today, is_unnamed=is_unnamed)
    is_booked = claim.state == ClaimState.ACCEPTED
    before = f"It was {sentences.weekday(was, today)}, {sentences.clock(was)}."

    def letter(recipient: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text, before],
            facts=bookings.facts(claim, today) if is_booked else [],
            action="Name who will come" if is_unnamed else "Stay or withdraw",
            path=links.claim(claim.public_id),
            otherwise="If you can still come, you needn't do anything. Leaving now doesn't count against you.",
            why=about.FOR_THE_BOOKED if is_booked else about.FOR_THE_CLAIMANT,
            ics=bookings.calendar(claim, event, recipient) if is_booked and not is_unnamed else "",
        )

    return News(
        type="slot.moved",
        text=text,
        to=about.claimants(event, claim),
        link=links.claim(claim.public_id),
        data={**about.ids(claim), "starts_at": slot.starts_at.isoformat(), "unnamed": is_unnamed},
        letter=letter,
    )


def _need(event: Event) -> EncounterNeed:
    needs = EncounterNeed.objects.select_related("school").prefetch_related("slots")
    return needs.get(public_id=about.subject(event))


def _ids(need: EncounterNeed) -> dict[str, Json]:
    return {"need": str(need.public_id), "school": str(need.school.public_id)}
