"""The demo world's password opens nothing in production."""

from typing import Any

import pytest
from django.contrib.auth import authenticate

from brokerage.accounts.backends import DEMO_PASSWORD
from config.demo.sign_ins import PASSWORD
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("production", "opens"), [(False, True), (True, False)])
def test_the_demo_password_opens_nothing_in_production(settings: Any, production: bool, opens: bool) -> None:
    user = factories.member(factories.school()).user
    user.set_password(PASSWORD)
    user.save()
    settings.PRODUCTION = production

    assert (authenticate(None, email=user.email, password=PASSWORD) is not None) is opens
    assert PASSWORD == DEMO_PASSWORD
