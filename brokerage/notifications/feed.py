"""A person's feed, read: what was missed, what the bell rings for. Entries of an organisation are shown only
while the person is a member there."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from brokerage.accounts.models import Membership, User
from brokerage.notifications.models import Entry, Feed

AT_MOST = 200


def visible(user: User) -> QuerySet[Entry]:
    theirs = Membership.objects.active().filter(  # type: ignore[attr-defined]
        user=user, organisation_id=OuterRef("organisation_id")
    )
    return Entry.objects.filter(person=user).filter(Q(organisation_id__isnull=True) | Exists(theirs))


def after(user: User, position: int, limit: int = AT_MOST) -> Sequence[Entry]:
    """What came after this position, oldest first. Ask again after the last one until fewer come than asked."""
    return list(visible(user).filter(position__gt=position).order_by("position")[:limit])


def bell(user: User) -> QuerySet[Entry]:
    """What the bell rang for, newest first."""
    return visible(user).filter(rings=True).order_by("-position")


def unread(user: User) -> int:
    return bell(user).filter(read_at=None).count()


def last_position(user: User) -> int:
    return Feed.objects.filter(person=user).values_list("last_position", flat=True).first() or 0


def mark_read(user: User, position: int, *, at: datetime) -> Entry | None:
    """The entry, read now if it wasn't; None when there is none such of theirs."""
    entry = bell(user).filter(position=position).first()
    if entry is not None and entry.read_at is None:
        entry.read_at = at
        entry.save(update_fields=["read_at"])
    return entry


def mark_all_read(user: User, *, up_to: int, at: datetime) -> int:
    """Up to what the page showed: what came meanwhile still rings. Returns how many were unread."""
    return bell(user).order_by().filter(read_at=None, position__lte=up_to).update(read_at=at)
