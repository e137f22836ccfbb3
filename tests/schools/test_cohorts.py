"""Cohorts, their dated rolls, the groups that partition them, and the pages on which they are said."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.models import Closure
from brokerage.calendar.school_days import Closed, SchoolDays
from brokerage.errors import InvalidInput, NotAllowed, Unprocessable
from brokerage.eventlog.models import Event
from brokerage.models import Hosting
from schools.domain import cohorts
from schools.models import Cohort, School
from schools.pal import scope
from schools.pal.records import Cohort as Record
from schools.pal.windows import entry_of
from schools.queries import cohorts as query
from schools.queries.pal_school import pal_school
from tests import factories
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db
PAGE = "/school/cohorts/"
NOON = datetime(2026, 11, 12, 12, tzinfo=ZoneInfo("Europe/London"))
TODAY = NOON.date()
YEAR_9 = 2024


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


@pytest.fixture
def school(leader: Membership) -> School:
    return School.objects.get(organisation=leader.organisation)


def year_9(school: School, day: date = TODAY) -> query.TaughtCohort:
    return next(each for each in query.cohorts_of(school, day) if each.year == 9)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_latest_roll_on_or_before_a_day_is_that_days(leader: Membership, school: School):
    for on, roll in ((date(2026, 9, 3), 183), (date(2026, 10, 1), 180), (date(2025, 9, 3), 190)):
        cohorts.set_roll(y7_entry=YEAR_9, roll=roll, on=on, by=leader, at=NOON)

    assert year_9(school).roll == 180
    assert [query.roll_on(Cohort.objects.get(), day) for day in (date(2026, 9, 30), date(2025, 9, 2))] == [
        183,
        None,
    ]
    assert Event.objects.filter(type="brokerage.cohort.roll_set.v1").count() == 3


def summer(school: School, year: int, last_on: date) -> None:
    Closure.objects.create(
        school=school.organisation,
        kind="holiday",
        label="Summer",
        first_on=date(year, 7, 21),
        last_on=last_on,
    )


def test_a_cohort_moves_up_on_1_september_or_where_the_calendar_says_so(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=180, on=TODAY, by=leader, at=NOON)
    days = (date(2027, 8, 25), date(2027, 8, 26), date(2027, 8, 31), date(2027, 9, 1))

    def years_of_the_roll() -> list[int]:
        return [each.year for day in days for each in query.cohorts_of(school, day) if each.roll]

    assert years_of_the_roll() == [9, 9, 9, 10]
    summer(school, 2027, date(2027, 8, 25))
    assert years_of_the_roll() == [9, 10, 10, 10]
    cohorts.begin(school=school, rolls={10: 171}, on=days[1])
    assert {each.year: each.roll for each in query.cohorts_of(school, days[1])}[10] == 180


def test_setting_a_roll_tells_the_market_and_leaves_the_other_years(leader: Membership):
    cohorts.set_roll(y7_entry=YEAR_9, roll=153, on=TODAY, by=leader, at=NOON)

    rolls = Hosting.objects.get().rolls
    assert (rolls["9"], rolls["10"]) == (153, 180)


def test_a_roll_of_long_ago_does_not_reach_the_market(leader: Membership):
    cohorts.set_roll(y7_entry=YEAR_9, roll=153, on=TODAY, by=leader, at=NOON)
    cohorts.set_roll(y7_entry=YEAR_9, roll=99, on=date(2026, 1, 5), by=leader, at=NOON)

    assert Hosting.objects.get().rolls["9"] == 153


def test_the_same_roll_again_is_no_event(leader: Membership):
    for _ in range(2):
        cohorts.set_roll(y7_entry=YEAR_9, roll=153, on=TODAY, by=leader, at=NOON)

    assert Event.objects.filter(type="brokerage.cohort.roll_set.v1").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"roll": 2001}, "2024"), ({"roll": -1}, "2024"), ({"on": date(2026, 11, 13)}, "on")]
    + [({"y7_entry": entry}, "y7_entry") for entry in (2019, 2027)],
)
def test_a_roll_that_cannot_be_is_refused(leader: Membership, changes: dict, field: str):
    said = {"y7_entry": YEAR_9, "roll": 150, "on": TODAY} | changes

    with pytest.raises(InvalidInput) as refused:
        cohorts.set_roll(**said, by=leader, at=NOON)

    assert list(refused.value.fields) == [field]
    assert not Event.objects.exists()


def test_groups_partition_the_roll(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=180, on=TODAY, by=leader, at=NOON)
    cohorts.set_groups(y7_entry=YEAR_9, groups={"10X ": 90, "B": 90}, by=leader, at=NOON)

    assert year_9(school).record == Record(YEAR_9, 180, {"10X": 90, "B": 90})
    assert Event.objects.last().data == {
        "cohort": str(year_9(school).public_id),
        "y7_entry": YEAR_9,
        "groups": 2,
    }


def test_groups_that_do_not_add_up_change_nothing(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=180, on=TODAY, by=leader, at=NOON)

    with pytest.raises(Unprocessable, match="The groups hold 178 pupils together and the roll is 180"):
        cohorts.set_groups(y7_entry=YEAR_9, groups={"A": 90, "B": 88}, by=leader, at=NOON)
    assert year_9(school).groups == {}


def test_a_roll_cannot_leave_its_groups_behind(leader: Membership, school: School):
    cohorts.set_groups(y7_entry=YEAR_9, groups={"A": 90, "B": 90}, roll=180, by=leader, at=NOON)

    with pytest.raises(Unprocessable, match="hold 180 pupils together and the roll is 181"):
        cohorts.set_roll(y7_entry=YEAR_9, roll=181, on=TODAY, by=leader, at=NOON)
    cohorts.set_groups(y7_entry=YEAR_9, groups={"A": 91, "B": 90}, roll=181, by=leader, at=NOON)
    cohorts.set_groups(y7_entry=YEAR_9, groups={}, by=leader, at=NOON)

    assert (year_9(school).roll, year_9(school).groups) == (181, {})


def test_groups_of_today_are_left_out_of_a_day_with_another_roll(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=170, on=date(2026, 9, 3), by=leader, at=NOON)
    cohorts.set_groups(y7_entry=YEAR_9, groups={"A": 90, "B": 90}, roll=180, by=leader, at=NOON)

    assert year_9(school, date(2026, 10, 1)).record == Record(YEAR_9, 170)


def test_counts_stay_under_the_roll_and_out_of_the_log(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=180, on=TODAY, by=leader, at=NOON)
    with pytest.raises(InvalidInput) as refused:
        cohorts.set_counts(y7_entry=YEAR_9, pupil_premium=181, send=3, by=leader, at=NOON)
    cohorts.set_counts(y7_entry=YEAR_9, pupil_premium=41, send=3, by=leader, at=NOON)

    assert refused.value.fields == {"pupil_premium": "Enter a number from 0 to 180, the roll"}
    assert (year_9(school).pupil_premium, year_9(school).send) == (41, 3)
    assert Event.objects.last().data["changed"] == ["pupil_premium", "send"]
    assert "41" not in str({**Event.objects.last().data, "cohort": ""})


def test_whoever_may_not_changes_nothing(leader: Membership):
    adviser = factories.member(leader.organisation, Role.CAREERS_ADVISER)
    for by in (adviser, factories.member(factories.employer())):
        with pytest.raises(NotAllowed):
            cohorts.set_roll(y7_entry=YEAR_9, roll=1, on=TODAY, by=by, at=NOON)
        with pytest.raises(NotAllowed):
            cohorts.set_groups(y7_entry=YEAR_9, groups={}, by=by, at=NOON)
        with pytest.raises(NotAllowed):
            cohorts.set_counts(y7_entry=YEAR_9, pupil_premium=1, send=1, by=by, at=NOON)
    assert not Cohort.objects.exists()


def test_rolls_of_a_file_never_overwrite_what_the_school_said(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=153, on=date(2026, 9, 3), by=leader, at=NOON)
    for _ in range(2):
        cohorts.begin(school=school, rolls={9: 180, 10: 171}, on=TODAY)

    assert {each.year: each.roll for each in query.cohorts_of(school, TODAY) if each.roll} == {
        9: 153,
        10: 171,
    }


def test_when_year_groups_move_up_the_market_hears_once(leader: Membership, school: School):
    cohorts.set_roll(y7_entry=YEAR_9, roll=153, on=TODAY, by=leader, at=NOON)
    before, after = date(2027, 8, 31), date(2027, 9, 1)

    assert [cohorts.roll_over(today=day, at=NOON) for day in (before, after, after)] == [0, 1, 0]
    assert Hosting.objects.get().rolls["10"] == 153
    assert Event.objects.last().actor_key == "platform"


def test_cohorts_of_many_schools_take_four_statements(school: School):
    others = [School.objects.get(organisation=factories.school()) for _ in range(2)]
    for each in (school, *others):
        cohorts.begin(school=each, rolls={9: 180, 10: 171}, on=TODAY)

    with CaptureQueriesContext(connection) as captured:
        found = query.for_many([school, *others], TODAY)

    assert len(captured) == 4
    assert {pk: [each.roll for each in listed][2:4] for pk, listed in found.items()} == {
        each.pk: [180, 171] for each in (school, *others)
    }


def test_what_the_school_corrects_reaches_the_rules(school: School):
    summers = (Closed(date(2026, 7, 22), date(2026, 8, 26)), Closed(date(2027, 7, 21), date(2027, 9, 1)))
    days = SchoolDays(time(8, 40), time(15, 15), summers)
    school.first_year, school.last_year, school.scope_override = 9, 11, False

    read = pal_school(school, days)

    assert school.year_groups == [9, 10, 11] == list(scope.years_taught(read))
    assert scope.scope(read) is scope.Scope.OUT
    assert (read.days, read.first_days) == (days, {2026: date(2026, 8, 27)})


def entry_of_year_9() -> int:
    return entry_of(9, timezone.localdate())


def sent_rolls(**changes: str) -> dict[str, str]:
    return {"on": f"{timezone.localdate():%d/%m/%Y}", f"roll_{entry_of_year_9()}": "153"} | changes


def test_a_keeper_saves_rolls_and_finds_them_again(leader: Membership, school: School):
    response = as_(leader).post(PAGE, sent_rolls(), follow=True)

    assert "Saved." in text_of(response)
    assert Hosting.objects.get().rolls["9"] == 153
    assert year_9(school, timezone.localdate()).roll == 153


def test_slips_stand_beside_their_numbers(leader: Membership, school: School):
    entry = entry_of_year_9()
    client = as_(leader)
    client.post(PAGE, sent_rolls())
    sent = {"roll": "180", "group-TOTAL_FORMS": "2", "group-INITIAL_FORMS": "0"} | {
        f"group-{number}-{part}": value
        for number, row in enumerate((("A", "90"), ("B", "88")))
        for part, value in zip(("name", "size"), row, strict=True)
    }

    rolls = client.post(PAGE, sent_rolls(**{f"roll_{entry}": "3000"}))
    groups = client.post(f"{PAGE}{entry}/", sent)
    counts = client.post(f"{PAGE}{entry}/counts/", {"pupil_premium": "154", "send": ""})

    assert "Enter how many pupils, from 0 to 2,000" in text_of(rolls)
    assert "The groups hold 178 pupils together and the roll is 180" in text_of(groups)
    assert "Enter a number from 0 to 153, the roll" in text_of(counts)
    assert {rolls.status_code, groups.status_code, counts.status_code} == {422}
    assert client.post(f"{PAGE}{entry}/", sent | {"group-1-size": "90"}).status_code == 302
    assert year_9(school, timezone.localdate()).groups == {"A": 90, "B": 90}


def test_another_row_without_javascript_keeps_what_was_typed(leader: Membership, school: School):
    entry = entry_of_year_9()
    sent = {
        "roll": "180",
        "group-TOTAL_FORMS": "1",
        "group-INITIAL_FORMS": "0",
        "group-0-name": "10X",
        "add": "group",
    }

    page = text_of(as_(leader).post(f"{PAGE}{entry}/", sent))

    assert 'value="10X"' in page
    assert 'name="group-1-name"' in page
    assert not Cohort.objects.exists()


@pytest.mark.parametrize("role", [Role.CAREERS_ADMINISTRATOR, Role.LINK_GOVERNOR])
def test_others_of_the_school_read_only(leader: Membership, school: School, role: Role):
    entry = entry_of_year_9()
    client = as_(factories.member(leader.organisation, role))

    for path in (PAGE, f"{PAGE}{entry}/"):
        assert 'type="submit">Save' not in text_of(client.get(path))
        assert client.post(path, sent_rolls()).status_code == 403
    assert client.post(f"{PAGE}{entry}/counts/", {}).status_code == 403


def test_a_cohort_that_is_not_taught_is_not_there(leader: Membership):
    assert as_(leader).get(f"{PAGE}2001/").status_code == 404
