"""Three ways into an organisation that exists: an approval, an invitation, a confirmed address at its domain."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from brokerage.accounts import invitations, memberships, organisations
from brokerage.accounts.models import Invitation, Kind, Membership, MembershipState, Role, User
from brokerage.accounts.organisations import Place
from brokerage.errors import DomainError
from brokerage.eventlog.models import Event
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> User:
    return person("dana@fernlow.sch.uk")


def person(email: str, *, confirmed: bool = True, staff: bool = False) -> User:
    user = User.objects.create_user(email=email, name="Dana Whitmore", is_staff=staff)
    EmailAddress.objects.create(user=user, email=email, verified=confirmed, primary=True)
    return user


def facts() -> list[str]:
    return list(Event.objects.order_by("id").values_list("type", flat=True))


def test_asking_waits_for_an_answer(dana: User) -> None:
    asked = memberships.ask(people.school(), role=Role.CAREERS_ADVISER, by=dana, at=timezone.now())

    assert asked.state == MembershipState.ASKED
    assert facts() == ["accounts.membership.asked.v1"]


def test_asking_twice_is_one_request(dana: User) -> None:
    school = people.school()
    first = memberships.ask(school, role=Role.CAREERS_ADVISER, by=dana, at=timezone.now())

    assert memberships.ask(school, role=Role.LINK_GOVERNOR, by=dana, at=timezone.now()) == first
    assert len(facts()) == 1


def test_confirmed_address_at_the_domain_joins_at_once(dana: User) -> None:
    school = people.school(email_domain="fernlow.sch.uk")

    joined = memberships.ask(school, role=Role.CAREERS_ADVISER, by=dana, at=timezone.now())

    assert joined.is_active
    assert Event.objects.get().data["how"] == "email_domain"


@pytest.mark.parametrize(
    ("email", "confirmed", "domain"),
    [
        ("dana@fernlow.sch.uk", False, "fernlow.sch.uk"),
        ("dana@pupils.fernlow.sch.uk", True, "fernlow.sch.uk"),
        ("dana@evilfernlow.sch.uk", True, "fernlow.sch.uk"),
        ("dana@fernlow.sch.uk.evil.example", True, "fernlow.sch.uk"),
        ("dana@gmail.com", True, "gmail.com"),
        ("dana@fernlow.sch.uk", True, ""),
    ],
    ids=["unconfirmed", "subdomain", "suffix", "prefix", "webmail", "no domain"],
)
def test_other_addresses_ask(email: str, confirmed: bool, domain: str) -> None:
    school = people.school(email_domain=domain)

    asked = memberships.ask(
        school, role=Role.CAREERS_ADVISER, by=person(email, confirmed=confirmed), at=timezone.now()
    )

    assert asked.state == MembershipState.ASKED


@pytest.mark.parametrize("role", [Role.CAREERS_LEADER, Role.SENIOR_LEADER, Role.CAREERS_ADMINISTRATOR])
def test_address_alone_never_lets_anyone_write_for_a_school(dana: User, role: Role) -> None:
    school = people.school(email_domain="fernlow.sch.uk")

    asked = memberships.ask(school, role=role, by=dana, at=timezone.now())

    assert asked.state == MembershipState.ASKED


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.HUB_LEAD, Role.LIAISON_LEAD])
def test_roles_fit_the_kind_of_organisation(role: Role, dana: User) -> None:
    with pytest.raises(DomainError) as refusal:
        memberships.ask(people.school(), role=role, by=dana, at=timezone.now())
    assert (refusal.value.code, refusal.value.status) == ("role_not_here", 400)


def test_keeper_approves_with_another_role(dana: User) -> None:
    leader = people.member(people.school())
    asked = memberships.ask(leader.organisation, role=Role.SENIOR_LEADER, by=dana, at=timezone.now())

    memberships.approve(asked, role=Role.LINK_GOVERNOR, by=leader, at=timezone.now())

    asked.refresh_from_db()
    assert (asked.state, asked.role) == (MembershipState.ACTIVE, Role.LINK_GOVERNOR)
    assert facts() == ["accounts.membership.asked.v1", "accounts.membership.began.v1"]


def test_declined_person_can_ask_again_and_nobody_can_undo_the_no(dana: User) -> None:
    leader = people.member(people.school())
    asked = memberships.ask(leader.organisation, role=Role.CAREERS_ADVISER, by=dana, at=timezone.now())
    memberships.decline(asked, by=leader, at=timezone.now())

    with pytest.raises(DomainError, match="already answered"):
        memberships.approve(asked, by=leader, at=timezone.now())
    again = memberships.ask(leader.organisation, role=Role.CAREERS_ADVISER, by=dana, at=timezone.now())
    assert (again != asked, again.state) == (True, MembershipState.ASKED)


def test_invited_address_joins_with_the_role_offered(dana: User) -> None:
    leader = people.member(people.school())
    sent = invitations.send(
        leader.organisation,
        email=" Dana@Fernlow.sch.uk ",
        role=Role.SENIOR_LEADER,
        by=leader,
        at=timezone.now(),
    )

    joined = invitations.accept(sent, by=dana, at=timezone.now())

    assert (joined.state, joined.role) == (MembershipState.ACTIVE, Role.SENIOR_LEADER)
    assert invitations.accept(sent, by=dana, at=timezone.now()) == joined
    assert facts() == ["accounts.invitation.sent.v1", "accounts.membership.began.v1"]


def test_invitation_answers_a_request_that_waits(dana: User) -> None:
    leader = people.member(people.school())
    asked = memberships.ask(leader.organisation, role=Role.CAREERS_ADVISER, by=dana, at=timezone.now())
    sent = invitations.send(
        leader.organisation, email=dana.email, role=Role.LINK_GOVERNOR, by=leader, at=timezone.now()
    )

    assert invitations.accept(sent, by=dana, at=timezone.now()) == asked
    assert Membership.objects.get(pk=asked.pk).role == Role.LINK_GOVERNOR


@pytest.mark.parametrize("confirmed", [False, True], ids=["unconfirmed", "other address"])
def test_only_the_confirmed_invited_address_accepts(confirmed: bool) -> None:
    leader = people.member(people.school())
    sent = invitations.send(
        leader.organisation,
        email="dana@fernlow.sch.uk",
        role=Role.SENIOR_LEADER,
        by=leader,
        at=timezone.now(),
    )
    email = "someone@else.example" if confirmed else "dana@fernlow.sch.uk"

    with pytest.raises(DomainError) as refusal:
        invitations.accept(sent, by=person(email, confirmed=confirmed), at=timezone.now())
    assert refusal.value.code == "invitation_not_yours"
    assert Membership.objects.count() == 1


def test_invitation_ends(dana: User) -> None:
    leader = people.member(people.school())
    now = timezone.now()
    sent = invitations.send(leader.organisation, email=dana.email, role=Role.SENIOR_LEADER, by=leader, at=now)

    with pytest.raises(DomainError, match="no longer open"):
        invitations.accept(sent, by=dana, at=now + timedelta(days=15))
    invitations.revoke(sent, by=leader, at=now)
    with pytest.raises(DomainError, match="no longer open"):
        invitations.accept(sent, by=dana, at=now)


def test_inviting_again_keeps_one_open_invitation(dana: User) -> None:
    leader = people.member(people.school())
    now = timezone.now()
    first = invitations.send(
        leader.organisation, email=dana.email, role=Role.SENIOR_LEADER, by=leader, at=now
    )

    assert first == invitations.send(
        leader.organisation, email=dana.email.upper(), role=Role.SENIOR_LEADER, by=leader, at=now
    )
    other = invitations.send(
        leader.organisation, email=dana.email, role=Role.LINK_GOVERNOR, by=leader, at=now
    )
    assert list(Invitation.objects.filter(revoked_at=None)) == [other]


def test_founder_runs_an_unverified_employer_in_the_area_of_the_nearest_hub(dana: User) -> None:
    hub = people.hub()
    people.school(hub=hub, easting=400000, northing=300000)
    people.school(hub=people.hub(), easting=420000, northing=300000)
    place = Place(postcode="SY4 1AA", outcode="SY4", easting=401000, northing=300500)

    founded = organisations.found(
        kind=Kind.EMPLOYER, name="Brightholm", by=dana, at=timezone.now(), place=place
    )

    assert (founded.role, founded.state) == (Role.COORDINATOR, MembershipState.ACTIVE)
    assert (founded.organisation.is_verified, founded.organisation.hub) == (False, hub)
    assert facts() == ["accounts.organisation.created.v1", "accounts.membership.began.v1"]


def test_nobody_founds_a_school(dana: User) -> None:
    with pytest.raises(DomainError) as refusal:
        organisations.found(kind=Kind.SCHOOL, name="St Orrin's", by=dana, at=timezone.now())
    assert refusal.value.status == 403


def test_sixth_unverified_organisation_of_one_person_waits(dana: User) -> None:
    for number in range(5):
        organisations.found(kind=Kind.EMPLOYER, name=f"Firm {number}", by=dana, at=timezone.now())

    with pytest.raises(DomainError) as refusal:
        organisations.found(kind=Kind.EMPLOYER, name="Firm 6", by=dana, at=timezone.now())
    assert refusal.value.code == "too_many_unverified"
