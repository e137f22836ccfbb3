from brokerage.accounts.models.invitation import Invitation
from brokerage.accounts.models.membership import Membership, MembershipState, Role
from brokerage.accounts.models.organisation import (
    AparType,
    Category,
    FormerUrn,
    Kind,
    Organisation,
    ProviderKind,
)
from brokerage.accounts.models.user import User

__all__ = [
    "AparType",
    "Category",
    "FormerUrn",
    "Invitation",
    "Kind",
    "Membership",
    "MembershipState",
    "Organisation",
    "ProviderKind",
    "Role",
    "User",
]
