"""What `pal` looks at, read for many schools at once: every session a cohort had or has in its diary.

A session is one slot with everyone who came to it (R9), or an encounter held elsewhere, which is marked as such. Only
encounters whose main benchmark is 7 can be provider access (R21); one to which a college or training provider came
under another benchmark is listed apart, with that reason."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from brokerage.accounts.models import Organisation
from brokerage.calendar import calendars
from brokerage.calendar.calendars import Hours
from brokerage.calendar.school_days import SchoolDays
from brokerage.models import Claim, Encounter, ExternalEncounter, Hosting
from brokerage.states import PLACE_HOLDERS, ClaimState, Confirmation, EncounterState
from brokerage.vocabulary import TECHNICAL_QUALIFICATIONS, Audience, Benchmark, Content, DeliveryMode
from schools.models import School
from schools.pal import records
from schools.pal.records import Mode, Provider, Session, Status
from schools.pal.windows import entry_of
from schools.queries import cohorts
from schools.queries.cohorts import TaughtCohort
from schools.queries.pal_school import pal_school
from schools.queries.visitors import KIND_OF, Visitor, visitors_of

LONDON: Final = ZoneInfo("Europe/London")
HELD_ELSEWHERE: Final = "external"
_OTHER_BENCHMARK: Final = (
    "its main benchmark is {}, not 7. If it was about courses or apprenticeships, change it on the need."
)

_MODE_OF: Final[Mapping[str, Mode]] = {
    DeliveryMode.IN_PERSON: Mode.IN_PERSON,
    DeliveryMode.LIVE_ONLINE: Mode.LIVE_ONLINE,
    DeliveryMode.HYBRID: Mode.HYBRID,
}


@dataclass(frozen=True)
class Source:
    """Where a session comes from, for the page to link to: what it was, and who came by name."""

    kind: str
    public_id: UUID
    title: str
    providers: tuple[str, ...]
    is_disputed: bool = False


@dataclass
class Evidence:
    """All that a school's standings follow from. `sessions` by the cohort's Year 7 entry; `sources` by a session's
    key; `set_apart`: sessions that couldn't be looked at, with the reason; `named`: who of Doorway came, by name."""

    school: records.School
    cohorts: list[TaughtCohort]
    sessions: dict[int, list[Session]] = field(default_factory=lambda: defaultdict(list))
    sources: dict[str, Source] = field(default_factory=dict)
    set_apart: dict[int, list[tuple[Session, str, str]]] = field(default_factory=lambda: defaultdict(list))
    named: dict[str, str] = field(default_factory=dict)

    @property
    def days(self) -> SchoolDays:
        return self.school.days


def of_school(school: Organisation, today: date) -> Evidence | None:
    """None where the organisation has no profile of a school."""
    return of_schools([school.pk], today).get(school.pk)


def of_schools(school_ids: Collection[int], today: date) -> dict[int, Evidence]:
    """By the school's primary key. A constant number of statements however many schools."""
    profiles = {
        each.pk: each for each in School.objects.filter(pk__in=school_ids).select_related("organisation")
    }
    hours = {
        school_id: Hours(starts, ends)
        for school_id, starts, ends in Hosting.objects.filter(school_id__in=profiles).values_list(
            "school_id", "day_starts_at", "day_ends_at"
        )
    }
    days = calendars.days_of_many(list(profiles), hours)
    schools = {pk: pal_school(each, days[pk]) for pk, each in profiles.items()}
    taught = cohorts.for_many(profiles.values(), today, {pk: each.first_days for pk, each in schools.items()})
    found = {pk: Evidence(each, taught[pk]) for pk, each in schools.items()}
    visits, elsewhere = list(_visits(found)), list(_held_elsewhere(found))
    came = _came(found) if visits else {}
    visitors = visitors_of(
        {who for claims in came.values() for who, _ in claims}
        | {each.provider_id for each in elsewhere if each.provider_id is not None}
    )
    _add_visits(found, visits, came, visitors)
    _add_elsewhere(found, elsewhere, visitors)
    return found


class Visit(NamedTuple):
    """One encounter with what its need asked for: no more of either than the rules read. `qualifications` are those of
    the request that it answers; None where a need was claimed."""

    school: int
    public_id: UUID
    state: str
    minutes: int | None
    attended: Mapping[str, int]
    slot: int
    starts_at: datetime
    ends_at: datetime
    title: str
    main_benchmark: int | None
    year_groups: list[int]
    pupil_group: str
    audience: str
    expected_pupils: Mapping[str, int]
    delivery_mode: str
    content: list[str]
    qualifications: list[str] | None


def _visits(school_ids: Collection[int]) -> Iterable[Visit]:
    asked_for = ("delivery_mode", "content", "access_request__qualifications")
    of_slot = ("id", "starts_at", "ends_at")
    of_need = ("title", "main_benchmark", "year_groups", "pupil_group", "audience", "expected_pupils")
    rows = (
        Encounter.objects.filter(school_id__in=school_ids)
        .order_by("slot__starts_at", "id")
        .values_list(
            *("school_id", "public_id", "state", "minutes", "attended"),
            *(f"slot__{name}" for name in of_slot),
            *(f"slot__need__{name}" for name in (*of_need, *asked_for)),
        )
    )
    return map(Visit._make, rows)


def _came(school_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Who holds or held a place, with the claim's state, by slot."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    claims = Claim.objects.filter(slot__encounter__school_id__in=school_ids, state__in=PLACE_HOLDERS)
    for slot_id, who, state in claims.order_by("id").values_list("slot_id", "claimant_id", "state"):
        found[slot_id].append((who, state))
    return found


def _add_visits(
    found: Mapping[int, Evidence],
    visits: Collection[Visit],
    came: Mapping[int, Collection[tuple[int, str]]],
    visitors: Mapping[int, Visitor],
) -> None:
    for visit in visits:
        there = {
            who: visitors[who]
            for who, state in came.get(visit.slot, ())
            if visit.state != EncounterState.DELIVERED or state == ClaimState.FULFILLED
        }
        presents = not TECHNICAL_QUALIFICATIONS.isdisjoint(visit.qualifications or ())
        if there:
            _add_visit(found[visit.school], visit, list(there.values()), presents)


def _add_visit(evidence: Evidence, visit: Visit, there: list[Visitor], presents_technical: bool) -> None:
    providers = tuple(each.presenting(presents_technical) for each in there)
    is_about_courses = visit.main_benchmark == Benchmark.FURTHER_AND_HIGHER
    if not is_about_courses and not any(each.technical for each in providers):
        return  # an employer's talk is benchmark 5 and nobody takes it for anything else (R17)
    evidence.named |= {_as_named(each.name): each.identity for each in there}
    key = f"encounter:{visit.public_id}"
    names = tuple(dict.fromkeys(each.name for each in there))
    evidence.sources[key] = Source("encounter", visit.public_id, visit.title, names)
    starts, ends = visit.starts_at.astimezone(LONDON), visit.ends_at.astimezone(LONDON)
    for year in visit.year_groups:
        entry = entry_of(year, starts.date(), evidence.school.first_days)
        session = Session(
            on=starts.date(),
            starts=starts.time(),
            ends=_lasted(visit.minutes, starts, ends).time(),
            providers=providers,
            mode=_MODE_OF[visit.delivery_mode],
            content=_content(visit.content),
            status=_STATUS_OF[visit.state],
            key=key,
            **_pupils(visit, _cohort(evidence.cohorts, entry), year),
        )
        if is_about_courses:
            evidence.sessions[entry].append(session)
        else:
            evidence.set_apart[entry].append((session, "R21", _OTHER_BENCHMARK.format(visit.main_benchmark)))


def _cohort(taught: Iterable[TaughtCohort], y7_entry: int) -> TaughtCohort | None:
    return next((each for each in taught if each.y7_entry == y7_entry), None)


class _Pupils(TypedDict):
    group: str | None
    offered: int
    attended: int


def _pupils(visit: Visit, cohort: TaughtCohort | None, year: int) -> _Pupils:
    """Whom it was for, as the cohort is now: a group that it no longer has was the whole of it."""
    attended = int(visit.attended.get(str(year), 0))
    groups = cohort.groups if cohort else {}
    group = visit.pupil_group if visit.pupil_group in groups else None
    if group:
        wanted = groups[group]
    elif visit.audience == Audience.WHOLE_YEAR:
        wanted = (cohort.roll if cohort else None) or 0
    else:
        wanted = int(visit.expected_pupils.get(str(year), 0))
    return {"group": group, "offered": max(wanted, attended), "attended": attended}


_STATUS_OF: Final[Mapping[str, Status]] = {
    EncounterState.PLANNED: Status.PLANNED,
    EncounterState.DELIVERED: Status.DELIVERED,
    EncounterState.NOT_DELIVERED: Status.CANCELLED,
}


def _lasted(minutes: int | None, starts: datetime, ends: datetime) -> datetime:
    """As long as the school recorded, where that was less than planned; never over midnight."""
    if minutes is None:
        return ends
    return min(ends, starts + timedelta(minutes=max(1, minutes)))


def _as_named(name: str) -> str:
    return " ".join(name.casefold().split())


def _content(asked_for: Collection[str]) -> tuple[bool, bool, bool, bool]:
    offer, careers, learning, questions = (element in asked_for for element in Content)
    return offer, careers, learning, questions


def _held_elsewhere(school_ids: Collection[int]) -> QuerySet[ExternalEncounter]:
    return (
        ExternalEncounter.objects.standing().filter(school_id__in=school_ids).order_by("on", "starts", "id")
    )


def _add_elsewhere(
    found: Mapping[int, Evidence],
    recorded: Collection[ExternalEncounter],
    visitors: Mapping[int, Visitor],
) -> None:
    for encounter in recorded:
        if encounter.provider_id is not None:
            who = visitors[encounter.provider_id]
            found[encounter.school_id].named[_as_named(who.name)] = who.identity
    for encounter in recorded:
        evidence = found[encounter.school_id]
        visitor = None if encounter.provider_id is None else visitors[encounter.provider_id]
        session = _as_session(encounter, visitor, evidence)
        is_disputed = encounter.confirmation == Confirmation.DISPUTED
        evidence.sources[session.key] = Source(
            HELD_ELSEWHERE,
            encounter.public_id,
            "Recorded by the school, held without Doorway",
            (encounter.provider_name,),
            is_disputed,
        )
        if is_disputed:
            why = f"{encounter.provider_name} doesn't agree that it happened like this."
            evidence.set_apart[encounter.y7_entry].append((session, "R34", why))
        else:
            evidence.sessions[encounter.y7_entry].append(session)


def _as_session(encounter: ExternalEncounter, visitor: Visitor | None, evidence: Evidence) -> Session:
    cohort = _cohort(evidence.cohorts, encounter.y7_entry)
    groups = cohort.groups if cohort else {}
    return Session(
        on=encounter.on,
        starts=encounter.starts,
        ends=encounter.ends,
        providers=(_who_came(encounter, visitor, evidence),),
        offered=encounter.offered,
        attended=encounter.attended,
        mode=_MODE_OF[encounter.delivery_mode],
        content=_content(encounter.content),
        status=Status.DELIVERED,
        group=encounter.pupil_group if encounter.pupil_group in groups else None,
        key=f"{HELD_ELSEWHERE}:{encounter.public_id}",
    )


def _who_came(encounter: ExternalEncounter, visitor: Visitor | None, evidence: Evidence) -> Provider:
    """One that the school wrote by name alone is the one of that name who came here otherwise: a provider isn't
    different from itself for being written down twice (R10)."""
    if visitor is not None:
        # Of what is technical by its kind, the school has said nothing more by saying so.
        return visitor.presenting(encounter.is_technical and not visitor.is_technical)
    name = _as_named(encounter.provider_name)
    identity = evidence.named.get(name, f"name:{name}")
    return Provider(identity, KIND_OF[encounter.provider_kind], encounter.is_technical)
