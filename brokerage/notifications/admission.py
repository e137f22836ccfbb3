"""Who may hold a socket: a person signed in by session or token, asked for by one of our own pages or by a
program that holds a token."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.db.models import Q
from django.http import parse_cookie
from django.http.request import validate_host
from django.utils import timezone
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS

from brokerage.accounts.models import Membership, User
from brokerage.eventlog import control
from brokerage.notifications.contract import SUBPROTOCOL, TOKEN_PROTOCOL, Close
from brokerage.notifications.line import Line, Send

BIGGEST_POSITION = 2**63 - 1


class RefusedError(Exception):
    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True)
class Request:
    """What a client brings along, nothing looked up yet."""

    session_key: str
    token: str
    after: int | None

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Request":
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        token = _token(headers.get("authorization", ""), scope["subprotocols"])
        origin = headers.get("origin")
        if origin is None and not token:
            raise RefusedError(Close.NOT_OUR_ORIGIN)
        if origin is not None and not is_ours(origin, headers.get("host", "")):
            raise RefusedError(Close.NOT_OUR_ORIGIN)
        session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
        if not token and not session_key:
            raise RefusedError(Close.NOT_SIGNED_IN)
        return cls("" if token else session_key, token, _after(scope["query_string"]))


def subprotocol(scope: Mapping[str, Any]) -> str | None:
    """A token is never echoed."""
    return SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None


# By hand: after a restart of this process a thousand clients come back at once, and building these through the
# ORM costs five times what running them does.
_PERSON = """
    SELECT {key}, person.id, person.public_id::text, coalesce(feed.last_position, 0),
        person.is_staff OR EXISTS (
            SELECT FROM accounts_membership member WHERE member.user_id = person.id AND member.state = 'active')
    FROM accounts_user person
    LEFT JOIN notifications_feed feed ON feed.person_id = person.id
    {join}
    WHERE person.is_active AND {which}
"""
_BY_TOKEN = _PERSON.format(
    key="token.digest",
    join="JOIN knox_authtoken token ON token.user_id = person.id",
    which="token.digest = ANY (%s) AND (token.expiry IS NULL OR token.expiry > now())",
)
_BY_ID = _PERSON.format(key="person.id", join="", which="person.id = ANY (%s)")

Row = tuple[int, str, int, bool]


def admit(callers: Sequence[tuple[Request, Send]]) -> list[Line | RefusedError]:
    """Look them all up, whoever holds a token with one statement and whoever has a session with another; what becomes
    of each, in their order."""
    digests = {request.token: _digest(request.token) for request, _ in callers if request.token}
    users = {
        request.session_key: _user_of(request.session_key) for request, _ in callers if not request.token
    }
    by_digest = _look_up(_BY_TOKEN, list(digests.values()))
    by_id = _look_up(_BY_ID, [user.pk for user in users.values() if user])
    return [
        _line(by_digest.get(digests[request.token]), request, send, digest=digests[request.token])
        if request.token
        else _line(by_id.get(getattr(users[request.session_key], "pk", None)), request, send)
        for request, send in callers
    ]


def _line(row: Row | None, request: Request, send: Send, *, digest: str = "") -> Line | RefusedError:
    if row is None:
        return RefusedError(Close.NOT_SIGNED_IN)
    person_id, person, last, may_listen = row
    if not may_listen:
        return RefusedError(Close.NO_MEMBERSHIP)
    position = last if request.after is None else min(request.after, last)
    if digest:
        how = {"token": request.token[: CONSTANTS.TOKEN_KEY_LENGTH], "token_digest": digest}
    else:
        how = {"session_key": request.session_key, "session": control.fingerprint(request.session_key)}
    return Line(send, person=person, person_id=person_id, position=position, **how)


def ended(lines: Sequence[Line]) -> dict[Line, Close]:
    """Which of these have no right to be open any more, and why. A constant number of statements for tokens,
    people and memberships; one for each session."""
    people = _admissible({line.person_id for line in lines})
    digests = {line.token_digest for line in lines if line.token_digest}
    unexpired = Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())
    tokens = set(AuthToken.objects.filter(unexpired, digest__in=digests).values_list("digest", flat=True))
    over: dict[Line, Close] = {}
    for line in lines:
        has_no_token = line.token_digest != "" and line.token_digest not in tokens
        if line.person_id not in people:
            over[line] = Close.NO_MEMBERSHIP
        elif has_no_token or (line.session_key and _user_of(line.session_key) is None):
            over[line] = Close.NOT_SIGNED_IN
    return over


def is_ours(origin: str, host: str) -> bool:
    """Whether a page at this Origin is served by us: the host the socket was asked at, on its port or the port
    of our pages; never another service of the same machine."""
    try:
        page, asked = urlsplit(origin), urlsplit(f"//{host}")
        page_port, asked_port = _port(page), asked.port
    except ValueError:
        return False
    if page.scheme not in ("http", "https") or not page.hostname or not asked.hostname:
        return False
    public = urlsplit(settings.PUBLIC_URL)
    if (page.scheme, page.hostname, page_port) == (public.scheme, public.hostname, _port(public)):
        return True
    if page.hostname != asked.hostname or not validate_host(asked.hostname, settings.ALLOWED_HOSTS):
        return False
    ports = {asked_port or {"http": 80, "https": 443}[page.scheme]}
    if settings.SOCKET_PORT is not None:
        ports.add(settings.PORT)
    return page_port in ports


def _port(address: SplitResult) -> int | None:
    return address.port or {"http": 80, "https": 443}.get(address.scheme)


def _token(header: str, subprotocols: Iterable[str]) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "token" and value.strip():
        return value.strip()
    offered = (name.removeprefix(TOKEN_PROTOCOL) for name in subprotocols if name.startswith(TOKEN_PROTOCOL))
    return next(offered, "")


def _after(query: bytes) -> int | None:
    values = parse_qs(query.decode("ascii", "replace"), keep_blank_values=True).get("after")
    if values is None:
        return None
    if len(values) != 1 or not (values[0].isascii() and values[0].isdigit()) or len(values[0]) > 19:
        raise RefusedError(Close.BAD_AFTER)
    if (position := int(values[0])) > BIGGEST_POSITION:
        raise RefusedError(Close.BAD_AFTER)
    return position


def _look_up(query: str, keys: list[Any]) -> dict[Any, Row]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(query, [keys])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _digest(token: str) -> str:
    """As knox keeps it; what can't be a token has the digest of nothing."""
    try:
        return str(hash_token(token))
    except (TypeError, ValueError):
        return ""


def _user_of(session_key: str) -> User | None:
    """Django's own look-up, so that a changed password ends a session here as everywhere."""
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    user = get_user(SimpleNamespace(session=store(session_key)))  # type: ignore[arg-type]
    return user if isinstance(user, User) and user.is_active else None


def _admissible(people: set[int]) -> set[int]:
    """Those who are active and staff, or members somewhere."""
    staff = User.objects.filter(pk__in=people, is_active=True, is_staff=True)
    members = Membership.objects.active().filter(user__in=people)
    return {*staff.values_list("pk", flat=True), *members.values_list("user_id", flat=True)}
