"""Who is told what, by role and organisation. Governors, advisers, trusts and hubs read when they choose to:
nothing here sends them the day's traffic, but a hub hears of a school that is very late to answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot
from typing import Any

from django.db.models import F, Q, QuerySet

from brokerage.accounts.models import Category, Kind, Membership, Organisation, Role, User
from brokerage.accounts.models.organisation import TECHNICAL
from brokerage.matching import places
from brokerage.matching.places import METRES_IN_A_MILE
from brokerage.models import AccessRequest, Claim, EncounterNeed, Slot
from brokerage.rules import CLAIMANTS, COORDINATORS, SCHOOL_WRITERS
from brokerage.states import PLACE_HOLDERS, ClaimState
from brokerage.vocabulary import DeliveryMode

NEAR_METRES = round(30 * METRES_IN_A_MILE)
TOLD_AT_MOST = 1000
"""How many people one new need reaches: the nearest ones."""

FIRST_TO_ANSWER = frozenset({Role.CAREERS_LEADER, Role.CAREERS_ADMINISTRATOR})


@dataclass(frozen=True)
class Recipient:
    """A person, and the organisation as whose member they are told (None: as themselves)."""

    user: User
    organisation_id: int | None = None

    @classmethod
    def of(cls, membership: Membership) -> "Recipient":
        return cls(membership.user, membership.organisation_id)


@dataclass(frozen=True)
class Nearby:
    """Someone a new need may suit."""

    recipient: Recipient
    miles: float | None
    """None when they or the school have no place on the map, or come by video alone."""


def school_writers(need: EncounterNeed) -> list[Recipient]:
    """Those who post and answer for the school."""
    return _members(Membership.objects.filter(organisation_id=need.school_id, role__in=SCHOOL_WRITERS))


def answerers(school: Organisation, roles: frozenset[Role] = FIRST_TO_ANSWER) -> list[Recipient]:
    """Those in these roles, who answer requests for the school; where it has none of them, whoever can answer."""
    ours = Membership.objects.filter(organisation=school)
    return _members(ours.filter(role__in=roles)) or _members(ours.filter(role__in=SCHOOL_WRITERS))


def in_roles(organisation: Organisation, roles: frozenset[Role]) -> list[Recipient]:
    """Those alone, even where it has none."""
    return _members(Membership.objects.filter(organisation=organisation, role__in=roles))


def askers(request: AccessRequest) -> list[Recipient]:
    """Who asked and who is to come, as far as they are still members; else those who coordinate there."""
    ids = [request.asked_by_id, *([request.visitor_id] if request.visitor_id else [])]
    return _members(Membership.objects.filter(pk__in=ids)) or coordinators(request.asker)


def hub_leads(school: Organisation) -> list[Recipient]:
    return (
        _members(Membership.objects.filter(organisation=school.hub, role=Role.HUB_LEAD)) if school.hub else []
    )


def claims_people(claim: Claim) -> list[Recipient]:
    """Who claimed and who comes, as far as they are still members; else those who coordinate there."""
    ids = [claim.submitted_by_id, *([claim.attendee_id] if claim.attendee_id else [])]
    people = _members(Membership.objects.filter(pk__in=ids))
    return people or coordinators(claim.claimant)


def coordinators(organisation: Organisation) -> list[Recipient]:
    return _members(Membership.objects.filter(organisation=organisation, role__in=COORDINATORS))


def keepers(organisation: Organisation) -> list[Recipient]:
    """Those who may approve members; platform staff where there is none."""
    return [Recipient.of(member) for member in _with_user(Membership.objects.keepers()).filter(
        organisation=organisation
    )] or staff()  # fmt: skip


def verifiers(organisation: Organisation) -> list[Recipient]:
    """Platform staff and the lead of the hub in whose area it is."""
    leads = Membership.objects.filter(organisation=organisation.hub, role=Role.HUB_LEAD)
    return [*staff(), *(_members(leads) if organisation.hub else [])]


def members(organisation: Organisation) -> list[Recipient]:
    return _members(Membership.objects.filter(organisation=organisation))


def people_at(organisation_id: int) -> list[int]:
    """Everyone there, by the primary keys of their users."""
    here = Membership.objects.active().filter(organisation_id=organisation_id)
    return list(here.values_list("user_id", flat=True).distinct())


def people_of_claimants(about: Mapping[str, Any]) -> list[int]:
    """The same of the organisation that claimed or asked, or of all that hold the slot. `about`: an event's data."""
    here = Membership.objects.active()
    if other := about.get("claimant") or about.get("asker"):
        here = here.filter(organisation__public_id=other)
    else:
        holding = Claim.objects.filter(slot__public_id=about["slot"], state__in=PLACE_HOLDERS)
        here = here.filter(organisation__in=holding.values("claimant"))
    return list(here.values_list("user_id", flat=True).distinct())


def staff() -> list[Recipient]:
    return [Recipient(user) for user in User.objects.filter(is_staff=True, is_active=True).order_by("id")]


def other_offerers(slot: Slot) -> list[tuple[Claim, list[Recipient]]]:
    """Whose offers still wait on a slot."""
    waiting = Claim.objects.filter(slot=slot, state=ClaimState.SUBMITTED).select_related("claimant")
    return [(claim, claims_people(claim)) for claim in waiting.order_by("id")]


def nearby(need: EncounterNeed) -> list[Nearby]:
    """Claimants of a kind the need is open to, within 30 miles of the school or anywhere when it is online;
    the nearest first. One query, whatever the number."""
    school = need.school
    found = Membership.objects.active().filter(_open_to(need.open_to), role__in=CLAIMANTS)
    found = found.select_related("user", "organisation").only(
        "user__email", "user__name", "organisation__easting", "organisation__northing"
    )
    if school.easting is None or school.northing is None:
        here = found if need.delivery_mode != DeliveryMode.IN_PERSON else found.none()
        return [Nearby(Recipient.of(member), None) for member in here.order_by("id")[:TOLD_AT_MOST]]
    if need.delivery_mode == DeliveryMode.IN_PERSON:
        found = found.filter(
            organisation__easting__range=(school.easting - NEAR_METRES, school.easting + NEAR_METRES),
            organisation__northing__range=(school.northing - NEAR_METRES, school.northing + NEAR_METRES),
        )
    away = places.squared_metres((school.easting, school.northing), of="organisation__")
    found = found.annotate(away=away).order_by(F("away").asc(nulls_last=True), "id")
    reached = [
        Nearby(Recipient.of(member), _miles(school, member.organisation)) for member in found[:TOLD_AT_MOST]
    ]
    if need.delivery_mode != DeliveryMode.IN_PERSON:
        return reached
    return [one for one in reached if one.miles is not None and one.miles * METRES_IN_A_MILE <= NEAR_METRES]


def _open_to(categories: Iterable[str]) -> Q:
    rules = {
        Category.EMPLOYER: Q(organisation__kind=Kind.EMPLOYER),
        Category.TECHNICAL_PROVIDER: Q(
            organisation__kind=Kind.PROVIDER, organisation__provider_kind__in=TECHNICAL
        ),
        Category.UNIVERSITY: Q(organisation__kind=Kind.PROVIDER)
        & ~Q(organisation__provider_kind__in=TECHNICAL),
    }
    wanted = Q(pk__in=[])
    for category in categories:
        wanted |= rules[Category(category)]
    return wanted


def _miles(school: Organisation, other: Organisation) -> float | None:
    if None in (school.easting, school.northing, other.easting, other.northing):
        return None
    east, north = other.easting - school.easting, other.northing - school.northing  # type: ignore[operator]
    return hypot(east, north) / METRES_IN_A_MILE


def _members(found: QuerySet[Membership]) -> list[Recipient]:
    return [Recipient.of(member) for member in _with_user(found.active())]  # type: ignore[attr-defined]


def _with_user(found: QuerySet[Membership]) -> QuerySet[Membership]:
    return found.select_related("user").only("organisation_id", "user__email", "user__name").order_by("id")
