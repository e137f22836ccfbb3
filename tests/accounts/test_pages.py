"""The pages of people: what each shows, and what its buttons do."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import DjangoAssertNumQueries

from brokerage.accounts import invitations, memberships
from brokerage.accounts.models import Membership, MembershipState, Organisation, Role, User
from brokerage.eventlog.models import Delivery, Event
from tests.factories import people
from tests.factories.market import accepted_claim, posted, time_slot

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PEOPLE_PAGE = 8


@pytest.fixture
def leader() -> Membership:
    return people.member(people.school(name="Fernlow Academy"))


@pytest.fixture
def staff() -> User:
    return User.objects.create_user(email="staff@doorway.test", is_staff=True)


def signed_in(who: Membership | User) -> Client:
    client = Client()
    client.force_login(who.user if isinstance(who, Membership) else who)
    return client


def asking(organisation: Organisation, role: Role = Role.CAREERS_ADVISER) -> Membership:
    user = people.member(people.employer()).user
    return memberships.ask(organisation, role=role, by=user, at=timezone.now())


def test_keeper_approves_from_the_page(leader: Membership) -> None:
    asked = asking(leader.organisation)
    client = signed_in(leader)
    assert f"{asked.user} asks to join" in client.get("/people/").content.decode()

    answer = client.post(f"/people/{asked.public_id}/approve/", {"role": Role.LINK_GOVERNOR}, follow=True)

    asked.refresh_from_db()
    assert (asked.state, asked.role) == (MembershipState.ACTIVE, Role.LINK_GOVERNOR)
    assert "has joined as link governor" in answer.content.decode()


def test_others_of_the_school_see_who_is_there_and_are_told_no(leader: Membership) -> None:
    asked = asking(leader.organisation)
    client = signed_in(people.member(leader.organisation, Role.CAREERS_ADMINISTRATOR))

    page = client.get("/people/").content.decode()
    assert (leader.user.name in page, leader.user.email in page, "asks to join" in page) == (
        True,
        False,
        False,
    )
    answer = client.post(f"/people/{asked.public_id}/approve/")

    assert answer.status_code == 403
    assert "Only someone who runs" in answer.content.decode()


@pytest.mark.parametrize(
    ("visits", "before", "after"),
    [
        (1, "leaves 1 visit with nobody named", "1 visit has nobody named"),
        (2, "leaves 2 visits with nobody named", "2 visits have nobody named"),
    ],
)
def test_removing_somebody_who_is_booked_says_what_is_left_without_a_name(
    visits: int, before: str, after: str
) -> None:
    firm = people.employer()
    coordinator, volunteer = people.member(firm), people.member(firm, Role.VOLUNTEER)
    claims = [
        accepted_claim(volunteer, on=posted(slots=[time_slot(days=20 + number)])) for number in range(visits)
    ]
    client = signed_in(coordinator)
    assert before in client.get("/people/").content.decode()

    page = client.post(f"/people/{volunteer.public_id}/remove/", follow=True).content.decode()

    where = f"/claims/{claims[0].public_id}/" if visits == 1 else "/visits/"
    assert f'{after}: <a href="{where}">name who will come</a>' in page


def test_last_keeper_is_told_why_on_the_page(leader: Membership) -> None:
    answer = signed_in(leader).post(f"/switch/{leader.public_id}/leave/", follow=True)

    assert "needs someone to run it here" in answer.content.decode()
    assert Membership.objects.keepers().get() == leader


def test_refused_invitation_keeps_what_was_typed(leader: Membership) -> None:
    answer = signed_in(leader).post("/people/", {"email": leader.user.email, "role": Role.SENIOR_LEADER})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"email": ["They're already a member."]}
    assert leader.user.email in answer.content.decode()


def test_invitation_opens_without_acting_and_joins_by_its_button(leader: Membership) -> None:
    dana = User.objects.create_user(email="dana@fernlow.test", name="Dana")
    EmailAddress.objects.create(user=dana, email=dana.email, verified=True, primary=True)
    sent = invitations.send(
        leader.organisation, email=dana.email, role=Role.SENIOR_LEADER, by=leader, at=timezone.now()
    )
    client = signed_in(dana)

    assert client.get(f"/invitations/{sent.token}/").status_code == 200
    assert Membership.objects.filter(user=dana).count() == 0
    client.post(f"/invitations/{sent.token}/")

    assert Membership.objects.get(user=dana).role == Role.SENIOR_LEADER


def test_strangers_form_on_an_invitation_changes_nothing(leader: Membership) -> None:
    sent = invitations.send(
        leader.organisation, email="dana@fernlow.test", role=Role.SENIOR_LEADER, by=leader, at=timezone.now()
    )

    page = Client().post(f"/invitations/{sent.token}/").content.decode()

    assert f"/accounts/signup/?next=/invitations/{sent.token}/" in page
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("members", [1, 3])
def test_people_page_costs_the_same_however_many(
    members: int, leader: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(members):
        people.member(leader.organisation, Role.CAREERS_ADVISER)
        asking(leader.organisation)
    client = signed_in(leader)
    client.get("/people/")

    with django_assert_num_queries(QUERIES_OF_THE_PEOPLE_PAGE):
        client.get("/people/")


def test_members_come_by_twenties(leader: Membership) -> None:
    for _ in range(24):
        people.member(leader.organisation, Role.CAREERS_ADVISER)
    client = signed_in(leader)

    first = client.get("/people/")
    following = re.search(r'href="(\?after=[^"]+)"', first.content.decode())
    assert following is not None
    second = client.get(f"/people/{following[1]}")

    seen = [*first.context["page"].items, *second.context["page"].items]
    assert (len(first.context["page"].items), len(seen), len(set(seen))) == (20, 25, 25)
    anew = client.get("/people/?after=nonsense").context["page"]
    assert anew.items == first.context["page"].items


def test_token_is_shown_once_and_works_until_deleted(leader: Membership) -> None:
    client = signed_in(leader)

    page = client.post("/profile/tokens/").content.decode()
    secret = re.search(r'readonly value="([0-9a-f]+)"', page)
    assert secret is not None
    assert secret[1] not in client.get("/profile/").content.decode()
    key = AuthToken.objects.get().token_key
    client.post(f"/profile/tokens/{key}/revoke/")

    assert AuthToken.objects.count() == 0
    assert list(Event.objects.order_by("id").values_list("type", flat=True)) == [
        "accounts.person.token_created.v1",
        "accounts.person.token_revoked.v1",
    ]


def test_keeper_moves_the_organisation(leader: Membership) -> None:
    client = signed_in(leader)

    client.post("/profile/organisation/", {"organisation-postcode": "LS6 2AB", "organisation-town": "Leeds"})

    school = Organisation.objects.get(pk=leader.organisation_id)
    assert (school.name, school.outcode, school.town, school.easting != 400000) == (
        "Fernlow Academy",
        "LS6",
        "Leeds",
        True,
    )


def test_staff_add_a_school_and_invite_its_leader(staff: User) -> None:
    client = signed_in(staff)

    made = client.post(
        "/organisations/new/",
        {"kind": "school", "name": "St Orrin's", "urn": "900777", "postcode": "LS6 2AB"},
    )
    client.post(made["Location"], {"email": "head@orrin.test", "role": Role.CAREERS_LEADER})

    school = Organisation.objects.get(urn="900777")
    assert (school.is_verified, school.invitations.get().email) == (True, "head@orrin.test")
    assert set(Event.objects.values_list("actor_key", flat=True)) == {"staff"}


def test_wrong_register_number_keeps_what_was_typed(staff: User) -> None:
    people.school(urn="900777")

    answer = signed_in(staff).post(
        "/organisations/new/", {"kind": "school", "name": "St Orrin's", "urn": "900777"}
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["urn"])
    assert "St Orrin&#x27;s" in answer.content.decode()


def test_everything_wrong_with_a_new_organisation_is_said_at_once(staff: User) -> None:
    people.school(urn="900777")
    typed = {
        "kind": "provider",
        "name": "",
        "urn": "900777",
        "ukprn": "7",
        "postcode": "ZZ99 9ZZ",
        "email_domain": "gmail.com",
    }

    answer = signed_in(staff).post("/organisations/new/", typed)

    form = answer.context["form"]
    assert set(form.errors) == {"provider_kind", "name", "urn", "ukprn", "postcode", "email_domain"}
    assert {name: len(said) for name, said in form.errors.items()} == dict.fromkeys(form.errors, 1)
    assert {name: form[name].value() for name in typed} == typed


def test_staff_answer_where_nobody_else_can(staff: User, leader: Membership) -> None:
    lost, kept = asking(people.school()), asking(leader.organisation)

    page = signed_in(staff).get("/approvals/").content.decode()

    assert (str(lost.public_id) in page, str(kept.public_id) in page) == (True, False)


def test_hub_lead_verifies_from_the_page_in_its_area_only() -> None:
    lead = people.member(people.hub())
    ours = people.employer(verified_at=None, hub=lead.organisation)
    other = people.employer(verified_at=None, hub=people.hub())
    client = signed_in(lead)

    codes = [client.post(f"/organisations/{each.public_id}/verify/").status_code for each in (ours, other)]

    assert codes == [302, 404]
    assert list(Organisation.objects.filter(kind="employer", verified_at=None)) == [other]


def test_parked_debt_is_tried_again_and_said_so_in_the_log(staff: User, leader: Membership) -> None:
    asking(leader.organisation)
    debt = Delivery.objects.create(
        event=Event.objects.latest("id"),
        subscriber="nobody",
        attempts=8,
        parked_at=timezone.now(),
        last_error="Boom",
    )
    client = signed_in(staff)
    assert "Boom" in client.get("/parked/").content.decode()

    client.post(f"/parked/{debt.pk}/retry/")

    debt.refresh_from_db()
    assert (debt.parked_at, debt.attempts) == (None, 0)
    assert Event.objects.latest("id").type == "eventlog.delivery.retried.v1"


def test_only_staff_close_accounts(leader: Membership) -> None:
    other = people.member(leader.organisation)

    assert signed_in(leader).post(f"/people/{other.public_id}/close/").status_code == 404
    assert User.objects.get(pk=other.user_id).is_active


def test_going_back_stays_on_this_site(staff: User) -> None:
    firm = people.employer(verified_at=None)

    answer = signed_in(staff).post(
        f"/organisations/{firm.public_id}/verify/", {"back": "https://evil.example/"}
    )

    assert answer["Location"] == "/organisations/"


def test_pages_may_reach_their_socket_and_no_other_host(leader: Membership) -> None:
    policy = signed_in(leader).get("/people/", headers={"host": "localhost:8000"})["Content-Security-Policy"]

    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["connect-src"] == "'self' ws://localhost:8001/ws/events/"
    assert "unsafe" not in policy


def test_closed_account_cannot_act_and_its_tokens_are_gone(staff: User, leader: Membership) -> None:
    theirs = signed_in(leader)
    theirs.post("/profile/tokens/")

    signed_in(staff).post(f"/people/{leader.public_id}/close/")

    assert theirs.get("/people/")["Location"].startswith("/accounts/login/")
    assert AuthToken.objects.count() == 0
    assert Event.objects.latest("id").type == "accounts.person.deactivated.v1"


def test_who_is_invited_and_new_says_who_they_are(leader: Membership) -> None:
    dana = User.objects.create_user(email="dana@fernlow.test")
    EmailAddress.objects.create(user=dana, email=dana.email, verified=True, primary=True)
    sent = invitations.send(
        leader.organisation, email=dana.email, role=Role.SENIOR_LEADER, by=leader, at=timezone.now()
    )
    client = signed_in(dana)

    nameless = client.post(f"/invitations/{sent.token}/", {"name": " "})
    assert (nameless.status_code, Membership.objects.filter(user=dana).exists()) == (422, False)
    assert "Enter your name" in nameless.content.decode()
    client.post(f"/invitations/{sent.token}/", {"name": "Dana Whitmore"})

    assert Membership.objects.get(user=dana).user.name == "Dana Whitmore"
