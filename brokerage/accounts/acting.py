"""For whom a request acts: the acting membership of a signed-in person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.db.models import Case, F, Model, QuerySet, When
from django.http import HttpRequest

from brokerage.accounts.models import Membership, Organisation, User
from brokerage.errors import InvalidInput, NotAllowed

HEADER = "Doorway-Organisation"
_CHOSEN = "acting_membership"


class SignedInRequest(HttpRequest):
    """What a view behind `signed_in` receives (an annotation: the middleware supplies `membership`)."""

    user: User
    membership: Membership | None


class MemberRequest(SignedInRequest):
    """What a view behind `member` receives."""

    membership: Membership


def for_session(user: User | AnonymousUser, session: SessionBase) -> Membership | None:
    """The one chosen in this session, else the last used, else the first joined."""
    if not user.is_authenticated:
        return None
    chosen = session.get(_CHOSEN)
    order = [Case(When(pk=chosen, then=0), default=1)] if chosen is not None else []
    return _of(user).order_by(*order, *_USUAL).first()


def for_user(user: User, organisation: str | None = None) -> Membership | None:
    """For the API: at the organisation with this public id, else the usual one. One query, nothing written.

    Raises `organisation_not_yours` when the person is no active member there."""
    asked = asked_for(organisation)
    return theirs(_first(user, asked), asked)


def asked_for(header: str | None) -> UUID | None:
    """The organisation that the header names; `organisation_not_yours` when that is no id."""
    try:
        return UUID(header) if header is not None else None
    except ValueError:
        raise InvalidInput("organisation_not_yours", f"{HEADER} must be the id of an organisation.") from None


def theirs(found: Membership | None, asked: UUID | None) -> Membership | None:
    """What was found for what was asked; `organisation_not_yours` when that is nothing."""
    if asked is not None and found is None:
        raise NotAllowed("organisation_not_yours", "You aren't a member of that organisation.")
    return found


def choose(request: HttpRequest, membership: Membership, *, at: datetime) -> None:
    """Act for this membership from now on, here and wherever the person signs in next."""
    Membership.objects.filter(pk=membership.pk).update(last_used_at=at)
    request.session[_CHOSEN] = membership.pk


def memberships_of(user: User) -> QuerySet[Membership]:
    """Those a person can act for, in the order they joined."""
    return _of(user).order_by("began_at", "pk")


_USUAL = (F("last_used_at").desc(nulls_last=True), F("began_at").asc(nulls_last=True), F("pk").asc())


def _of(user: User) -> QuerySet[Membership]:
    return Membership.objects.active().filter(user=user).select_related("organisation", "user")


def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


# Every request of the API asks this: by hand, because building it through the ORM costs a third of a whole claim.
# `{person}` is the user's key; a token brings the two in one statement (brokerage.api.authentication).
USUALLY_FIRST: Final = f"""
SELECT {", ".join(f"member.{name}" for name in _columns(Membership))},
    {", ".join(f"organisation.{name}" for name in _columns(Organisation))}
FROM accounts_membership member JOIN accounts_organisation organisation ON organisation.id = member.organisation_id
WHERE member.user_id = {{person}} AND member.state = 'active'
  AND (%(organisation)s::uuid IS NULL OR organisation.public_id = %(organisation)s::uuid)
ORDER BY member.last_used_at DESC NULLS LAST, member.began_at NULLS LAST, member.id LIMIT 1
"""  # noqa: S608 (only our own column names are interpolated)
_OF_USER: Final = USUALLY_FIRST.format(person="%(user)s::bigint")


def _first(user: User, organisation: UUID | None) -> Membership | None:
    """As `_of(user).order_by(*_USUAL).first()`, which tests hold it to."""
    if not user.is_active:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_OF_USER, {"user": user.pk, "organisation": organisation})
        found = cursor.fetchone()
    return from_row(user, found) if found else None


def from_row(user: User, row: Sequence[Any]) -> Membership | None:
    """A row of USUALLY_FIRST; None when all of it is NULL."""
    if row[0] is None:
        return None
    split = len(_columns(Membership))
    membership: Membership = Membership.from_db("default", _names(Membership), row[:split])
    membership.organisation = Organisation.from_db("default", _names(Organisation), row[split:])
    membership.user = user
    return membership


def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
