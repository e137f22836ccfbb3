"""What stands open between the sign-ins' school, the college and the training provider, told with the verbs; and what
schools have published, answered for the term and held elsewhere."""

from datetime import date, datetime, time, timedelta
from typing import Any

from brokerage.accounts.models import Kind, Membership, Organisation, Role
from brokerage.domain import access_requests, external_encounters, terms
from brokerage.domain.access_requests import Ask
from brokerage.domain.external_encounters import Happened
from brokerage.models import AccessRequest
from brokerage.vocabulary import Content, EncounterType, NotThisTerm
from config.demo import claimants, schools
from config.demo import terms as school_years
from config.demo.clock import local
from config.demo.stories import Stories
from schools.domain import policies
from schools.models import School
from schools.policy import model_text

# How far a school's statement has come: two in three have published one.
UNPUBLISHED = 3


def tell(stories: Stories) -> None:
    _publish_policies(stories)
    _answer_for_the_term(stories)
    _hold_elsewhere(stories)
    _Open(stories).tell()


def _publish_policies(stories: Stories) -> None:
    everyone = stories.market.everyone
    for number, school in enumerate(everyone.of(Kind.SCHOOL)):
        if school.name != schools.FERNLOW and number % UNPUBLISHED == 2:
            continue
        profile = School.objects.select_related("organisation__hosting").get(pk=school.pk)
        hosting = profile.organisation.hosting
        by = _leader(stories, school)
        fields = model_text.start(
            day_starts=hosting.day_starts_at,
            day_ends=hosting.day_ends_at,
            rooms=hosting.rooms,
            years=profile.year_groups,
        )
        approved = stories.timeline.today - timedelta(days=150 + 13 * (number % 20))
        fields |= {
            "contact": by,
            "approved_on": approved,
            "approved_by": "Full governing board",
            "review_on": approved + timedelta(days=365),
        }
        at = local(approved + timedelta(days=9), time(10, number % 60))
        policies.publish(fields=fields, by=by, at=max(at, everyone.began + timedelta(days=1)))


def _answer_for_the_term(stories: Stories) -> None:
    everyone = stories.market.everyone
    reasons = tuple(NotThisTerm)
    at = local(stories.timeline.today - timedelta(days=1), time(8, 20))
    for number, school in enumerate(everyone.of(Kind.SCHOOL)):
        if school.name == schools.FERNLOW or number % 4 == 3:
            continue
        says_yes = bool(number % 4)
        reason = "" if says_yes else str(reasons[number % (len(reasons) - 1)])
        terms.answer(
            is_interested=says_yes,
            reason=reason,
            by=_leader(stories, school),
            at=at + timedelta(minutes=7 * number),
        )


def _hold_elsewhere(stories: Stories) -> None:
    """Two that the sign-ins' school wrote down: one the college has confirmed, one that names somebody unknown."""
    everyone = stories.market.everyone
    college = everyone.by_name[claimants.COLLEGE]
    days = list(
        school_years.school_days(
            stories.timeline.today - timedelta(days=120),
            stories.timeline.today - timedelta(days=20),
            everyone.closures[stories.fernlow.pk],
        )
    )
    said = (
        (college, "", 9, days[len(days) // 3], 171),
        (None, "Riverside Engineering Training", 12, days[len(days) // 2], 88),
    )
    for provider, name, year, on, attended in said:
        entry = on.year - (on.month < 9) - (year - 7)
        at = local(on + timedelta(days=8), time(15, 40))
        encounter = external_encounters.record(
            what=Happened(
                provider=provider,
                provider_name=name,
                provider_kind="" if provider else "itp",
                y7_entry=entry,
                on=on,
                starts=time(11, 20),
                ends=time(12, 10),
                offered=max(attended, int(stories.market.rolls[stories.fernlow.pk][str(year)])),
                attended=attended,
                content=[str(each) for each in Content],
                evidence="The registers of the day are with the careers office.",
            ),
            by=stories.priya,
            at=at,
        )
        if provider is not None:
            external_encounters.confirm(encounter=encounter, by=stories.yusuf, at=at + timedelta(days=3))


def _leader(stories: Stories, school: Organisation) -> Membership:
    members = stories.market.everyone.members[school.pk]
    return next(member for member in members if member.role == Role.CAREERS_LEADER)


class _Open:
    """Requests that wait, at every point of the clock."""

    def __init__(self, stories: Stories) -> None:
        self.stories, self.everyone = stories, stories.market.everyone
        self.today = stories.timeline.today

    def tell(self) -> None:
        self._at_fernlow()
        self._of_the_college()

    def _at_fernlow(self) -> None:
        """Day 1 to very late; one paused, one with other dates on offer, one to come back."""
        leader = self.stories.priya
        fernlow = self.stories.fernlow
        self._ask(fernlow, "Forge & Field Training", 10, school_days_ago=8, by=self.stories.kath)
        self._ask(fernlow, "Saltmere College", 9, school_days_ago=3)
        self._ask(fernlow, "Northgale Apprenticeships", 11, school_days_ago=13)
        self._ask(fernlow, "University of Wexbourne", 12, school_days_ago=1)
        asked = self._ask(fernlow, "Tillerman Care Academy", 8, school_days_ago=6)
        access_requests.ask_back(
            request=asked, question="How many of you would come?", by=leader, at=self._ago(4)
        )
        asked = self._ask(fernlow, claimants.COLLEGE, 13, school_days_ago=9, by=self.stories.yusuf)
        access_requests.counter_offer(
            request=asked,
            dates=self._school_days(fernlow, first=32, count=2),
            starts=time(13, 40),
            note="Our Year 13 have mocks on your dates. Would one of these do?",
            by=leader,
            at=self._ago(5),
        )
        asked = self._ask(fernlow, "Hearthstone Building Skills", 11, school_days_ago=20)
        access_requests.postpone(
            request=asked,
            until=self._school_days(fernlow, first=45, count=1)[0],
            reason="exam_period",
            note="Please ask us again after the mocks.",
            by=leader,
            at=self._ago(14),
        )
        asked = self._ask(fernlow, "Quillmark Apprenticeships", 9, school_days_ago=18)
        # What they asked of it before may have been for days that have passed.
        on = max(asked.dates[-1], self._school_days(fernlow, first=33, count=1)[0])
        access_requests.grant(request=asked, on=on, starts=time(14), by=leader, at=self._ago(15))

    def _of_the_college(self) -> None:
        """What the college's and the training provider's lists hold at other schools."""
        yusuf, kath = self.stories.yusuf, self.stories.kath
        for name, year, ago, by in (
            ("Whinmoor Park Academy", 10, 24, yusuf),
            ("Ashwell Grove School", 12, 12, yusuf),
            ("Kiln Lane Academy", 9, 5, yusuf),
            ("Millrace High School", 10, 15, kath),
            ("St Orrin's Catholic School", 8, 4, kath),
        ):
            self._ask(self.everyone.by_name[name], by.organisation.name, year, school_days_ago=ago, by=by)
        school = self.everyone.by_name["Harbourne Lane School"]
        asked = self._ask(school, claimants.COLLEGE, 11, school_days_ago=7, by=yusuf)
        access_requests.ask_back(
            request=asked,
            question="Would you also bring an apprentice?",
            by=_leader(self.stories, school),
            at=self._ago(3),
        )

    def _ask(
        self,
        school: Organisation,
        asker: str,
        year: int,
        *,
        school_days_ago: int,
        by: Membership | None = None,
    ) -> AccessRequest:
        """An open request of theirs for that year group is what they asked already."""
        organisation = self.everyone.by_name[asker]
        by = by or self.everyone.members[organisation.pk][0]
        asked = AccessRequest.objects.open().filter(
            school=school, asker=organisation, year_groups__contains=[year]
        )
        if (same := asked.first()) is not None:
            return same
        presents: dict[str, Any] = {"qualifications": ["apprenticeship"]}
        if "College" in asker:
            presents = {"qualifications": ["t_level", "apprenticeship"]}
        if "University" in asker:
            presents = {"qualifications": ["degree", "degree_apprenticeship"]}
        return access_requests.ask(
            school=school,
            what=Ask(
                encounter_type=EncounterType.PROVIDER_ENCOUNTER,
                year_groups=[year],
                minutes=50,
                dates=self._school_days(school, first=33, count=3),
                content=[str(each) for each in Content],
                visitor=by,
                message=(
                    f"We'd like to meet the whole of your Year {year}: what we offer, where it leads, what "
                    "learning with us is like, and time for their questions."
                ),
                **presents,
            ),
            by=by,
            at=self._ago(school_days_ago, school),
        )

    def _ago(self, school_days: int, school: Organisation | None = None) -> datetime:
        """So many of the school's own days before today, in the morning."""
        closed = self.everyone.closures[(school or self.stories.fernlow).pk]
        behind = list(
            school_years.school_days(self.today - timedelta(days=90), self.today - timedelta(days=1), closed)
        )
        # Holidays can be long: then the oldest of these days.
        return local(behind[-min(school_days, len(behind))], time(9, 5 + school_days))

    def _school_days(self, school: Organisation, *, first: int, count: int) -> list[date]:
        closed = self.everyone.closures[school.pk]
        start = self.today + timedelta(days=first)
        ahead = list(school_years.school_days(start, start + timedelta(days=120), closed))
        return [ahead[3 * number] for number in range(count)]
