from collections.abc import Callable

import pytest
from django.test import Client

from brokerage.accounts.models import Membership

SignIn = Callable[[Membership], Client]


@pytest.fixture
def as_member() -> SignIn:
    """A browser of this person's, signed in."""

    def sign_in(membership: Membership) -> Client:
        client = Client()
        client.force_login(membership.user, backend="brokerage.accounts.backends.PasswordBackend")
        return client

    return sign_in
