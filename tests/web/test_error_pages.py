import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import include, path

from brokerage.errors import DomainError, NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db


def fails(request: HttpRequest) -> None:
    raise RuntimeError("a secret")


def refuses(request: HttpRequest) -> None:
    raise DomainError("slot_full", "That place went a moment ago. Two others are free.")


def forbids(request: HttpRequest) -> None:
    raise NotAllowed("not_allowed", "Only a careers leader can do this.")


urlpatterns = [
    path("fails/", fails),
    path("refuses/", refuses),
    path("forbids/", forbids),
    path("", include("config.urls")),
]
here = pytest.mark.urls("tests.web.test_error_pages")


def test_a_page_that_is_not_there_says_why_it_may_not_be(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "It may not exist, or it may belong to another organisation." in response.content.decode()


@here
def test_a_fault_of_ours_shows_a_sentence_and_no_traceback() -> None:
    response = Client(raise_request_exception=False).get("/fails/")
    page = response.content.decode()

    assert response.status_code == 500
    assert "Something went wrong on our side" in page
    assert "a secret" not in page


@here
@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/refuses/", 409, "That place went a moment ago."),
        ("/forbids/", 403, "Only a careers leader can do this."),
    ],
)
def test_a_refusal_is_a_sentence(client: Client, address: str, status: int, sentence: str) -> None:
    response = client.get(address)

    assert response.status_code == status
    assert sentence in response.content.decode()


def test_a_form_left_open_too_long_says_so() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@b.example"})

    assert response.status_code == 403
    assert "This page was open too long" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_for_the_worst_days_need_no_request(name: str) -> None:
    assert "<h1>" in render_to_string(name)


def test_an_address_that_only_a_button_uses_says_so(client: Client, db: None) -> None:
    by = factories.member(factories.employer())
    client.force_login(by.user, backend="brokerage.accounts.backends.PasswordBackend")

    answer = client.get("/profile/organisation/")

    assert answer.status_code == 405
    assert "Only a button on another page leads here." in answer.content.decode()
