"""What lists showed: counted beside the request, a school and a day at a time, nobody who looked."""

from collections.abc import Iterator
from datetime import date
from math import log2

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brokerage.accounts.models import Membership
from brokerage.equity import impressions
from brokerage.equity.models import Exposure
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    impressions._shown.clear()
    yield
    impressions._shown.clear()


def as_(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user, backend="brokerage.accounts.backends.PasswordBackend")
    return client


def counted() -> list[tuple[int, str, int, float]]:
    rows = Exposure.objects.order_by("school_id", "viewers")
    return list(rows.values_list("school_id", "viewers", "impressions", "exposure"))


def test_each_card_counts_by_its_place_and_later_writings_add_up() -> None:
    impressions.shown([7, 8, 7], viewers="employer")
    impressions.shown([7], viewers="employer", first_rank=21)
    impressions.shown([8], viewers="university")

    assert impressions.flush(today=MONDAY) == 5
    impressions.shown([8], viewers="university")
    impressions.flush(today=MONDAY)

    assert counted() == [
        (7, "employer", 3, pytest.approx(1 + 1 / log2(4) + 1 / log2(22))),
        (8, "employer", 1, pytest.approx(1 / log2(3))),
        (8, "university", 2, pytest.approx(2)),
    ]


def test_counts_that_could_not_be_written_are_lost_and_never_written_twice(monkeypatch) -> None:
    impressions.shown([7], viewers="employer")
    monkeypatch.setattr(impressions, "_WRITE", "SELECT broken")

    with pytest.raises(DatabaseError):
        impressions.flush(today=MONDAY)
    monkeypatch.undo()

    assert impressions.flush(today=MONDAY) == 0
    assert counted() == []


def test_a_process_keeps_so_many_lists_and_no_more() -> None:
    for _ in range(impressions.AT_MOST + 5):
        impressions.shown([7], viewers="employer")

    assert impressions.flush(today=MONDAY) == impressions.AT_MOST


def test_opening_the_list_counts_its_cards_and_reading_it_again_live_does_not() -> None:
    need = factories.posted()
    client = as_(factories.member(factories.employer()))

    client.get("/find/")
    client.get("/find/", headers={"HX-Request": "true"})
    impressions.flush()

    assert counted() == [(need.school_id, "employer", 1, 1.0)]


def test_the_api_counts_what_can_be_claimed_and_not_a_schools_own_list() -> None:
    leader = factories.member(factories.school())
    need = factories.posted(leader)

    as_(factories.member(factories.provider())).get("/api/v1/needs/")
    as_(leader).get("/api/v1/needs/")
    impressions.flush()

    assert counted() == [(need.school_id, "technical_provider", 1, 1.0)]


def test_a_list_asks_the_database_for_nothing_more() -> None:
    with CaptureQueriesContext(connection) as asked:
        impressions.shown([1, 2, 3], viewers="employer")

    assert len(asked) == 0
