"""One page to sign in, for those with a password and those without."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.factories import people

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def test_with_a_password_people_are_in(client: Client) -> None:
    member = people.member(people.employer())
    confirmed(member)
    response = client.post(LOGIN, {"login": member.user.email, "password": "a-good-password"})

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(member.user.pk)


def test_without_one_a_code_is_sent_and_lets_them_in(client: Client) -> None:
    member = people.member(people.employer())
    confirmed(member)
    response = client.post(LOGIN, {"login": member.user.email, "password": ""})
    assert response.headers["Location"].startswith("/accounts/login/code/confirm/")

    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code is not None
    client.post("/accounts/login/code/confirm/", {"code": code[0]})
    assert client.session["_auth_user_id"] == str(member.user.pk)


def test_an_unknown_address_is_answered_like_a_known_one(client: Client) -> None:
    response = client.post(LOGIN, {"login": "nobody@example.test", "password": ""})

    assert response.headers["Location"].startswith("/accounts/login/code/confirm/")


def test_a_wrong_password_says_what_to_do(client: Client) -> None:
    member = people.member(people.employer())
    page = client.post(LOGIN, {"login": member.user.email, "password": "wrong"}).content.decode()

    assert "That address and password don&#x27;t go together." in page
    assert "<title>Error: Sign in" in page


def test_an_empty_form_says_what_to_do(client: Client) -> None:
    assert "Enter your e-mail address" in client.post(LOGIN, {}).content.decode()


def test_an_address_in_the_link_is_filled_in(client: Client) -> None:
    assert (
        'value="leader@school.example"' in client.get(f"{LOGIN}?email=leader@school.example").content.decode()
    )


def confirmed(member: people.Membership) -> None:
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=member.user, email=member.user.email, verified=True, primary=True)
