from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from brokerage.queries import landing
from config.demo.sign_ins import SIGN_INS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.delete(landing.KEY)


def test_a_new_area_invites_the_first_school(client: Client) -> None:
    assert "Be the first school here. A need takes two minutes." in client.get("/").content.decode()


def test_figures_that_cannot_be_had_hide_the_strip(client: Client) -> None:
    cache.set(landing.KEY, landing.Figures("", False, 0, 0, None), 60)

    assert "dw-strip" not in client.get("/").content.decode()


def test_the_strip_says_what_is_there_and_no_zeros(client: Client) -> None:
    cache.set(landing.KEY, landing.Figures("Wexbourne and Vale", False, 38, 0, 3), 60)
    page = client.get("/").content.decode()

    assert "Live in Wexbourne and Vale" in page
    assert "<b>38</b> needs open" in page
    assert "claimed this week" not in page
    assert "<b>3 days</b>, the usual wait for an answer" in page


def test_figures_are_kept_for_a_minute(django_assert_num_queries: Any) -> None:
    landing.figures()
    with django_assert_num_queries(0):
        landing.figures()


def test_demo_sign_ins_stand_only_where_they_work(client: Client, settings: Any) -> None:
    settings.DEMO_SIGN_INS = SIGN_INS
    assert "leader@school.example" in client.get("/").content.decode()
    settings.DEMO_SIGN_INS = ()
    assert "leader@school.example" not in client.get("/").content.decode()


def test_what_is_long_over_is_not_counted() -> None:
    figures = landing.count(at=timezone.now() + timedelta(days=400))

    assert (figures.open_needs, figures.claimed_this_week, figures.usual_wait_days) == (0, 0, None)
