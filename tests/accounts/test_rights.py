"""Who may do what with an organisation's people: the whole table, roles as rows."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from brokerage.accounts import invitations, memberships, organisations
from brokerage.accounts.authority import By
from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.accounts.models.membership import KEEPERS, ROLES_OF
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from tests.factories import people

pytestmark = pytest.mark.django_db
MAKE: dict[Kind, Callable[..., Organisation]] = {
    Kind.SCHOOL: people.school,
    Kind.EMPLOYER: people.employer,
    Kind.PROVIDER: people.provider,
    Kind.HUB: people.hub,
    Kind.TRUST: people.trust,
    Kind.PLATFORM: people.platform,
}
EVERY_ROLE = [(kind, role) for kind, roles in ROLES_OF.items() for role in roles]
MAY_KEEP = {
    "careers_leader", "senior_leader", "coordinator", "liaison_lead", "hub_lead", "trust_lead",
    "platform_staff",
}  # fmt: skip


def staff() -> User:
    return User.objects.create_user(email="staff@doorway.test", is_staff=True)


def approve(organisation: Organisation, by: By) -> None:
    asked = people.member(organisation, state=MembershipState.ASKED)
    memberships.approve(asked, by=by, at=timezone.now())


def decline(organisation: Organisation, by: By) -> None:
    asked = people.member(organisation, state=MembershipState.ASKED)
    memberships.decline(asked, by=by, at=timezone.now())


def invite(organisation: Organisation, by: By) -> None:
    role = ROLES_OF[Kind(organisation.kind)][0]
    invitations.send(organisation, email="dana@example.test", role=role, by=by, at=timezone.now())


def remove(organisation: Organisation, by: By) -> None:
    people.member(organisation)
    memberships.remove(people.member(organisation), by=by, at=timezone.now())


def change_role(organisation: Organisation, by: By) -> None:
    people.member(organisation)
    role = ROLES_OF[Kind(organisation.kind)][-1]
    memberships.change_role(people.member(organisation), role=role, by=by, at=timezone.now())


def edit(organisation: Organisation, by: By) -> None:
    organisations.edit(
        organisation,
        name=organisation.name,
        place=organisations.Place(town="Ashby"),
        by=by,
        at=timezone.now(),
    )


ACTS = [approve, decline, invite, remove, change_role, edit]


def allowed(act: Callable[[Organisation, By], None], organisation: Organisation, by: By) -> bool:
    before = Event.objects.count()
    try:
        act(organisation, by)
    except NotAllowed:
        assert Event.objects.count() == before
        return False
    return True


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize(("kind", "role"), EVERY_ROLE)
def test_keepers_run_their_own_organisation_and_no_other(
    kind: Kind, role: Role, act: Callable[[Organisation, By], None]
) -> None:
    by = people.member(MAKE[kind](), role)

    assert allowed(act, by.organisation, by) is (role.value in MAY_KEEP)
    another = people.school() if kind == Kind.PLATFORM else MAKE[kind]()
    assert allowed(act, another, by) is False


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_staff_run_any_and_ordinary_users_none(act: Callable[[Organisation, By], None]) -> None:
    assert allowed(act, people.school(), staff()) is True
    assert allowed(act, people.school(), User.objects.create_user(email="anyone@example.test")) is False


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_whoever_was_removed_a_moment_ago_decides_nothing(act: Callable[[Organisation, By], None]) -> None:
    by = people.member(people.school())
    Membership.objects.filter(pk=by.pk).update(state=MembershipState.ENDED)

    assert by.is_keeper
    assert allowed(act, by.organisation, by) is False


@pytest.mark.parametrize(("kind", "role"), EVERY_ROLE)
def test_hub_lead_verifies_in_its_area_and_nobody_else_does(kind: Kind, role: Role) -> None:
    by = people.member(MAKE[kind](), role)
    hub = by.organisation if kind == Kind.HUB else people.hub()
    ours = people.employer(verified_at=None, hub=hub)
    elsewhere = people.employer(verified_at=None, hub=people.hub())
    nowhere = people.employer(verified_at=None)

    def verify(organisation: Organisation, by: By) -> None:
        organisations.verify(organisation, by=by, at=timezone.now())

    answers = [allowed(verify, each, by) for each in (ours, elsewhere, nowhere)]
    assert answers == [role == Role.HUB_LEAD, False, False]


def test_verifying_twice_is_once() -> None:
    new, by = people.employer(verified_at=None), staff()

    organisations.verify(new, by=by, at=timezone.now())
    organisations.verify(new, by=by, at=timezone.now())

    assert [event.data["how"] for event in Event.objects.all()] == ["staff"]
    assert Event.objects.get().actor_key == "staff"


def test_first_delivery_verifies_once() -> None:
    new = people.employer(verified_at=None)

    assert organisations.verify_by_first_delivery(new, at=timezone.now()) is True
    assert organisations.verify_by_first_delivery(new, at=timezone.now()) is False
    assert [(event.data["how"], event.actor_key) for event in Event.objects.all()] == [
        ("first_delivered_encounter", "platform")
    ]


def test_a_name_stands_on_one_line_and_reads_as_it_is_written() -> None:
    staff = User.objects.create_user(email="staff@doorway.test", is_staff=True)
    create = lambda name: organisations.create(  # noqa: E731
        kind=Kind.EMPLOYER, name=name, by=staff, at=timezone.now()
    )
    assert create("Brightholm\r\nBcc: all@there.test").name == "Brightholm Bcc: all@there.test"
    for letter in ("\x00", "\x7f", "\x9b", "\u202e"):
        with pytest.raises(InvalidInput) as refused:
            create(f"Bright{letter}holm")
        assert list(refused.value.fields) == ["name"]


@pytest.mark.parametrize(("kind", "role"), EVERY_ROLE)
def test_only_staff_create_and_set_domains(kind: Kind, role: Role) -> None:
    by = people.member(MAKE[kind](), role)

    def create(_: Organisation, by: By) -> None:
        organisations.create(kind=Kind.SCHOOL, name="St Orrin's", by=by, at=timezone.now())

    def set_domain(organisation: Organisation, by: By) -> None:
        organisations.set_email_domain(organisation, email_domain="a.sch.uk", by=by, at=timezone.now())

    assert [allowed(act, by.organisation, by) for act in (create, set_domain)] == [False, False]


@pytest.mark.parametrize("domain", ["gmail.com", "not a domain", "outlook.com", "-x.sch.uk"])
def test_public_webmail_and_nonsense_are_no_domains(domain: str) -> None:
    with pytest.raises(DomainError) as refusal:
        organisations.set_email_domain(people.school(), email_domain=domain, by=staff(), at=timezone.now())
    assert list(refusal.value.fields) == ["email_domain"]


def test_renamed_employer_is_checked_again_and_moved_one_is_not() -> None:
    by = people.member(people.employer())

    edit(by.organisation, by)
    assert Organisation.objects.get(pk=by.organisation_id).is_verified
    organisations.edit(by.organisation, name="NHS England", by=by, at=timezone.now())

    assert not Organisation.objects.get(pk=by.organisation_id).is_verified
    assert [event.data["changed"] for event in Event.objects.order_by("id")] == [
        ["town"],
        ["name", "verified_at"],
    ]


def test_register_number_of_another_is_refused_beside_its_field() -> None:
    people.school(urn="900001")

    with pytest.raises(DomainError) as refusal:
        organisations.create(
            kind=Kind.SCHOOL,
            name="Copy",
            register=organisations.Register(urn="900001"),
            by=staff(),
            at=timezone.now(),
        )
    assert list(refusal.value.fields) == ["urn"]


@pytest.mark.parametrize(("kind", "role"), EVERY_ROLE)
def test_last_keeper_stays_and_everyone_else_may_leave(kind: Kind, role: Role) -> None:
    membership = people.member(MAKE[kind](), role)

    if role in KEEPERS:
        with pytest.raises(DomainError) as refusal:
            memberships.leave(membership, by=membership.user, at=timezone.now())
        assert refusal.value.code == "last_keeper"
        people.member(membership.organisation)
    memberships.leave(membership, by=membership.user, at=timezone.now())

    membership.refresh_from_db()
    assert membership.state == MembershipState.ENDED


def test_last_keeper_cannot_step_down_nor_be_removed_by_staff() -> None:
    leader = people.member(people.school())
    people.member(leader.organisation, Role.CAREERS_ADMINISTRATOR)

    for act in (
        lambda: memberships.change_role(leader, role=Role.LINK_GOVERNOR, by=leader, at=timezone.now()),
        lambda: memberships.remove(leader, by=staff(), at=timezone.now()),
    ):
        with pytest.raises(DomainError) as refusal:
            act()
        assert refusal.value.code == "last_keeper"


def test_keeper_whose_account_is_closed_counts_for_nothing() -> None:
    leader = people.member(people.school())
    people.member(leader.organisation, user=User.objects.create_user(email="gone@a.test", is_active=False))

    with pytest.raises(DomainError, match="needs someone to run it"):
        memberships.leave(leader, by=leader.user, at=timezone.now())


def test_nobody_leaves_for_somebody_else() -> None:
    membership = people.member(people.school())

    with pytest.raises(DomainError) as refusal:
        memberships.leave(membership, by=people.member(membership.organisation).user, at=timezone.now())
    assert refusal.value.status == 403
