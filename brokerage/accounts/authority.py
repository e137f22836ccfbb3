"""Who may run an organisation. The predicates pages ask, and the law the verbs call under their lock."""

from brokerage.accounts.models import Kind, Membership, Organisation, User
from brokerage.errors import NotAllowed

By = Membership | User


def is_staff(by: By) -> bool:
    """Platform staff act as themselves, never through a membership."""
    return isinstance(by, User) and by.is_staff and by.is_active


def may_keep(by: By, organisation: Organisation) -> bool:
    """Approve, invite and remove members, edit the profile."""
    if isinstance(by, User):
        return is_staff(by)
    return by.is_keeper and by.organisation_id == organisation.pk


def may_verify(by: By, organisation: Organisation) -> bool:
    """Staff; a hub lead in the hub's own area."""
    if isinstance(by, User):
        return is_staff(by)
    in_area = organisation.hub_id is not None and organisation.hub_id == by.organisation_id
    return by.is_keeper and by.organisation.kind == Kind.HUB and in_area


def authorise_keeping(by: By, organisation: Organisation) -> None:
    if not may_keep(_as_it_is(by), organisation):
        raise NotAllowed("not_allowed", f"Only someone who runs {organisation} here can do that.")


def authorise_verifying(by: By, organisation: Organisation) -> None:
    if not may_verify(_as_it_is(by), organisation):
        raise NotAllowed(
            "not_allowed", "Only Doorway's staff or the area's hub lead can verify an organisation."
        )


def authorise_staff(by: By) -> None:
    if not is_staff(_as_it_is(by)):
        raise NotAllowed("not_allowed", "Only Doorway's staff can do that.")


def _as_it_is(by: By) -> By:
    """Read again under the lock: whoever was removed a moment ago no longer decides."""
    if isinstance(by, User):
        return User.objects.get(pk=by.pk)
    return Membership.objects.select_related("organisation").get(pk=by.pk)
