"""A client that speaks JSON with a person's token."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from knox.models import AuthToken

from brokerage.accounts.models import Membership

V1 = "/api/v1/"


class Api:
    """`get`, `post`, `patch` below /api/v1/; headers by keyword, underscores for hyphens."""

    def __init__(self, by: Membership | None = None, *, token: str = "") -> None:
        self.token = token or (AuthToken.objects.create(user=by.user)[1] if by else "")
        self.client = Client()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Token {self.token}"
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = sent.pop("Content-Type", "application/json")
        address = path if path.startswith(("/", "http")) else V1 + path
        return self.client.generic(method, address, raw, content_type=content_type, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)


@pytest.fixture
def api() -> Callable[..., Api]:
    return Api


def problem(response: Any) -> tuple[int, str]:
    """Status and code of a refusal, which must be a problem document and say so."""
    assert response["Content-Type"] == "application/problem+json", response.content[:200]
    told = response.json()
    assert set(told) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert told["status"] == response.status_code
    return response.status_code, told["code"]
