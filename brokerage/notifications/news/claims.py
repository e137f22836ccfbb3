"""News of offers and bookings."""

from dataclasses import replace
from datetime import date

from brokerage.eventlog.models import Event
from brokerage.eventlog.record import PLATFORM
from brokerage.models import Claim
from brokerage.notifications import links, recipients, sentences
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.models import Letter
from brokerage.notifications.news import about, bookings
from brokerage.notifications.recipients import Recipient
from brokerage.states import ClaimState, NeedState


def submitted(event: Event) -> list[News]:
    claim, today = about.claim_of(event), about.today(event)
    if event.data["state"] == ClaimState.ACCEPTED:
        return [_taken(event, claim, today), _booked(event, claim, today), *_full(event, claim, today)]
    return [_offered(event, claim, today), _put_forward(event, claim, today)]


def accepted(event: Event) -> list[News]:
    claim, today = about.claim_of(event), about.today(event)
    return [_booked(event, claim, today), *_full(event, claim, today)]


def declined(event: Event) -> list[News]:
    claim, today = about.claim_of(event), about.today(event)
    slot = claim.slot
    is_gone = slot.need.state == NeedState.WITHDRAWN
    text = sentences.need_gone(slot, today) if is_gone else sentences.not_this_time(
        claim, event.data["reason"], today
    )  # fmt: skip
    without_reason = f"{slot.need.school.name} chose others for {sentences.about(slot, today)}"

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text if is_gone else without_reason,
            paragraphs=[text, "Thank you for offering. Other schools are looking for people too."],
            action="See what else is open",
            path=links.FIND,
            otherwise="You needn't do anything.",
            why=about.FOR_THE_CLAIMANT,
        )

    return [
        News(
            type="claim.declined",
            text=text,
            to=about.claimants(event, claim),
            link=links.claim(claim.public_id),
            data={**about.ids(claim), "reason": event.data["reason"]},
            letter=letter,
        )
    ]


def withdrawn(event: Event) -> list[News]:
    claim, today = about.claim_of(event), about.today(event)
    need, was_booked = claim.slot.need, event.data["was"] == ClaimState.ACCEPTED
    text = sentences.left(claim, event.data["was"], event.data["reason"], today)
    data = {**about.ids(claim), "reason": event.data["reason"], "was": event.data["was"]}

    def to_school(_: Recipient) -> Draft:
        return Draft(
            subject=sentences.left(claim, event.data["was"], "other", today),
            paragraphs=[text, "Others can claim it now."],
            action="See your need",
            path=links.school_need(need.public_id),
            otherwise="If you do nothing, it stays open until it closes.",
            why=about.FOR_THE_SCHOOL,
        )

    def to_colleague(recipient: Recipient) -> Draft:
        return _off(event, claim, sentences.given_up(claim, today), recipient)

    school = News(
        type="claim.withdrawn",
        text=text,
        to=about.school(event, need),
        link=links.school_need(need.public_id),
        data=data,
        letter=to_school if was_booked else None,
    )
    colleagues = News(
        type="claim.withdrawn",
        text=sentences.given_up(claim, today),
        to=about.claimants(event, claim),
        link=links.claim(claim.public_id),
        data=data,
        letter=to_colleague if was_booked else None,
    )
    return [school, colleagues]


def cancelled(event: Event) -> list[News]:
    claim, today = about.claim_of(event), about.today(event)
    slot, reason = claim.slot, event.data["reason"]
    is_over = slot.ends_at <= event.at
    text = sentences.did_not_happen(slot, today) if is_over else sentences.cancelled(claim, reason, today)

    def letter(recipient: Recipient) -> Draft:
        return Draft(
            subject=text if is_over else sentences.cancelled(claim, "other", today),
            paragraphs=[text, "It doesn't count against you."],
            action="See your visits",
            path=links.VISITS,
            why=about.FOR_THE_BOOKED,
            ics="" if is_over else bookings.calendar_without(claim, event, recipient),
        )

    return [
        News(
            type="claim.cancelled",
            text=text,
            to=about.claimants(event, claim),
            link=links.claim(claim.public_id),
            data={**about.ids(claim), "reason": reason},
            letter=letter,
        )
    ]


def kept(event: Event) -> list[News]:
    """They were asked whether they can still come."""
    claim, today = about.claim_of(event), about.today(event)
    need = claim.slot.need
    return [
        News(
            type="claim.kept",
            text=sentences.can_still_come(claim, today),
            to=about.school(event, need),
            link=links.school_need(need.public_id),
            data=about.ids(claim),
        )
    ]


def attendee_named(event: Event) -> list[News]:
    """The school hears that it changed, whoever comes now is booked, who came off it is told so. When somebody who
    was to come has left, those who coordinate are asked for another name."""
    claim, today = about.claim_of(event), about.today(event)
    need = claim.slot.need
    news = [
        News(
            type="claim.attendee_named",
            text=sentences.who_comes_changed(claim, today),
            to=about.school(event, need),
            link=links.school_need(need.public_id),
            data=about.ids(claim),
        )
    ]
    if event.actor_key == PLATFORM.actor_key and claim.is_live and claim.attendee_id is None:
        news.append(_to_be_named(claim, today))
    if claim.state != ClaimState.ACCEPTED:
        return news
    booked = _booked(event, claim, today)
    coming = [recipient for recipient in booked.to if bookings.comes(claim, recipient)]
    return [*news, *_taken_off(event, claim, today), *([_to(booked, coming)] if coming else [])]


def _to_be_named(claim: Claim, today: date) -> News:
    return News(
        type="claim.attendee_named",
        text=sentences.name_another(claim, today),
        to=recipients.coordinators(claim.claimant),
        link=links.claim(claim.public_id),
        data=about.ids(claim),
    )


def _offered(event: Event, claim: Claim, today: date) -> News:
    need, text = claim.slot.need, sentences.offered(claim, today)
    is_waiting = claim.state == ClaimState.SUBMITTED

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            facts=[("Places", str(claim.places))] if claim.places > 1 else [],
            action="Answer the offer",
            path=links.school_need(need.public_id),
            otherwise="If you do nothing, they keep waiting, and the place stays open.",
            why=about.FOR_THE_SCHOOL,
        )

    return News(
        type="claim.submitted",
        text=text,
        to=about.school(event, need),
        link=links.school_need(need.public_id),
        data={**about.ids(claim), "state": event.data["state"]},
        letter=letter if is_waiting else None,
    )


def _put_forward(event: Event, claim: Claim, today: date) -> News:
    """Somebody offered a colleague."""
    return News(
        type="claim.submitted",
        text=sentences.put_forward(claim, today),
        to=about.claimants(event, claim),
        link=links.claim(claim.public_id),
        data={**about.ids(claim), "state": event.data["state"]},
    )


def _taken(event: Event, claim: Claim, today: date) -> News:
    need, places_left = claim.slot.need, event.data["places_left"]
    text = sentences.taken(claim, places_left, today)

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            facts=[bookings.who_comes(claim)],
            action="See your need",
            path=links.school_need(need.public_id),
            otherwise="You needn't do anything: first come applied.",
            why=about.FOR_THE_SCHOOL,
        )

    return News(
        type="claim.submitted",
        text=text,
        to=about.school(event, need),
        link=links.school_need(need.public_id),
        data={**about.ids(claim), "state": event.data["state"], "places_left": places_left},
        letter=letter if claim.state == ClaimState.ACCEPTED else None,
    )


def _booked(event: Event, claim: Claim, today: date) -> News:
    """Everybody the booking is for, the one who claimed too: it is their confirmation."""
    return News(
        type="claim.accepted",
        text=lambda recipient: sentences.booked(claim, today, is_theirs=bookings.comes(claim, recipient)),
        to=recipients.claims_people(claim),
        link=links.claim(claim.public_id),
        data=about.ids(claim),
        letter=(lambda recipient: bookings.letter(claim, event, today, recipient))
        if claim.state == ClaimState.ACCEPTED
        else None,
    )


def _full(event: Event, claim: Claim, today: date) -> list[News]:
    """The last place went: those whose offers still wait on this time hear that it is full."""
    if event.data["places_left"] != 0:
        return []
    return [
        News(
            type="slot.filled",
            text=sentences.full(claim.slot, today),
            to=about.others(event, people),
            link=links.claim(theirs.public_id),
            data=about.ids(theirs),
        )
        for theirs, people in recipients.other_offerers(claim.slot)
    ]


def _taken_off(event: Event, claim: Claim, today: date) -> list[News]:
    """Who was told to come and now isn't: we know them by the calendar file they were sent."""
    had = Letter.objects.filter(
        event__subject_id=claim.public_id, kind="claim.accepted", person__isnull=False
    )
    stay = {recipient.user.pk for recipient in recipients.claims_people(claim)}
    off = [
        Recipient(letter.person, claim.claimant_id)
        for letter in had.select_related("person").order_by("person_id").distinct("person_id")
        if letter.person is not None and letter.person_id not in stay
    ]
    text = sentences.no_longer_coming(claim, today)
    return [
        News(
            type="claim.attendee_named",
            text=text,
            to=about.others(event, off),
            link=links.claim(claim.public_id),
            data=about.ids(claim),
            letter=lambda recipient: _off(event, claim, text, recipient),
        )
    ]


def _off(event: Event, claim: Claim, text: str, recipient: Recipient) -> Draft:
    return Draft(
        subject=text,
        paragraphs=[text],
        action="See your visits",
        path=links.VISITS,
        otherwise="You needn't do anything.",
        why=about.FOR_THE_BOOKED,
        ics=bookings.calendar_without(claim, event, recipient),
    )


def _to(news: News, people: list[Recipient]) -> News:
    return replace(news, to=people)
