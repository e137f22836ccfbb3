"""Getting in: a code or a password; nothing tells a stranger who has an account."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from brokerage.accounts import memberships
from brokerage.accounts import people as person_verbs
from brokerage.accounts.models import Kind, Membership, Organisation, Role, User
from brokerage.eventlog import control, hints
from brokerage.models import Outcode
from brokerage.web.sign_in import SignUpForm
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody() -> User:
    user = User.objects.create_user(
        email="dana@brightholm.example", password="a-good-password", name="Dana W"
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def limits(settings: Settings) -> Iterator[None]:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"join": "2/h/user"}
    yield
    cache.clear()


def code_in(message: mail.EmailMessage) -> str:
    found = re.search(r"^\d{6}$", str(message.body), re.MULTILINE)
    assert found, message.body
    return found[0]


def sign_up(client: Client, email: str = "sam@brightholm.example") -> None:
    client.post("/accounts/signup/", {"email": email})
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})


def test_a_cookie_that_holds_a_nul_is_nobodys_session(client: Client) -> None:
    page = client.get("/accounts/login/", headers={"cookie": r'sessionid="\000 and so on"'})

    assert page.status_code == 200


def test_volunteer_is_in_with_four_taps_and_no_password(client: Client) -> None:
    first = client.post("/accounts/signup/", {"email": "Sam@Brightholm.example"}, follow=True)
    second = client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])}, follow=True)
    third = client.post(
        "/join/employer/",
        {"name": "Sam Okafor", "organisation": "Brightholm", "postcode": "ls6"},
        follow=False,
    )

    assert [first.status_code, second.redirect_chain[-1][0], third.status_code] == [200, "/join/", 302]
    joined = Membership.objects.get(user__email="sam@brightholm.example")
    assert (joined.role, joined.is_active, joined.user.name) == (Role.COORDINATOR, True, "Sam Okafor")
    firm = joined.organisation
    assert (firm.easting, firm.northing) == Outcode.objects.values_list("easting", "northing").get(pk="LS6")
    assert (firm.name, firm.outcode, firm.is_verified) == ("Brightholm", "LS6", False)


def test_person_who_works_alone_is_an_employer_of_one(client: Client) -> None:
    sign_up(client)

    page = client.post(
        "/join/employer/", {"name": "Sam Okafor", "alone": "on", "postcode": "LS6 2AB"}, follow=True
    )

    assert "Welcome to Doorway, Sam Okafor." in page.content.decode()
    firm = Organisation.objects.get(kind=Kind.EMPLOYER)
    assert (firm.name, firm.is_sole_trader, firm.postcode) == ("Sam Okafor", True, "LS6 2AB")


def test_name_nearly_right_is_offered_and_asks_its_coordinator(client: Client) -> None:
    firm = people.employer(name="Brightholm Engineering")
    people.member(firm)
    sign_up(client)

    typed = {"name": "Sam Okafor", "organisation": "brightholm enginering", "postcode": "LS6"}
    refused = client.post("/join/employer/", typed)
    assert refused.status_code == 422
    assert str(firm.public_id) in refused.content.decode()
    assert 'value="Sam Okafor"' in refused.content.decode()

    answer = client.post("/join/employer/", typed | {"chosen": str(firm.public_id)}, follow=True)
    assert answer.redirect_chain[-1][0] == "/waiting/"
    assert Membership.objects.get(user__email="sam@brightholm.example").organisation == firm


def test_exact_name_needs_no_choice(client: Client) -> None:
    firm = people.employer(name="Brightholm")
    people.employer(name="Brightholm Two")
    sign_up(client)

    client.post("/join/employer/", {"name": "Sam", "organisation": "BRIGHTHOLM", "postcode": "LS6"})

    assert Membership.objects.get(user__name="Sam").organisation == firm


def test_school_must_exist(client: Client) -> None:
    school = people.school(name="Fernlow Academy")
    sign_up(client)
    typed = {"name": "Dana", "organisation": "Nowhere High", "job": Role.CAREERS_LEADER}

    assert "We don&#x27;t know that school" in client.post("/join/school/", typed).content.decode()
    answer = client.post("/join/school/", typed | {"organisation": school.urn}, follow=False)
    assert answer.status_code == 422  # a number finds it, and then it is chosen
    client.post("/join/school/", typed | {"organisation": school.urn, "chosen": str(school.public_id)})
    asked = Membership.objects.get(organisation=school)
    assert (asked.state, asked.role) == ("asked", Role.CAREERS_LEADER)
    assert "we check it ourselves" in client.get("/waiting/").content.decode()


def test_unknown_postcode_is_said_beside_the_field(client: Client) -> None:
    sign_up(client)

    answer = client.post("/join/employer/", {"name": "Sam", "organisation": "Newfirm", "postcode": "ZZ99"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["postcode"]
    assert Organisation.objects.count() == 0


@pytest.mark.parametrize("onward", ["/join/", "/invitations/abc/"])
def test_three_wrong_codes_lead_to_a_new_one_and_on_from_there(client: Client, onward: str) -> None:
    client.post("/accounts/signup/", {"email": "sam@brightholm.example", "next": onward})
    for _ in range(2):
        client.post("/accounts/confirm-email/", {"code": "000000"})

    page = client.post("/accounts/confirm-email/", {"code": "000000"}, follow=True)

    assert page.redirect_chain == [("/accounts/new-code/", 302)]
    assert "That was the wrong code three times" in page.content.decode()
    assert 'value="sam@brightholm.example"' in page.content.decode()
    asked = {"email": page.context["form"].initial["email"], "next": page.context["next"]}
    client.post("/accounts/login/code/", asked)
    assert client.get("/accounts/new-code/")["Location"] == "/accounts/signup/"  # it has been used
    answer = client.post(
        "/accounts/login/code/confirm/", {"code": code_in(mail.outbox[-1]), "next": page.context["next"]}
    )
    assert (answer.status_code, answer["Location"]) == (302, onward)
    assert EmailAddress.objects.get(email="sam@brightholm.example").verified


def test_three_wrong_codes_tell_nothing_of_an_account(somebody: User) -> None:
    pages = []
    for email in (somebody.email, "nobody@brightholm.example"):
        client = Client()
        client.post("/accounts/signup/", {"email": email, "next": "/invitations/abc/"})
        for _ in range(3):
            page = client.post("/accounts/confirm-email/", {"code": "000000"}, follow=True)
        words = page.content.decode().replace(email, "…")
        pages.append(re.sub(r'csrfmiddlewaretoken" value="\w+"', "", words))

    assert pages[0] == pages[1]
    assert 'value="/invitations/abc/"' in pages[0]


def test_a_code_that_is_too_old_leads_to_a_new_one(client: Client, settings: Settings) -> None:
    client.post("/accounts/signup/", {"email": "sam@brightholm.example"})
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 0

    page = client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])}, follow=True)

    assert "more than 15 minutes old" in page.content.decode()
    assert page.context["form"].initial == {"email": "sam@brightholm.example"}


@pytest.mark.parametrize("email", ["dana@brightholm.example", "nobody@brightholm.example"])
def test_nothing_tells_whether_an_address_has_an_account(email: str, somebody: User) -> None:
    pages = {
        "/accounts/signup/": {"email": email},
        "/accounts/login/code/": {"email": email},
        "/accounts/login/": {"login": email, "password": "wrong-password"},
        "/accounts/password/reset/": {"email": email},
    }
    answers = []
    for path, data in pages.items():
        answer = Client().post(path, data)
        answers.append((answer.status_code, answer.get("Location", "")))

    assert answers == [
        (302, "/accounts/confirm-email/"),
        (302, "/accounts/login/code/confirm/"),
        answers[2],
        (302, "/accounts/password/reset/done/"),
    ]
    assert answers[2][1] == ""
    assert [message.to for message in mail.outbox] == [[email]] * 3


def test_wrong_password_and_unknown_address_read_the_same(client: Client, somebody: User) -> None:
    known = client.post("/accounts/login/", {"login": somebody.email, "password": "wrong-password"})
    unknown = client.post("/accounts/login/", {"login": "x" + somebody.email, "password": "wrong-password"})

    assert known.context["form"].errors == unknown.context["form"].errors
    assert f'value="{somebody.email}"' in known.content.decode()


def test_password_signs_in_and_out(client: Client, somebody: User) -> None:
    client.post("/accounts/login/", {"login": somebody.email, "password": "a-good-password"})
    assert "_auth_user_id" in client.session

    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_joining_is_limited(client: Client, somebody: User, limits: None) -> None:
    client.force_login(somebody)
    typed = {"name": "Sam", "organisation": "Newfirm", "postcode": "nonsense"}

    pages = [client.post("/join/employer/", typed).content.decode() for _ in range(3)]

    assert ["many tries" in page for page in pages] == [False, False, True]


def test_people_who_work_alone_are_not_found_by_name(client: Client, somebody: User) -> None:
    people.employer(name="Sam Okafor", is_sole_trader=True)
    client.force_login(somebody)

    assert "Sam Okafor," not in client.get("/join/employer/search/?organisation=sam okafor").content.decode()
    assert "We don’t know" in client.get("/join/employer/search/?organisation=sam okafor").content.decode()


def test_what_ends_is_told_to_the_sockets(client: Client, somebody: User) -> None:
    with hints.broker().pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(control.CHANNEL)
        listener.get_message(timeout=2)
        client.force_login(somebody)
        key = client.session.session_key
        with TestCase.captureOnCommitCallbacks(execute=True):
            client.post("/accounts/logout/")
        message = listener.get_message(timeout=2)

    assert message is not None
    assert json.loads(message["data"]) == {"close": "session", "session": control.fingerprint(str(key))}


def test_leaving_tells_the_sockets() -> None:
    leader = people.member(people.school())
    people.member(leader.organisation)
    with hints.broker().pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(control.CHANNEL)
        listener.get_message(timeout=2)
        with TestCase.captureOnCommitCallbacks(execute=True):
            memberships.leave(leader, by=leader.user, at=timezone.now())
        message = listener.get_message(timeout=2)

    assert message is not None
    assert json.loads(message["data"]) == {
        "close": "membership",
        "user": str(leader.user.public_id),
        "organisation": str(leader.organisation.public_id),
    }


def test_a_new_password_ends_what_the_old_one_signed_in(client: Client, somebody: User) -> None:
    person_verbs.create_token(somebody, at=timezone.now(), lasts=timedelta(days=30))
    made_by_hand, _ = person_verbs.create_token(somebody, at=timezone.now())
    client.force_login(somebody)

    words = {
        "oldpassword": "a-good-password",
        "password1": "another-good-one",
        "password2": "another-good-one",
    }
    client.post("/accounts/password/change/", words)

    somebody.refresh_from_db()
    assert somebody.check_password("another-good-one")
    assert list(AuthToken.objects.filter(user=somebody)) == [made_by_hand]


def test_an_address_too_long_to_keep_is_refused_and_never_cut(client: Client) -> None:
    page = client.post("/accounts/signup/", {"email": "a" * 243 + "@x.example.net"})

    assert page.context["form"].errors["email"] == ["E-mail address must be 254 characters or fewer"]
    assert (User.objects.count(), mail.outbox) == (0, [])


def test_an_address_from_two_windows_at_once_makes_one_account(client: Client) -> None:
    request = client.get("/accounts/signup/").wsgi_request
    form = SignUpForm({"email": "sam@brightholm.example"})
    assert form.is_valid()
    sign_up(Client())  # the other window, between this one's look and its write

    with allauth_context.request_context(request):
        user, answer = form.try_save(request)

    assert (user, answer.status_code) == (None, 302)
    assert User.objects.filter(email="sam@brightholm.example").count() == 1


def test_many_tries_are_answered_by_a_page_of_ours(client: Client, settings: Settings, limits: None) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/h/ip"}
    client.post("/accounts/signup/", {"email": "sam@brightholm.example"})

    page = client.post("/accounts/signup/", {"email": "dana@brightholm.example"})

    assert page.status_code == 429
    assert "Wait a minute, go back and try again." in page.content.decode()


def test_what_was_refused_is_not_called_missing_as_well(client: Client) -> None:
    sign_up(client)

    long = client.post("/join/employer/", {"name": "Sam", "organisation": "O" * 200})
    odd = client.post(
        "/join/employer/", {"name": "Sam", "organisation": "Newfirm", "postcode": "not a postcode"}
    )

    assert len(long.context["form"].errors["organisation"]) == 1
    assert len(odd.context["form"].errors["postcode"]) == 1
