"""E-mail as it is written: one form for every letter. What happened, one button, what happens if you do nothing.

A letter is a row of the transaction that wrote the news, so it is never lost; `mailing` sends it. Links open a
page and never act by themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from brokerage.accounts.models import User
from brokerage.eventlog.models import Event
from brokerage.notifications import links
from brokerage.notifications.models import Letter

SUBJECT_AT_MOST = 200


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What one letter says. `path` is where the button leads; `otherwise` is what follows from doing nothing."""

    subject: str
    paragraphs: Sequence[str]
    action: str
    path: str
    why: str
    otherwise: str = ""
    facts: Sequence[tuple[str, str]] = ()
    ics: str = ""


def write(draft: Draft, *, to: User, event: Event, kind: str) -> Letter:
    """Unsaved."""
    return _written(draft, email=to.email, event=event, kind=kind, name=to.first_name_only, person=to)


def write_to_address(draft: Draft, *, email: str, event: Event, kind: str) -> Letter:
    """To somebody who may not be a user yet. Unsaved."""
    return _written(draft, email=email, event=event, kind=kind, name="", person=None)


def keep(letters: Iterable[Letter]) -> None:
    """One letter of a kind to a person about an event, however often its debt is paid."""
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def _written(draft: Draft, *, email: str, event: Event, kind: str, name: str, person: User | None) -> Letter:
    context = {
        "draft": draft,
        "name": name,
        "address": address(draft.path),
        "settings_address": address(links.UPDATES) if person else "",
        "home": address(links.HOME),
    }
    return Letter(
        to=email,
        person=person,
        event=event,
        kind=kind,
        subject=one_line(draft.subject),
        text=render_to_string("mail/letter.txt", context),
        html=render_to_string("mail/letter.html", context),
        ics=draft.ics,
    )


def address(path: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def one_line(words: str) -> str:
    """A header's value: no line break or control character can smuggle in another header."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return clean if len(clean) <= SUBJECT_AT_MOST else f"{clean[: SUBJECT_AT_MOST - 1]}…"
