"""One socket for each signed-in person: what they missed, then what happens, until it may no longer be theirs."""

import json
import os
import signal
import time
from collections.abc import Iterator
from socket import SO_RCVBUF, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 (here a `socket` is a client's)

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from jsonschema import FormatChecker, validate
from knox.models import AuthToken
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from brokerage.accounts import memberships
from brokerage.accounts.models import Membership
from brokerage.domain import claims
from brokerage.eventlog import control, deliver, hints
from brokerage.eventlog.models import Delivery
from brokerage.notifications import contract
from brokerage.notifications.models import Entry
from tests import factories
from tests.factories.market import time_slot
from tests.scenarios import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(scope="module")
def sockets(django_db_setup, django_db_blocker) -> Iterator[processes.Running]:
    with processes.all_stopped() as started:
        started.append(processes.sockets(environment()))
        yield started[0]


def environment() -> dict[str, str]:
    """The processes under test use the tests' own database."""
    root, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    return {
        "DATABASE_URL": f"{root}/{name}",
        "DJANGO_SETTINGS_MODULE": "config.settings.testing",
        "PORT": "18000",
        "SOCKET_PORT": "18001",
    }


@pytest.fixture
def volunteer() -> Membership:
    return factories.member(factories.employer(), "volunteer")


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy"))


def token_of(member: Membership) -> str:
    return AuthToken.objects.create(user=member.user)[1]


def session_of(member: Membership) -> str:
    client = Client()
    client.force_login(member.user, backend="brokerage.accounts.backends.PasswordBackend")
    return client.session.session_key


PATIENCE = 30
"""Seconds in which what must come has come, on a machine that is busy with the whole suite."""


def open_as(sockets, member: Membership, *, after: int | None = None, **how) -> ClientConnection:
    query = "" if after is None else f"?after={after}"
    how.setdefault("additional_headers", {"Authorization": f"Token {token_of(member)}"})
    return connect(f"ws://127.0.0.1:{sockets.port}/ws/events/{query}", compression=None, **how)


def payload(message: str) -> dict:
    """As published in docs/asyncapi.yml."""
    return contract.asyncapi()["components"]["messages"][message]["payload"]


def hear(socket: ClientConnection, seconds: float = PATIENCE) -> dict:
    """The next entry; hints are passed over."""
    while "id" not in (frame := json.loads(socket.recv(timeout=seconds))):
        pass
    return frame


def hear_hint(socket: ClientConnection, type_: str) -> dict:
    while (frame := json.loads(socket.recv(timeout=PATIENCE)))["type"] != type_:
        pass
    return frame


def is_silent(socket: ClientConnection, seconds: float = 0.5) -> bool:
    try:
        hear(socket, seconds)
    except TimeoutError:
        return True
    return False


def close_code(socket: ClientConnection, seconds: float = PATIENCE) -> int | None:
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            socket.recv(timeout=max(0.01, end - time.monotonic()))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    except TimeoutError:
        return None
    return None


def pay() -> None:
    deliver.pay_due(seconds=60)
    assert not Delivery.objects.filter(paid_at=None).exists()


def offers(leader: Membership, number: int) -> list[int]:
    """So many people take a place; each makes one entry in the leader's feed. Returns its positions."""
    need = factories.posted(leader, slots=[time_slot(places=number)])
    for _ in range(number):
        factories.accepted_claim(on=need)
    pay()
    mine = Entry.objects.filter(person=leader.user, type="claim.submitted").order_by("position")
    return list(mine.values_list("position", flat=True))[-number:]


def test_an_entry_arrives_as_soon_as_its_debt_is_paid(sockets, leader, volunteer):
    with open_as(sockets, leader) as socket:
        claim = factories.accepted_claim(volunteer, on=factories.posted(leader))
        pay()

        frame = hear(socket)

    entry = Entry.objects.get(person=leader.user)
    assert set(frame) == {"id", "type", "at", "data", "text"}
    assert (frame["id"], frame["type"], frame["text"]) == (entry.position, "claim.submitted", entry.text)
    assert frame["data"]["claim"] == str(claim.public_id)
    validate(frame, payload("entry"), format_checker=FormatChecker())
    told = Client().get("/api/v1/events/", headers={"Authorization": f"Token {token_of(leader)}"}).json()
    assert told["results"] == [frame]


def test_what_was_missed_comes_first_then_what_happens_and_nothing_twice(sockets, leader):
    missed = offers(leader, 5)

    with open_as(sockets, leader, after=missed[1]) as socket:
        caught_up = [hear(socket)["id"] for _ in range(3)]
        live = offers(leader, 3)
        heard = [hear(socket)["id"] for _ in range(3)]

        assert (caught_up, heard) == (missed[2:], live)
        assert is_silent(socket)


def test_more_than_one_readful_was_missed(sockets, leader):
    positions = offers(leader, 3)
    first = Entry.objects.get(person=leader.user, position=positions[0])
    more = range(positions[-1] + 1, positions[-1] + 451)
    Entry.objects.bulk_create(
        Entry(
            person=leader.user,
            position=position,
            event=first.event,
            type=f"test.{position}",
            at=first.at,
            text="x",
        )
        for position in more
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_feed SET last_position = %s", [more[-1]])

    with open_as(sockets, leader, after=0) as socket:
        assert [hear(socket)["id"] for _ in range(453)] == [*positions, *more]
        assert is_silent(socket)


def test_without_after_only_what_is_new_comes(sockets, leader):
    offers(leader, 2)

    with open_as(sockets, leader) as socket:
        assert is_silent(socket)
        new = offers(leader, 1)
        assert hear(socket)["id"] == new[0]


def test_a_position_from_the_future_is_taken_for_the_last(sockets, leader):
    offers(leader, 1)

    with open_as(sockets, leader, after=2**62) as socket:
        assert is_silent(socket)
        new = offers(leader, 1)
        assert hear(socket)["id"] == new[0]


@pytest.mark.parametrize(
    "after", ["", "x", "-1", "1.5", "99999999999999999999", "9223372036854775808", "1&after=2"]
)
def test_an_after_that_is_no_position_is_refused(sockets, leader, after):
    headers = {"Authorization": f"Token {token_of(leader)}"}
    url = f"ws://127.0.0.1:{sockets.port}/ws/events/?after={after}"
    with connect(url, additional_headers=headers) as socket:
        assert close_code(socket) == 4400


def test_everyone_hears_a_hint_and_it_has_no_id(sockets, leader, volunteer):
    with open_as(sockets, leader) as one, open_as(sockets, volunteer) as another:
        for socket in (one, another):
            assert is_silent(socket, 0.3)
        need = factories.posted(leader)

        for socket in (one, another):
            assert hear_hint(socket, "needs.changed") == {
                "type": "needs.changed",
                "ids": [str(need.public_id)],
            }


def test_everyone_at_the_school_hears_that_one_of_them_answered_and_nobody_else(sockets, leader):
    colleague = factories.member(leader.organisation)
    stranger = factories.member(factories.school())
    claim = factories.submitted_claim(on=factories.posted(leader, allocation="school_chooses"))
    pay()
    with open_as(sockets, colleague) as ours, open_as(sockets, stranger) as theirs:
        for socket in (ours, theirs):
            assert is_silent(socket, 0.3)
        claims.decline(claim=claim, reason="other", note="", by=leader, at=timezone.now())
        pay()

        frame = hear_hint(ours, "work.changed")
        validate(frame, payload("workChanged"))
        hints.broker().publish(hints.CHANNEL, json.dumps({"type": "last"}))
        assert json.loads(theirs.recv(timeout=PATIENCE)) == {"type": "last"}


def test_everyone_at_the_claimant_hears_that_it_was_accepted_and_nobody_else(sockets, leader, volunteer):
    colleague = factories.member(volunteer.organisation)
    stranger = factories.member(factories.employer())
    need = factories.posted(leader, allocation="school_chooses")
    claim = factories.submitted_claim(volunteer, on=need)
    pay()
    with open_as(sockets, colleague) as ours, open_as(sockets, stranger) as theirs:
        for socket in (ours, theirs):
            assert is_silent(socket, 0.3)
        claims.accept(claim=claim, by=leader, at=timezone.now())
        pay()

        hear_hint(ours, "work.changed")
        hints.broker().publish(hints.CHANNEL, json.dumps({"type": "last"}))
        told = set()
        while "last" not in told:
            told.add(json.loads(theirs.recv(timeout=PATIENCE))["type"])
        assert "work.changed" not in told


def test_nobody_hears_anothers_news(sockets, leader, volunteer):
    stranger = factories.member(factories.school())
    with open_as(sockets, stranger, after=0) as socket:
        offers(leader, 1)
        assert is_silent(socket)


def test_two_pages_of_one_person_both_hear_and_one_that_catches_up_repeats_nothing_to_the_other(
    sockets, leader
):
    with open_as(sockets, leader) as one:
        first = offers(leader, 2)
        assert [hear(one)["id"] for _ in first] == first

        with open_as(sockets, leader, after=0) as another:
            assert [hear(another)["id"] for _ in first] == first
            assert is_silent(one)
            new = offers(leader, 2)
            assert [hear(one)["id"] for _ in new] == [hear(another)["id"] for _ in new] == new


# Who may come in


@pytest.mark.parametrize("port", [18000, 0])
def test_a_browsers_session_is_let_in_from_our_own_pages(sockets, leader, port):
    origin = f"http://127.0.0.1:{port or sockets.port}"
    headers = {"Cookie": f"sessionid={session_of(leader)}"}
    with open_as(sockets, leader, origin=origin, additional_headers=headers) as socket:
        new = offers(leader, 1)
        assert hear(socket)["id"] == new[0]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:9999",
        "http://127.0.0.1.evil.example:18000",
        "http://localhost:18000",
        "null",
        "file://127.0.0.1:18000",
        "http://127.0.0.1:99999999",
        None,
    ],
)
def test_a_session_is_refused_from_any_other_page(sockets, leader, origin):
    headers = {"Cookie": f"sessionid={session_of(leader)}"}
    with open_as(sockets, leader, origin=origin, additional_headers=headers) as socket:
        assert close_code(socket) == 4403


def test_a_token_needs_no_origin_but_a_foreign_one_is_refused_even_with_it(sockets, leader):
    with open_as(sockets, leader, origin="http://evil.example") as socket:
        assert close_code(socket) == 4403


def test_a_token_may_come_as_a_subprotocol_and_is_never_echoed(sockets, leader):
    protocols = ["doorway", f"doorway.token.{token_of(leader)}"]
    with open_as(sockets, leader, subprotocols=protocols, additional_headers={}) as socket:
        assert socket.subprotocol == "doorway"
        new = offers(leader, 1)
        assert hear(socket)["id"] == new[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Token 0123456789abcdef"},
        {"Authorization": "Token é"},
        {"Cookie": "sessionid=unknown", "Origin": "http://127.0.0.1:18000"},
        {"Origin": "http://127.0.0.1:18000"},
    ],
)
def test_an_unknown_visitor_is_told_to_sign_in(sockets, headers):
    with connect(f"ws://127.0.0.1:{sockets.port}/ws/events/", additional_headers=headers) as socket:
        assert close_code(socket) == 4401


def test_a_token_in_the_address_is_no_token(sockets, leader):
    url = f"ws://127.0.0.1:{sockets.port}/ws/events/?token={token_of(leader)}"
    with connect(url, origin="http://127.0.0.1:18000") as socket:
        assert close_code(socket) == 4401


def test_somebody_who_still_waits_to_be_let_in_has_no_socket(sockets):
    waiting = factories.member(factories.employer(), "volunteer", state="asked")
    with open_as(sockets, waiting) as socket:
        assert close_code(socket) == 4410


def test_platform_staff_need_no_membership(sockets):
    somebody = factories.member(factories.employer(), state="ended")
    somebody.user.is_staff = True
    somebody.user.save()
    with open_as(sockets, somebody) as socket:
        assert is_silent(socket)


def test_there_is_no_socket_anywhere_else(sockets):
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{sockets.port}/ws/other/")


# When it ends


def test_it_closes_when_the_session_ends(sockets, leader):
    key = session_of(leader)
    headers = {"Cookie": f"sessionid={key}"}
    other = open_as(sockets, leader)
    with (
        open_as(sockets, leader, origin="http://127.0.0.1:18000", additional_headers=headers) as socket,
        other,
    ):
        assert is_silent(socket)

        control.session_ended(key)

        assert close_code(socket) == 4401
        assert is_silent(other)


def test_it_closes_when_the_token_is_deleted(sockets, leader):
    made, token = AuthToken.objects.create(user=leader.user)
    with open_as(sockets, leader, additional_headers={"Authorization": f"Token {token}"}) as socket:
        assert is_silent(socket)

        control.token_ended(made.token_key)

        assert close_code(socket) == 4401


def test_it_closes_when_the_membership_ends(sockets, leader):
    colleague = factories.member(leader.organisation, "careers_administrator")
    with open_as(sockets, colleague) as socket:
        assert is_silent(socket)

        memberships.remove(colleague, by=leader, at=timezone.now())

        assert close_code(socket) == 4410
    with open_as(sockets, colleague) as again:
        assert close_code(again) == 4410


def test_news_of_an_organisation_ends_with_the_membership(sockets, leader):
    """Somebody who stays a member elsewhere keeps their feed, without what was that school's."""
    colleague = factories.member(leader.organisation, "careers_administrator")
    factories.member(factories.employer(), user=colleague.user)
    offers(leader, 2)
    assert Entry.objects.filter(person=colleague.user).count() == 2

    memberships.remove(colleague, by=leader, at=timezone.now())
    pay()

    with open_as(sockets, colleague, after=0) as socket:
        assert hear(socket)["type"] == "membership.ended"
        assert is_silent(socket)


def test_what_nobody_announced_is_found_at_the_next_check(leader):
    """A word lost on its way to the socket process: it checks for itself."""
    with processes.all_stopped() as started:
        started.append(processes.sockets({**environment(), "SOCKET_RECHECK_SECONDS": "1"}))
        token = token_of(leader)
        with open_as(started[0], leader, additional_headers={"Authorization": f"Token {token}"}) as socket:
            assert is_silent(socket)
            AuthToken.objects.all().delete()
            assert close_code(socket) == 4401


def test_a_stopping_server_says_that_it_restarts(leader):
    with processes.all_stopped() as started:
        started.append(processes.sockets(environment()))
        with open_as(started[0], leader) as socket:
            assert is_silent(socket, 0.3)
            assert started[0].stop() in (0, -signal.SIGTERM)
            assert close_code(socket) == 1012


def test_a_client_that_stops_reading_holds_up_nobody_and_catches_up_when_it_reads_again(
    sockets, leader, volunteer
):
    """Sixty hints of 300 kB are more than every buffer on the way, now that the slow one's own doesn't grow (Linux
    lets it come to 32 MB); the slow one misses some, is told so, and gets its own news once and in order."""
    big = json.dumps({"type": "tests.big", "filler": "x" * 300_000})
    plug = Socket()
    plug.setsockopt(SOL_SOCKET, SO_RCVBUF, 256 * 1024)
    plug.connect(("127.0.0.1", sockets.port))
    with open_as(sockets, leader, sock=plug) as slow, open_as(sockets, volunteer) as quick:
        assert is_silent(quick, 0.3)
        for _ in range(60):
            hints.broker().publish(hints.CHANNEL, big)
            assert hear_hint(quick, "tests.big")["filler"]
        missed = offers(leader, 2)

        frames = []
        while [frame["id"] for frame in frames if "id" in frame] != missed:
            frames.append(json.loads(slow.recv(timeout=PATIENCE)))

        types = [frame["type"] for frame in frames]
        assert 0 < types.count("tests.big") < 60
        assert "resync" in types
        assert is_silent(slow)


def test_what_a_client_says_is_not_listened_to(sockets, leader):
    with open_as(sockets, leader) as socket:
        for words in ('{"type": "subscribe"}', b"\x00\xff", "x" * 4000):
            socket.send(words)
        new = offers(leader, 1)
        assert hear(socket)["id"] == new[0]
