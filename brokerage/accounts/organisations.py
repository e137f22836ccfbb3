"""The verbs of organisations: create, found, edit, verify."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet

from brokerage.accounts import telephones
from brokerage.accounts.authority import (
    By,
    authorise_keeping,
    authorise_staff,
    authorise_verifying,
    is_staff,
)
from brokerage.accounts.domains import PUBLIC_WEBMAIL
from brokerage.accounts.events import (
    MembershipBegan,
    OrganisationChanged,
    OrganisationCreated,
    OrganisationVerified,
)
from brokerage.accounts.models import (
    FormerUrn,
    Kind,
    Membership,
    MembershipState,
    Organisation,
    ProviderKind,
    Role,
    User,
)
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.record import PLATFORM, Actor, record

FOUNDER = {Kind.EMPLOYER: Role.COORDINATOR, Kind.PROVIDER: Role.LIAISON_LEAD}
FOUNDED_AT_MOST = 5
HUB_REACH_METRES = 30_000
CHECKED_BY_NAME = frozenset({Kind.EMPLOYER, Kind.PROVIDER})
_DOMAIN = re.compile(r"^(?=.{4,100}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an organisation is. Easting and northing in metres of the British National Grid."""

    postcode: str = ""
    outcode: str = ""
    town: str = ""
    local_authority: str = ""
    region: str = ""
    easting: int | None = None
    northing: int | None = None


@dataclass(frozen=True, kw_only=True)
class Register:
    """What official registers call it."""

    urn: str | None = None
    ukprn: str | None = None
    companies_house_number: str | None = None


NOWHERE = Place()
UNREGISTERED = Register()


def create(
    *,
    kind: Kind,
    name: str,
    by: By,
    at: datetime,
    place: Place = NOWHERE,
    register: Register = UNREGISTERED,
    provider_kind: str = "",
    hub: Organisation | None = None,
    trust: Organisation | None = None,
    email_domain: str = "",
) -> Organisation:
    """Staff add any kind of organisation but the platform's own; what staff add, staff have checked."""
    if kind == Kind.PLATFORM:
        raise InvalidInput.on("kind", "Doorway is here already.")
    with transaction.atomic(durable=True):
        authorise_staff(by)
        organisation = Organisation(
            kind=kind,
            name=name,
            provider_kind=provider_kind,
            hub=hub or hub_near(place),
            trust=trust,
            email_domain=as_domain(email_domain),
            verified_at=at,
            created_at=at,
            **vars(place),
            **vars(register),
        )
        _save_new(organisation, by=by, at=at)
        _record_verified(organisation, how="staff", by=by, at=at)
    return organisation


def unfit(organisation: Organisation) -> dict[str, str]:
    """Everything that is wrong with a new one, by field; its name is put on one line first."""
    return _unfit_row(organisation) | _unfit_domain(organisation.email_domain)


def found(
    *,
    kind: Kind,
    name: str,
    by: User,
    at: datetime,
    place: Place = NOWHERE,
    provider_kind: str = "",
    is_sole_trader: bool = False,
) -> Membership:
    """A person brings an employer or provider we don't know yet: unverified, and theirs to run. The same again,
    while nobody has checked it, is the same one."""
    if kind not in FOUNDER:
        raise NotAllowed("not_allowed", "Doorway's staff add schools, hubs and trusts. Ask us to add yours.")
    with transaction.atomic(durable=True):
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        unchecked = _founded_by(by)
        if same := unchecked.filter(organisation__kind=kind, organisation__name=name.strip()).first():
            return same
        _refuse_a_sixth(unchecked)
        organisation = Organisation(
            kind=kind,
            name=name,
            provider_kind=provider_kind if kind == Kind.PROVIDER else "",
            is_sole_trader=is_sole_trader and kind == Kind.EMPLOYER,
            hub=hub_near(place),
            created_at=at,
            **vars(place),
        )
        _save_new(organisation, by=by, at=at)
        founder = Membership.objects.create(
            user=by,
            organisation=organisation,
            role=FOUNDER[kind],
            state=MembershipState.ACTIVE,
            asked_at=at,
            began_at=at,
        )
        record(
            MembershipBegan(
                subject_id=founder.public_id,
                organisation_id=organisation.pk,
                user=by.public_id,
                role=founder.role,
                how="founded",
            ),
            by=by,
            at=at,
        )
    return founder


def edit(
    organisation: Organisation, *, name: str, by: By, at: datetime, place: Place | None = None
) -> Organisation:
    """A keeper corrects the name or place. A checked employer or provider that renames itself is checked again:
    what was verified was who it said it was."""
    with transaction.atomic(durable=True):
        ours = _locked(organisation)
        authorise_keeping(by, ours)
        wanted: dict[str, Any] = {"name": name.strip()} | (vars(place) if place else {})
        renamed = ours.name.casefold() != name.strip().casefold()
        if renamed and ours.kind == Kind.SCHOOL and not is_staff(by):
            raise NotAllowed("not_allowed", "A school's name comes from the register. Ask us to change it.")
        if renamed and ours.kind in CHECKED_BY_NAME and not is_staff(by):
            wanted["verified_at"] = None
        return _change(ours, wanted, by=by, at=at)


def verify(organisation: Organisation, *, by: By, at: datetime) -> Organisation:
    """From now on its claims needn't wait where first come applies. Twice is once."""
    with transaction.atomic(durable=True):
        ours = _locked(organisation)
        authorise_verifying(by, ours)
        if ours.verified_at is None:
            Organisation.objects.filter(pk=ours.pk).update(verified_at=at)
            ours.verified_at = at
            _record_verified(ours, how="staff" if is_staff(by) else "hub_lead", by=by, at=at)
    return ours


def verify_by_first_delivery(organisation: Organisation, *, at: datetime) -> bool:
    """Called in the transaction that records a delivered encounter. True when this was what verified it."""
    if not Organisation.objects.filter(pk=organisation.pk, verified_at=None).update(verified_at=at):
        return False
    organisation.verified_at = at
    _record_verified(organisation, how="first_delivered_encounter", by=PLATFORM, at=at)
    return True


def set_email_domain(organisation: Organisation, *, email_domain: str, by: By, at: datetime) -> Organisation:
    """Staff, once they have checked whose domain it is: confirmed addresses there join without asking."""
    with transaction.atomic(durable=True):
        authorise_staff(by)
        ours = _locked(organisation)
        domain = as_domain(email_domain)
        _refuse(_unfit_domain(domain))
        return _change(ours, {"email_domain": domain}, by=by, at=at)


def keep_telephone(school: Organisation, *, telephone: str, by: Actor, at: datetime) -> Organisation:
    """In the transaction of the verb that changes how a school receives visitors, which authorises. From then on
    no register changes it, nor brings back one that the school took out."""
    try:
        read = telephones.read(telephone)
    except ValueError as error:
        raise InvalidInput.on("telephone", str(error)) from None
    ours = _locked(school)
    if ours.telephone != read and not ours.telephone_is_own:
        ours.telephone_is_own = True
        ours.save(update_fields=["telephone_is_own"])
    return _change(ours, {"telephone": read}, by=by, at=at)


def recognise(
    organisation: Organisation, *, ukprn: str, apar_type: str, by: By, at: datetime
) -> Organisation:
    """Staff say that this provider is the one the apprenticeship register lists under this number."""
    with transaction.atomic(durable=True):
        authorise_staff(by)
        ours = _locked(organisation)
        if ours.kind != Kind.PROVIDER:
            raise InvalidInput.on("ukprn", f"{ours} isn't a provider.")
        return _change(ours, {"ukprn": ukprn, "apar_type": apar_type}, by=by, at=at)


def school_from_register(*, urn: str, name: str, place: Place, at: datetime) -> tuple[Organisation, str]:
    """Inside the importer's transaction: the school with this URN, as the register has it now, and whether it
    was `added`, `changed` or the `same`. Raises `invalid` when the values can't be right."""
    locked = Organisation.objects.select_for_update(of=("self",), no_key=True)
    known = locked.filter(
        Q(urn=urn) | Q(pk__in=FormerUrn.objects.filter(urn=urn).values("organisation"))
    ).first()
    if known is None:
        school = Organisation(
            kind=Kind.SCHOOL,
            name=name,
            urn=urn,
            hub=hub_near(place),
            verified_at=at,
            created_at=at,
            **vars(place),
        )
        _save_new(school, by=PLATFORM, at=at)
        return school, "added"
    if known.kind != Kind.SCHOOL:
        raise InvalidInput.on("urn", f"{urn} belongs to {known}, which isn't a school here.")
    before = {field: getattr(known, field) for field in ("name", *vars(place))}
    wanted = {"name": name} | {
        field: value for field, value in vars(place).items() if value not in ("", None)
    }
    _change(known, wanted, by=PLATFORM, at=at)
    is_same = before == {field: getattr(known, field) for field in before}
    return known, "same" if is_same else "changed"


def hub_near(place: Place) -> Organisation | None:
    """The careers hub of the nearest school that has one, within 30 km: whose area a newcomer is in.

    Squared metres inside that box stay below 2^31, so PostgreSQL's integers hold them."""
    if place.easting is None or place.northing is None:
        return None
    east, north = F("easting") - place.easting, F("northing") - place.northing
    nearest = (
        Organisation.objects.filter(
            kind=Kind.SCHOOL,
            hub__isnull=False,
            easting__range=(place.easting - HUB_REACH_METRES, place.easting + HUB_REACH_METRES),
            northing__range=(place.northing - HUB_REACH_METRES, place.northing + HUB_REACH_METRES),
        )
        .annotate(away=east * east + north * north)
        .order_by("away", "pk")
        .select_related("hub")
        .first()
    )
    return nearest.hub if nearest else None


def _locked(organisation: Organisation) -> Organisation:
    """NO KEY: claims that name this organisation needn't wait for its profile."""
    return Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)


def _save_new(organisation: Organisation, *, by: Actor, at: datetime) -> None:
    _refuse(unfit(organisation))
    organisation.save(force_insert=True)
    record(
        OrganisationCreated(
            subject_id=organisation.public_id, organisation_id=organisation.pk, kind=organisation.kind
        ),
        by=by,
        at=at,
    )


def _change(ours: Organisation, wanted: dict[str, Any], *, by: Actor, at: datetime) -> Organisation:
    if "easting" in wanted and ours.hub_id is None and ours.kind != Kind.PLATFORM:
        wanted["hub"] = hub_near(Place(easting=wanted["easting"], northing=wanted["northing"]))
    changed = sorted(name for name, value in wanted.items() if getattr(ours, name) != value)
    if not changed:
        return ours
    for name in changed:
        setattr(ours, name, wanted[name])
    _refuse(_unfit_row(ours))
    ours.save(update_fields=changed)
    record(
        OrganisationChanged(subject_id=ours.public_id, organisation_id=ours.pk, changed=changed), by=by, at=at
    )
    return ours


def _refuse(fields: dict[str, str]) -> None:
    if fields:
        raise InvalidInput("invalid", next(iter(fields.values())), fields=fields)


def _unfit_row(organisation: Organisation) -> dict[str, str]:
    """The model's own rules, as sentences beside their fields; register numbers taken by another included."""
    # On one line: a name stands in subjects, headers and logs.
    organisation.name = " ".join(organisation.name.split())
    fields: dict[str, str] = {}
    if organisation.kind == Kind.PROVIDER and organisation.provider_kind not in ProviderKind.values:
        fields["provider_kind"] = "Choose what kind of provider it is."
    try:
        organisation.full_clean(exclude=fields, validate_constraints=False)
    except ValidationError as error:
        fields |= {name: " ".join(messages) for name, messages in error.message_dict.items()}
    return fields


def as_domain(typed: str) -> str:
    return typed.strip().lower().removeprefix("@")


def _unfit_domain(domain: str) -> dict[str, str]:
    if domain and not _DOMAIN.match(domain):
        return {"email_domain": "Enter a domain like fernlow.sch.uk."}
    if domain in PUBLIC_WEBMAIL:
        return {"email_domain": "Anyone can have an address there. Use a domain of the organisation's own."}
    return {}


def _founded_by(by: User) -> QuerySet[Membership]:
    """Those that nobody has checked yet."""
    running = Membership.objects.active().filter(role__in=FOUNDER.values(), organisation__verified_at=None)
    return running.filter(user=by).select_related("organisation", "user")


def _refuse_a_sixth(unchecked: QuerySet[Membership]) -> None:
    """Counted under the person's lock. Six firms of one person are a mistake, or somebody's game."""
    if unchecked.count() >= FOUNDED_AT_MOST:
        raise DomainError(
            "too_many_unverified",
            "You've added several organisations that we haven't checked yet. Wait for those.",
        )


def _record_verified(organisation: Organisation, *, how: str, by: Actor, at: datetime) -> None:
    fact = OrganisationVerified(subject_id=organisation.public_id, organisation_id=organisation.pk, how=how)
    record(fact, by=by, at=at)
