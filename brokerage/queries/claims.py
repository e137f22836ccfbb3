"""Claims as both sides list them; each page one statement."""

from collections.abc import Sequence
from uuid import UUID

from brokerage.accounts.models import Membership
from brokerage.models import Claim
from brokerage.queries import arrival, cursors
from brokerage.queries.cursors import SIZE, Page


def one(public_id: UUID, *, by: Membership) -> Claim:
    """Raises Claim.DoesNotExist for what `by` may not see."""
    return arrival.with_details(Claim.objects.visible_to(by)).get(public_id=public_id)


def listed(
    *,
    by: Membership,
    states: Sequence[str] = (),
    need: UUID | None = None,
    cursor: str | None = None,
    size: int = SIZE,
) -> Page[Claim]:
    """Newest first."""
    claims = arrival.with_details(Claim.objects.visible_to(by))
    if states:
        claims = claims.filter(state__in=states)
    if need is not None:
        claims = claims.filter(slot__need__public_id=need)
    if cursor:
        (last,) = cursors.read(cursor, cursors.key)
        claims = claims.filter(id__lt=last)
    found = list(claims.order_by("-id")[: size + 1])
    following = cursors.write([found[size - 1].pk]) if len(found) > size else None
    return Page(found[:size], following, size)
