"""The platform's own organisation: its members are staff, and it is party to nothing."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from brokerage.accounts import invitations, memberships, organisations, platform
from brokerage.accounts.domains import confirmed_addresses
from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.errors import DomainError, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest, Claim, Encounter, EncounterNeed
from brokerage.queries import people as queries
from tests.accounts.test_joining import person
from tests.factories import access, market, people
from tests.ledger.test_chain_guards import another_session

pytestmark = pytest.mark.django_db


def is_staff(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_staff


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_first_one_employed_opens_it_and_asks_the_next_one_in() -> None:
    first, second = person("jo@doorway.test"), person("ali@doorway.test")
    assert confirmed_addresses(second)

    call_command("make_staff", "JO@doorway.test")
    again = platform.employ(first, at=timezone.now())
    invited = invitations.send(
        again.organisation, email=second.email, role=Role.PLATFORM_STAFF, by=again, at=timezone.now()
    )
    assert not is_staff(second)
    joined = invitations.accept(invited, by=second, at=timezone.now())

    assert is_staff(first)
    assert is_staff(second)
    assert Organisation.objects.get(kind=Kind.PLATFORM).is_verified
    assert list(Event.objects.order_by("id").values_list("type", flat=True)) == [
        "accounts.organisation.created.v1", "accounts.organisation.verified.v1", "accounts.membership.began.v1",
        "accounts.invitation.sent.v1", "accounts.membership.began.v1",
    ]  # fmt: skip

    memberships.remove(joined, by=first, at=timezone.now())
    assert not is_staff(second)
    with pytest.raises(DomainError, match="needs someone to run it"):
        memberships.leave(again, by=first, at=timezone.now())


def test_member_and_staff_never_disagree() -> None:
    ours = people.member(people.platform())
    nobody = person("x@doorway.test")

    with pytest.raises(IntegrityError, match="member of the platform's own"), transaction.atomic():
        people.member(ours.organisation, user=nobody)
    with pytest.raises(IntegrityError, match="leaves the platform's own"), transaction.atomic():
        User.objects.filter(pk=ours.user_id).update(is_staff=False)
    with pytest.raises(IntegrityError, match="one_platform"), transaction.atomic():
        Organisation.objects.create(kind=Kind.PLATFORM, name="Another", verified_at=timezone.now())
    with pytest.raises(IntegrityError, match="platform_stands_alone"), transaction.atomic():
        Organisation.objects.filter(pk=ours.organisation_id).update(hub=people.hub())


def test_only_what_makes_a_member_asks_whether_they_are_staff() -> None:
    ours, school = people.member(people.platform()), people.member(people.school())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # what no trigger would have let in
        User.objects.filter(pk=ours.user_id).update(is_staff=False)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    Membership.objects.filter(pk=ours.pk).update(last_used_at=timezone.now())

    for moved in ({"organisation": ours.organisation}, {"user": school.user}):
        who = school if "organisation" in moved else ours
        with pytest.raises(IntegrityError, match="member of the platform's own"), transaction.atomic():
            Membership.objects.filter(pk=who.pk).update(**moved)
    asked = people.member(ours.organisation, user=person("x@doorway.test"), state=MembershipState.ASKED)
    with pytest.raises(IntegrityError, match="member of the platform's own"), transaction.atomic():
        Membership.objects.filter(pk=asked.pk).update(state=MembershipState.ACTIVE)


@pytest.mark.django_db(transaction=True)
def test_nobody_stops_being_staff_while_they_become_a_member() -> None:
    ours, other = people.platform(), person("x@doorway.test")
    User.objects.filter(pk=other.pk).update(is_staff=True)
    with another_session() as session, transaction.atomic():
        people.member(ours, user=other)
        session.execute("SET lock_timeout = '50ms'")
        with pytest.raises(LockNotAvailable):
            session.execute("UPDATE accounts_user SET is_staff = false WHERE id = %s", [other.pk])


def test_nobody_asks_to_join_nor_is_it_made_twice() -> None:
    staff = people.member(people.platform())
    stranger = person("x@doorway.test")
    Organisation.objects.filter(pk=staff.organisation_id).update(email_domain="doorway.test")

    with pytest.raises(NotAllowed):
        memberships.ask(staff.organisation, role=Role.PLATFORM_STAFF, by=stranger, at=timezone.now())
    with pytest.raises(DomainError, match="here already"):
        organisations.create(kind=Kind.PLATFORM, name="Two", by=staff.user, at=timezone.now())
    assert not Membership.objects.filter(user=stranger).exists()


def test_its_place_brings_it_into_no_hubs_area() -> None:
    hub = people.hub()
    people.school(hub=hub)
    staff = people.member(people.platform())

    organisations.edit(
        staff.organisation,
        name="Doorway",
        place=organisations.Place(easting=400000, northing=300000),
        by=staff,
        at=timezone.now(),
    )

    assert not queries.area_of(hub).filter(kind=Kind.PLATFORM).exists()


def test_it_is_party_to_nothing_and_in_no_list() -> None:
    staff = people.member(people.platform())
    market.over(market.accepted_claim())
    asked, leader = access.asked(), people.member(people.school())

    for model in (EncounterNeed, Claim, Encounter, AccessRequest):
        assert not model.objects.visible_to(staff).exists()
    assert staff.organisation.category is None
    assert not queries.named_like("doorway").exists()
    assert not queries.named_like("doorway", Kind.PLATFORM).exists()
    with pytest.raises(DomainError):
        access.held_elsewhere(leader, staff.organisation)
    client = client_of(staff.user)
    page = client.get("/organisations/").content.decode()
    assert asked.asker.name in page
    assert f"/organisations/{staff.organisation.public_id}/" not in page
    assert client.get(f"/organisations/{staff.organisation.public_id}/").status_code == 404
    assert 'value="platform"' not in page + client.get("/organisations/new/").content.decode()


@pytest.mark.parametrize("employed", [True, False])
def test_staff_see_for_whom_they_act(employed: bool) -> None:
    """Whoever `createsuperuser` made and nobody employed works all the same."""
    user = User.objects.create_superuser("root@doorway.test", "a-good-password", name="Jo")
    if employed:
        platform.employ(user, at=timezone.now())
    client = client_of(user)

    page = client.get("/", follow=True)
    me: dict[str, Any] = client.get("/api/v1/me/").json()

    assert page.redirect_chain[-1][0] == "/approvals/"
    assert page.context["nav"].acting_for == "Doorway"
    assert page.context["nav"].acting_as == "Platform staff"
    if employed:
        assert me["membership"]["organisation"]["kind"] == "platform"
        assert b"Jo (you)" in client.get("/people/").content
        assert b"Platform staff" in client.get("/switch/").content
    else:
        assert me["membership"] is None
        assert client.get("/people/")["Location"] == "/"


def test_a_firms_volunteer_who_is_staff_stays_staff_whomever_they_act_for() -> None:
    volunteer = people.member(people.employer(), Role.VOLUNTEER)
    platform.employ(volunteer.user, at=timezone.now())
    client = client_of(User.objects.get(pk=volunteer.user_id))

    client.post("/switch/", {"membership": volunteer.public_id})

    assert client.get("/approvals/").status_code == 200
    assert client.get("/find/").status_code == 200
