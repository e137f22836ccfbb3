"""What an asker reads before asking a school: which schools there are, how far, what they chose to say; and its own
requests, in the order in which somebody has to do something about them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any, Final

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.calendar import calendars
from brokerage.calendar.dates import academic_year
from brokerage.calendar.school_days import SchoolDays
from brokerage.calendar.settings import CLOCK
from brokerage.models import AccessRequest, AccessTerms, ExternalEncounter, PhaseStanding, TermAnswer, term_of
from brokerage.queries import access_requests, cursors, people
from brokerage.queries.access_requests import LONDON, Asked
from brokerage.queries.cursors import SIZE, Page, key, read, write
from brokerage.rules import SCHOOL_WRITERS
from brokerage.states import OPEN_REQUESTS, UNANSWERED, AccessState, Confirmation

WANTS_MORE: Final = "short"
"""Of `schools.pal.standing.State`: the phase is open, and an encounter is still to be found."""
ASKERS_TURN: Final = (AccessState.COUNTERED, AccessState.QUESTIONED, AccessState.DUPLICATE_MARKED)
SUGGESTED: Final = 3
A_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(days=7)
LOOKED_AHEAD: Final = timedelta(days=120)
NOWHERE: Final = 10**15
"""Squared metres, farther than any school: where one without a place stands among the nearest."""


@dataclass(frozen=True)
class Gap:
    """A year group that still wants encounters, as its school chose to show."""

    year: int
    short_by: int
    closes_on: date

    @property
    def words(self) -> str:
        """`Year 11: 1 more wanted`."""
        return f"Year {self.year}: {self.short_by} more wanted"


@dataclass
class SchoolRow:
    """`metres`: as the crow flies from the asker, None where either place isn't known. `is_here`: somebody there
    could answer."""

    school: Organisation
    is_here: bool
    metres: float | None = None
    gaps: list[Gap] = field(default_factory=list)
    term_answer: TermAnswer | None = None
    open_requests: list[AccessRequest] = field(default_factory=list)

    @property
    def not_this_term(self) -> TermAnswer | None:
        return self.term_answer if self.term_answer and not self.term_answer.is_interested else None


def schools_named(text: str, by: Membership, *, at: datetime) -> list[SchoolRow]:
    """Likeliest first; a URN finds that one."""
    found = _standing(people.named_like(text, Kind.SCHOOL), at)
    return rows_of(list(found[:SIZE]), by, at=at)


def schools_near(by: Membership, *, at: datetime, after: str | None = None) -> Page[SchoolRow]:
    """Those on Doorway, the nearest first; by name when the asker has no place."""
    here = _standing(Organisation.objects.filter(kind=Kind.SCHOOL), at).filter(Exists(_ANSWERERS))
    place = by.organisation
    if place.easting is None or place.northing is None:
        ordered, last = here.order_by("name", "pk"), "name"
        if after:
            name, pk = read(after, str, key)
            ordered = ordered.filter(Q(name__gt=name) | Q(name=name, pk__gt=pk))
    else:
        ordered, last = (
            here.annotate(away=_away(place.easting, place.northing)).order_by("away", "pk"),
            "away",
        )
        if after:
            away, pk = read(after, key, key)
            ordered = ordered.filter(Q(away__gt=away) | Q(away=away, pk__gt=pk))
    found = list(ordered[: SIZE + 1])
    following = write([getattr(found[SIZE - 1], last), found[SIZE - 1].pk]) if len(found) > SIZE else None
    return Page(rows_of(found[:SIZE], by, at=at), following)


def rows_of(schools: Sequence[Organisation], by: Membership, *, at: datetime) -> list[SchoolRow]:
    """What each chose to say, and what we have asked them: three statements, however many they are."""
    keys = [school.pk for school in schools]
    gaps = shown_gaps(keys, today=at.astimezone(LONDON).date())
    answers = {
        answer.school_id: answer
        for answer in TermAnswer.objects.select_related("words").filter(
            school_id__in=keys, term=term_of(at.astimezone(LONDON))
        )
    }
    asked: dict[int, list[AccessRequest]] = defaultdict(list)
    ours = AccessRequest.objects.open().filter(school_id__in=keys, asker=by.organisation)
    for request in ours.order_by("asked_at"):
        asked[request.school_id].append(request)
    return [
        SchoolRow(
            school,
            is_here=getattr(school, "is_here", True),
            metres=metres_between(by.organisation, school),
            gaps=gaps[school.pk],
            term_answer=answers.get(school.pk),
            open_requests=asked[school.pk],
        )
        for school in schools
    ]


def school_to_ask(public_id: Any) -> Organisation | None:
    return (
        Organisation.objects.filter(kind=Kind.SCHOOL, public_id=public_id)
        .annotate(is_here=Exists(_ANSWERERS))
        .first()
    )


def shown_gaps(schools: Collection[int], *, today: date) -> dict[int, list[Gap]]:
    """Year groups that want more, of those schools alone that chose to show it."""
    standings = PhaseStanding.objects.filter(
        school_id__in=schools,
        school__access_terms__shows_gaps=True,
        state=WANTS_MORE,
        short_by__gt=0,
        opens_on__lte=today,
        closes_on__gte=today,
    ).order_by("y7_entry", "phase")
    found: dict[int, list[Gap]] = defaultdict(list)
    for standing in standings:
        year = 7 + academic_year(today) - standing.y7_entry
        found[standing.school_id].append(Gap(year, standing.short_by, standing.closes_on))
    for gaps in found.values():
        gaps.sort(key=lambda gap: gap.closes_on)
    return found


def terms_of(school: Organisation) -> AccessTerms | None:
    return AccessTerms.objects.filter(school=school).first()


def last_asked(by: Membership) -> AccessRequest | None:
    """What this person asked last, else anyone of theirs: the next request starts from it."""
    ours = AccessRequest.objects.filter(asker=by.organisation)
    return ours.filter(asked_by=by).order_by("-id").first() or ours.order_by("-id").first()


def suggested_days(days: SchoolDays, start: date) -> list[date]:
    """Three days of that school on which nothing stands against a visit, a week apart."""
    found: list[date] = []
    day = start
    while len(found) < SUGGESTED and day < start + LOOKED_AHEAD:
        is_free = days.clash_on(day) is None
        if is_free:
            found.append(day)
        day += A_WEEK if is_free else A_DAY
    return found


def days_of(school: Organisation) -> SchoolDays:
    return calendars.days_of(school.pk)


# --- Our own requests ---


def open_requests(by: Membership, *, today: date) -> list[Asked]:
    """Counter-offers first, then whatever else waits for us; then those schools are late with, most days first; what
    was put off to a later day last."""
    found = AccessRequest.objects.visible_to(by).filter(state__in=OPEN_REQUESTS)
    return sorted(access_requests.timed(access_requests.with_everything(found), today=today), key=_turn)


def page_of_open(found: Sequence[Asked], *, after: str | None, size: int = SIZE) -> Page[Asked]:
    kinds = (cursors.number, cursors.number, cursors.moment, cursors.key)
    return cursors.page_of(found, _turn, *kinds, after=after, size=size)


def ended_requests(by: Membership) -> QuerySet[AccessRequest]:
    return access_requests.with_everything(
        AccessRequest.objects.visible_to(by).exclude(state__in=OPEN_REQUESTS)
    )


def _turn(asked: Asked) -> tuple[int, int, datetime, int]:
    state = asked.request.state
    if state in ASKERS_TURN:
        return ASKERS_TURN.index(AccessState(state)), 0, asked.request.changed_at, asked.request.pk
    if state == AccessState.POSTPONED:
        return len(ASKERS_TURN) + 1, 0, asked.request.changed_at, asked.request.pk
    late = -asked.clock.day if asked.is_late else 0
    return len(ASKERS_TURN), late, asked.request.asked_at, asked.request.pk


def late_count(asker: Organisation, *, today: date) -> int:
    """How many of an asker's requests schools are late with, for the navigation's number: one statement while nothing
    could be late, for so many school days take longer than as many days."""
    owed = AccessRequest.objects.filter(asker=asker, state__in=UNANSWERED)
    possible = list(
        owed.filter(clock_from__lt=today - timedelta(days=CLOCK.late_after)).values_list("pk", flat=True)
    )
    if not possible:
        return 0
    found = access_requests.with_everything(AccessRequest.objects.filter(pk__in=possible))
    return sum(asked.is_late for asked in access_requests.timed(found, today=today))


def external_encounters(by: Membership) -> QuerySet[ExternalEncounter]:
    """What schools recorded of us without Doorway."""
    return ExternalEncounter.objects.visible_to(by).select_related("school", "provider")


def externals_to_confirm(by: Membership) -> QuerySet[ExternalEncounter]:
    return external_encounters(by).filter(confirmation=Confirmation.NONE)


def metres_between(one: Organisation, other: Organisation) -> float | None:
    if one.easting is None or one.northing is None or other.easting is None or other.northing is None:
        return None
    return sqrt((one.easting - other.easting) ** 2 + (one.northing - other.northing) ** 2)


_ANSWERERS: Final = Membership.objects.active().filter(organisation=OuterRef("pk"), role__in=SCHOOL_WRITERS)


def _standing(schools: QuerySet[Organisation], at: datetime) -> QuerySet[Organisation]:
    """Not closed for good; `is_here` where somebody could answer."""
    return schools.annotate(is_here=Exists(_ANSWERERS)).exclude(closed_on__lte=at.astimezone(LONDON).date())


def _away(easting: int, northing: int) -> Any:
    """Squared metres; a school without a place comes last."""
    east = Cast("easting", BigIntegerField()) - easting
    north = Cast("northing", BigIntegerField()) - northing
    squared = ExpressionWrapper(east * east + north * north, output_field=BigIntegerField())
    return Coalesce(squared, Value(NOWHERE, BigIntegerField()))
