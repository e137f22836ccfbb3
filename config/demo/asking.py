"""Who asked which school, and what they heard: access requests of the last months, in bulk, as the verbs would have
left them. What stands open at the sign-ins' school is told by hand (requests)."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Category, Kind, Membership, Organisation, ProviderKind, Role
from brokerage.domain import events as facts
from brokerage.domain.slots import SlotTime
from brokerage.eventlog.record import PLATFORM, Actor
from brokerage.models import (
    AccessRequest,
    Claim,
    CounterOffer,
    CounterOutcome,
    Encounter,
    EncounterNeed,
    Question,
    Slot,
    Step,
    Words,
)
from brokerage.states import AccessState, ClaimState, NeedState
from brokerage.vocabulary import Allocation, Benchmark, Content, EncounterType, Qualification, RefusalGround
from config.demo import schools, seasons, terms
from config.demo.clock import local
from config.demo.ledger import Ledger, Meeting, Posted
from config.demo.market import Market

BACK: Final = timedelta(days=280)
YEARS: Final = (8, 9, 10, 11, 12, 13)
MINUTES: Final = (30, 40, 50, 50, 60)
ASKS: Final = (
    "We'd love to meet your Year {years}. We bring two tutors, an apprentice and things to try.",
    "May we tell your Year {years} what our courses are like? We answer every question they have.",
    "A short talk, a film of our workshops and time for questions, for the whole of Year {years} if you can.",
    "Three of our former pupils would like to tell Year {years} how they got where they are.",
)
NOES: Final = (
    "Thank you for offering. We've already arranged two encounters for them this phase.",
    "Thank you. These weeks are full of exams; please ask us again for next term.",
    "Thank you for asking. We have no room free on those days.",
)
QUESTIONS: Final = (
    "How many of you will come?",
    "Could you do it in 40 minutes?",
    "Is it for those with SEND too?",
)
ANSWERS: Final = ("Two of us.", "Yes, that works well.", "Yes, we've done that often.")


@dataclass(frozen=True)
class Manner:
    """How a school deals with those who ask: shares from 0 to 1, days to an answer, and how much it is asked."""

    technical: float = 0.68
    others: float = 0.72
    silent: float = 0.07
    days: float = 5.0
    asked: float = 1.0
    within: int = BACK.days
    """Asked in so many days: a school that came late has a short history."""


# Fictional schools with a story each. Everybody else is busy now and then, and fair.
MANNERS: Final = {
    # Busy with everyone: no difference, however many hear no.
    "Tarn Hill School": Manner(technical=0.30, others=0.33, silent=0.3, days=11.0, asked=1.6),
    "Kestrel Road Academy": Manner(technical=0.9, others=0.88, silent=0.0, days=2.5, asked=1.4),
    "Orchard Rise Pupil Referral Unit": Manner(asked=0.3),
    # Those whose figures differ: flagged and decided, flagged with it and awaiting a decision, flagged now, an early
    # notice.
    "Whinmoor Park Academy": Manner(technical=0.05, others=0.92, silent=0.05, days=4.0, asked=6.5),
    "Saltmere Community School": Manner(technical=0.05, others=0.9, silent=0.05, days=4.0, asked=6.5),
    "Millrace High School": Manner(technical=0.03, others=0.93, silent=0.03, days=4.0, asked=5.5, within=165),
    "Northgale Academy": Manner(technical=0.12, others=0.93, silent=0.02, days=3.0, asked=4.0, within=210),
}


@dataclass
class Books:
    """Rows in the making."""

    requests: list[AccessRequest] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    offers: list[CounterOffer] = field(default_factory=list)

    def write(self) -> None:
        """After the needs they became; the words after the requests they belong to."""
        self.requests.sort(key=lambda request: request.asked_at)
        AccessRequest.objects.bulk_create(self.requests)
        Words.objects.bulk_create(self.words)
        Question.objects.bulk_create(self.questions)
        CounterOffer.objects.bulk_create(self.offers)


class Asking:
    def __init__(self, market: Market) -> None:
        self.market, self.books = market, Books()
        self.ledger: Ledger = market.ledger
        self.midnight = market.timeline.midnight
        self.leaders = {
            school.pk: next(m for m in market.everyone.members[school.pk] if m.role == Role.CAREERS_LEADER)
            for school in market.everyone.of(Kind.SCHOOL)
        }
        verified = [each for each in market.claimants if each.is_verified]
        self.technical = [each for each in verified if each.category == Category.TECHNICAL_PROVIDER]
        self.others = [each for each in verified if each.category == Category.UNIVERSITY]
        self.others += [each for each in verified if each.category == Category.EMPLOYER][:25]

    def spend(self) -> None:
        for school in self.market.everyone.of(Kind.SCHOOL):
            if school.name != schools.FERNLOW:
                _School(self, school).be_asked()
        _School(self, self.market.everyone.by_name[schools.FERNLOW]).be_asked(until_days_ago=60)

    def tell(self, fact: facts.AccessFact, *, by: Actor, at: datetime) -> None:
        self.ledger._tell(fact, by=by, at=at)


class _School:
    """One school, and chance of its own, so that a change at one leaves the others as they were."""

    def __init__(self, asking: Asking, school: Organisation) -> None:
        self.asking, self.school = asking, school
        self.chance = random.Random(f"asking/{school.urn}")  # noqa: S311 (nothing to guess)
        self.manner = MANNERS.get(school.name, Manner())
        self.leader = asking.leaders[school.pk]
        self.rolls = asking.market.rolls[school.pk]
        self.closed = asking.market.everyone.closures[school.pk]
        self.years = [year for year in YEARS if str(year) in self.rolls]
        self.asked_by: dict[int, list[AccessRequest]] = {}

    def be_asked(self, *, until_days_ago: int = 2) -> None:
        if not self.years:
            return
        for askers, usual in ((self.asking.technical, 1.1), (self.asking.others, 0.38)):
            for asker in askers:
                for _ in range(self._times(usual * self.manner.asked)):
                    days_ago = self.chance.randint(until_days_ago, self.manner.within)
                    self._ask(asker, days_ago)

    def _times(self, mean: float) -> int:
        whole = int(mean)
        return whole + (self.chance.random() < mean - whole)

    def _ask(self, asker: Organisation, days_ago: int) -> None:
        chance = self.chance
        on = self.asking.market.timeline.today - timedelta(days=days_ago)
        if on.weekday() > terms.FRIDAY or on.month == 8:
            return
        at = local(on, time(chance.randint(8, 16), chance.randint(0, 59)))
        year = chance.choice(self.years)
        if self._is_open(asker, year):
            return
        dates = self._dates(on)
        if not dates:
            return
        by = chance.choice(self.asking.market.everyone.members[asker.pk])
        request = self._request(asker, by, year, dates, at)
        self.asking.books.requests.append(request)
        self.asked_by.setdefault(asker.pk, []).append(request)
        self._tell(
            facts.AccessAsked,
            request,
            by=by,
            at=at,
            encounter_type=request.encounter_type,
            year_groups=request.year_groups,
            audience=request.audience,
            minutes=request.minutes,
            delivery_mode=request.delivery_mode,
            dates=[day.isoformat() for day in dates],
            content=request.content,
            qualifications=request.qualifications,
            words=self._write(request, Step.ASK, chance.choice(ASKS).format(years=year), by, at),
        )
        self._answer(request, by, at)

    def _is_open(self, asker: Organisation, year: int) -> bool:
        return any(
            (each.is_open or each.state == AccessState.GRANTED) and year in each.year_groups
            for each in self.asked_by.get(asker.pk, ())
        )

    def _dates(self, on: date) -> list[date]:
        days = list(terms.school_days(on + timedelta(days=18), on + timedelta(days=60), self.closed))
        return sorted(self.chance.sample(days, min(3, len(days))))

    def _request(
        self, asker: Organisation, by: Membership, year: int, dates: list[date], at: datetime
    ) -> AccessRequest:
        technical = asker.category == Category.TECHNICAL_PROVIDER
        presents: list[str] = []
        if technical:
            presents = [str(Qualification.APPRENTICESHIP)]
            if asker.provider_kind == ProviderKind.FE_COLLEGE:
                presents = [str(Qualification.T_LEVEL), *presents]
        elif asker.category == Category.UNIVERSITY:
            presents = [str(Qualification.DEGREE)]
        kind = EncounterType.CAREER_TALK if asker.kind == Kind.EMPLOYER else EncounterType.PROVIDER_ENCOUNTER
        return AccessRequest(
            school=self.school,
            asker=asker,
            asked_by=by,
            visitor=by,
            was_verified=True,
            encounter_type=kind,
            year_groups=[year],
            minutes=self.chance.choice(MINUTES),
            dates=dates,
            content=[str(each) for each in Content] if asker.kind == Kind.PROVIDER else [],
            qualifications=presents,
            asked_at=at,
            clock_from=at.date(),
            changed_at=at,
        )

    def _answer(self, request: AccessRequest, by: Membership, at: datetime) -> None:
        chance, manner = self.chance, self.manner
        if chance.random() < manner.silent:
            return
        after = 1 + round(chance.expovariate(1 / manner.days))
        when = self._working(at, after)
        if chance.random() < 0.1 and when < self.asking.midnight:
            when = self._ask_back(request, by, when)
        if when >= self.asking.midnight:
            return
        says_yes = chance.random() < (manner.technical if request.is_technical else manner.others)
        possible = [day for day in request.dates if local(day, time(8)) > when]
        if says_yes and possible:
            self._grant(request, possible[0], when, by=self.leader)
        elif says_yes or chance.random() < 0.15:
            self._counter(request, by, when)
        elif chance.random() < 0.15:
            self._postpone(request, when)
        else:
            self._refuse(request, when)

    def _working(self, at: datetime, days: int) -> datetime:
        on = at.date() + timedelta(days=days)
        while on.weekday() > terms.FRIDAY:
            on += timedelta(days=1)
        return local(on, time(self.chance.randint(8, 16), self.chance.randint(0, 59)))

    def _ask_back(self, request: AccessRequest, by: Membership, when: datetime) -> datetime:
        self._tell(
            facts.AccessQuestioned,
            request,
            by=self.leader,
            at=when,
            words=self._write(request, Step.QUESTION, self.chance.choice(QUESTIONS), self.leader, when),
        )
        answered = self._working(when, self.chance.randint(1, 4))
        question = Question(request=request, asked_at=when)
        self.asking.books.questions.append(question)
        request.state, request.changed_at = AccessState.QUESTIONED, when
        if answered >= self.asking.midnight:
            return answered
        question.answered_at = answered
        request.state, request.changed_at = AccessState.WAITING, answered
        said = self._write(request, Step.ANSWER, self.chance.choice(ANSWERS), by, answered)
        self._tell(facts.QuestionAnswered, request, by=by, at=answered, words=said)
        return self._working(answered, self.chance.randint(1, 3))

    def _refuse(self, request: AccessRequest, when: datetime) -> None:
        ground = self.chance.choice(
            (
                RefusalGround.ALREADY_MET,
                RefusalGround.DATE_CLASH,
                RefusalGround.EXAM_PERIOD,
                RefusalGround.NO_CAPACITY,
            )
        )
        request.ground, request.ground_is_published = str(ground), False
        self._settle(request, AccessState.REFUSED, when)
        self._tell(
            facts.AccessRefused,
            request,
            by=self.leader,
            at=when,
            ground=str(ground),
            is_published=False,
            words=self._write(request, Step.REFUSE, self.chance.choice(NOES), self.leader, when),
        )

    def _postpone(self, request: AccessRequest, when: datetime) -> None:
        until = when.date() + timedelta(days=self.chance.randint(40, 120))
        request.postponed_until, request.postpone_reason = until, "exam_period"
        self._settle(request, AccessState.POSTPONED, when)
        self._tell(
            facts.AccessPostponed,
            request,
            by=self.leader,
            at=when,
            until=until.isoformat(),
            reason="exam_period",
            words=None,
        )
        back = local(until, time(7))
        if back < self.asking.midnight:
            request.state, request.clock_from, request.answered_at = AccessState.WAITING, until, None
            self._tell(facts.AccessReturned, request, by=PLATFORM, at=back)
            again = self._working(back, self.chance.randint(1, 8))
            if again < self.asking.midnight:
                self._refuse(request, again)

    def _counter(self, request: AccessRequest, by: Membership, when: datetime) -> None:
        dates = self._dates(when.date())[:2]
        if not dates:
            self._refuse(request, when)
            return
        offer = CounterOffer(
            request=request,
            dates=dates,
            starts=time(9, 10),
            minutes=request.minutes,
            year_groups=request.year_groups,
            audience=request.audience,
            delivery_mode=request.delivery_mode,
            made_by=self.leader,
            made_at=when,
        )
        self.asking.books.offers.append(offer)
        self._settle(request, AccessState.COUNTERED, when)
        self._tell(
            facts.AccessCountered,
            request,
            by=self.leader,
            at=when,
            offer=offer.public_id,
            dates=[day.isoformat() for day in dates],
            starts="09:10",
            year_groups=request.year_groups,
            audience=request.audience,
            minutes=request.minutes,
            delivery_mode=request.delivery_mode,
            words=None,
        )
        said = self._working(when, self.chance.randint(1, 6))
        if said >= self.asking.midnight:
            return
        offer.settled_at = said
        if self.chance.random() < 0.75 and local(dates[-1], time(8)) > said:
            offer.outcome = CounterOutcome.ACCEPTED
            self._grant(request, dates[-1], said, by=by, offer=offer)
        else:
            offer.outcome = CounterOutcome.REJECTED
            request.state, request.changed_at = AccessState.REJECTED, said
            self._tell(facts.CounterOfferRejected, request, by=by, at=said, words=None)

    def _grant(
        self,
        request: AccessRequest,
        on: date,
        when: datetime,
        *,
        by: Membership,
        offer: CounterOffer | None = None,
    ) -> None:
        meeting = self._arrange(request, on, when)
        claim, slot = meeting.claims[0], meeting.slot
        request.need = slot.need
        self._settle(request, AccessState.GRANTED, request.answered_at or when)
        request.changed_at = when
        self._tell(
            facts.AccessGranted,
            request,
            by=by,
            at=when,
            need=slot.need.public_id,
            slot=slot.public_id,
            claim=claim.public_id,
            minutes=request.minutes,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            year_groups=request.year_groups,
            audience=str(request.audience),
            delivery_mode=str(request.delivery_mode),
            counter_offer=offer is not None,
            offer=offer.public_id if offer else None,
            words=None,
        )
        self._happen(meeting)

    def _arrange(self, request: AccessRequest, on: date, when: datetime) -> Meeting:
        starts = local(on, self.chance.choice((time(9, 10), time(10, 15), time(11, 20), time(13, 40))))
        kind = EncounterType(request.encounter_type)
        fields: dict[str, Any] = {
            "encounter_type": str(kind),
            "year_groups": request.year_groups,
            "audience": str(request.audience),
        }
        values = {**self.asking.ledger.filled_in(fields, self.leader), **fields}
        values |= {
            "title": f"{kind.label} by {request.asker.name}",
            "open_to": [str(request.asker.category)],
            "main_benchmark": int(
                Benchmark.FURTHER_AND_HIGHER if request.qualifications else Benchmark.EMPLOYERS
            ),
            "content": request.content,
            "allocation": Allocation.SCHOOL_CHOOSES,
        }
        need = EncounterNeed(
            school=self.school,
            posted_by=self.leader,
            state=NeedState.OPEN,
            created_at=when,
            changed_at=when,
            published_at=when,
            is_arranged=True,
            **values,
        )
        # The sign-ins' mornings ahead stay free, wherever they would go.
        held = self.asking.market.out_of_the_way(
            SlotTime(starts_at=starts, ends_at=starts + timedelta(minutes=request.minutes))
        )
        slot = Slot(need=need, starts_at=held.starts_at, ends_at=held.ends_at, places=1, taken=1)
        visitor = request.visitor
        claim = Claim(
            slot=slot,
            claimant=request.asker,
            attendee=visitor,
            person_id=visitor.user_id if visitor else None,
            during=TimestamptzRange(slot.starts_at, slot.ends_at),
            state=ClaimState.ACCEPTED,
            submitted_by=request.asked_by,
            submitted_at=request.asked_at,
            answered_at=when,
            was_verified=True,
        )
        meeting = Meeting(slot, [claim], Encounter(slot=slot, school=self.school, created_at=when))
        if visitor and self._is_elsewhere(claim):
            claim.attendee, claim.person_id, claim.attendee_clashed = None, None, True
        self.asking.ledger._diaries.setdefault(claim.person_id or 0, []).append(claim)
        self.asking.ledger.posted.append(Posted(need, [meeting], self.leader))
        return meeting

    def _is_elsewhere(self, claim: Claim) -> bool:
        booked = self.asking.ledger._diaries.get(claim.person_id or 0, ())
        theirs_to_tell = claim.person_id in self.asking.market.spoken_for
        ahead = claim.slot.ends_at > self.asking.midnight - seasons.AHEAD
        overlaps = any(
            b.slot.starts_at < claim.slot.ends_at and claim.slot.starts_at < b.slot.ends_at for b in booked
        )
        return overlaps or (theirs_to_tell and ahead)

    def _happen(self, meeting: Meeting) -> None:
        """What was agreed for a day gone by took place, mostly, and the school said so."""
        slot = meeting.slot
        recorded = self._working(slot.ends_at, self.chance.randint(0, 5))
        if recorded >= self.asking.midnight or slot.ends_at >= recorded:
            return
        delivered = self.chance.random() < 0.94
        attended = {
            str(year): min(
                int(self.rolls[str(year)]),
                max(1, round(int(self.rolls[str(year)]) * self.chance.choice((1, 1, 0.97, 0.93)))),
            )
            for year in slot.need.year_groups
        }
        self.asking.ledger.record(
            meeting, delivered=delivered, attended=attended, missed=(), by=self.leader, at=recorded
        )

    def _settle(self, request: AccessRequest, to: AccessState, when: datetime) -> None:
        request.state, request.changed_at = to, when
        request.answered_at = request.answered_at or when

    def _write(self, request: AccessRequest, step: Step, text: str, by: Membership, at: datetime) -> str:
        salt = UUID(int=self.chance.getrandbits(128)).hex
        words = Words(
            sha256=Words.digest(salt, text),
            salt=salt,
            text=text,
            school=self.school,
            request=request,
            step=step,
            author=by,
            at=at,
        )
        self.asking.books.words.append(words)
        return words.sha256

    def _tell(
        self, fact: type[facts.AccessFact], request: AccessRequest, *, by: Actor, at: datetime, **more: Any
    ) -> None:
        self.asking.tell(
            fact(
                subject_id=request.public_id,
                organisation_id=self.school.pk,
                asker=request.asker.public_id,
                category=str(request.asker.category),
                **more,
            ),
            by=by,
            at=at,
        )
