"""News of access requests. What a school and an asker write to each other stays on the page: it can be erased, and
neither a feed nor a letter can."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from brokerage import vocabulary
from brokerage.accounts.models import Organisation
from brokerage.calendar import dates
from brokerage.calendar.clock import Clock, ClockState
from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest, Slot
from brokerage.notifications import access_sentences as sentences
from brokerage.notifications import links, recipients
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about, bookings
from brokerage.notifications.recipients import Recipient
from brokerage.queries import access_requests
from brokerage.states import AccessState
from brokerage.vocabulary import Audience, DeliveryMode, EncounterType

FOR_THE_ANSWERER = "You got this because you answer requests for your school."
FOR_THE_ASKER = "You got this because you asked, or are to come."
NOTHING_TO_DO = "You needn't do anything."
CLOCK_WAITS = "If you do nothing, their clock stays paused and nothing happens."
CLOCK_RUNS = "If you do nothing, their clock runs on, and they can't answer well."


@dataclass(frozen=True)
class Telling:
    """One step of a request, and the request as it stands now."""

    event: Event
    request: AccessRequest

    @classmethod
    def of(cls, event: Event) -> "Telling":
        found = AccessRequest.objects.select_related("school__hub", "asker", "duplicate_of", "need")
        return cls(event, found.get(public_id=about.subject(event)))

    @property
    def today(self) -> date:
        return about.today(self.event)

    @property
    def step(self) -> str:
        """`access_request.asked`, as the entry is called."""
        return self.event.type.removeprefix("brokerage.").rpartition(".")[0]

    @property
    def school(self) -> Organisation:
        return self.request.school

    @cached_property
    def clock(self) -> Clock:
        return access_requests.one(self.request, today=self.today).clock

    @property
    def is_waiting(self) -> bool:
        return self.request.state == AccessState.WAITING

    @property
    def is_running(self) -> bool:
        """The school owes an answer, and nothing keeps its clock from running: a question too many doesn't."""
        return self.request.is_unanswered and self.clock.state is not ClockState.PAUSED

    @property
    def otherwise(self) -> str:
        """What follows from the school's doing nothing."""
        if self.clock.late_from is None or self.clock.late_from <= self.today:
            return "If you do nothing, the clock runs on. Both of you see it."
        late_from = dates.in_sentence(self.clock.late_from, self.today)
        return f"If you do nothing, this is late from {late_from}, and they are told."

    @property
    def meanwhile(self) -> str:
        """What follows from the asker's doing nothing: so many questions pause a clock, and no more."""
        return CLOCK_WAITS if self.clock.state is ClockState.PAUSED else CLOCK_RUNS

    def ids(self, **more: Json) -> dict[str, Json]:
        return {
            "request": str(self.request.public_id),
            "school": str(self.school.public_id),
            "asker": str(self.request.asker.public_id),
            **more,
        }

    def to_school(self, text: str, letter: about.Letter | None = None, **more: Json) -> News:
        """Whoever answers first there."""
        return News(
            type=self.step,
            text=text,
            to=about.others(self.event, recipients.answerers(self.school)),
            link=links.school_request(self.request.public_id),
            data=self.ids(**more),
            letter=letter,
        )

    def to_asker(self, text: str, letter: about.Letter | None = None, **more: Json) -> News:
        return News(
            type=self.step,
            text=text,
            to=about.others(self.event, recipients.askers(self.request)),
            link=links.request(self.request.public_id),
            data=self.ids(**more),
            letter=letter,
        )

    def school_letter(self, text: str, *, action: str, otherwise: str = "") -> about.Letter:
        return lambda _: Draft(
            subject=text,
            paragraphs=[text],
            facts=what(self.request, self.today),
            action=action,
            path=links.school_request(self.request.public_id),
            otherwise=otherwise or self.otherwise,
            why=FOR_THE_ANSWERER,
        )

    def asker_letter(
        self, text: str, *, action: str, subject: str = "", more: str = "", otherwise: str = NOTHING_TO_DO
    ) -> about.Letter:
        return lambda _: Draft(
            subject=subject or text,
            paragraphs=[text, *([more] if more else [])],
            action=action,
            path=links.request(self.request.public_id),
            otherwise=otherwise,
            why=FOR_THE_ASKER,
        )


def what(request: AccessRequest, today: date) -> list[tuple[str, str]]:
    """What was asked for, as a letter lists it."""
    pupils = f"{vocabulary.years(request.year_groups)}, {Audience(request.audience).label.lower()}"
    how = f"{DeliveryMode(request.delivery_mode).label}, {request.minutes} minutes"
    days = sentences.either([dates.in_list(day, today) for day in request.dates])
    return [
        ("What", str(EncounterType(request.encounter_type).label)),
        ("For", pupils),
        ("Dates", days),
        ("How", how),
    ]


def asked(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.asked(telling.request, telling.clock)
    letter = telling.school_letter(text, action="Answer it") if telling.is_waiting else None
    visitor = telling.to_asker(sentences.named_to_come(telling.request))
    return [telling.to_school(text, letter), visitor]


def returned(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.returned(telling.request, telling.clock)
    letter = telling.school_letter(text, action="Answer it") if telling.is_waiting else None
    asker = telling.to_asker(sentences.returned_to_asker(telling.request))
    return [telling.to_school(text, letter), asker]


def granted(event: Event) -> list[News]:
    """The asker has the booking with its calendar file; the school hears where the other date it offered was taken."""
    telling = Telling.of(event)
    (claim,) = about.claims_of([event.data["claim"]])
    slot = claim.slot
    more = {name: event.data[name] for name in ("need", "slot", "claim", "counter_offer")}
    yes = sentences.granted(telling.request, slot, telling.today)

    def booking(recipient: Recipient) -> Draft:
        return replace(bookings.letter(claim, event, telling.today, recipient), subject=yes)

    asker = News(
        type=telling.step,
        text=yes,
        to=recipients.claims_people(claim),
        link=links.claim(claim.public_id),
        data=telling.ids(**more),
        letter=booking,
    )
    return [asker, *(_offer_taken(telling, slot, more) if event.data["counter_offer"] else [])]


def _offer_taken(telling: Telling, slot: Slot, more: dict[str, Json]) -> list[News]:
    text = sentences.offer_taken(telling.request, slot, telling.today)
    letter = telling.school_letter(text, action="See the visit", otherwise=NOTHING_TO_DO)
    return [telling.to_school(text, letter, **more)]


def countered(event: Event) -> list[News]:
    telling = Telling.of(event)
    offer = telling.request.counter_offers.filter(made_at=event.at).first()
    if offer is None or telling.request.state != AccessState.COUNTERED:
        return []
    text = sentences.countered(telling.request, offer, telling.today)
    letter = telling.asker_letter(
        text,
        action="See what they offer",
        otherwise="If you do nothing, they keep waiting for you. Nobody is booked until you accept a date.",
    )
    return [telling.to_asker(text, letter, dates=event.data["dates"])]


def counter_rejected(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.offer_not_taken(telling.request)
    letter = telling.school_letter(text, action="Read what they say", otherwise=NOTHING_TO_DO)
    return [telling.to_school(text, letter)]


def postponed(event: Event) -> list[News]:
    telling = Telling.of(event)
    until, reason = date.fromisoformat(event.data["until"]), event.data["reason"]
    text = sentences.postponed(telling.request, until, reason, telling.today)
    letter = telling.asker_letter(
        text,
        subject=sentences.postponed(telling.request, until, "", telling.today),
        action="See your request",
        otherwise="You needn't do anything: on that day your request comes back to them by itself, with a new clock.",
    )
    return [telling.to_asker(text, letter, until=event.data["until"], reason=reason)]


def questioned(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.questioned(telling.request, telling.clock)
    is_open = telling.request.state == AccessState.QUESTIONED
    letter = telling.asker_letter(text, action="Read and answer it", otherwise=telling.meanwhile)
    return [telling.to_asker(text, letter if is_open else None)]


def question_answered(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.question_answered(telling.request, telling.clock)
    letter = telling.school_letter(text, action="Read it and answer") if telling.is_waiting else None
    return [telling.to_school(text, letter)]


def refused(event: Event) -> list[News]:
    """The reason is in the letter, never in its subject."""
    telling = Telling.of(event)
    text = sentences.refused(telling.request, event.data["ground"])
    letter = telling.asker_letter(
        text,
        subject=sentences.refused(telling.request, ""),
        more="Thank you for asking. Other schools near you may be glad to hear from you.",
        action="Read their answer",
    )
    more = {"ground": event.data["ground"], "is_published": event.data["is_published"]}
    return [telling.to_asker(text, letter, **more)]


def duplicate_marked(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.marked(telling.request, telling.clock, telling.today)
    is_open = telling.request.state == AccessState.DUPLICATE_MARKED
    letter = telling.asker_letter(text, action="Agree, or say it isn't", otherwise=telling.meanwhile)
    return [telling.to_asker(text, letter if is_open else None, duplicate_of=event.data["duplicate_of"])]


def duplicate_settled(event: Event) -> list[News]:
    telling = Telling.of(event)
    is_duplicate = event.data["is_duplicate"]
    if not is_duplicate:
        text = sentences.not_agreed(telling.request, telling.clock)
        letter = telling.school_letter(text, action="Answer it") if telling.is_waiting else None
        return [telling.to_school(text, letter, is_duplicate=False)]
    news = [telling.to_school(sentences.agreed(telling.request, telling.today), is_duplicate=True)]
    if event.actor_key == "staff":
        words = sentences.confirmed_by_staff(telling.request, telling.today)
        both = telling.to_asker(words, telling.asker_letter(words, action="See both"), is_duplicate=True)
        return [replace(news[0], text=sentences.agreed_by_staff(telling.request, telling.today)), both]
    return news


def withdrawn(event: Event) -> list[News]:
    telling = Telling.of(event)
    colleagues = telling.to_asker(sentences.withdrawn_by_colleague(telling.request))
    return [telling.to_school(sentences.withdrawn(telling.request), was=event.data["was"]), colleagues]


def followed_up(event: Event) -> list[News]:
    telling = Telling.of(event)
    text = sentences.followed_up(telling.request, telling.clock)
    letter = telling.school_letter(text, action="Read it and answer") if telling.is_waiting else None
    return [telling.to_school(text, letter, day=telling.clock.day)]


def shortfall_reported(event: Event) -> list[News]:
    """The school's word, what it recorded, stands beside the asker's."""
    telling = Telling.of(event)
    slot = Slot.objects.filter(need=telling.request.need).order_by("starts_at")[0]
    text = sentences.shortfall(telling.request, slot, telling.today)
    letter = telling.school_letter(
        text,
        action="Read what they say",
        otherwise="If you do nothing, what you recorded stands beside their word.",
    )
    return [telling.to_school(text, letter, kinds=event.data["kinds"])]
