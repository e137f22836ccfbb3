"""Years taught and scope, put right by the school, and when its year groups move up."""

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar import calendars, terms
from brokerage.calendar.dates import academic_year
from brokerage.calendar.models import Closure, DefaultClosure, TermDates
from brokerage.errors import InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from schools.domain import profiles
from schools.models import School
from tests import factories
from tests.schools.pages import as_

pytestmark = pytest.mark.django_db
PAGE = "/school/details/years/"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def correct(by: Membership, **fields: Any) -> School:
    return profiles.correct(fields=fields, by=by, at=timezone.now())


def test_years_are_kept_and_recorded_once(leader: Membership):
    for _ in range(2):
        school = correct(leader, first_year=9, last_year=11)

    assert school.year_groups == [9, 10, 11]
    assert [event.data["changed"] for event in Event.objects.all()] == [["first_year", "last_year"]]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first_year": 9}, "last_year"),
        ({"first_year": 11, "last_year": 9}, "last_year"),
        ({"first_year": 0, "last_year": 9}, "first_year"),
        ({"scope_override": False, "scope_note": "We'd rather not."}, "scope_override"),
        ({"slug": "mine"}, "slug"),
    ],
)
def test_what_cannot_be_is_refused(leader: Membership, fields: dict[str, Any], field: str):
    with pytest.raises(InvalidInput) as refused:
        correct(leader, **fields)

    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("type_code", [7, 6, None])
def test_scope_is_the_schools_word_where_its_type_cannot_tell_and_says_why(leader: Membership, type_code):
    School.objects.update(type_code=type_code)

    with pytest.raises(InvalidInput, match="Check"):
        correct(leader, scope_override=False)
    assert correct(leader, scope_override=False, scope_note="A hospital school.").is_in_scope is False


def test_a_keeper_corrects_on_the_page_and_others_may_not(leader: Membership):
    sent = {"first_year": "9", "last_year": "11"}

    wrong = as_(leader).post(PAGE, sent | {"last_year": "8"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["last_year"]
    assert as_(leader).post(PAGE, sent).status_code == 302
    assert School.objects.get().year_groups == [9, 10, 11]
    assert as_(factories.member(leader.organisation, Role.CAREERS_ADMINISTRATOR)).get(PAGE).status_code == 403
    with pytest.raises(NotAllowed):
        correct(factories.member(factories.employer()), first_year=7, last_year=11)


def test_the_page_says_when_the_calendar_moves_year_groups_up(leader: Membership):
    year = academic_year(timezone.localdate()) + 1
    assert as_(leader).get(PAGE).context["moves_up"] == date(year, 9, 1)
    end_summer(leader, year, date(year, 8, 25))

    assert as_(leader).get(PAGE).context["moves_up"] in {date(year, 8, 26 + days) for days in range(4)}


def end_summer(leader: Membership, year: int, last_on: date) -> None:
    Closure.objects.create(
        school=leader.organisation,
        kind="holiday",
        label="Summer",
        first_on=date(year, 7, 20),
        last_on=last_on,
    )


def moved(leader: Membership, day: date) -> list[tuple[str, date, date]]:
    """What the migration leaves in the calendar of a school that had said this was its first day of term."""
    migration = import_module("schools.migrations.0007_first_days_to_calendars")
    migration._end_summer_before(day, leader.organisation, apps)
    days = calendars.days_of(leader.organisation_id)
    assert terms.first_day_of_term(days, day.year) == day
    return list(Closure.objects.order_by("first_on").values_list("label", "first_on", "last_on"))


def test_a_first_day_said_before_ends_the_schools_own_summer(leader: Membership):
    end_summer(leader, 2026, date(2026, 9, 1))

    assert moved(leader, date(2026, 8, 27)) == [("Summer", date(2026, 7, 20), date(2026, 8, 26))]


def test_a_first_day_said_before_takes_over_the_term_dates_that_held(leader: Membership):
    england = TermDates.objects.create(local_authority="", brought_in_at=timezone.now())
    spans = {
        "Half-term": (date(2026, 2, 16), date(2026, 2, 20)),
        "Summer": (date(2026, 7, 22), date(2026, 9, 1)),
    }
    for label, (first_on, last_on) in spans.items():
        DefaultClosure.objects.create(
            term_dates=england, kind="holiday", label=label, first_on=first_on, last_on=last_on
        )

    assert moved(leader, date(2026, 8, 27)) == [
        ("Half-term", date(2026, 2, 16), date(2026, 2, 20)),
        ("Summer", date(2026, 7, 22), date(2026, 8, 26)),
    ]


def test_a_first_day_said_before_stands_where_no_calendar_does(leader: Membership):
    assert moved(leader, date(2026, 8, 27)) == [("Summer holiday", date(2026, 8, 1), date(2026, 8, 26))]
