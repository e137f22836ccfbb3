"""The pages that say what each year group has had, and what to do about the rest."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brokerage.accounts.models import Membership, Role
from brokerage.domain import access_requests, encounters
from brokerage.eventlog.models import Event
from brokerage.models import Encounter, EncounterNeed, ExternalEncounter
from schools.domain import cohorts
from schools.queries import provider_access, providers
from tests import factories
from tests.factories import access
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db
PAGE = "/school/provider-access/"
STATEMENTS = 18
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 18, 12, tzinfo=LONDON)
ASKED = datetime(2026, 9, 7, 12, tzinfo=LONDON)
YEAR_10, YEAR_13 = 2023, 2020


@pytest.fixture(autouse=True)
def in_november() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leader() -> Membership:
    leader = factories.member(factories.school(name="Fernlow Academy"), Role.CAREERS_LEADER)
    for entry in range(2020, 2027):
        cohorts.set_roll(y7_entry=entry, roll=180, on=date(2026, 9, 1), by=leader, at=ASKED)
    return leader


def visit(
    leader: Membership, on: date, *, year: int = 10, attended: int | None = None, **fields: Any
) -> None:
    by = fields.pop("by", None) or access.college(name="Wexbourne College", easting=401000, northing=300000)
    request = access.asked(by, of=leader.organisation, at=ASKED, dates=[on], year_groups=[year])
    starts = fields.pop("starts", time(10))
    request = access_requests.grant(request=request, on=on, starts=starts, by=leader, at=ASKED)
    if attended is not None:
        encounters.record(
            encounter=Encounter.objects.get(slot__need=request.need),
            delivered=True,
            attended={str(year): attended},
            by=leader,
            at=NOW,
        )


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_page_answers_its_question_first(leader: Membership) -> None:
    visit(leader, date(2026, 10, 6), attended=180)
    page = text(as_(leader).get(PAGE))
    assert "0 of 6 year groups have had all they should. 11 encounters are still to be found" in page
    assert "the next by Friday 26 February" in page
    assert "in breach" not in page


def test_what_did_not_count_says_why_and_by_which_rule(leader: Membership) -> None:
    visit(leader, date(2026, 10, 6), attended=180, starts=time(18, 30))
    page = text(as_(leader).get(PAGE))
    assert "Wexbourne College, Year 10" in page
    assert "outside the school day" in page
    assert "Rule 16" in page


def test_an_empty_school_is_asked_for_its_rolls() -> None:
    leader = factories.member(factories.school(), Role.CAREERS_LEADER)
    assert "Add the roll for Year 9 to see coverage." in text(as_(leader).get(PAGE))


def test_everyone_of_the_school_reads_and_only_writers_act(leader: Membership) -> None:
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    assert "Close the gaps" not in text(as_(governor).get(PAGE))
    for path in (f"{PAGE}{YEAR_10}/close/", f"{PAGE}elsewhere/"):
        assert as_(governor).get(path).status_code == 403
    summary = text(as_(governor).get(f"{PAGE}summary/"))
    assert "Questions to ask" in summary
    assert "When will our provider access policy statement be complete and approved?" in summary


def test_closing_a_gap_posts_a_need_and_asks_the_nearest_unmet(leader: Membership) -> None:
    met = access.college(name="Met College", easting=400100, northing=300000)
    visit(leader, date(2026, 10, 6), year=13, attended=100, by=met)
    near = access.college(name="Near College", easting=401000, northing=300000)
    access.college(name="Far College", easting=480000, northing=300000)
    page = text(as_(leader).get(f"{PAGE}{YEAR_13}/close/"))
    assert page.index("Near College") < page.index("Far College")
    assert "Met College" not in page
    dates = [day.isoformat() for day in (date(2026, 12, 1), date(2026, 12, 8))]
    form = {
        "providers": [str(near.organisation.public_id)],
        "dates": dates,
        "starts": "09:00",
        "minutes": "50",
    }
    refused = as_(leader).post(f"{PAGE}{YEAR_13}/close/", form | {"providers": []})
    assert "Choose at least one" in text(refused)
    late = {"dates": _offered(leader)[:2], "starts": "23:30"}
    overnight = as_(leader).post(f"{PAGE}{YEAR_13}/close/", form | late)
    assert overnight.context["form"].errors == {"minutes": ["It must end on the day it starts"]}
    answer = as_(leader).post(f"{PAGE}{YEAR_13}/close/", form | {"dates": _offered(leader)[:2]})
    assert answer.status_code == 302
    need = EncounterNeed.objects.get(is_arranged=False)
    assert (need.year_groups, need.open_to, need.main_benchmark) == ([13], ["technical_provider"], 7)
    assert len(need.content) == 4
    invited = Event.objects.get(type__contains="providers_invited").data["invited"]
    assert invited == [str(near.organisation.public_id)]


def _offered(leader: Membership) -> list[str]:
    form = as_(leader).get(f"{PAGE}{YEAR_13}/close/").context["form"]
    return [value for value, _ in form.fields["dates"].choices]


def test_dates_offered_for_a_gap_are_free_school_days_before_the_deadline(leader: Membership) -> None:
    days = [date.fromisoformat(day) for day in _offered(leader)]
    assert days
    assert all(day.weekday() < 5 and NOW.date() < day <= date(2027, 2, 28) for day in days)
    assert len({day.isocalendar()[:2] for day in days}) == len(days)


def test_an_encounter_held_elsewhere_is_recorded_shown_apart_and_taken_out(leader: Membership) -> None:
    officer = access.college(name="Saltmere College")
    form = {
        "y7_entry": str(YEAR_10), "provider_name": "saltmere college", "on": "6/10/2026", "starts": "10:00",
        "ends": "10:50", "offered": "180", "attended": "171", "delivery_mode": "in_person",
        "content": ["offer", "careers", "learning", "questions"], "evidence": "The day's register.",
    }  # fmt: skip
    unknown = as_(leader).post(f"{PAGE}elsewhere/", form | {"provider_name": "Nobody College"})
    assert "Choose what kind of provider it is" in text(unknown)
    future = as_(leader).post(f"{PAGE}elsewhere/", form | {"on": "6/10/2027"})
    assert "It can’t be in the future" in text(future).replace("&#x27;", "’")
    assert as_(leader).post(f"{PAGE}elsewhere/", form).status_code == 302
    recorded = ExternalEncounter.objects.get()
    assert (recorded.provider, recorded.is_technical) == (officer.organisation, True)
    page = text(as_(leader).get(PAGE))
    assert "Held without Doorway" in page
    assert "171 of 180 pupils" in page
    as_(leader).post(f"{PAGE}elsewhere/{recorded.public_id}/remove/")
    assert "Held without Doorway" not in text(as_(leader).get(PAGE))


def test_of_two_providers_of_one_name_the_school_says_which(leader: Membership) -> None:
    here = access.college(
        name="Saltmere College", ukprn=None, town="Saltmere", postcode="SM1 2AB"
    ).organisation
    there = access.college(name="Saltmere College", ukprn="10000002", town="Leeds", postcode="").organisation
    form = {
        "y7_entry": str(YEAR_10), "on": "6/10/2026", "starts": "10:00", "ends": "10:50", "offered": "180",
        "attended": "171", "delivery_mode": "in_person", "provider_kind": "fe_college", "evidence": "The register.",
    }  # fmt: skip
    typed = form | {"provider_name": "saltmere college"}
    asked = as_(leader).post(f"{PAGE}elsewhere/", typed)
    assert "More than one provider is called that. Choose which one came" in text(asked)
    assert asked.context["form"].fields["which"].choices == [
        (str(here.public_id), "Saltmere College, Saltmere, SM1 2AB"),
        (str(there.public_id), "Saltmere College, Leeds, UKPRN 10000002"),
        ("another", "Another one of that name"),
    ]
    assert asked.context["form"]["evidence"].value() == "The register."

    for number, (sent, met) in enumerate(
        [
            ({"which": str(here.public_id)}, here),
            ({"which": "another"}, None),
            ({"provider_name": "10000002"}, there),
        ]
    ):
        at = {"on": f"{6 + number}/10/2026"}
        assert as_(leader).post(f"{PAGE}elsewhere/", typed | at | sent).status_code == 302
        assert ExternalEncounter.objects.latest("pk").provider == met


def test_the_nearest_providers_are_suggested_and_any_other_can_be_typed(
    leader: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "SUGGESTED", 2)
    for name, east in (("Far", 480000), ("Near", 400100), ("Next", 401000)):
        access.college(name=name, easting=east, northing=300000)
    access.college(name="Nowhere", easting=None, northing=None)
    assert providers.suggested_names(leader.organisation) == ["Near", "Next"]
    assert [each.name for each in providers.named(" far ")] == ["Far"]


@pytest.mark.parametrize("held", [1, 21])
def test_what_was_held_elsewhere_is_paged_and_costs_the_same_statements(
    leader: Membership, held: int, django_assert_num_queries: Any
) -> None:
    college = access.college().organisation
    for days in range(held):
        access.held_elsewhere(leader, college, on=date(2026, 10, 1) - timedelta(days=days))
    client = as_(leader)
    client.get(PAGE)
    with django_assert_num_queries(STATEMENTS):
        first = client.get(PAGE).context["elsewhere"]
    if first.next:
        second = client.get(f"{PAGE}?elsewhere={first.next}").context["elsewhere"]
        assert (len(first.items), [each.on for each in second.items]) == (20, [date(2026, 9, 11)])
    assert bool(first.next) == (held == 21)


@pytest.mark.parametrize("visits", [1, 3])
def test_the_page_takes_the_same_statements_however_much_was_held(leader: Membership, visits: int) -> None:
    for number in range(visits):
        visit(leader, date(2026, 10, 6 + number), attended=180)
    client = as_(leader)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as taken:
        provider_access.of(leader.organisation, today=NOW.date())
    assert len(taken) == 10


def test_the_api_tells_the_school_its_trust_and_its_hub(leader: Membership) -> None:
    from tests.api.conftest import Api

    hub = factories.hub()
    leader.organisation.hub = hub
    leader.organisation.save()
    visit(leader, date(2026, 10, 6), attended=180)
    path = f"schools/{leader.organisation.public_id}/provider-access/"
    body = Api(leader).get(path).json()
    year_10 = next(each for each in body["cohorts"] if each["year_group"] == 10)
    assert (year_10["state"], year_10["occasions"], year_10["window"]) == (
        "short",
        1,
        ["2026-09-01", "2028-02-28"],
    )
    assert Api(factories.member(hub)).get(path).status_code == 200
    assert Api(access.college()).get(path).status_code == 404


def test_the_school_decides_whether_providers_see_its_gaps(leader: Membership) -> None:
    as_(leader).post(f"{PAGE}show/", {"shows": "yes"})
    assert "Keep it to ourselves" in text(as_(leader).get(PAGE))
    as_(leader).post(f"{PAGE}show/", {"shows": "no"})
    assert "Let providers see it" in text(as_(leader).get(PAGE))
