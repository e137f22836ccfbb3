"""For whom a request acts."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from brokerage.accounts import acting
from brokerage.accounts.models import Membership, MembershipState
from brokerage.errors import DomainError
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> tuple[Membership, Membership]:
    first = people.member(people.employer())
    second = people.member(people.provider(), user=first.user)
    return first, second


def test_first_joined_then_last_used(two: tuple[Membership, Membership]) -> None:
    first, second = two
    assert acting.for_user(first.user) == first

    Membership.objects.filter(pk=second.pk).update(last_used_at=timezone.now())

    assert acting.for_user(first.user) == second


def test_header_chooses_in_one_query(
    two: tuple[Membership, Membership], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = two

    with django_assert_num_queries(1):
        chosen = acting.for_user(first.user, str(second.organisation.public_id))
        assert chosen is not None
        assert (chosen, chosen.organisation.name, chosen.user.email) == (
            second,
            second.organisation.name,
            first.user.email,
        )


@pytest.mark.parametrize(
    ("header", "status"), [("7f3b6a1c-0d5e-4f2a-9b8c-7d6e5f4a3b2c", 403), ("nonsense", 400)]
)
def test_header_of_another_is_refused(two: tuple[Membership, Membership], header: str, status: int) -> None:
    with pytest.raises(DomainError) as refusal:
        acting.for_user(two[0].user, header)
    assert (refusal.value.code, refusal.value.status) == ("organisation_not_yours", status)


def test_someone_elses_organisation_is_refused(two: tuple[Membership, Membership]) -> None:
    other = people.school()
    with pytest.raises(DomainError):
        acting.for_user(two[0].user, str(other.public_id))


@pytest.mark.parametrize("state", [MembershipState.ASKED, MembershipState.ENDED, MembershipState.DECLINED])
def test_only_active_memberships_act(state: MembershipState) -> None:
    membership = people.member(people.school(), state=state)

    assert acting.for_user(membership.user) is None


def test_switching_is_remembered_by_session_and_for_the_next_one(
    client: Client, two: tuple[Membership, Membership]
) -> None:
    first, second = two
    client.force_login(first.user)

    client.post("/switch/", {"membership": str(second.public_id)})

    assert client.get("/switch/").wsgi_request.membership == second  # type: ignore[attr-defined]
    other = Client()
    other.force_login(first.user)
    assert other.get("/switch/").wsgi_request.membership == second  # type: ignore[attr-defined]


def test_session_choice_beats_last_used(client: Client, two: tuple[Membership, Membership]) -> None:
    first, second = two
    client.force_login(first.user)
    client.post("/switch/", {"membership": str(first.public_id)})

    later = timezone.now() + timedelta(minutes=1)
    Membership.objects.filter(pk=second.pk).update(last_used_at=later)

    assert client.get("/switch/").wsgi_request.membership == first  # type: ignore[attr-defined]


def test_ended_choice_falls_back(client: Client, two: tuple[Membership, Membership]) -> None:
    first, second = two
    client.force_login(first.user)
    client.post("/switch/", {"membership": str(second.public_id)})

    Membership.objects.filter(pk=second.pk).update(state=MembershipState.ENDED)

    assert client.get("/switch/").wsgi_request.membership == first  # type: ignore[attr-defined]


def test_switching_to_anothers_membership_is_404(client: Client, two: tuple[Membership, Membership]) -> None:
    client.force_login(two[0].user)
    other = people.member(people.school())

    assert client.post("/switch/", {"membership": str(other.public_id)}).status_code == 404
    assert client.post("/switch/", {"membership": "x"}).status_code == 404


def test_requests_that_never_ask_cost_no_query(
    rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from brokerage.accounts.middleware import ActingMembershipMiddleware

    with django_assert_num_queries(0):
        ActingMembershipMiddleware(lambda request: request)(rf.get("/healthz"))  # type: ignore[arg-type,return-value]
