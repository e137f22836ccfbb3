import uuid
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.utils import timezone

from brokerage.accounts.models.organisation import Kind, Organisation
from brokerage.accounts.models.user import User


class Role(models.TextChoices):
    CAREERS_LEADER = "careers_leader", "Careers leader"
    CAREERS_ADMINISTRATOR = "careers_administrator", "Careers administrator"
    SENIOR_LEADER = "senior_leader", "Senior leader"
    LINK_GOVERNOR = "link_governor", "Link governor"
    CAREERS_ADVISER = "careers_adviser", "Careers adviser"
    COORDINATOR = "coordinator", "Volunteer coordinator"
    VOLUNTEER = "volunteer", "Volunteer"
    LIAISON_LEAD = "liaison_lead", "Schools liaison lead"
    LIAISON_OFFICER = "liaison_officer", "Schools liaison officer"
    HUB_LEAD = "hub_lead", "Hub lead"
    TRUST_LEAD = "trust_lead", "Trust careers lead"
    PLATFORM_STAFF = "platform_staff", "Platform staff"


ROLES_OF: dict[Kind, tuple[Role, ...]] = {
    Kind.SCHOOL: (
        Role.CAREERS_LEADER,
        Role.CAREERS_ADMINISTRATOR,
        Role.SENIOR_LEADER,
        Role.LINK_GOVERNOR,
        Role.CAREERS_ADVISER,
    ),
    Kind.EMPLOYER: (Role.COORDINATOR, Role.VOLUNTEER),
    Kind.PROVIDER: (Role.LIAISON_LEAD, Role.LIAISON_OFFICER),
    Kind.HUB: (Role.HUB_LEAD,),
    Kind.TRUST: (Role.TRUST_LEAD,),
    Kind.PLATFORM: (Role.PLATFORM_STAFF,),
}

# Who may approve members and edit the profile; each organisation keeps at least one of them.
KEEPERS = frozenset(
    {
        Role.CAREERS_LEADER,
        Role.SENIOR_LEADER,
        Role.COORDINATOR,
        Role.LIAISON_LEAD,
        Role.HUB_LEAD,
        Role.TRUST_LEAD,
        Role.PLATFORM_STAFF,
    }
)


class MembershipState(models.TextChoices):
    ASKED = "asked", "Waiting for approval"
    ACTIVE = "active", "Active"
    DECLINED = "declined", "Not approved"
    ENDED = "ended", "Ended"


MEMBERSHIP_MOVES: dict[str, frozenset[str]] = {
    MembershipState.ASKED: frozenset(
        {MembershipState.ACTIVE, MembershipState.DECLINED, MembershipState.ENDED}
    ),
    MembershipState.ACTIVE: frozenset({MembershipState.ENDED}),
    MembershipState.DECLINED: frozenset(),
    MembershipState.ENDED: frozenset(),
}


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(state=MembershipState.ACTIVE, user__is_active=True)

    def live(self) -> Self:
        return self.filter(state__in=[MembershipState.ASKED, MembershipState.ACTIVE])

    def keepers(self) -> Self:
        return self.active().filter(role__in=KEEPERS)


# FOR SHARE: who is staff stays so until this is done; otherwise `platform_members_stay_staff` could look for members at
# the same time and neither would see the other.
_REFUSE_A_STRANGER = """
    IF EXISTS (SELECT FROM accounts_organisation WHERE id = NEW.organisation_id AND kind = 'platform') THEN
        IF NOT (SELECT is_staff FROM accounts_user WHERE id = NEW.user_id FOR SHARE) THEN
            RAISE EXCEPTION 'an active member of the platform''s own organisation is staff'
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
"""


class Membership(models.Model):
    """A person in a role at an organisation. Every act on the platform is done by one of these, or by staff.

    What staff may do hangs on `User.is_staff` alone. A membership of the platform's own organisation gives and
    takes that (see `memberships`); PostgreSQL refuses one of somebody who isn't staff, here and on `User`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=24, choices=Role.choices)
    state = models.CharField(max_length=10, choices=MembershipState.choices, default=MembershipState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Membership"]] = models.Manager.from_queryset(MembershipQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                name="one_live_membership",
                condition=models.Q(state__in=["asked", "active"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state"], name="members_of_organisation"),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="membership_moves",
                field="state",
                transitions=[(old, new) for old, to in MEMBERSHIP_MOVES.items() for new in sorted(to)],
            ),
            pgtrigger.Trigger(
                name="platform_members_are_staff",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "user_id", "organisation_id"),  # type: ignore[no-untyped-call]
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__state="active"),
                func=_REFUSE_A_STRANGER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.organisation}"

    @property
    def is_active(self) -> bool:
        return self.state == MembershipState.ACTIVE

    @property
    def is_keeper(self) -> bool:
        return self.is_active and self.role in KEEPERS

    @property
    def actor_id(self) -> int:
        return self.user_id

    @property
    def actor_key(self) -> str:
        return f"membership:{self.public_id}"
