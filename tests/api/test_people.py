from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from tests import factories
from tests.api.conftest import V1, problem

pytestmark = pytest.mark.django_db
PASSWORD = "a-good-password"


@pytest.fixture
def by():
    member = factories.member(factories.employer(), "volunteer")
    EmailAddress.objects.create(user=member.user, email=member.user.email, verified=True, primary=True)
    cache.clear()
    return member


def sign_in(api, by, **fields):
    return api().post("auth/login/", {"email": by.user.email, "password": PASSWORD} | fields)


def test_signing_in_gives_a_token_that_works_until_signing_out(api, by):
    told = sign_in(api, by, email=by.user.email.upper()).json()
    assert set(told) == {"token", "expiry"}
    assert timedelta(days=29) < timezone.datetime.fromisoformat(told["expiry"]) - timezone.now()
    client = api(token=told["token"])
    assert client.get("me/").json()["user"]["email"] == by.user.email
    assert client.post("auth/logout/").status_code == 204
    assert problem(client.get("me/")) == (401, "authentication_failed")


@pytest.mark.parametrize("wrong", [{"password": "not-it-at-all"}, {"email": "nobody@example.test"}])
def test_wrong_password_is_one_sentence_for_every_cause(api, by, wrong):
    refused = sign_in(api, by, **wrong)
    assert problem(refused) == (401, "wrong_credentials")
    assert refused["WWW-Authenticate"] == "Token"
    assert refused.json()["detail"] == "That address and password don't go together."


def test_closed_account_and_unconfirmed_address_get_no_token(api, by):
    EmailAddress.objects.update(verified=False)
    assert problem(sign_in(api, by)) == (403, "email_not_confirmed")
    by.user.is_active = False
    by.user.save()
    assert problem(sign_in(api, by)) == (401, "wrong_credentials")
    assert not AuthToken.objects.exists()


def test_guessing_is_slowed_down_and_signing_in_often_is_not(api, by):
    assert [sign_in(api, by).status_code for _ in range(25)] == [200] * 25
    wrong = [sign_in(api, by, password="guess").status_code for _ in range(21)]
    assert wrong == [401] * 20 + [429]
    slowed = sign_in(api, by)
    assert (problem(slowed), slowed["Retry-After"]) == ((429, "too_many_tries"), "60")


def test_one_place_guesses_at_everybody_only_so_often(api, by):
    wrong = {
        sign_in(api, by, email=f"n{number}@x.test", password="guess").status_code for number in range(100)
    }
    assert wrong == {401}
    assert sign_in(api, by, email="another@x.test").status_code == 429


def test_behind_the_proxy_guessing_elsewhere_shuts_nobody_out(api, by, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    guessing = [
        api()
        .post("auth/login/", {"email": by.user.email, "password": "x"}, X_Forwarded_For="9.9.9.9")
        .status_code
        for _ in range(21)
    ]
    assert guessing[-1] == 429
    body = {"email": by.user.email, "password": PASSWORD}
    assert api().post("auth/login/", body, X_Forwarded_For="192.0.2.7").status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"email": "x"}, {"email": 5, "password": "x"}, {"email": "a", "password": "b", "c": 1}]
)
def test_sign_in_names_what_is_missing(api, body):
    assert api().post("auth/login/", body).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "Ω", "a b", "0" * 64, "0" * 5000])
def test_token_that_is_none_is_refused_with_a_challenge(api, token):
    refused = Client().get(V1 + "me/", headers={"Authorization": f"Token {token}"})
    assert problem(refused)[0] == 401
    assert refused["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("named", ["", "nobody"])
@pytest.mark.parametrize("path", ["me/", "needs/"])
def test_only_whoever_is_known_hears_what_is_wrong_with_the_organisation(api, by, named, path):
    for token in ("", "0" * 64):
        assert problem(api(token=token).get(path, Doorway_Organisation=named))[0] == 401
    refused = api(by).get(path, Doorway_Organisation=named)
    assert problem(refused) == (400, "organisation_not_yours")


def test_expired_token_and_closed_account_are_refused(api, by):
    _, secret = AuthToken.objects.create(user=by.user, expiry=timedelta(seconds=-1))
    assert problem(api(token=secret).get("me/")) == (401, "authentication_failed")
    assert AuthToken.objects.count() == 1, "looking writes nothing"
    client = api(by)
    by.user.is_active = False
    by.user.save()
    assert problem(client.get("me/")) == (401, "authentication_failed")


def test_me_says_for_whom_i_act(api, by):
    second = factories.member(factories.provider(), user=by.user)
    told = api(by).get("me/").json()
    assert told["user"] == {"id": str(by.user.public_id), "name": by.user.name, "email": by.user.email}
    assert told["membership"] == {
        "id": str(by.public_id),
        "role": "volunteer",
        "organisation": {
            "id": str(by.organisation.public_id),
            "kind": "employer",
            "name": by.organisation.name,
        },
    }
    assert [member["id"] for member in told["memberships"]] == [str(by.public_id), str(second.public_id)]
    assert told["socket_url"].endswith("/ws/events/")

    chosen = api(by).get("me/", Doorway_Organisation=str(second.organisation.public_id)).json()
    assert chosen["membership"]["id"] == str(second.public_id)
    stranger = factories.employer()
    assert problem(api(by).get("me/", Doorway_Organisation=str(stranger.public_id))) == (
        403,
        "organisation_not_yours",
    )
    assert problem(api(by).get("needs/", Doorway_Organisation="x")) == (400, "organisation_not_yours")


def test_staff_without_a_membership_have_only_themselves(api):
    by = factories.member(factories.hub(), state="ended")
    by.user.is_staff = True
    by.user.save()
    client = api(by)
    assert client.get("me/").json()["membership"] is None
    assert client.get("events/").status_code == 200
    for path in ("needs/", "claims/", "encounters/"):
        assert problem(client.get(path)) == (403, "no_membership")


def test_session_works_too_and_needs_the_csrf_token_to_change_anything(by):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(by.user, backend="brokerage.accounts.backends.PasswordBackend")
    assert browser.get(V1 + "me/").json()["membership"]["id"] == str(by.public_id)
    refused = browser.post(V1 + "auth/logout/", content_type="application/json")
    assert problem(refused) == (403, "not_allowed")
    browser.cookies["csrftoken"] = "a" * 32
    allowed = browser.post(
        V1 + "auth/logout/", content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert allowed.status_code == 204


def test_ended_membership_acts_no_more(api, by):
    client = api(by)
    by.state = "ended"
    by.save()
    assert problem(client.get("needs/")) == (403, "no_membership")
