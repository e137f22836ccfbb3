"""What `pal` looks at, read for many schools at once: every session a cohort had or has in its diary.

A session is one slot with everyone who came to it (R9), or an encounter held elsewhere, which is marked as such. Only
encounters whose main benchmark is 7 can be provider access (R21); one to which a college or training provider came
under another benchmark is listed apart, with that reason."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from brokerage.accounts.models import Kind, Organisation, ProviderKind
from brokerage.accounts.models.organisation import TECHNICAL, AparType
from brokerage.calendar import calendars
from brokerage.calendar.calendars import Hours
from brokerage.calendar.school_days import SchoolDays
from brokerage.models import AccessRequest, Claim, Encounter, ExternalEncounter, Hosting
from brokerage.states import PLACE_HOLDERS, ClaimState, Confirmation, EncounterState
from brokerage.vocabulary import TECHNICAL_QUALIFICATIONS, Audience, Benchmark, Content, DeliveryMode
from schools.models import School
from schools.pal import records
from schools.pal.records import Mode, Provider, Session, Status
from schools.pal.windows import entry_of
from schools.queries import cohorts
from schools.queries.cohorts import TaughtCohort
from schools.queries.pal_school import pal_school

LONDON: Final = ZoneInfo("Europe/London")
HELD_ELSEWHERE: Final = "external"
OTHER_BENCHMARK: Final = "benchmark"

_KIND_OF: Final[Mapping[str, records.Kind]] = {
    ProviderKind.FE_COLLEGE: records.Kind.FE_COLLEGE,
    ProviderKind.ITP: records.Kind.ITP,
    ProviderKind.UTC: records.Kind.UTC,
    ProviderKind.STUDIO_SCHOOL: records.Kind.STUDIO_SCHOOL,
    ProviderKind.EMPLOYER_PROVIDER: records.Kind.EMPLOYER_PROVIDER,
    ProviderKind.HE: records.Kind.UNIVERSITY,
    ProviderKind.SIXTH_FORM_COLLEGE: records.Kind.OTHER,
    "": records.Kind.EMPLOYER,
}
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
    _add_encounters(found)
    _add_external(found)
    return found


def _add_encounters(found: Mapping[int, Evidence]) -> None:
    came = (
        Claim.objects.filter(state__in=PLACE_HOLDERS)
        .select_related("claimant")
        .only(
            "slot_id",
            "state",
            "claimant__public_id",
            "claimant__ukprn",
            "claimant__name",
            "claimant__kind",
            "claimant__provider_kind",
            "claimant__apar_type",
        )
    )
    encounters = (
        Encounter.objects.filter(school_id__in=found)
        .select_related("slot__need")
        .prefetch_related(Prefetch("slot__claims", came.order_by("id"), to_attr="came"))
        .order_by("slot__starts_at", "id")
    )
    qualifications = dict(
        AccessRequest.objects.filter(school_id__in=found, need__isnull=False).values_list(
            "need_id", "qualifications"
        )
    )
    for encounter in encounters:
        presents = set(qualifications.get(encounter.slot.need_id, ())) & TECHNICAL_QUALIFICATIONS
        _add_encounter(found[encounter.school_id], encounter, bool(presents))


def _add_encounter(evidence: Evidence, encounter: Encounter, presents_technical: bool) -> None:
    slot, need = encounter.slot, encounter.slot.need
    is_over = encounter.state != EncounterState.PLANNED
    there = [
        claim
        for claim in slot.came  # type: ignore[attr-defined]
        if not is_over or claim.state == ClaimState.FULFILLED or encounter.state != EncounterState.DELIVERED
    ]
    if not there:
        return
    providers = tuple(
        {claim.claimant_id: _provider(claim.claimant, presents_technical) for claim in there}.values()
    )
    if need.main_benchmark != Benchmark.FURTHER_AND_HIGHER and not any(each.technical for each in providers):
        return  # an employer's talk is benchmark 5 and nobody takes it for anything else (R17)
    evidence.named |= {_as_named(claim.claimant.name): _identity(claim.claimant) for claim in there}
    key = f"encounter:{encounter.public_id}"
    evidence.sources[key] = Source(
        "encounter",
        encounter.public_id,
        need.title,
        tuple(dict.fromkeys(claim.claimant.name for claim in there)),
    )
    on = slot.starts_at.astimezone(LONDON).date()
    for year in need.year_groups:
        entry = entry_of(year, on, evidence.school.first_days)
        session = _session(encounter, _cohort(evidence.cohorts, entry), year, providers, key)
        if need.main_benchmark == Benchmark.FURTHER_AND_HIGHER:
            evidence.sessions[entry].append(session)
        else:
            why = (
                f"its main benchmark is {need.main_benchmark}, not 7. If it was about courses or "
                "apprenticeships, change it on the need."
            )
            evidence.set_apart[entry].append((session, "R21", why))


def _cohort(taught: Iterable[TaughtCohort], y7_entry: int) -> TaughtCohort | None:
    return next((each for each in taught if each.y7_entry == y7_entry), None)


def _session(
    encounter: Encounter, cohort: TaughtCohort | None, year: int, providers: tuple[Provider, ...], key: str
) -> Session:
    slot, need = encounter.slot, encounter.slot.need
    attended = int(encounter.attended.get(str(year), 0))
    roll = (cohort.roll if cohort else None) or 0
    groups = cohort.groups if cohort else {}
    group = need.pupil_group if need.pupil_group in groups else None
    expected = int(need.expected_pupils.get(str(year), 0))
    whole = groups[group] if group else roll
    offered = (
        max(whole, attended) if need.audience == Audience.WHOLE_YEAR or group else max(expected, attended)
    )
    starts, ends = slot.starts_at.astimezone(LONDON), slot.ends_at.astimezone(LONDON)
    return Session(
        on=starts.date(),
        starts=starts.time(),
        ends=_lasted(encounter, starts, ends).time(),
        providers=providers,
        offered=offered,
        attended=attended,
        mode=_MODE_OF[need.delivery_mode],
        content=_content(need.content),
        status=_STATUS_OF[EncounterState(encounter.state)],
        group=group,
        key=key,
    )


_STATUS_OF: Final[Mapping[str, Status]] = {
    EncounterState.PLANNED: Status.PLANNED,
    EncounterState.DELIVERED: Status.DELIVERED,
    EncounterState.NOT_DELIVERED: Status.CANCELLED,
}


def _lasted(encounter: Encounter, starts: datetime, ends: datetime) -> datetime:
    """As long as the school recorded, where that was less than planned; never over midnight."""
    if encounter.minutes is None:
        return ends
    return min(ends, max(starts + timedelta(minutes=1), starts + timedelta(minutes=encounter.minutes)))


def _provider(organisation: Organisation, presents_technical: bool) -> Provider:
    """By UKPRN where there is one: organisations, not brands or campuses (R10)."""
    kind = _KIND_OF[organisation.provider_kind if organisation.kind == Kind.PROVIDER else ""]
    return Provider(
        _identity(organisation),
        kind,
        technical=presents_technical or organisation.provider_kind in TECHNICAL or _is_listed(organisation),
        in_review=not presents_technical and _in_review(organisation),
    )


def _is_listed(organisation: Organisation) -> bool:
    """On the apprenticeship register; a university counts for what it presents all the same, and for no more (R17)."""
    return bool(organisation.apar_type) and organisation.provider_kind != ProviderKind.HE


def _in_review(organisation: Organisation) -> bool:
    """Of training providers the register's word is the only one; a college is a provider whatever it says (R17)."""
    by_itself = organisation.provider_kind in TECHNICAL - {ProviderKind.ITP}
    return organisation.apar_type == AparType.SUPPORTING and not by_itself


def _identity(organisation: Organisation) -> str:
    return organisation.ukprn or str(organisation.public_id)


def _as_named(name: str) -> str:
    return " ".join(name.casefold().split())


def _content(asked_for: Collection[str]) -> tuple[bool, bool, bool, bool]:
    offer, careers, learning, questions = (element in asked_for for element in Content)
    return offer, careers, learning, questions


def _add_external(found: Mapping[int, Evidence]) -> None:
    recorded = list(
        ExternalEncounter.objects.standing()
        .filter(school_id__in=found)
        .select_related("provider")
        .order_by("on", "starts", "id")
    )
    for encounter in recorded:
        if (who := encounter.provider) is not None:
            found[encounter.school_id].named[_as_named(who.name)] = _identity(who)
    for encounter in recorded:
        evidence = found[encounter.school_id]
        session = _held_elsewhere(
            encounter, _cohort(evidence.cohorts, encounter.y7_entry), _who_came(encounter, evidence)
        )
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


def _who_came(encounter: ExternalEncounter, evidence: Evidence) -> str:
    """One that the school wrote by name alone is the one of that name who came here otherwise: a provider isn't
    different from itself for being written down twice (R10)."""
    if encounter.provider is not None:
        return _identity(encounter.provider)
    name = _as_named(encounter.provider_name)
    return evidence.named.get(name, f"name:{name}")


def _held_elsewhere(encounter: ExternalEncounter, cohort: TaughtCohort | None, identity: str) -> Session:
    who = encounter.provider
    provider_kind = who.provider_kind if who else encounter.provider_kind
    is_their_word = encounter.is_technical and provider_kind not in TECHNICAL
    came = Provider(
        identity,
        _KIND_OF[provider_kind],
        technical=encounter.is_technical or (who is not None and _is_listed(who)),
        in_review=not is_their_word and who is not None and _in_review(who),
    )
    groups = cohort.groups if cohort else {}
    return Session(
        on=encounter.on,
        starts=encounter.starts,
        ends=encounter.ends,
        providers=(came,),
        offered=encounter.offered,
        attended=encounter.attended,
        mode=_MODE_OF[encounter.delivery_mode],
        content=_content(encounter.content),
        status=Status.DELIVERED,
        group=encounter.pupil_group if encounter.pupil_group in groups else None,
        key=f"{HELD_ELSEWHERE}:{encounter.public_id}",
    )
