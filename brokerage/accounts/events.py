"""The facts of people and organisations. Ids, codes and counts only."""

from dataclasses import dataclass
from uuid import UUID

from brokerage.eventlog.facts import Fact, fact


@fact("accounts.organisation.created")
@dataclass(frozen=True, kw_only=True)
class OrganisationCreated(Fact):
    kind: str


@fact("accounts.organisation.changed")
@dataclass(frozen=True, kw_only=True)
class OrganisationChanged(Fact):
    changed: list[str]


@fact("accounts.organisation.verified")
@dataclass(frozen=True, kw_only=True)
class OrganisationVerified(Fact):
    """`how` is `staff`, `hub_lead` or `first_delivered_encounter`."""

    how: str


@dataclass(frozen=True, kw_only=True)
class MembershipFact(Fact):
    """`subject_id` is the membership's public_id; `user` the person's."""

    user: UUID
    role: str


@fact("accounts.membership.asked")
@dataclass(frozen=True, kw_only=True)
class MembershipAsked(MembershipFact):
    pass


@fact("accounts.membership.began")
@dataclass(frozen=True, kw_only=True)
class MembershipBegan(MembershipFact):
    """`how` is `approval`, `invitation`, `email_domain`, `founded` or `employed`."""

    how: str


@fact("accounts.membership.declined")
@dataclass(frozen=True, kw_only=True)
class MembershipDeclined(MembershipFact):
    pass


@fact("accounts.membership.ended")
@dataclass(frozen=True, kw_only=True)
class MembershipEnded(MembershipFact):
    """`how` is `left` or `removed`."""

    how: str


@fact("accounts.membership.role_changed")
@dataclass(frozen=True, kw_only=True)
class RoleChanged(MembershipFact):
    was: str


@fact("accounts.invitation.sent")
@dataclass(frozen=True, kw_only=True)
class InvitationSent(Fact):
    role: str


@fact("accounts.invitation.revoked")
@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(Fact):
    pass


@dataclass(frozen=True, kw_only=True)
class PersonFact(Fact):
    """`subject_id` is the person's public_id; it is no organisation's history."""

    organisation_id: int | None = None


@fact("accounts.person.renamed")
@dataclass(frozen=True, kw_only=True)
class PersonRenamed(PersonFact):
    pass


@fact("accounts.person.deactivated")
@dataclass(frozen=True, kw_only=True)
class PersonDeactivated(PersonFact):
    pass


@fact("accounts.person.token_created")
@dataclass(frozen=True, kw_only=True)
class TokenCreated(PersonFact):
    pass


@fact("accounts.person.token_revoked")
@dataclass(frozen=True, kw_only=True)
class TokenRevoked(PersonFact):
    pass


@fact("registers.import.finished")
@dataclass(frozen=True, kw_only=True)
class RegisterImportFinished(Fact):
    """A register's file was taken over; `subject_id` is the import's. Recorded here, beneath everyone who reads it."""

    organisation_id: int | None = None
    kind: str
    counts: dict[str, int]
