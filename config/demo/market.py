"""What schools and claimants of the demo world do: post, offer, answer, change their minds."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from brokerage.accounts.models import Membership, Organisation, Role
from brokerage.domain.slots import SlotTime
from brokerage.models import Claim, EncounterNeed, Hosting
from brokerage.states import ClaimState
from brokerage.vocabulary import ClaimantReason, DeclineReason, SchoolCancelReason
from config.demo import schools
from config.demo.clock import LONDON, Timeline, days_later, hour, local, waking
from config.demo.ledger import Ledger, Meeting, Posted
from config.demo.population import Population
from config.demo.templates import CLAIM_NOTES, CLAIMANT_NOTES, DECLINE_NOTES, SCHOOL_NOTES, Template

# The days and hours that the sign-ins' diaries leave free, with a day to spare at each end.
FREE_DAYS: Final = (14, 31)
FREE_UNTIL: Final = time(13, 0)
RECENT: Final = timedelta(days=45)
POSTERS: Final = (Role.CAREERS_LEADER, Role.CAREERS_ADMINISTRATOR)


class Market:
    def __init__(self, everyone: Population, timeline: Timeline) -> None:
        self.everyone = everyone
        self.timeline = timeline
        self.chance = everyone.chance
        self.ledger = Ledger()
        self.rolls = {hosting.school_id: hosting.rolls for hosting in Hosting.objects.all()}
        self.claimants = [o for o in everyone.organisations if o.category]
        # People whose diary from `RECENT` on is told by hand (stories).
        self.spoken_for: set[int] = set()

    # -- posting ---------------------------------------------------------------------------------------

    def post(
        self,
        school: Organisation,
        template: Template,
        times: Sequence[SlotTime],
        *,
        at: datetime,
        publish: bool = True,
        **more: Any,
    ) -> Posted:
        fields, by = self.wording(school, template, **more), self.poster(school)
        return self.ledger.post(fields, times, publish=publish, by=by, at=at)

    def poster(self, school: Organisation) -> Membership:
        return self.chance.choice([m for m in self.everyone.members[school.pk] if m.role in POSTERS])

    def wording(self, school: Organisation, template: Template, **more: Any) -> dict[str, Any]:
        taught = sorted(year for year in template.years if str(year) in self.rolls[school.pk])
        return {
            "title": template.title,
            "encounter_type": str(template.type),
            "year_groups": taught or [int(next(iter(self.rolls[school.pk])))],
            "sectors": sorted(template.sectors),
            "subjects": sorted(template.subjects),
            "description": template.description,
            **template.more,
            **more,
        }

    def posting_time(self, times: Sequence[SlotTime]) -> datetime:
        """Some weeks before the first of the times, and by yesterday for those still to come."""
        usual = min(slot.starts_at for slot in times) - timedelta(days=self.chance.randint(12, 34))
        latest = local(self.timeline.today - timedelta(days=self.chance.randint(1, 16)), time(9, 40))
        return min(waking(usual, self.chance), latest)

    def times(self, school: Organisation, template: Template, days: Sequence[date]) -> list[SlotTime]:
        times = [self._slot(template, day) for day in days]
        return [self.out_of_the_way(slot) for slot in times] if school.name == schools.FERNLOW else times

    def _slot(self, template: Template, day: date) -> SlotTime:
        start = local(day, hour(self.chance.choice(template.at)))
        length = timedelta(minutes=template.minutes)
        return SlotTime(
            starts_at=start,
            ends_at=start + length,
            places=self.chance.randint(template.places[0], template.places[1]),
        )

    def out_of_the_way(self, slot: SlotTime) -> SlotTime:
        """Into the afternoon, where the sign-ins' diaries are to be free."""
        start = slot.starts_at.astimezone(LONDON)
        ahead = (start.date() - self.timeline.today).days
        if not FREE_DAYS[0] <= ahead <= FREE_DAYS[1] or start.time() >= FREE_UNTIL:
            return slot
        length = min(slot.ends_at - slot.starts_at, timedelta(minutes=120))
        later = local(start.date(), time(13, 15))
        return SlotTime(starts_at=later, ends_at=later + length, places=slot.places)

    # -- claiming --------------------------------------------------------------------------------------

    def offer_around(self, posted: Posted, fill: float, at: datetime) -> None:
        """Some of those it suits hear of it and offer, over the days that follow."""
        for meeting in posted.meetings:
            slot = meeting.slot
            left = max(1, (slot.starts_at - at).days - 1)
            for organisation in self.suited(posted.need, round(slot.places * fill)):
                when = days_later(at, min(left, int(self.chance.expovariate(0.25))), self.chance)
                if when < slot.starts_at - timedelta(hours=2):
                    self.timeline.at(when, self._claiming(posted, meeting, organisation))

    def suited(self, need: EncounterNeed, count: int) -> list[Organisation]:
        """Nearer and of a wanted sector comes first, with much chance in it."""
        wanted = set(need.sectors)

        def eagerness(organisation: Organisation) -> float:
            away = abs((organisation.easting or 0) - (need.school.easting or 0)) + abs(
                (organisation.northing or 0) - (need.school.northing or 0)
            )
            fits = not wanted or bool(wanted & set(self.everyone.sectors[organisation.pk]))
            return self.chance.random() * (1.0 if fits else 0.35) / (1 + away / 40_000)

        able = [o for o in self.claimants if o.is_verified and o.category in need.open_to]
        return sorted(able, key=eagerness, reverse=True)[:count]

    def _claiming(
        self, posted: Posted, meeting: Meeting, organisation: Organisation
    ) -> Callable[[datetime], None]:
        """An offer, unless it comes too late; and what follows from it."""
        who = self.chance.choice(self.everyone.members[organisation.pk])
        note = self.chance.choice(CLAIM_NOTES)

        def offer(at: datetime) -> None:
            if who.user_id in self.spoken_for and meeting.slot.starts_at > self.timeline.midnight - RECENT:
                return
            if claim := self.ledger.submit(meeting, by=who, note=note, at=at):
                self._what_follows(posted, meeting, claim, at)

        return offer

    def _what_follows(self, posted: Posted, meeting: Meeting, claim: Claim, at: datetime) -> None:
        chance, starts = self.chance, claim.slot.starts_at
        if claim.state == ClaimState.SUBMITTED:
            when = min(days_later(at, chance.randint(0, 6), chance), starts - timedelta(hours=1))
            self.timeline.at(when, lambda now: self._answer(posted, meeting, claim, now))
        fate = chance.random()
        later = days_later(at, chance.randint(1, max(1, (starts - at).days - 1)), chance)
        if later >= starts - timedelta(hours=3):
            return
        if fate < 0.06:
            reason, note = chance.choice(tuple(ClaimantReason)), chance.choice(CLAIMANT_NOTES)
            self.timeline.at(
                later, lambda now: self.ledger.leave(claim, reason, note, by=claim.submitted_by, at=now)
            )
        elif fate < 0.09:
            why, note = chance.choice(tuple(SchoolCancelReason)), chance.choice(SCHOOL_NOTES)
            self.timeline.at(later, lambda now: self.ledger.cancel(claim, why, note, by=posted.by, at=now))

    def _answer(self, posted: Posted, meeting: Meeting, claim: Claim, at: datetime) -> None:
        says_yes = self.chance.random() < 0.7
        if says_yes and self.ledger.accept(meeting, claim, by=posted.by, at=at):
            return
        reason = DeclineReason.NO_CAPACITY if says_yes else self.chance.choice(tuple(DeclineReason))
        self.ledger.decline(claim, reason, self.chance.choice(DECLINE_NOTES), by=posted.by, at=at)
