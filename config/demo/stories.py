"""What the sign-ins find on their own pages: one of each thing that can stand before them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.domain import claims, encounters, needs
from brokerage.domain.slots import SlotTime
from brokerage.models import Claim, Encounter, EncounterNeed, Slot
from brokerage.states import ClaimState
from brokerage.vocabulary import Allocation, ClaimantReason, DeclineReason, SchoolCancelReason
from config.demo import schools, seasons
from config.demo.clock import Timeline, local
from config.demo.market import Market
from config.demo.people import COLLEGE, LEADER, TRAINING, VOLUNTEER
from config.demo.templates import TEMPLATES

AT_NINE, AT_TEN, AT_TWO = time(9), time(10), time(14)
FIRST_COME: dict[str, Any] = {"allocation": Allocation.FIRST_COME}
CHOOSES: dict[str, Any] = {"allocation": Allocation.SCHOOL_CHOOSES}


@dataclass
class Story:
    """A need that will be posted when its time comes, and the offers it will have had."""

    by: Membership
    posted_at: datetime
    posted: EncounterNeed | None = None

    @property
    def need(self) -> EncounterNeed:
        if self.posted is None:
            raise RuntimeError("told out of order")
        return self.posted

    @property
    def slot(self) -> Slot:
        """Its first."""
        return Slot.objects.select_related("need").filter(need=self.need).order_by("starts_at", "id")[0]

    def claim_of(self, organisation: Organisation) -> Claim:
        """Their latest offer."""
        return Claim.objects.filter(slot__need=self.need, claimant=organisation).latest("id")


class Stories:
    """Told at the sign-ins' school, and of its sign-ins' claims elsewhere."""

    def __init__(self, market: Market) -> None:
        everyone = market.everyone
        self.market = market
        self.timeline = Timeline(market.timeline.now)
        self.fernlow = everyone.by_name[schools.FERNLOW]
        self.priya, self.sam, self.yusuf, self.kath = (
            everyone.by_email[email] for email in (LEADER, VOLUNTEER, COLLEGE, TRAINING)
        )
        market.spoken_for |= {who.user_id for who in (self.sam, self.yusuf, self.kath)}
        self.ahead = seasons.days_ahead(market, self.fernlow)
        self.behind = seasons.days_behind(market, self.fernlow)

        self._plan()

    def tell(self) -> None:
        """Act it all out, in the order of time."""
        self.timeline.run()

    def _plan(self) -> None:
        self._interviews_with_places_left()
        self._mentors_to_choose()
        self._filled_and_closed()
        self._withdrawn_and_drafts()
        self._to_record_and_confirm()
        self._answers_of_every_kind()
        self._somebody_to_be_named()

    def _interviews_with_places_left(self) -> None:
        """Places go while you read: the last one a few minutes ago."""
        story = self._post(
            "Mock interviews", (self.ahead[4], self.ahead[5]), 6, AT_TEN, days_ago=9, **FIRST_COME
        )
        for number, name in enumerate(("Calder & Wren Architects", "Wexbourne Infirmary", "Hollin Foods")):
            self._claim(story, self._of(name), hours=20 + 9 * number)
        self._claim(story, self.sam, hours=40)
        self.timeline.recently(25, self._offering(story, self._of("Stane Water")))
        self.timeline.recently(95, self._offering(story, self._unchecked(1)))

    def _mentors_to_choose(self) -> None:
        """Offers that wait for the school's answer, one of them from a firm nobody has checked yet."""
        story = self._post("Year 10 mentoring, six weeks", (self.ahead[7],), 4, AT_TWO, days_ago=6, **CHOOSES)
        for number, name in enumerate(
            ("Saltmere Building Society", "The Wexbourne Courier", "Vale Fire and Rescue")
        ):
            self._claim(
                story, self._of(name), hours=30 + 12 * number, note="I mentored a group here last year."
            )
        self.timeline.recently(50, self._offering(story, self.sam))
        self.timeline.recently(12, self._offering(story, self._unchecked(0)))

    def _filled_and_closed(self) -> None:
        filled = self._post("Apprenticeship morning", (self.ahead[5],), 2, AT_TWO, days_ago=15, **FIRST_COME)
        self._claim(filled, self.kath, hours=26)
        self._claim(filled, self.yusuf, hours=50)
        yesterday = local(self.timeline.today - timedelta(days=1), time(16))
        closed = self._post(
            "CV workshop", (self.ahead[6],), 3, AT_TWO, days_ago=13, closes_at=yesterday, **FIRST_COME
        )
        self._claim(closed, self._of("Wexbourne and Vale Council"), hours=30)

    def _withdrawn_and_drafts(self) -> None:
        story = self._post("Enterprise challenge", (self.ahead[8],), 4, AT_TWO, days_ago=12, **FIRST_COME)
        self._claim(story, self._of("Hollin Foods"), hours=22)

        def withdraw(at: datetime) -> None:
            needs.withdraw(
                need=story.need,
                reason=SchoolCancelReason.TIMETABLE_CHANGE,
                note="We'll post it again for next term.",
                by=self.priya,
                at=at,
            )

        self._later(story, 100, withdraw)
        self._post("Technical routes after Year 11", (self.ahead[-1],), 2, AT_TWO, days_ago=3, publish=False)
        self._post("Women in engineering", (), 1, AT_TWO, days_ago=1, publish=False)

    def _to_record_and_confirm(self) -> None:
        """What happened last time: of each who came, one to be recorded by the school and one to be confirmed."""
        self._delivered("Careers that use maths", days_back=2, who=(self.sam,))
        self._delivered("Meet a college: Year 9 options", days_back=3, who=(self.yusuf,))
        self._delivered("First look at technical education", days_back=4, who=(self.kath,))
        for days_back, title, who in (
            (9, "Working in health", (self.yusuf,)),
            (10, "Women in engineering", (self.sam,)),
            (11, "First look at technical education", (self.kath, self.yusuf)),
        ):
            story = self._delivered(title, days_back=days_back, who=who)
            self._later(story, 24 * 34, partial(self._record, story))

    def _delivered(self, title: str, *, days_back: int, who: Sequence[Membership]) -> Story:
        day = self.behind[-days_back]
        ago = (self.timeline.today - day).days + 30
        story = self._post(title, (day,), 2, AT_TEN, days_ago=ago, open_to=_ALL, **FIRST_COME)
        for number, membership in enumerate(who):
            self._claim(story, membership, hours=24 + 10 * number)
        return story

    def _record(self, story: Story, at: datetime) -> None:
        slot = story.slot
        rolls = self.market.rolls[self.fernlow.pk]
        encounters.record(
            encounter=Encounter.objects.get(slot=slot),
            delivered=True,
            attended={str(year): int(rolls[str(year)]) - 7 for year in story.need.year_groups},
            note="They'd like to come back with their apprentices.",
            by=self.priya,
            at=at,
        )

    def _answers_of_every_kind(self) -> None:
        """At other schools: what the sign-ins' offers can have come to."""
        others = [o for o in self.market.everyone.of(Kind.SCHOOL) if o.trust_id == self.fernlow.trust_id]
        for membership, school in zip((self.sam, self.yusuf, self.kath), others[1:], strict=False):
            booked = self._elsewhere(school, membership, 14, FIRST_COME)
            self._claim(booked, membership, hours=12)
            waiting = self._elsewhere(school, membership, 8, CHOOSES)
            self._claim(waiting, membership, hours=12, note="I could bring two apprentices.")
            for number, (state, end) in enumerate(self._endings(membership).items()):
                how = CHOOSES if state == ClaimState.DECLINED else FIRST_COME
                story = self._elsewhere(school, membership, 11 + number, how)
                self._claim(story, membership, hours=12)
                self._later(story, 60, partial(end, story))

    def _endings(self, who: Membership) -> dict[ClaimState, Callable[[Story, datetime], object]]:
        def ours(story: Story) -> Claim:
            return story.claim_of(who.organisation)

        return {
            ClaimState.DECLINED: lambda story, at: claims.decline(
                claim=ours(story), reason=DeclineReason.NO_CAPACITY, by=story.by, at=at,
                note="Thank you. We had more offers than places.",
            ),
            ClaimState.CANCELLED_BY_SCHOOL: lambda story, at: claims.cancel(
                claim=ours(story), reason=SchoolCancelReason.STAFF_ABSENCE, by=story.by, at=at
            ),
            ClaimState.CANCELLED_BY_CLAIMANT: lambda story, at: claims.withdraw(
                claim=ours(story), reason=ClaimantReason.DIARY_CLASH, by=who, at=at
            ),
        }  # fmt: skip

    def _elsewhere(self, school: Organisation, who: Membership, day: int, how: dict[str, Any]) -> Story:
        title = "Women in engineering" if who is self.sam else "First look at technical education"
        days = (self.ahead[min(day, len(self.ahead) - 1)],)
        return self._post(title, days, 3, AT_TEN, days_ago=7, school=school, **how)

    def _somebody_to_be_named(self) -> None:
        """A school moves a time onto something else of the same person: the claim stands, nobody is named."""
        firm = self.market.everyone.by_name["Wexbourne Infirmary"]
        who = self.market.everyone.members[firm.pk][2]
        self.market.spoken_for.add(who.user_id)
        day = self.ahead[9]
        first = self._post("Working in health", (day,), 2, AT_TWO, days_ago=10, **FIRST_COME)
        second = self._post("Green jobs near us", (self.ahead[10],), 2, AT_TWO, days_ago=10, **FIRST_COME)
        self._claim(first, who, hours=20)
        self._claim(second, who, hours=21)
        college = self._post(
            "First look at technical education", (day,), 2, AT_TWO, days_ago=10, **FIRST_COME
        )
        other = self._post(
            "Technical routes after Year 11", (self.ahead[10],), 2, AT_TWO, days_ago=10, **FIRST_COME
        )
        self._claim(college, self.yusuf, hours=20)
        self._claim(other, self.yusuf, hours=21)
        for moved in (second, other):
            self._later(moved, 130, partial(self._move, moved, day))

    def _move(self, story: Story, day: date, at: datetime) -> None:
        slot = story.slot
        start = local(day, AT_TWO) + timedelta(minutes=15)
        moved = SlotTime(
            starts_at=start,
            ends_at=start + (slot.ends_at - slot.starts_at),
            places=slot.places,
            public_id=slot.public_id,
        )
        needs.amend(need=story.need, fields={}, slots=[moved], by=self.priya, at=at)

    # -- telling ---------------------------------------------------------------------------------------

    def _post(
        self,
        template_title: str,
        days: Sequence[date],
        places: int,
        start: time,
        *,
        days_ago: int,
        school: Organisation | None = None,
        **fields: Any,
    ) -> Story:
        template = next(t for t in TEMPLATES if t.title == template_title)
        school = school or self.fernlow
        posted_at = local(self.timeline.today - timedelta(days=days_ago), AT_NINE)
        story = Story(self.market.poster(school), posted_at)
        times = [
            SlotTime(
                starts_at=local(day, start), ends_at=local(day, start) + timedelta(minutes=55), places=places
            )
            for day in days
        ]
        times = [self.market.out_of_the_way(slot) for slot in times]

        publish = fields.pop("publish", True)
        wording = self.market.wording(school, template, **fields)

        def post(at: datetime) -> None:
            story.posted = needs.post(fields=wording, slots=times, publish=publish, by=story.by, at=at)

        self.timeline.at(story.posted_at, post)
        return story

    def _of(self, name: str) -> Membership:
        who = self.market.everyone.members[self.market.everyone.by_name[name].pk][-1]
        self.market.spoken_for.add(who.user_id)
        return who

    def _unchecked(self, number: int) -> Membership:
        """Somebody of an employer that nobody has verified yet."""
        new = [o for o in self.market.everyone.of(Kind.EMPLOYER) if not o.is_verified][number]
        return self.market.everyone.members[new.pk][0]

    def _claim(self, story: Story, who: Membership, *, hours: int, note: str = "") -> None:
        self._later(story, hours, self._offering(story, who, note=note))

    def _offering(self, story: Story, who: Membership, *, note: str = "") -> Callable[[datetime], None]:
        """Straight to the verb: what becomes of it is told here, not left to chance."""

        def offer(at: datetime) -> None:
            slot = story.slot
            claims.submit(slot=slot, attendee=who, places=1, note=note, by=who, at=at)

        return offer

    def _later(self, story: Story, hours: float, act: Callable[[datetime], object]) -> None:
        self.timeline.at(story.posted_at + timedelta(hours=hours), act)


_ALL = ["employer", "technical_provider", "university"]
