"""News into feeds. Positions are given under each person's row lock, people locked in the order of their ids, so
that no smaller position can appear after a greater one and two writers never wait for each other in a circle."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from brokerage.eventlog.deliver import PartlyPaidError
from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.notifications import letters, looks
from brokerage.notifications.letters import Draft
from brokerage.notifications.models import Letter
from brokerage.notifications.recipients import Recipient

logger = logging.getLogger("doorway.notifications")

TEXT_AT_MOST = 500


@dataclass(frozen=True, kw_only=True)
class News:
    """One thing that some people are told, and in which letter if by e-mail too."""

    type: str
    text: str | Callable[[Recipient], str]
    to: Sequence[Recipient]
    link: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
    rings: bool = True
    letter: Callable[[Recipient], Draft] | None = None


Pair = tuple[News, Recipient]

_MAKE_FEEDS = """
    INSERT INTO notifications_feed (person_id, last_position)
    SELECT id, 0 FROM accounts_user WHERE id = ANY(%s::bigint[]) ORDER BY id
    ON CONFLICT DO NOTHING
"""
_LOCK_FEEDS = (
    "SELECT FROM notifications_feed WHERE person_id = ANY(%s::bigint[]) ORDER BY person_id FOR UPDATE"
)

# A person who is no longer there has no feed and is left out.
# Its snapshot is taken after the locks, so `last_position` is what the writer before us left.
_TELL = """
WITH news AS (
    SELECT * FROM unnest(%(people)s::bigint[], %(organisations)s::bigint[], %(types)s::text[], %(data)s::text[],
        %(texts)s::text[], %(links)s::text[], %(rings)s::boolean[])
        WITH ORDINALITY AS news(person, organisation, type, data, text, link, rings, place)
    WHERE NOT EXISTS (
        SELECT FROM notifications_entry told
        WHERE told.person_id = news.person AND told.event_id = %(event)s AND told.type = news.type)
), told AS (
    INSERT INTO notifications_entry
        (person_id, position, event_id, organisation_id, type, at, data, text, link, rings)
    SELECT person, last_position + row_number() OVER (PARTITION BY person ORDER BY place), %(event)s,
        organisation, type, %(at)s, data::jsonb, text, link, rings
    FROM news JOIN notifications_feed ON person_id = person
    RETURNING person_id, position, type
), moved AS (
    UPDATE notifications_feed feed SET last_position = last.position
    FROM (SELECT person_id, max(position) AS position FROM told GROUP BY person_id) last
    WHERE feed.person_id = last.person_id
)
SELECT person_id, type FROM told
"""


def write(event: Event, news: Sequence[News], *, with_letters: bool = True) -> None:
    """Tell everyone, in the caller's transaction. Someone who can't be told doesn't keep the news from others:
    PartlyPaidError says at the end that someone is still owed it."""
    pairs = _once_each(news)
    if not pairs:
        return
    try:
        with transaction.atomic():
            _write(event, pairs, with_letters=with_letters)
    except Exception as problem:
        if connection.connection is None or connection.connection.closed:
            raise
        logger.warning("event %d: told one by one after %s", event.pk, problem)
        _write_one_by_one(event, pairs, with_letters=with_letters)


def _write_one_by_one(event: Event, pairs: Sequence[Pair], *, with_letters: bool) -> None:
    problems = []
    for pair in sorted(pairs, key=lambda pair: pair[1].user.pk):
        try:
            with transaction.atomic():
                _write(event, [pair], with_letters=with_letters)
        except Exception as problem:  # theirs alone
            problems.append(problem)
    if problems:
        raise PartlyPaidError(f"{len(problems)} of {len(pairs)} not told: {problems[0]}")


def _write(event: Event, pairs: Sequence[Pair], *, with_letters: bool) -> None:
    people = sorted({recipient.user.pk for _, recipient in pairs})
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_FEEDS, [people])
        cursor.execute(_LOCK_FEEDS, [people])
        cursor.execute(_TELL, _columns(event, pairs))
        told = set(cursor.fetchall())
    fresh = [(news, recipient) for news, recipient in pairs if (recipient.user.pk, news.type) in told]
    if with_letters and (written := _letters(event, fresh)):
        letters.keep(written)
    if told:
        transaction.on_commit(lambda: looks.tell({person for person, _ in told}))


def _columns(event: Event, pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        "event": event.pk,
        "at": event.at,
        "people": [recipient.user.pk for _, recipient in pairs],
        "organisations": [recipient.organisation_id for _, recipient in pairs],
        "types": [news.type for news, _ in pairs],
        "data": [json.dumps(dict(news.data)) for news, _ in pairs],
        "texts": [_text(news, recipient) for news, recipient in pairs],
        "links": [news.link for news, _ in pairs],
        "rings": [news.rings for news, _ in pairs],
    }


def _letters(event: Event, pairs: Sequence[Pair]) -> list[Letter]:
    return [
        letters.write(news.letter(recipient), to=recipient.user, event=event, kind=news.type)
        for news, recipient in pairs
        if news.letter is not None
    ]


def _once_each(news: Sequence[News]) -> list[Pair]:
    """A person with two memberships that both should hear is told once, as the first."""
    pairs: dict[tuple[int, str], Pair] = {}
    for one in news:
        for recipient in one.to:
            pairs.setdefault((recipient.user.pk, one.type), (one, recipient))
    return list(pairs.values())


def _text(news: News, recipient: Recipient) -> str:
    text = news.text if isinstance(news.text, str) else news.text(recipient)
    return text if len(text) <= TEXT_AT_MOST else f"{text[: TEXT_AT_MOST - 1]}…"
