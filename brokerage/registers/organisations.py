"""From register rows to the organisations people meet. Everything is compared anew at each import, so a second run
finds nothing to do and a half-known world mends itself whichever file comes first."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from brokerage.accounts import registered
from brokerage.accounts.models import FormerUrn, Kind, Organisation, ProviderKind
from brokerage.accounts.models.organisation import COMPANIES_HOUSE
from brokerage.errors import DomainError
from brokerage.matching import places
from brokerage.registers import england, membership
from brokerage.registers.membership import TRUSTS
from brokerage.registers.models import ApprenticeshipProvider, Establishment, Group, Postcode, Status

URBAN, RURAL = frozenset("ABCU"), frozenset("DEFR")
LONGEST_NAME: Final = 160


def schools(*, at: datetime) -> Counter[str]:
    """Add the schools of England that we don't have; bring those we have up to date. What the register leaves
    empty stays as it is here, but for the day of closing, which it alone decides."""
    known = {org.urn: org for org in Organisation.objects.filter(urn__isnull=False)}
    former = set(FormerUrn.objects.values_list("urn", flat=True))
    trust_of = dict(Group.objects.filter(organisation__isnull=False).values_list("uid", "organisation_id"))
    registered_trusts = set(trust_of.values())
    stand_in = membership.stand_in(timezone.localdate(at))
    ukprns = _Numbers("ukprn")
    new, changes = list[Organisation](), list[tuple[Organisation, dict[str, Any]]]()
    closed = 0
    for row in england.or_known([urn for urn in known if urn]).order_by("urn"):
        here = known.get(row.urn)
        trust_uid = row.trust_uid or stand_in.get(row.urn, 0)
        if here is None and row.urn not in former:
            wanted = _school(row, at) | {"trust_id": trust_of.get(trust_uid)}
            wanted["ukprn"] = ukprns.claim(row.ukprn)
            new.append(Organisation(kind=Kind.SCHOOL, verified_at=at, created_at=at, **wanted))
        elif here is not None and here.kind == Kind.SCHOOL:
            wanted = _school(row, at, here)
            if trust_uid in trust_of:
                wanted["trust_id"] = trust_of[trust_uid]
            elif here.trust_id in registered_trusts:  # one that staff set by hand stays
                wanted["trust_id"] = None
            if here.ukprn != row.ukprn and (number := ukprns.claim(row.ukprn)):
                wanted["ukprn"] = number
            differing = {name: value for name, value in wanted.items() if getattr(here, name) != value}
            if differing:
                changes.append((here, differing))
                closed += bool(differing.get("closed_on")) and row.status == Status.CLOSED
    registered.add(new)
    registered.change(changes, at=at)
    return Counter(schools_added=len(new), schools_changed=len(changes), schools_closed=closed)


def trusts(*, at: datetime) -> Counter[str]:
    """Open academy trusts with at least one school on the platform, found again by their numbers."""
    open_ones = Q(type_code__in=TRUSTS, status="OPEN", uid__in=_with_schools(at))
    groups = Group.objects.filter(open_ones | Q(organisation__isnull=False)).select_related("organisation")
    numbers = {name: _Numbers(name) for name in ("ukprn", "companies_house_number")}
    new, changes = list[tuple[Group, Organisation]](), list[tuple[Organisation, dict[str, Any]]]()
    linked = 0
    for group in groups.order_by("uid"):
        here = group.organisation or _trust_by_number(group)
        wanted: dict[str, Any] = {"name": group.name, "closed_on": group.closed_on}
        for name, used in numbers.items():
            value = getattr(group, name)
            fits = name == "ukprn" or COMPANIES_HOUSE.regex.match(value)  # type: ignore[union-attr]
            if value and fits and (here is None or getattr(here, name) != value):
                wanted |= {name: claimed} if (claimed := used.claim(value)) else {}
        if here is None:
            fresh = Organisation(kind=Kind.TRUST, verified_at=at, created_at=at, **wanted)
            new.append((group, fresh))
            continue
        if group.organisation_id is None:
            group.organisation, linked = here, linked + 1
            group.save(update_fields=["organisation"])
        if differing := {name: value for name, value in wanted.items() if getattr(here, name) != value}:
            changes.append((here, differing))
    registered.add([organisation for _, organisation in new])
    for group, organisation in new:
        group.organisation = organisation
    Group.objects.bulk_update([group for group, _ in new], ["organisation"], batch_size=500)
    registered.change(changes, at=at)
    return Counter(trusts_added=len(new), trusts_changed=len(changes) + linked)


def providers(*, at: datetime, create: bool) -> Counter[str]:
    """Say on which list each provider stands that gave its UKPRN; with `create`, bring in the others as well."""
    listed = {each.ukprn: each for each in ApprenticeshipProvider.objects.filter(is_listed=True)}
    ours = Organisation.objects.filter(kind__in=(Kind.PROVIDER, Kind.EMPLOYER))
    changes = []
    for here in ours.filter(Q(ukprn__in=listed) | ~Q(apar_type="")).order_by("pk"):
        apar_type = listed[here.ukprn].apar_type if here.ukprn in listed else ""
        if here.apar_type != apar_type:
            changes.append((here, {"apar_type": apar_type}))
    new = [_provider(each, at) for each in _unknown(listed)] if create else []
    registered.add(new)
    registered.change(changes, at=at)
    return Counter(providers_added=len(new), providers_changed=len(changes))


def outcodes() -> int:
    """Outward codes we didn't know, each at the mean place of its postcodes. Those we know stay where they are:
    a file of a few postcodes would pull them aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO brokerage_outcode (outcode, easting, northing) "
            "SELECT split_part(postcode, ' ', 1) AS outcode, round(avg(easting)), round(avg(northing)) "
            "FROM registers_postcode GROUP BY 1 ON CONFLICT (outcode) DO NOTHING"
        )
        return int(cursor.rowcount)


def _with_schools(at: datetime) -> set[int]:
    here = england.schools()
    own = here.filter(trust_uid__isnull=False).values_list("trust_uid", flat=True)
    stand_in = membership.stand_in(timezone.localdate(at))
    linked = here.filter(urn__in=stand_in).values_list("urn", flat=True) if stand_in else ()
    return {uid for uid in own if uid} | {stand_in[urn] for urn in linked}


class _Numbers:
    """A number is given to one organisation at most; registers themselves repeat some."""

    def __init__(self, name: str) -> None:
        held = Organisation.objects.filter(**{f"{name}__isnull": False})
        self.taken = set(held.values_list(name, flat=True))

    def claim(self, number: str) -> str | None:
        if not number or number in self.taken:
            return None
        self.taken.add(number)
        return number


def _school(row: Establishment, at: datetime, here: Organisation | None = None) -> dict[str, Any]:
    wanted = {
        "urn": row.urn,
        "name": row.name,
        "town": row.town,
        "postcode": row.postcode,
        "outcode": row.postcode.split(" ")[0],
        "local_authority": row.local_authority,
        "region": row.region,
        "is_rural": _is_rural(row.urban_rural),
        "easting": row.easting,
        "northing": row.northing,
    }
    if row.easting is None and (here is None or here.easting is None):
        wanted["easting"], wanted["northing"] = _place_of(row.postcode)
    if here is None or not here.telephone_is_own:
        wanted["telephone"] = row.telephone
    told = {name: value for name, value in wanted.items() if here is None or value not in ("", None)}
    return told | {"closed_on": _closed_on(row, at, here)}


def _closed_on(row: Establishment, at: datetime, here: Organisation | None) -> Any:
    """The day it closed or will close (R29). Closed on a day the register doesn't name: the day we learned it."""
    if row.status == Status.CLOSED:
        return row.closed_on or (here and here.closed_on) or timezone.localdate(at)
    return row.closed_on if row.status == Status.CLOSING else None


def _is_rural(code: str) -> bool | None:
    """ONS classifications of 2011 (A1 to F1, D and later rural) and 2021 (U..., R...)."""
    if code[:1] in URBAN and code:
        return False
    return True if code[:1] in RURAL and code else None


def _place_of(postcode: str) -> tuple[int | None, int | None]:
    """The full postcode's place if those are loaded, else the middle of its outward code."""
    if not postcode:
        return None, None
    exact = Postcode.objects.filter(pk=postcode).values_list("easting", "northing").first()
    try:
        return exact or places.find(postcode).point
    except DomainError:
        return None, None


def _trust_by_number(group: Group) -> Organisation | None:
    """One that staff or people added before its register row came."""
    by_number = Q()
    if group.ukprn:
        by_number |= Q(ukprn=group.ukprn)
    if group.companies_house_number:
        by_number |= Q(companies_house_number=group.companies_house_number)
    if not by_number:
        return None
    free = Organisation.objects.filter(kind=Kind.TRUST, register_group__isnull=True)
    return free.filter(by_number).order_by("pk").first()


def _unknown(listed: dict[str, ApprenticeshipProvider]) -> Iterable[ApprenticeshipProvider]:
    held = set(Organisation.objects.filter(ukprn__in=listed).values_list("ukprn", flat=True))
    return [each for ukprn, each in sorted(listed.items()) if ukprn not in held]


def _provider(row: ApprenticeshipProvider, at: datetime) -> Organisation:
    kind = ProviderKind.EMPLOYER_PROVIDER if row.apar_type == "employer" else ProviderKind.ITP
    return Organisation(
        kind=Kind.PROVIDER,
        provider_kind=kind,
        name=row.name[:LONGEST_NAME],
        ukprn=row.ukprn,
        apar_type=row.apar_type,
        verified_at=at,
        created_at=at,
    )
