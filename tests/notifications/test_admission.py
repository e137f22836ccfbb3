"""Many who come to the socket at once are looked up together, and each gets what is theirs."""

from typing import Any

import pytest
from django.test import Client
from knox.models import AuthToken

from brokerage.accounts.models import Membership, MembershipState
from brokerage.notifications.admission import RefusedError, Request, admit
from brokerage.notifications.contract import Close
from brokerage.notifications.line import Line
from tests.factories import people

pytestmark = pytest.mark.django_db


async def send(message: dict[str, Any]) -> None:
    """Nothing is sent here."""


def by_token(member: Membership, after: int | None = None) -> Request:
    return Request("", AuthToken.objects.create(user=member.user)[1], after)


def by_session(member: Membership) -> Request:
    client = Client()
    client.force_login(member.user)
    return Request(str(client.session.session_key), "", None)


def outcome(became: Line | RefusedError) -> str:
    return became.person if isinstance(became, Line) else became.code.name


def test_each_of_many_gets_what_is_theirs(django_assert_num_queries: Any) -> None:
    leader, volunteer = people.member(people.school()), people.member(people.employer())
    gone = people.member(people.employer(), state=MembershipState.ENDED)
    callers = [
        Request("\0 no key at all", "", None),
        by_token(volunteer, after=7),
        Request("", "no token of ours", None),
        by_session(leader),
        by_token(gone),
        Request("no session of ours", "", None),
        by_token(leader),
        by_token(volunteer),
    ]

    found = admit([(caller, send) for caller in callers])

    us, them = str(leader.user.public_id), str(volunteer.user.public_id)
    refused = Close.NOT_SIGNED_IN.name
    assert [outcome(each) for each in found] == [
        refused, them, refused, us, Close.NO_MEMBERSHIP.name, refused, us, them,
    ]  # fmt: skip
    session, token = found[3], found[6]
    assert isinstance(session, Line)
    assert isinstance(token, Line)
    assert (session.token, session.session_key) == ("", callers[3].session_key)
    assert (token.token, token.session_key) == (callers[6].token[:15], "")
    tokens = [caller for caller in callers if caller.token]
    with django_assert_num_queries(1):
        admit([(caller, send) for caller in tokens])
