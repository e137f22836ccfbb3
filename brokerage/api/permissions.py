"""Who may ask at all; what they may do is the verbs' business (brokerage.rules)."""

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from brokerage.accounts import acting
from brokerage.accounts.models import Membership
from brokerage.errors import NotAllowed

if TYPE_CHECKING:
    from rest_framework.views import APIView


class IsSignedIn(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.user.is_authenticated


class IsMember(IsSignedIn):
    """Signed in and acting for an organisation; the view finds the membership as `self.by`."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        view.by = membership_of(request)  # type: ignore[attr-defined]
        if view.by is None:  # type: ignore[attr-defined]
            raise NotAllowed("no_membership", "You aren't a member of an organisation yet.")
        return True


def membership_of(request: Request) -> Membership | None:
    """The header's organisation, else the page's own choice, else the usual one."""
    user: Any = request.user
    token: Any = request.auth
    organisation = request.headers.get(acting.HEADER)
    if token is not None:
        return acting.theirs(token.acting, acting.asked_for(organisation))
    return (
        acting.for_session(user, request.session)
        if organisation is None
        else acting.for_user(user, organisation)
    )
