"""A person's feed, read: what was missed, what the bell rings for. Entries of an organisation are shown only
while the person is a member there."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from brokerage.accounts.models import Membership, User
from brokerage.notifications.models import Entry, Feed

AT_MOST = 200


def visible(user: User) -> QuerySet[Entry]:
    theirs = Membership.objects.active().filter(user=user, organisation_id=OuterRef("organisation_id"))
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


# Every page asks for it, and to build this from querysets took a sixth of the page's time.
_STANDING = """
    SELECT feed.last_position, (
        SELECT count(*) FROM notifications_entry entry
        WHERE entry.person_id = feed.person_id AND entry.rings AND entry.read_at IS NULL
          AND (entry.organisation_id IS NULL OR EXISTS (
            SELECT FROM accounts_membership member JOIN accounts_user person ON person.id = member.user_id
            WHERE member.user_id = feed.person_id AND member.state = 'active' AND person.is_active
              AND member.organisation_id = entry.organisation_id)))
    FROM notifications_feed feed WHERE feed.person_id = %s
"""


def standing(user: User) -> tuple[int, int]:
    """Where the feed stands and what the bell counts up to there: one statement, one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [user.pk])
        return cursor.fetchone() or (0, 0)


def mark_read(user: User, position: int, *, at: datetime) -> Entry | None:
    """The entry, read now if it wasn't; None when there is none such of theirs."""
    entry = bell(user).filter(position=position).first()
    if entry is not None and entry.read_at is None:
        entry.read_at = at
        entry.save(update_fields=["read_at"])
    return entry


def unread_at(user: User, links: Collection[str]) -> QuerySet[Entry]:
    """What rang for these pages and wasn't looked at yet, newest first."""
    return bell(user).filter(read_at=None, link__in=links)


def mark_opened(user: User, link: str, *, at: datetime) -> list[Entry]:
    """The page was opened: what rang for it is read now. Returns what was new."""
    new = list(unread_at(user, [link]))
    if new:
        Entry.objects.filter(pk__in=[entry.pk for entry in new]).update(read_at=at)
    return new


def mark_all_read(user: User, *, up_to: int, at: datetime) -> int:
    """Up to what the page showed: what came meanwhile still rings. Returns how many were unread."""
    return bell(user).order_by().filter(read_at=None, position__lte=up_to).update(read_at=at)


# The LIMIT stands inside, after the visibility, so that fewer than AT_MOST rows means there are no more.
_AFTER_MANY = """
    SELECT entry.person_id, entry.position, entry.type, entry.at, entry.data, entry.text
    FROM unnest(%s::bigint[], %s::bigint[]) AS reader(person, after)
    CROSS JOIN LATERAL (
        SELECT * FROM notifications_entry
        WHERE person_id = reader.person AND position > reader.after
          AND (organisation_id IS NULL OR EXISTS (
            SELECT FROM accounts_membership member
            WHERE member.user_id = reader.person AND member.state = 'active'
              AND member.organisation_id = notifications_entry.organisation_id))
        ORDER BY position LIMIT %s
    ) entry
    ORDER BY entry.person_id, entry.position
"""


def after_many(wanted: Mapping[int, int]) -> dict[int, list[Entry]]:
    """What came after each person's position, at most AT_MOST each: one statement, whatever the number."""
    with connection.cursor() as cursor:
        cursor.execute(_AFTER_MANY, [list(wanted), list(wanted.values()), AT_MOST])
        rows = cursor.fetchall()
    found: dict[int, list[Entry]] = {}
    for person_id, position, type_, at, data, text in rows:
        data = json.loads(data) if isinstance(data, str) else data
        entry = Entry(person_id=person_id, position=position, type=type_, at=at, data=data, text=text)
        found.setdefault(person_id, []).append(entry)
    return found
