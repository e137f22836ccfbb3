"""What hub and trust read of their schools' provider access: standings and open requests, never the words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from brokerage.accounts.models import Membership, Organisation
from brokerage.calendar import calendars
from brokerage.calendar.dates import academic_year
from brokerage.models import AccessRequest, PhaseStanding
from brokerage.queries import access_requests, oversight
from brokerage.queries.access_requests import Asked
from brokerage.states import UNANSWERED
from schools.models import School
from schools.pal.standing import State
from schools.pal.windows import OCCASIONS
from schools.queries.provider_access import AMBER_UNTIL

PHASES: Final = (1, 2, 3)


@dataclass(frozen=True)
class Asking:
    """What a reader asks to see: a phase, a state (`TO_FIND` or a `State`), and how schools' requests wait."""

    phase: int | None = None
    state: str = ""
    waiting: str = ""


TO_FIND: Final = "to_find"
WAITING: Final = "waiting"
LATE: Final = "late"
VERY_LATE_ANSWER: Final = "very_late"


@dataclass(frozen=True)
class SchoolAccess:
    """A school with the year groups due next, the oldest first, and the requests it owes an answer."""

    school: Organisation
    ages: tuple[int, int] | None
    roll: int
    due: tuple[PhaseStanding, ...]
    school_days_left: int
    waiting: tuple[Asked, ...]

    @property
    def wanted(self) -> int:
        return sum(max(0, each.short_by - each.planned) for each in self.due)

    @property
    def is_pressing(self) -> bool:
        """As at the school itself: a cohort that misses two, or a month of school days left."""
        gaps = [max(0, each.short_by - each.planned) for each in self.due]
        return any(gap >= OCCASIONS for gap in gaps) or bool(
            sum(gaps) and self.school_days_left <= AMBER_UNTIL
        )

    @property
    def oldest(self) -> Asked | None:
        return max(self.waiting, key=lambda asked: asked.clock.day, default=None)


@dataclass(frozen=True)
class PhaseCounts:
    """How many year groups with an open window there are in a phase. `none_yet` are among `to_find` and `booked`."""

    phase: int
    cohorts: int
    met: int
    unproven: int
    booked: int
    to_find: int
    none_yet: int
    not_assessed: int


def standings(by: Membership, today: date) -> QuerySet[PhaseStanding]:
    """Those whose window is open."""
    return PhaseStanding.objects.visible_to(by).filter(opens_on__lte=today, closes_on__gte=today)


def next_deadline(today: date) -> date:
    """28 February, the last day it can be (R3)."""
    this = date(today.year, 2, 28)
    return this if today <= this else date(today.year + 1, 2, 28)


def open_requests(by: Membership, today: date) -> list[Asked]:
    """Every request their schools haven't answered, the oldest first."""
    rows = AccessRequest.objects.visible_to(by).filter(state__in=UNANSWERED).order_by("asked_at", "pk")
    return access_requests.timed(access_requests.with_everything(rows), today=today)


def is_very_late(asked: Asked) -> bool:
    """By its days alone: that every date is past makes no answer very late."""
    return asked.is_late and asked.clock.day > asked.clock.parameters.very_late_after


_WAITS: Final[Mapping[str, Callable[[Asked], bool]]] = {
    WAITING: lambda asked: True,
    LATE: lambda asked: asked.is_late,
    VERY_LATE_ANSWER: is_very_late,
}


def schools(
    by: Membership, asking: Asking, requests: Collection[Asked], today: date
) -> QuerySet[Organisation]:
    """Their schools that fit; in no order yet."""
    found = oversight.schools_of(by)
    due = PhaseStanding.objects.filter(
        school=OuterRef("pk"), closes_on=next_deadline(today), opens_on__lte=today
    )
    if asking.phase:
        due = due.filter(phase=asking.phase)
    if asking.state == TO_FIND:
        due = due.filter(state=State.SHORT, short_by__gt=F("planned"))
    elif asking.state:
        due = due.filter(state=asking.state)
    if asking.phase or asking.state:
        found = found.filter(Exists(due))
    if asking.waiting:
        fits = _WAITS[asking.waiting]
        found = found.filter(pk__in={asked.request.school_id for asked in requests if fits(asked)})
    return found


def described(
    listed: Collection[Organisation], requests: Iterable[Asked], asking: Asking, today: date
) -> list[SchoolAccess]:
    """What a page of schools shows, in a constant number of statements."""
    ids = [school.pk for school in listed]
    days = calendars.days_of_many(ids)
    profiles = School.objects.in_bulk(ids)
    due: dict[int, list[PhaseStanding]] = defaultdict(list)
    rolls: dict[int, dict[int, int]] = defaultdict(dict)
    for row in PhaseStanding.objects.filter(school_id__in=ids).order_by("-y7_entry"):
        rolls[row.school_id][row.y7_entry] = row.roll or 0
        is_wanted = asking.phase in (None, row.phase)
        if row.closes_on == next_deadline(today) and row.opens_on <= today and is_wanted:
            due[row.school_id].append(row)
    waiting: dict[int, list[Asked]] = defaultdict(list)
    for asked in requests:
        waiting[asked.request.school_id].append(asked)
    made = []
    for school in listed:
        last = max((row.last_school_day for row in due[school.pk] if row.last_school_day), default=None)
        profile = profiles.get(school.pk)
        made.append(
            SchoolAccess(
                school,
                profile.ages if profile else None,
                sum(rolls[school.pk].values()),
                tuple(due[school.pk]),
                days[school.pk].count(today, last) if last and last >= today else 0,
                tuple(waiting[school.pk]),
            )
        )
    return made


def by_phase(by: Membership, today: date) -> list[PhaseCounts]:
    """Counts of year groups, not of pupils. One statement."""
    counts: dict[int, Counter[str]] = {phase: Counter() for phase in PHASES}
    rows = standings(by, today).values_list("phase", "state", "short_by", "planned", "occasions")
    for phase, state, short_by, planned, occasions in rows.iterator():
        tally = counts[phase]
        tally["cohorts"] += 1
        if state == State.SHORT:
            state = "booked" if planned >= short_by else TO_FIND
            tally["none_yet"] += occasions == 0
        tally[state] += 1
    return [
        PhaseCounts(
            phase=phase,
            cohorts=tally["cohorts"],
            met=tally[State.MET],
            unproven=tally[State.COVERAGE_UNPROVEN],
            booked=tally["booked"],
            to_find=tally[TO_FIND],
            none_yet=tally["none_yet"],
            not_assessed=tally[State.NOT_ASSESSED],
        )
        for phase, tally in counts.items()
    ]


def year_of(y7_entry: int, today: date) -> int:
    return academic_year(today) - y7_entry + 7
