"""Staff settle a duplicate that its asker left open."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from brokerage.accounts.models import User
from brokerage.domain import access_requests
from brokerage.errors import NotAllowed
from brokerage.models import AccessRequest
from brokerage.states import AccessState
from tests.factories import access

pytestmark = pytest.mark.django_db


def marked(*, days_ago: int) -> AccessRequest:
    by = access.college()
    at = timezone.now() - timedelta(days=days_ago)
    first = access.asked(by, year_groups=[9], at=at)
    second = access.asked(by, of=first.school, year_groups=[10], at=at)
    return access_requests.mark_duplicate(
        request=second, duplicate_of=first, by=access.answerer(first), at=at
    )


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user(email="staff@doorway.test", is_staff=True))
    return client


def test_staff_see_it_after_a_fortnight_and_confirm_it(staff: Client) -> None:
    fresh, old = marked(days_ago=3), marked(days_ago=20)
    page = staff.get("/approvals/").content.decode()
    assert str(old.public_id) in page
    assert str(fresh.public_id) not in page
    staff.post(f"/duplicates/{old.public_id}/confirm/")
    old.refresh_from_db()
    assert old.state == AccessState.DUPLICATE
    assert str(old.public_id) not in staff.get("/approvals/").content.decode()


def test_nobody_else_confirms(staff: Client) -> None:
    request = marked(days_ago=20)
    client = Client()
    client.force_login(request.asked_by.user)
    assert client.post(f"/duplicates/{request.public_id}/confirm/").status_code == 404
    for by in (request.asked_by, request.asked_by.user):
        with pytest.raises(NotAllowed):
            access_requests.confirm_duplicate(request=request, by=by, at=timezone.now())
