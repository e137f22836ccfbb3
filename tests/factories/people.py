from itertools import count
from typing import Any

from django.utils import timezone

from brokerage.accounts.models import (
    Kind,
    Membership,
    MembershipState,
    Organisation,
    ProviderKind,
    Role,
    User,
)
from brokerage.models import Hosting
from employers.models import Employer
from providers.models import Provider
from schools.models import School

_numbers = count(1)
FOUNDER = {
    Kind.SCHOOL: Role.CAREERS_LEADER,
    Kind.EMPLOYER: Role.COORDINATOR,
    Kind.PROVIDER: Role.LIAISON_LEAD,
    Kind.HUB: Role.HUB_LEAD,
    Kind.TRUST: Role.TRUST_LEAD,
    Kind.PLATFORM: Role.PLATFORM_STAFF,
}


def member(organisation: Organisation, role: Role | str | None = None, **fields: Any) -> Membership:
    """A person in a role (the one who runs it, unless named), able to act."""
    number = next(_numbers)
    user = fields.pop("user", None) or User.objects.create_user(
        email=f"person{number}@example.test",
        password="a-good-password",
        name=f"Person {number}",
        is_staff=organisation.kind == Kind.PLATFORM,
    )
    return Membership.objects.create(
        user=user,
        organisation=organisation,
        role=role or FOUNDER[Kind(organisation.kind)],
        state=fields.pop("state", MembershipState.ACTIVE),
        began_at=timezone.now(),
        **fields,
    )


def school(**fields: Any) -> Organisation:
    number = next(_numbers)
    organisation = _organisation(
        Kind.SCHOOL,
        f"School {number}",
        **{"urn": str(900000 + number), "easting": 400000, "northing": 300000} | fields,
    )
    School.objects.create(organisation=organisation, type_code=34, high_age=18, has_sixth_form=True)
    Hosting.objects.create(
        school=organisation,
        rolls={str(year): 180 for year in range(7, 14)},
        rooms=["Main hall"],
        entrance="Report to reception on Sutton Road.",
        visitor_notes="Bring photo ID.",
    )
    return organisation


def employer(**fields: Any) -> Organisation:
    organisation = _organisation(Kind.EMPLOYER, f"Employer {next(_numbers)}", **fields)
    Employer.objects.create(organisation=organisation)
    return organisation


def provider(**fields: Any) -> Organisation:
    organisation = _organisation(
        Kind.PROVIDER, f"College {next(_numbers)}", **{"provider_kind": ProviderKind.FE_COLLEGE} | fields
    )
    Provider.objects.create(organisation=organisation)
    return organisation


def university(**fields: Any) -> Organisation:
    return provider(**{"provider_kind": ProviderKind.HE} | fields)


def hub(**fields: Any) -> Organisation:
    return _organisation(Kind.HUB, f"Hub {next(_numbers)}", **fields)


def trust(**fields: Any) -> Organisation:
    return _organisation(Kind.TRUST, f"Trust {next(_numbers)}", **fields)


def platform() -> Organisation:
    """There is one."""
    ours = Organisation.objects.filter(kind=Kind.PLATFORM).first()
    return ours or _organisation(Kind.PLATFORM, "Doorway")


def _organisation(kind: Kind, name: str, /, **fields: Any) -> Organisation:
    return Organisation.objects.create(kind=kind, **{"name": name, "verified_at": timezone.now()} | fields)
