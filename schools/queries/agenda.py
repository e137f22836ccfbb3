"""The school's agenda: what is booked or open, by week or by month, and the days it is closed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, Prefetch, Q

from brokerage.accounts.models import Membership
from brokerage.calendar import calendars
from brokerage.calendar.calendars import Listed
from brokerage.calendar.dates import academic_year
from brokerage.calendar.models import ClosureKind
from brokerage.calendar.school_days import SATURDAY, SchoolDays, bank_holidays
from brokerage.domain.slots import LONDON
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.models.need import NeedQuerySet
from brokerage.states import PLACE_HOLDERS, ClaimState, EncounterState, NeedState
from schools import words

WEEKS: Final = 6
MOST: Final = 400
A_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class Item:
    slot: Slot
    coming: list[Claim]
    is_over: bool
    waiting: int = 0
    """Offers that the school has not answered."""

    @property
    def name(self) -> str:
        return words.name(self.slot.need)

    @property
    def who(self) -> str:
        names = list(dict.fromkeys(claim.claimant.name for claim in self.coming))
        return words.joined(names if len(names) < 3 else [*names[:2], f"{len(names) - 2} more"])

    @property
    def state(self) -> tuple[str, str]:
        encounter = getattr(self.slot, "encounter", None)
        if encounter and encounter.state != EncounterState.PLANNED:
            happened = encounter.state == EncounterState.DELIVERED
            return ("ok", "Happened") if happened else ("na", "Didn't happen")
        if any(claim.state == ClaimState.ACCEPTED for claim in self.coming):
            return ("live", "To record") if self.is_over else ("book", "Booked")
        if self.waiting and not self.is_over:
            return "live", words.offers_to_choose(self.waiting)
        return ("na", "Nobody came") if self.is_over else ("na", "Nobody yet")

    @property
    def needs_recording(self) -> bool:
        return self.state == ("live", "To record")

    @property
    def day(self) -> date:
        return self.slot.starts_at.astimezone(LONDON).date()


@dataclass
class Week:
    monday: date
    school_days: int
    items: list[Item] = field(default_factory=list)
    closures: list[Listed] = field(default_factory=list)

    @property
    def friday(self) -> date:
        return self.monday + timedelta(days=4)


@dataclass(frozen=True)
class Day:
    """One cell of the month. `closed` names what keeps pupils away, `warned` what speaks against a visit."""

    on: date
    closed: str
    warned: str
    items: list[Item]

    @property
    def words(self) -> str:
        """What to say of the day itself. Nobody needs telling that it is a weekend."""
        return "" if self.on.weekday() >= SATURDAY else self.closed or self.warned

    @property
    def says_something(self) -> bool:
        return bool(self.items or self.words)


@dataclass(frozen=True)
class Standing:
    """The closures from today on, and whose they are. `authority` is the one whose dates hold in `years`; "" is
    England's, None when they are all the school's own."""

    closures: list[Listed]
    authority: str | None
    years: list[str]

    @property
    def whose(self) -> str:
        return f"{self.authority or 'England'}’s"

    @property
    def has_own(self) -> bool:
        return any(each.is_own for each in self.closures)


def year_in_words(year: int) -> str:
    """`2026/27`, the academic year."""
    return f"{year}/{(year + 1) % 100:02}"


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> date:
    return day.replace(day=1)


def weeks(by: Membership, first: date, closures: list[Listed], *, at: datetime) -> list[Week]:
    """Six weeks from this Monday on."""
    days = calendars.school_days(closures)
    shown = [
        Week(monday, days.count(monday, monday + A_WEEK - A_DAY))
        for monday in (first + A_WEEK * number for number in range(WEEKS))
    ]
    for item in items(by, first, first + A_WEEK * WEEKS, at=at):
        shown[(item.day - first).days // 7].items.append(item)
    everything = sorted([*closures, *_bank_holidays(days)], key=lambda each: each.span)
    for week in shown:
        sunday = week.monday + timedelta(days=6)
        week.closures = [
            each for each in everything if each.first_on <= sunday and each.last_on >= week.monday
        ]
    return shown


def month(by: Membership, first: date, closures: list[Listed], *, at: datetime) -> list[list[Day | None]]:
    """Weeks of seven days, Monday first; None where a week reaches into another month."""
    days = calendars.school_days(closures)
    following = month_of(first + timedelta(days=31))
    on: dict[date, list[Item]] = defaultdict(list)
    for item in items(by, first, following, at=at):
        on[item.day].append(item)
    span = [monday_of(first) + A_DAY * number for number in range((following - monday_of(first)).days)]
    span += [span[-1] + A_DAY * number for number in range(1, 7 - span[-1].weekday())]
    cells = [_day(day, days, on[day]) if first <= day < following else None for day in span]
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _day(day: date, days: SchoolDays, found: list[Item]) -> Day:
    warned = next((each.label for each in days.warned if day in each), "")
    return Day(day, days.what_closes(day) or "", warned, found)


def standing(closures: Iterable[Listed], today: date) -> Standing:
    listed = list(closures)
    others = [
        each for each in listed if not each.is_own and each.year >= academic_year(today) and each.closes
    ]
    years = sorted({each.year for each in others})
    return Standing(
        closures=[each for each in listed if each.last_on >= today][:MOST],
        authority=others[0].authority if others else None,
        years=[year_in_words(year) for year in years],
    )


def items(by: Membership, first: date, end: date, *, at: datetime) -> list[Item]:
    """What is booked or open from one day up to another, that one not included."""
    needs = EncounterNeed.objects.visible_to(by).published()
    found = _slots(needs, _midnight(first), _midnight(end))
    return [_item(slot, waiting, at=at) for slot, waiting in found]


def of_school(school_id: int, first: date, end: date, *, at: datetime) -> list[Item]:
    """As `items`, for a reader whom the school gave its private address."""
    needs = EncounterNeed.objects.filter(school_id=school_id).published()
    found = _slots(needs, _midnight(first), _midnight(end))
    return [_item(slot, waiting, at=at) for slot, waiting in found]


def _item(slot: Slot, waiting: int, *, at: datetime) -> Item:
    """What nobody answered before it began waits for nothing any more."""
    return Item(slot, list(slot.claims.all()), slot.ends_at <= at, waiting if slot.starts_at > at else 0)


def _bank_holidays(days: SchoolDays) -> list[Listed]:
    """Those on which the school would be open if the country weren't closed."""
    return [
        Listed(ClosureKind.HOLIDAY, name, day, day)
        for day, name in bank_holidays().items()
        if days.closure_on(day) is None
    ]


def _slots(needs: NeedQuerySet, start: datetime, end: datetime) -> list[tuple[Slot, int]]:
    """Booked times, and open ones nobody has taken; each with the offers that wait for an answer."""
    came = Claim.objects.filter(state__in=PLACE_HOLDERS).select_related("claimant").order_by("pk")
    wanted = Q(taken__gt=0) | Q(need__state=NeedState.OPEN)
    slots = (
        Slot.objects.standing()
        .filter(wanted, need__in=needs, starts_at__gte=start, starts_at__lt=end)
        .select_related("need", "encounter")
        .annotate(waiting=Count("claims", filter=Q(claims__state=ClaimState.SUBMITTED)))
        .prefetch_related(Prefetch("claims", came))
        .order_by("starts_at", "pk")[:MOST]
    )
    return [(slot, slot.waiting) for slot in slots]  # type: ignore[attr-defined]  # annotated above


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)
