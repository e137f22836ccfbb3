from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from schools.models import ProviderAccessPolicy
from tests import factories
from tests.api.conftest import problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def path(by: Membership) -> str:
    return f"schools/{by.organisation.public_id}/policy/"


def whole(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "procedure": "Write to us.",
        "granting": "To all.",
        "refusing": [{"ground": "exam_period", "sentence": "In May."}],
        "premises": "The hall.",
        "times": [{"weekdays": [5, 1], "starts": "09:00", "ends": "15:00"}],
        "encounters": "Two in each phase.",
        "contact_text": "careers@school.example",
        "approved_on": (today - timedelta(days=30)).isoformat(),
        "approved_by": "Full governing board",
        "review_on": (today + timedelta(days=335)).isoformat(),
        **changes,
    }


def test_a_draft_is_the_schools_own_until_published(api, leader: Membership):
    ours, theirs = api(leader), api(factories.member(factories.provider()))

    drafted = ours.send("PUT", path(leader), whole())
    assert (drafted.status_code, drafted.json()["status"], drafted.json()["published"]) == (
        200,
        "draft",
        None,
    )
    assert drafted.json()["draft"]["times"] == [{"weekdays": [1, 5], "starts": "09:00", "ends": "15:00"}]
    assert problem(theirs.get(path(leader))) == (404, "not_found")

    published = ours.send("PUT", path(leader), whole(publish=True)).json()
    ours.send("PUT", path(leader), whole(procedure="Ring us."))
    read = theirs.get(path(leader)).json()
    assert read["published"] == published["published"]
    assert (read["published"]["procedure"], read["draft"]) == ("Write to us.", None)
    assert read["address"].endswith(f"/schools/{leader.organisation.urn}/provider-access-policy/")
    assert ours.get(path(leader)).json()["draft"]["procedure"] == "Ring us."


def test_the_same_put_again_changes_nothing(api, leader: Membership):
    client = api(leader)
    answers = [client.send("PUT", path(leader), whole(publish=True)).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert ProviderAccessPolicy.objects.count() == 1


def test_unfinished_is_told_and_not_even_saved(api, leader: Membership):
    client = api(leader)
    assert problem(client.send("PUT", path(leader), {"publish": True})) == (409, "nothing_to_publish")
    assert problem(client.send("PUT", path(leader), whole(times=[], publish=True))) == (
        400,
        "policy_incomplete",
    )
    assert not ProviderAccessPolicy.objects.exists()
    assert client.get(path(leader)).json()["status"] == "missing"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"refusing": [{"ground": "competes"}]}, "refusing.0.ground"),
        ({"refusing": [{"ground": "other"}] * 2}, "refusing"),
        ({"times": [{"weekdays": [6], "starts": "09:00", "ends": "10:00"}]}, "times.0.weekdays.0"),
        ({"times": [{"weekdays": [1], "starts": "9", "ends": "10:00"}]}, "times.0.starts"),
        ({"times": [{"weekdays": [1], "starts": "11:00", "ends": "10:00"}]}, "times"),
        ({"contact": "00000000-0000-4000-8000-000000000000"}, "contact"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_said_names_its_field(api, leader: Membership, changes: dict, field: str):
    response = api(leader).send("PUT", path(leader), whole(**changes))

    assert problem(response)[0] == 400
    assert list(response.json()["errors"]) == [field]


def test_only_the_schools_writers_write(api, leader: Membership):
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    stranger = factories.member(factories.school())

    assert problem(api(governor).send("PUT", path(leader), whole())) == (403, "not_allowed")
    assert problem(api(stranger).send("PUT", path(leader), whole())) == (404, "not_found")
    assert problem(api().get(path(leader))) == (401, "not_authenticated")
