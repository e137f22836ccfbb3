import pytest
from django.utils import timezone

from brokerage.eventlog.models import Event
from brokerage.notifications.models import Entry
from tests import factories
from tests.api.conftest import problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return factories.member(factories.employer())


def tell(member, position, *, rings=True):
    event = Event.objects.create(type="brokerage.need.published.v1", at=timezone.now())
    return Entry.objects.create(
        person=member.user, position=position, event=event, organisation_id=member.organisation_id,
        type="need.published", at=timezone.now(), data={"need": "x"}, text=f"News {position}", link="/x/", rings=rings,
    )  # fmt: skip


def test_events_after_an_id_are_what_was_missed(api, by):
    for position in range(1, 6):
        tell(by, position, rings=position != 3)
    tell(factories.member(factories.employer()), 9)
    told = api(by).get("events/?after=2").json()
    assert [entry["id"] for entry in told["results"]] == [3, 4, 5]
    assert set(told) == {"results"}
    assert set(told["results"][0]) == {"id", "type", "at", "data", "text"}
    assert len(api(by).get("events/").json()["results"]) == 5
    assert [e["id"] for e in api(by).get("events/?after=1&limit=2").json()["results"]] == [2, 3]
    assert api(by).get("events/?after=99").json() == {"results": []}


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "after=9223372036854775808", "limit=0", "after=1.5"]
)
def test_position_must_be_one(api, by, query):
    assert problem(api(by).get(f"events/?{query}")) == (400, "invalid")


def test_bell_is_read_one_by_one(api, by):
    for position in range(1, 5):
        tell(by, position, rings=position != 3)
    client = api(by)
    first = client.get("notifications/?page_size=2").json()
    assert [(entry["id"], entry["read_at"]) for entry in first["results"]] == [(4, None), (2, None)]
    assert [entry["id"] for entry in client.get(first["next"]).json()["results"]] == [1]

    told = client.post("notifications/4/read/").json()
    assert (told["id"], told["read_at"] is not None) == (4, True)
    assert client.post("notifications/4/read/", {}).json() == told
    assert [entry["id"] for entry in client.get("notifications/?unread=true").json()["results"]] == [2, 1]
    for none in (3, 9, 10**18):
        assert problem(client.post(f"notifications/{none}/read/")) == (404, "not_found")
    stranger = api(factories.member(factories.employer()))
    assert problem(stranger.post("notifications/4/read/")) == (404, "not_found")
    assert problem(stranger.post("notifications/99999999999999999999/read/")) == (404, "not_found")
