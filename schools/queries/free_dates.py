"""Which dates of a request the school could grant, and which others it could offer: what it is closed for, what is
better avoided, and what it has on already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from brokerage.accounts.models import Organisation
from brokerage.calendar import national_dates
from brokerage.calendar.school_days import SchoolDays, inside
from brokerage.domain.slots import LONDON
from brokerage.models import AccessRequest, Hosting, Slot
from brokerage.web.dates import clock, in_list, local_day

A_DAY: Final = timedelta(days=1)
SUGGESTED: Final = 6
# Nobody plans a visit of a whole year group for the day after next.
SOONEST: Final = timedelta(days=10)
FARTHEST: Final = timedelta(weeks=26)


@dataclass(frozen=True)
class Plan:
    """When on the day, how long, where, and for which year groups. `hint` says when the school day is."""

    starts: time
    minutes: int
    venue: str
    year_groups: Sequence[int]
    hint: str = ""

    def on(self, day: date) -> tuple[datetime, datetime]:
        begins = datetime.combine(day, self.starts, LONDON)
        return begins, begins + timedelta(minutes=self.minutes)

    @property
    def ends(self) -> time:
        return self.on(date(2000, 1, 3))[1].time()


@dataclass(frozen=True)
class Day:
    """`refused`: why the school can't receive anyone. `warned`: what stands against it. `booked`: what else is on.
    `note`: what is on in the whole country."""

    on: date
    refused: str = ""
    warned: str = ""
    booked: tuple[Slot, ...] = ()
    starts: time = field(default=time(9))
    note: str = ""

    @property
    def iso(self) -> str:
        return self.on.isoformat()

    @property
    def is_free(self) -> bool:
        return not self.refused and not self.warned

    @property
    def words(self) -> str:
        if self.refused:
            return self.refused
        return f"{self._here}. {self.note}" if self.note else self._here

    @property
    def _here(self) -> str:
        if self.warned:
            return self.warned
        if not self.booked:
            return f"{clock(self.starts)}, free"
        if len(self.booked) > 1:
            return f"{clock(self.starts)}, free; {len(self.booked)} other visits that day"
        other = self.booked[0]
        return f"{clock(self.starts)}, free; {clock(other.starts_at)} {other.need.title}"


def plan_of(request: AccessRequest, hosting: Hosting | None, last: Slot | None, days: SchoolDays) -> Plan:
    """What is filled in for the school: its usual room, and the time of day at which it last received somebody,
    where the visit fits into the school day then; else when the day begins."""
    venue = hosting.rooms[0] if hosting and hosting.rooms else ""
    hint = f"Your day is {clock(days.day_starts)} to {clock(days.day_ends)}. A visit outside it can’t count."
    plan = Plan(days.day_starts, request.minutes, venue, request.year_groups, hint)
    if last is None:
        return plan
    usual = replace(plan, starts=last.starts_at.astimezone(LONDON).time())
    return usual if days.holds(usual.starts, usual.ends) else plan


def last_arranged(school: Organisation) -> Slot | None:
    """The visit that was last arranged by granting a request."""
    arranged = Slot.objects.filter(need__school=school, need__is_arranged=True)
    return arranged.order_by("-need__published_at", "-pk").first()


def of_dates(
    dates: Iterable[date], plan: Plan, *, school: Organisation, days: SchoolDays, at: datetime
) -> list[Day]:
    """Each date as it stands, in one statement. `days` are the school's own."""
    listed = sorted(dates)
    booked = _booked(school, listed[0], listed[-1], at) if listed else {}
    return [_day(on, plan, days, booked.get(on, ()), at) for on in listed]


def preselected(listed: Sequence[Day]) -> Day | None:
    """The first that is free; else the first the school could still say yes to."""
    free = next((day for day in listed if day.is_free), None)
    return free or next((day for day in listed if not day.refused), None)


def suggested(
    request: AccessRequest, plan: Plan, *, school: Organisation, days: SchoolDays, at: datetime
) -> list[Day]:
    """Other free dates, on the weekdays on which the asker offered to come, one a week."""
    today = at.astimezone(LONDON).date()
    first, last = today + SOONEST, today + FARTHEST
    weekdays = {on.weekday() for on in request.dates}
    booked = _booked(school, first, last, at)
    found: list[Day] = []
    weeks: set[tuple[int, int]] = set()
    for number in range((last - first).days + 1):
        on = first + number * A_DAY
        week = on.isocalendar()[:2]
        if on.weekday() not in weekdays or on in request.dates or week in weeks:
            continue
        if (day := _day(on, plan, days, booked.get(on, ()), at)).is_free:
            found.append(day)
            weeks.add(week)
        if len(found) == SUGGESTED:
            break
    return found


def later(dates: Iterable[date], days: SchoolDays, today: date) -> date:
    """The day from which it may suit better: after the exams that lie on a date asked for, else after the next
    holiday, else in six weeks; always a school day."""
    inside_exams = [each.last_on for each in days.warned if any(on in each for on in dates)]
    holiday = days.next_holiday(today)
    ends = [*inside_exams, *([holiday.last_on] if holiday else []), today + timedelta(weeks=6)]
    on = next(end for end in ends if end > today) + A_DAY
    while not days.is_school_day(on) and on < today + FARTHEST:
        on += A_DAY
    return on


def choices(dates: Iterable[date], year_groups: Sequence[int] = ()) -> list[tuple[str, str]]:
    """Dates to tick, each with what is on in the country then."""
    notes = ((on, national_dates.note_on(on, year_groups)) for on in dates)
    return [(on.isoformat(), f"{in_list(on)} ({note})" if note else in_list(on)) for on, note in notes]


def _day(on: date, plan: Plan, days: SchoolDays, booked: Sequence[Slot], at: datetime) -> Day:
    begins, ends = plan.on(on)
    if begins <= at:
        return Day(on, refused="Past")
    if closed := days.what_closes(on):
        return Day(on, refused=f"Closed: {inside(closed)}")
    rivals = [slot for slot in booked if slot.starts_at < ends and begins < slot.ends_at]
    rival = next((slot for slot in rivals if _gets_in_the_way(slot, plan)), None)
    warned = f"{clock(rival.starts_at)}: {rival.need.title}" if rival else ""
    if (clash := days.clash_on(on)) is not None:
        warned = clash.words
    note = national_dates.note_on(on, plan.year_groups)
    return Day(on, warned=warned, booked=tuple(booked), starts=plan.starts, note=note)


def _gets_in_the_way(slot: Slot, plan: Plan) -> bool:
    """The same pupils, or the same room, at the same time."""
    same_room = bool(plan.venue) and slot.need.venue == plan.venue
    return same_room or bool(set(slot.need.year_groups) & set(plan.year_groups))


def _booked(school: Organisation, first: date, last: date, at: datetime) -> dict[date, list[Slot]]:
    begins = datetime.combine(first, time.min, LONDON)
    ends = datetime.combine(last + A_DAY, time.min, LONDON)
    slots = (
        Slot.objects.standing()
        .filter(need__school=school, taken__gt=0, ends_at__gt=at, starts_at__gte=begins, starts_at__lt=ends)
        .select_related("need")
        .order_by("starts_at", "pk")
    )
    by_day: dict[date, list[Slot]] = {}
    for slot in slots:
        by_day.setdefault(local_day(slot.starts_at), []).append(slot)
    return by_day


def for_gap(school: Organisation, days: SchoolDays, *, until: date, at: datetime) -> list[date]:
    """School days on which nothing else is on, up to a deadline, one a week, the soonest first."""
    today = at.astimezone(LONDON).date()
    first, last = today + SOONEST, min(until, today + FARTHEST)
    booked = _booked(school, first, last, at) if first <= last else {}
    found: list[date] = []
    on = first
    while on <= last and len(found) < SUGGESTED:
        if days.is_school_day(on) and days.clash_on(on) is None and on not in booked:
            found.append(on)
            on += 7 * A_DAY - on.weekday() * A_DAY if on.weekday() < 5 else A_DAY
        else:
            on += A_DAY
    return found
