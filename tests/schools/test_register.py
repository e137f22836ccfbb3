"""Years taught, scope and the first day of term, put right by the school."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.dates import academic_year
from brokerage.errors import InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from schools.domain import profiles
from schools.models import School
from tests import factories
from tests.schools.pages import as_, typed

pytestmark = pytest.mark.django_db
PAGE = "/school/details/years/"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def correct(by: Membership, **fields: Any) -> School:
    return profiles.correct(fields=fields, by=by, at=timezone.now())


def test_years_and_first_days_are_kept_and_recorded_once(leader: Membership):
    for _ in range(2):
        school = correct(leader, first_year=9, last_year=11, first_days={2026: date(2026, 8, 27), 2027: None})
    school = correct(leader, first_days={2027: date(2027, 8, 26)})

    assert school.year_groups == [9, 10, 11]
    assert school.first_days_of_term == {2026: date(2026, 8, 27), 2027: date(2027, 8, 26)}
    assert correct(leader, first_days={2026: None}).first_days == {"2027": "2027-08-26"}
    assert [event.data["changed"] for event in Event.objects.order_by("id")] == [
        ["first_days", "first_year", "last_year"],
        ["first_days"],
        ["first_days"],
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first_year": 9}, "last_year"),
        ({"first_year": 11, "last_year": 9}, "last_year"),
        ({"first_year": 0, "last_year": 9}, "first_year"),
        ({"first_days": {2026: date(2026, 9, 4)}}, "first_days"),
        ({"first_days": {2026: date(2027, 8, 27)}}, "first_days"),
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
    year = academic_year(timezone.localdate())
    sent = {"first_year": "9", "last_year": "11", f"first_day_{year}": typed(date(year, 8, 27))}

    late = as_(leader).post(PAGE, sent | {f"first_day_{year}": typed(date(year, 9, 3))})
    assert late.status_code == 422
    assert list(late.context["form"].errors) == [f"first_day_{year}"]
    assert as_(leader).post(PAGE, sent).status_code == 302
    assert School.objects.get().first_days == {str(year): f"{year}-08-27"}
    assert as_(factories.member(leader.organisation, Role.CAREERS_ADMINISTRATOR)).get(PAGE).status_code == 403
    with pytest.raises(NotAllowed):
        correct(factories.member(factories.employer()), first_year=7, last_year=11)
