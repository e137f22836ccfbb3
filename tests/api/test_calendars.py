from datetime import timedelta

import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.calendar.models import Closure, DefaultClosure, TermDates
from tests import factories
from tests.api.conftest import problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader():
    return factories.member(factories.school(local_authority="Northmere"))


def path(leader):
    return f"schools/{leader.organisation.public_id}/calendar/"


def on(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def closure(first=20, last=24, **fields):
    return {"kind": "holiday", "label": "Half-term", "first_on": on(first), "last_on": on(last)} | fields


def test_calendar_says_when_the_school_is_closed_and_whose_dates_these_are(api, leader):
    dates = TermDates.objects.create(local_authority="Northmere", brought_in_at=timezone.now())
    first = timezone.localdate()
    DefaultClosure.objects.create(
        term_dates=dates, kind="holiday", label="Half-term", first_on=first, last_on=first + timedelta(days=4)
    )
    Closure.objects.create(
        school=leader.organisation, kind="inset", label="INSET", first_on=first + timedelta(days=9),
        last_on=first + timedelta(days=9),
    )  # fmt: skip

    told = api(leader).get(path(leader)).json()

    assert told["school"]["id"] == str(leader.organisation.public_id)
    assert (told["local_authority"], told["day_starts"], told["day_ends"]) == ("Northmere", "08:45", "15:15")
    assert told["closures"] == [
        closure(0, 4) | {"source": "local_authority"},
        closure(9, 9, kind="inset", label="INSET") | {"source": "own"},
    ]
    assert {"on", "name"} == set(told["bank_holidays"][0])
    assert told["bank_holidays"][0]["on"] >= on(0)
    assert told["half_terms"]


def test_put_replaces_what_is_to_come_and_what_was_answered_can_be_sent_again(api, leader):
    client = api(leader)
    past = timezone.localdate() - timedelta(days=30)
    Closure.objects.create(
        school=leader.organisation, kind="inset", label="Past", first_on=past, last_on=past
    )
    client.send("PUT", path(leader), {"closures": [closure(), closure(40, 40, kind="inset", label="INSET")]})

    one_day = {"kind": "exams", "label": "Mocks", "first_on": on(50)}
    told = client.send("PUT", path(leader), {"closures": [closure(), one_day]}).json()

    assert [(each["label"], each["last_on"]) for each in told["closures"]] == [
        ("Half-term", on(24)),
        ("Mocks", on(50)),
    ]
    assert [each.label for each in Closure.objects.all()] == ["Past", "Half-term", "Mocks"]
    assert client.send("PUT", path(leader), {"closures": told["closures"]}).json() == told
    assert client.send("PUT", path(leader), {"closures": []}).json()["closures"] == []
    assert Closure.objects.get().label == "Past"


@pytest.mark.parametrize(
    ("changes", "where", "code"),
    [
        ({"kind": "magic"}, "closures.1.kind", "invalid_choice"),
        ({"label": "Call A123456789012"}, "closures.1.label", "pupil_identifier"),
        ({"first_on": "soon"}, "closures.1.first_on", "invalid"),
        ({"last_on": on(10)}, "closures.1.last_on", "closure_invalid"),
        ({"last_on": on(200)}, "closures.1.last_on", "closure_invalid"),
        ({"first_on": on(-9), "last_on": on(-8)}, "closures.1.last_on", "closure_past"),
        ({"colour": "red"}, "closures.1.colour", "unknown_field"),
    ],
)
def test_one_wrong_closure_is_named_and_nothing_changes(api, leader, changes, where, code):
    response = api(leader).send("PUT", path(leader), {"closures": [closure(), closure(30, 31) | changes]})

    assert problem(response)[0] == 400
    assert {place: told[0]["code"] for place, told in response.json()["errors"].items()} == {where: code}
    assert not Closure.objects.exists()


def test_hub_and_trust_read_it_and_nobody_else_does(api, leader):
    hub, trust = factories.hub(), factories.trust()
    school = leader.organisation
    school.hub, school.trust = hub, trust
    school.save()
    readers = [factories.member(hub), factories.member(trust), factories.member(school, Role.LINK_GOVERNOR)]
    strangers = [factories.member(make()) for make in (factories.school, factories.hub, factories.employer)]

    for by in readers:
        assert api(by).get(path(leader)).status_code == 200
        assert problem(api(by).send("PUT", path(leader), {"closures": []})) == (403, "not_allowed")
    for by in strangers:
        assert problem(api(by).get(path(leader))) == (404, "not_found")
        assert problem(api(by).send("PUT", path(leader), {"closures": []})) == (404, "not_found")
