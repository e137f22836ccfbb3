"""Organisations and people: the same rows and events that sign-up and approval would have left, in bulk."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils.text import slugify

from brokerage.accounts import events as facts
from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.accounts.platform import NAME
from brokerage.calendar.models import Closure, ClosureKind, DefaultClosure, TermDates
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.models import Event
from brokerage.eventlog.record import Actor
from brokerage.models import Hosting, Outcode
from config.demo import claimants, ledger, names, schools, terms
from config.demo.claimants import EmployerRow, ProviderRow
from config.demo.places import AREAS, BY_OUTCODE, LOCAL_AUTHORITY, place
from config.demo.schools import SchoolRow
from config.demo.sign_ins import PASSWORD
from employers.models import Employer, SizeBand
from providers.models import Provider
from schools.domain import cohorts
from schools.models import School

OPENED = timedelta(days=300)
"""How long before the day of loading the platform's history begins."""


@dataclass
class Population:
    """Everyone, in an order that depends on the seed alone. By organisation id: `members`,
    `closures`, `sectors` and how many people an employer has (`wanted`)."""

    chance: random.Random
    now: datetime
    password: str = field(default_factory=lambda: make_password(PASSWORD))
    organisations: list[Organisation] = field(default_factory=list)
    members: dict[int, list[Membership]] = field(default_factory=dict)
    closures: dict[int, list[terms.Days]] = field(default_factory=dict)
    sectors: dict[int, tuple[str, ...]] = field(default_factory=dict)
    wanted: dict[int, int] = field(default_factory=dict)
    by_name: dict[str, Organisation] = field(default_factory=dict)
    by_email: dict[str, Membership] = field(default_factory=dict)
    _told: list[tuple[Fact, Actor, datetime]] = field(default_factory=list)
    _people: list[User] = field(default_factory=list)
    _memberships: list[Membership] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = names.people(self.chance)
        self._minutes = count()
        self.staff = self.person("staff@doorway.example", "Jo Lindqvist", is_staff=True)

    @property
    def began(self) -> datetime:
        return self.now - OPENED

    def of(self, kind: Kind) -> list[Organisation]:
        return [organisation for organisation in self.organisations if organisation.kind == kind]

    def next_name(self) -> str:
        return next(self._names)

    def person(self, email: str, name: str, **fields: Any) -> User:
        user = User(email=email, name=name, password=self.password, created_at=self.began, **fields)
        self._people.append(user)
        return user

    def add(self, organisation: Organisation, *, by: Actor | None = None) -> Organisation:
        """A row, and how it came to be: staff made it and have checked it, unless it isn't verified."""
        at = self.began + timedelta(minutes=next(self._minutes))
        organisation.created_at = at
        organisation.save(force_insert=True)
        self.organisations.append(organisation)
        self.by_name[organisation.name] = organisation
        known: dict[str, Any] = {"subject_id": organisation.public_id, "organisation_id": organisation.pk}
        self.tell(facts.OrganisationCreated(**known, kind=organisation.kind), by=by or self.staff, at=at)
        if organisation.is_verified:
            self.tell(facts.OrganisationVerified(**known, how="staff"), by=self.staff, at=at)
        return organisation

    def join(
        self, organisation: Organisation, role: Role, user: User, *, asked_days_ago: int | None = None
    ) -> Membership:
        """Let in at the beginning, or still waiting for a keeper's answer."""
        waits = asked_days_ago is not None
        at = self.now - timedelta(days=asked_days_ago, hours=3) if asked_days_ago is not None else self.began
        membership = Membership(
            user=user,
            organisation=organisation,
            role=role,
            state=MembershipState.ASKED if waits else MembershipState.ACTIVE,
            asked_at=at,
            began_at=None if waits else at + timedelta(hours=2),
        )
        self._memberships.append(membership)
        known: dict[str, Any] = {
            "subject_id": membership.public_id,
            "organisation_id": organisation.pk,
            "user": user.public_id,
            "role": str(role),
        }
        if waits:
            self.tell(facts.MembershipAsked(**known), by=user, at=at)
            return membership
        self.tell(facts.MembershipBegan(**known, how="approval"), by=self.staff, at=at + timedelta(hours=2))
        self.members.setdefault(organisation.pk, []).append(membership)
        self.by_email.setdefault(user.email, membership)
        return membership

    def invent(self, organisation: Organisation, role: Role, **how: Any) -> Membership:
        name = self.next_name()
        user = self.person(_address(name, organisation), name)
        return self.join(organisation, role, user, **how)

    def tell(self, fact: Fact, *, by: Actor, at: datetime) -> None:
        self._told.append((fact, by, at))

    def write(self) -> None:
        """The people and where they belong, all at once: until then they have no id."""
        User.objects.bulk_create(self._people)
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=each, email=each.email, verified=True, primary=True) for each in self._people]
        )
        Membership.objects.bulk_create(self._memberships)

    def events(self) -> list[Event]:
        return [ledger.event(fact, by=by, at=at) for fact, by, at in self._told]


def settle(everyone: Population) -> None:
    """Put the places on the map and everybody in them."""
    Outcode.objects.bulk_create(
        [Outcode(outcode=a.outcode, easting=a.easting, northing=a.northing) for a in AREAS],
        ignore_conflicts=True,
    )
    hub = everyone.add(_organisation(everyone, Kind.HUB, schools.HUB, "WX1"))
    trusts = {
        name: everyone.add(_organisation(everyone, Kind.TRUST, name, outcode))
        for name, outcode in zip(schools.TRUSTS, ("WX3", "VA4"), strict=True)
    }
    _publish_term_dates(everyone)
    for number, school in enumerate(schools.SCHOOLS):
        _add_school(everyone, school, number, hub=hub, trust=trusts.get(school.trust))
    for number, provider in enumerate(claimants.PROVIDERS):
        _add_provider(everyone, provider, number, hub=hub)
    for employer in claimants.employers(everyone.chance):
        _add_employer(everyone, employer, hub=hub)
    platform = Organisation(kind=Kind.PLATFORM, name=NAME, verified_at=everyone.began)
    everyone.join(everyone.add(platform), Role.PLATFORM_STAFF, everyone.staff)


def _organisation(everyone: Population, kind: Kind, name: str, outcode: str, **fields: Any) -> Organisation:
    fields.setdefault("verified_at", everyone.began)
    return Organisation(kind=kind, name=name, **place(BY_OUTCODE[outcode], everyone.chance), **fields)


def _add_school(
    everyone: Population, row: SchoolRow, number: int, *, hub: Organisation, trust: Organisation | None
) -> None:
    chance = everyone.chance
    urn = str(schools.FIRST_URN + number)
    school = everyone.add(
        _organisation(
            everyone,
            Kind.SCHOOL,
            row.name,
            row.outcode,
            urn=urn,
            hub=hub,
            trust=trust,
            telephone=schools.TELEPHONE.format(number),
        )
    )
    profile = School.objects.create(
        organisation=school,
        type_code=row.type_code,
        low_age=row.low_age,
        high_age=row.high_age,
        has_sixth_form=row.has_sixth_form,
        pupil_premium_share=row.pupil_premium,
    )
    hosting = Hosting.objects.create(school=school, **_hosting(profile, row, chance))
    rolls = {int(year): roll for year, roll in hosting.rolls.items()}
    began = date(terms.academic_year(everyone.now.date()), 9, 1)
    cohorts.begin(school=profile, rolls=rolls, on=began)
    _close(everyone, school)


def _hosting(profile: School, row: SchoolRow, chance: random.Random) -> dict[str, Any]:
    is_small = row.per_year < 40
    rooms = schools.SMALL_ROOMS if is_small else schools.ROOMS
    sixth = 0.55 if row.low_age < 13 else 0.9
    return {
        "day_starts_at": chance.choice((time(8, 35), time(8, 45), time(8, 50))),
        "day_ends_at": chance.choice((time(15, 5), time(15, 15), time(15, 20))),
        "rolls": {
            str(year): max(4, round(row.per_year * (sixth if year > 11 else 1) * chance.uniform(0.92, 1.06)))
            for year in profile.year_groups
        },
        "rooms": list(rooms if is_small else chance.sample(rooms, 4)),
        "entrance": chance.choice(schools.ENTRANCES).format(road=chance.choice(schools.ROADS)),
        "visitor_notes": chance.choice(schools.VISITOR_NOTES),
    }


def _publish_term_dates(everyone: Population) -> None:
    """The authority's, of three years."""
    year = terms.academic_year(everyone.now.date())
    dates = TermDates.objects.create(local_authority=LOCAL_AUTHORITY, brought_in_at=everyone.began)
    DefaultClosure.objects.bulk_create(
        [
            DefaultClosure(term_dates=dates, kind=d.kind, label=d.label, first_on=d.first, last_on=d.last)
            for each in (year - 1, year, year + 1)
            for d in terms.holidays(each)
        ]
    )


def _close(everyone: Population, school: Organisation) -> None:
    """A school's INSET days and exams of three years, as if typed in. Half the schools typed in their holidays too;
    the others use the authority's, which are the same."""
    today = everyone.now.date()
    year = terms.academic_year(today)
    types_all = school.name == schools.FERNLOW or int(school.urn or 0) % 2 == 0
    own = random.Random(f"{school.urn}/{year}")  # noqa: S311 (nothing to guess)
    days = [
        day
        for each in (year - 1, year, year + 1)
        for day in (*terms.holidays(each), *terms.own_days(each, own))
        if abs((day.first - today).days) < 330 and not _spoils_the_demo(school, day, today)
    ]
    everyone.closures[school.pk] = days
    Closure.objects.bulk_create(
        [
            Closure(school=school, kind=d.kind, label=d.label, first_on=d.first, last_on=d.last)
            for d in days
            if types_all or d.kind != ClosureKind.HOLIDAY
        ]
    )


def _spoils_the_demo(school: Organisation, days: terms.Days, today: date) -> bool:
    """The sign-ins' school keeps the days that people try it with free of its own making."""
    soon, late = today + timedelta(days=14), today + timedelta(days=31)
    is_own = days.kind == ClosureKind.INSET or "mock" in days.label
    return school.name == schools.FERNLOW and is_own and days.first <= late and days.last >= soon


def _add_provider(everyone: Population, row: ProviderRow, number: int, *, hub: Organisation) -> None:
    provider = everyone.add(
        _organisation(
            everyone,
            Kind.PROVIDER,
            row.name,
            row.outcode,
            provider_kind=row.kind,
            ukprn=str(claimants.FIRST_UKPRN + number),
            hub=hub,
            verified_at=everyone.began if row.is_verified else None,
            email_domain=_domain(row.name) if row.is_verified else "",
        )
    )
    Provider.objects.create(organisation=provider, offers=list(row.offers), sectors=_codes(row.sectors))
    everyone.sectors[provider.pk] = tuple(_codes(row.sectors))


def _add_employer(everyone: Population, row: EmployerRow, *, hub: Organisation) -> None:
    chance = everyone.chance
    number = len(everyone.organisations)
    is_alone = row.size == SizeBand.SELF_EMPLOYED
    outcode = "VA3" if row.name == claimants.BRIGHTHOLM else chance.choice(AREAS).outcode
    employer = everyone.add(
        _organisation(
            everyone,
            Kind.EMPLOYER,
            row.name,
            outcode,
            hub=hub,
            is_sole_trader=is_alone,
            companies_house_number=None if is_alone or chance.random() < 0.4 else f"099{number:05d}",
            verified_at=everyone.began if row.is_verified else None,
            email_domain=_domain(row.name) if row.size == SizeBand.LARGE else "",
        )
    )
    Employer.objects.create(organisation=employer, size_band=row.size, sectors=[str(row.sector)])
    everyone.sectors[employer.pk] = (str(row.sector),)
    everyone.wanted[employer.pk] = row.people


def _codes(sectors: Sequence[str]) -> list[str]:
    return [str(sector) for sector in sectors]


def _domain(name: str) -> str:
    return f"{slugify(name)}.example"


def _address(name: str, organisation: Organisation) -> str:
    return f"{slugify(name.replace(' ', '-')).replace('-', '.')}@{_domain(organisation.name)}"
