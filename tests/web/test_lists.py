"""A list takes as many statements for three rows as for one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, MembershipState, User
from brokerage.eventlog.models import Delivery, Event
from tests import factories
from tests.factories import access
from tests.web.test_duplicates import marked

pytestmark = pytest.mark.django_db
Reader = tuple[Client, Callable[[int], object]]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="brokerage.accounts.backends.PasswordBackend")
    return client


def a_staff_member() -> Client:
    return signed_in(User.objects.create_user(email="staff@doorway.test", is_staff=True))


def organisations_to_look_at() -> Reader:
    def one_more(number: int) -> None:
        firm = factories.employer(verified_at=None)
        factories.member(firm, state=MembershipState.ASKED)
        marked(days_ago=20)

    return a_staff_member(), one_more


def parked_debts() -> Reader:
    def one_more(number: int) -> None:
        access.asked()
        Delivery.objects.create(
            event=Event.objects.latest("id"), subscriber="nobody", parked_at=timezone.now()
        )

    return a_staff_member(), one_more


def schools_of_a_hub() -> Reader:
    lead = factories.member(factories.hub())
    return signed_in(lead.user), lambda number: factories.school(hub=lead.organisation)


def encounters_elsewhere() -> Reader:
    college: Membership = access.college()
    leader = factories.member(factories.school())

    def one_more(number: int) -> None:
        on = timezone.localdate() - timedelta(days=30 + number)
        access.held_elsewhere(leader, college.organisation, on=on)

    return signed_in(college.user), one_more


@pytest.mark.parametrize(
    ("address", "of", "at_most"),
    [
        ("/approvals/", organisations_to_look_at, 7),
        ("/parked/", parked_debts, 5),
        ("/organisations/", organisations_to_look_at, 5),
        ("/organisations/", schools_of_a_hub, 6),
        ("/encounters/elsewhere/", encounters_elsewhere, 6),
    ],
)
def test_a_list_takes_the_same_statements_for_one_and_for_three(
    address: str, of: Callable[[], Reader], at_most: int
) -> None:
    client, one_more = of()

    def statements() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    one_more(0)
    one = statements()
    one_more(1)
    one_more(2)
    assert statements() == one <= at_most
