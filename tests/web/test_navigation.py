import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import path

from brokerage.accounts.models import Kind, Role
from brokerage.accounts.models.membership import ROLES_OF
from brokerage.notifications.models import Feed
from brokerage.web import navigation
from brokerage.web.context import Nav
from tests.factories import people

pytestmark = pytest.mark.django_db
SLOT = re.compile(r'<span class="dw-count" id="([^"]+)" hx-swap-oob="true"')
MAKE = {
    Kind.SCHOOL: people.school,
    Kind.EMPLOYER: people.employer,
    Kind.PROVIDER: people.provider,
    Kind.HUB: people.hub,
    Kind.TRUST: people.trust,
    Kind.PLATFORM: people.platform,
}


@pytest.mark.parametrize(
    ("kind", "role"), [(kind, role) for kind, roles in ROLES_OF.items() for role in roles]
)
def test_every_role_has_somewhere_to_go_and_at_most_four_tabs(kind: Kind, role: Role) -> None:
    pages, tabs = navigation.places_for(people.member(MAKE[kind](), role), is_staff=False)

    assert len(pages) >= 3
    assert 3 <= len(tabs) <= 4


def test_staff_have_pages_of_their_own() -> None:
    assert navigation.places_for(None, is_staff=True) == navigation.STAFF
    assert navigation.places_for(None, is_staff=False) == ((), ())


def nowhere(request: Any) -> None: ...


urlpatterns = [path("find/", nowhere, name="find"), path("needs/<int:pk>/", nowhere, name="need")]


@pytest.mark.urls("tests.web.test_navigation")
def test_pages_that_do_not_exist_are_left_out_and_the_open_one_is_marked() -> None:
    shown = navigation.items((navigation.FIND, navigation.VISITS), "need")

    assert [(item.href, item.is_current) for item in shown] == [("/find/", True)]


def test_a_page_with_a_tab_of_its_own_does_not_light_the_one_it_is_under() -> None:
    lit = [
        item.label
        for item in navigation.items((navigation.NEEDS, navigation.POST), "schools:post")
        if item.is_current
    ]

    assert lit == ["Post"]


def nav_of(user: Any, membership: Any) -> Nav:
    request = RequestFactory().get("/")
    request.user = user
    request.membership = membership  # type: ignore[attr-defined]
    return Nav(request)


def test_bell_counts_unread_entries_that_ring_and_says_where_the_feed_stands(
    django_assert_num_queries: Any,
) -> None:
    member = people.member(people.school())
    Feed.objects.create(person=member.user, last_position=7)
    nav = nav_of(member.user, member)

    with django_assert_num_queries(1):
        assert (nav.last_entry, nav.unread) == (7, 0)


def test_strangers_have_no_socket_and_no_places() -> None:
    nav = nav_of(AnonymousUser(), None)

    assert (nav.socket_url, nav.items, nav.tabs, nav.account) == ("", (), (), ())


def test_a_members_socket_is_on_the_requests_own_host(settings: Any) -> None:
    settings.SOCKET_PORT = None
    member = people.member(people.employer())

    assert nav_of(member.user, member).socket_url == "ws://testserver/ws/events/"


def test_the_acting_organisation_and_role_stand_in_the_header(client: Client) -> None:
    member = people.member(people.school(), Role.CAREERS_ADMINISTRATOR)
    client.force_login(member.user)
    page = client.get("/help/").content.decode()

    assert member.organisation.name in page
    assert "Careers administrator" in page
    assert "Sign out" in page


@pytest.mark.parametrize(
    ("kind", "role", "slots"),
    [
        (Kind.SCHOOL, Role.CAREERS_LEADER, ["waits-schools-requests"]),
        (Kind.PROVIDER, Role.LIAISON_OFFICER, ["waits-requests"]),
        (Kind.HUB, Role.HUB_LEAD, ["waits-fairness_cases"]),
        (Kind.EMPLOYER, Role.VOLUNTEER, []),
    ],
)
def test_live_counts_carry_numbers_for_their_own_pages_and_no_words(
    client: Client, kind: Kind, role: Role, slots: list[str]
) -> None:
    member = people.member(MAKE[kind](), role)
    client.force_login(member.user, backend="brokerage.accounts.backends.PasswordBackend")
    sent = client.get("/updates/counts/").content.decode()
    assert SLOT.findall(sent) == slots
    assert re.sub(r"<[^>]*>", "", sent).split() in ([], ["0"], ["0", "late"], ["0", "to", "decide"])
    menu = client.get("/profile/").content.decode()
    assert [slot for slot in slots if f'id="{slot}" hidden>' not in menu] == []
    assert f'hx-get="/updates/counts/?by={member.public_id}"' in menu


def test_a_page_of_another_membership_is_sent_no_counts(client: Client) -> None:
    member = people.member(people.school(), Role.CAREERS_LEADER)
    other = people.member(people.school(), Role.CAREERS_LEADER, user=member.user)
    client.force_login(member.user, backend="brokerage.accounts.backends.PasswordBackend")
    answers = [client.get(f"/updates/counts/?by={each.public_id}") for each in (member, other)]
    assert [(each.status_code, bool(each.content)) for each in answers] == [(200, True), (204, False)]
