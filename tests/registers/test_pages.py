"""Staff see what was imported and which rows were set aside; nobody else does."""

from pathlib import Path

import pytest
from django.test import Client

from brokerage.accounts.models import User
from brokerage.registers.models import Import, Kind
from tests.factories import people
from tests.registers.files import APAR, school, schools, take, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user(email="staff@doorway.test", is_staff=True))
    return client


def test_staff_read_counts_and_each_row_set_aside_with_its_reason(tmp_path: Path, staff: Client) -> None:
    schools(tmp_path, school("990001"), school("990002", OpenDate="yesterday"))

    listed = staff.get("/registers/").content.decode()
    detail = staff.get(f"/registers/{Import.objects.get().public_id}/").content.decode()

    assert "2 rows, 1 new, 0 changed" in listed
    assert "1 row set aside" in listed
    assert "Row&nbsp;3" in detail
    assert "990002" in detail
    assert "OpenDate yesterday isn&#x27;t a date like 31-08-2024 or 2024-08-31." in detail


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_imports_takes_as_many_queries_for_three_as_for_one(
    tmp_path: Path, staff: Client, count: int, django_assert_num_queries
) -> None:
    for number in range(count):
        schools(tmp_path, school("990001", NumberOfPupils=str(number)), school("bad"))
    staff.get("/registers/")

    with django_assert_num_queries(12):
        staff.get("/registers/")


def test_staff_recognise_a_provider_in_the_approval_queue(tmp_path: Path, staff: Client) -> None:
    rows = [
        ("10099901", "HARBOUR SKILLS LIMITED", "Main provider", "13/03/2017", "", ""),
        ("10099902", "Somebody Else Ltd", "Supporting provider", "13/03/2017", "", ""),
    ]
    take(Kind.APAR, write(tmp_path / "apar.csv", rows, columns=APAR))
    provider = people.provider(name="Harbour Skills Ltd", verified_at=None)
    people.provider(name="Quite Another College", verified_at=None)

    queue = staff.get("/approvals/").content.decode()
    assert ("UKPRN 10099901, main provider" in queue, "10099902" in queue) == (True, False)
    staff.post(f"/organisations/{provider.public_id}/recognise/", {"ukprn": "10099901"})

    provider.refresh_from_db()
    assert (provider.ukprn, provider.apar_type, provider.verified_at) == ("10099901", "main", None)
    assert "10099901" in (again := staff.get("/approvals/").content.decode())
    assert "Perhaps on the apprenticeship register" not in again


def test_others_find_no_such_page(tmp_path: Path, client: Client) -> None:
    schools(tmp_path, school())
    client.force_login(people.member(people.school()).user)

    assert client.get("/registers/").status_code == 404
    assert client.get(f"/registers/{Import.objects.get().public_id}/").status_code == 404
