"""Every refusal is a problem document, whoever noticed."""

import json

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIRequestFactory

from brokerage.api.views.base import MemberView
from tests import factories
from tests.api.conftest import V1, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(api):
    return api(factories.member(factories.school()))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "malformed_json"),
        (b"nonsense", "malformed_json"),
        (b'{"title": NaN}', "malformed_json"),
        (b'{"title": -Infinity}', "malformed_json"),
        (b'{"main_benchmark": 1e999}', "malformed_json"),
        (b'{"title": "\xff"}', "malformed_json"),
        (b'{"title": "a\x00b"}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"main_benchmark": ' + b"9" * 5000 + b"}", "malformed_json"),
        (b'{"title": "a", "title": "b"}', "duplicate_name"),
        (b'{"title": "a\\u0000b"}', "unstorable_text"),
        (b'{"a\\u0000": 1}', "unstorable_text"),
        (b'{"slots": [{"x": "\\ud800"}]}', "unstorable_text"),
        (b"[]", "invalid"),
        (b'"x"', "invalid"),
        (b"5", "invalid"),
        (b"null", "invalid"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
    ],
)
def test_bodies_that_are_not_ours_are_400(client, raw, code):
    assert problem(client.post("needs/", raw)) == (400, code)


def test_a_number_of_thousands_of_digits_is_refused_in_our_words(client):
    answer = client.post("needs/", b'{"main_benchmark": ' + b"9" * 5000 + b"}").json()
    assert answer["detail"] == "This isn't JSON we can read: a number is too large."


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"title": "a\\u0000b"}', "title"),
        (b'{"slots": [{"x": "\\ud800"}]}', "slots.0.x"),
        (b'{"a\\u0000": 1}', "body"),
        (b'["\\u0000"]', "0"),
    ],
)
def test_text_that_cannot_be_kept_names_its_field(client, raw, field):
    assert set(client.post("needs/", raw).json()["errors"]) == {field}


def test_surrogate_pair_is_text_like_any_other(client):
    raw = json.dumps(
        {"title": "🚪", "encounter_type": "career_talk", "year_groups": [9], "slots": []}
    ).encode()
    assert b"\\ud83d" in raw
    assert client.post("needs/", raw).json()["title"] == "🚪"


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("GET", "nowhere/", {}, (404, "not_found")),
        ("POST", "nowhere/at/all", {}, (404, "not_found")),
        ("GET", "needs/not-a-uuid/", {}, (404, "not_found")),
        ("DELETE", "needs/", {}, (405, "method_not_allowed")),
        ("PUT", "me/", {}, (405, "method_not_allowed")),
        ("TRACE", "needs/", {}, (405, "method_not_allowed")),
        ("BREW", "vocabulary/", {}, (405, "method_not_allowed")),
        ("GET", "needs/", {"Accept": "text/html"}, (406, "not_acceptable")),
        ("POST", "needs/", {"Content-Type": "text/plain"}, (415, "unsupported_media_type")),
        (
            "POST",
            "needs/",
            {"Content-Type": "multipart/form-data; boundary=x"},
            (415, "unsupported_media_type"),
        ),
        ("POST", "auth/login/", {"Content-Type": "application/xml"}, (415, "unsupported_media_type")),
    ],
)
def test_addresses_methods_and_media_types_are_refused_alike(client, method, path, headers, expected):
    refused = client.send(method, path, b'{"a": 1}' if method == "POST" else None, **headers)
    assert problem(refused) == expected
    if expected[0] == 405:
        assert refused["Allow"]


def test_more_than_a_megabyte_is_refused(client):
    assert problem(client.post("needs/", b'{"title": "' + b"x" * 1_100_000 + b'"}')) == (413, "too_large")


def test_head_and_options_answer_without_a_body(client):
    head = client.send("HEAD", "needs/")
    assert (head.status_code, head.content) == (200, b"")
    options = client.send("OPTIONS", "needs/")
    assert (options.status_code, options["Allow"]) == (204, "GET, POST, HEAD, OPTIONS")


def test_stranger_is_asked_to_sign_in():
    refused = Client().get(V1 + "needs/")
    assert problem(refused) == (401, "not_authenticated")
    assert refused["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(
    ("error", "expected"),
    [(OperationalError("gone"), (503, "unavailable")), (ZeroDivisionError(), (500, "server_error"))],
)
def test_what_we_did_not_foresee_says_so_without_a_traceback(error, expected, caplog):
    class Broken(MemberView):
        permission_classes = []

        def get(self, request):
            raise error

    refused = Broken.as_view()(APIRequestFactory().get("/")).render()
    told = json.loads(refused.content)
    assert (refused.status_code, told["code"], refused["Content-Type"]) == (
        *expected,
        "application/problem+json",
    )
    assert "Traceback" not in refused.content.decode()
    assert len(caplog.records) == 1


def test_vocabulary_is_everybodys():
    told = Client().get(V1 + "vocabulary/").json()
    assert len(told["encounter_types"]) == 14
    assert told["decline_reasons"][-1]["code"] == told["cancel_reasons"][-1]["code"] == "other"


def test_the_apis_own_address_answers_a_problem_too(client):
    assert problem(client.get("")) == (404, "not_found")
