"""National weeks and exams are a word beside a date, from a yearly table: nothing is computed, nothing refused."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from brokerage.accounts.models import Membership
from brokerage.calendar import national_dates
from brokerage.calendar.national_dates import note_on
from brokerage.web.dates import in_list
from schools.forms.provider_access import GapForm
from tests import factories
from tests.factories import access
from tests.schools.pages import a_need, as_, open_days, typed

Listed = Callable[[str], None]


@pytest.fixture
def listed(settings: Any) -> Iterator[Listed]:
    """As an operator lists more dates."""

    def add(text: str) -> None:
        settings.NATIONAL_DATES = text
        national_dates.known.cache_clear()

    yield add
    national_dates.known.cache_clear()


@pytest.mark.parametrize(
    ("day", "year_groups", "note"),
    [
        (date(2026, 2, 8), [9], ""),
        (date(2026, 2, 9), [9], "National Apprenticeship Week"),
        (date(2026, 2, 15), [], "National Apprenticeship Week"),
        (date(2026, 2, 16), [9], ""),
        (date(2026, 3, 2), [9], "National Careers Week, too late to count for Year 9"),
        (
            date(2026, 3, 7),
            [7, 9, 10, 11, 13],
            "National Careers Week, too late to count for Years 9, 11 and 13",
        ),
        (date(2026, 3, 4), [8, 10, 12], "National Careers Week"),
        (date(2026, 3, 8), [9], ""),
        (date(2026, 5, 7), [10, 11], "Exam season for Year 11"),
        (date(2026, 6, 24), [11, 12, 13], "Exam season for Years 11 and 13"),
        (date(2026, 5, 7), [10, 12], ""),
        (date(2026, 5, 6), [11], ""),
        (date(2030, 3, 4), [9], ""),
    ],
)
def test_what_is_on_is_said_for_the_years_it_concerns(day: date, year_groups: list[int], note: str) -> None:
    assert note_on(day, year_groups) == note


def test_a_careers_week_that_begins_before_march_still_counts_until_the_28th(listed: Listed) -> None:
    listed("careers week 2028-02-28 to 2028-03-04")

    assert note_on(date(2028, 2, 28), [9]) == "National Careers Week"
    assert note_on(date(2028, 2, 29), [9]) == "National Careers Week, too late to count for Year 9"


def test_every_line_of_the_table_names_its_source(listed: Listed) -> None:
    listed("")
    with national_dates.TABLE.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))

    assert len(rows) == len(national_dates.known())
    assert [row for row in rows if not row["source"].strip()] == []


def test_an_operator_adds_a_year_beside_those_that_came_along(listed: Listed) -> None:
    listed(" Exams  2031-05-08 to 2031-06-25; apprenticeship week 2031-02-10 to 2031-02-16;")

    assert note_on(date(2031, 2, 12), []) == "National Apprenticeship Week"
    assert note_on(date(2031, 5, 8), [13]) == "Exam season for Year 13"
    assert note_on(date(2026, 2, 9), []) == "National Apprenticeship Week"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("careers week 2031-03-03", "careers week 2031-03-03: write it like «careers week 2026-03-02 to"),
        ("science week 2031-03-03 to 2031-03-08", "science week 2031-03-03 to 2031-03-08: write it like"),
        ("exams 2031-02-30 to 2031-06-25", "exams 2031-02-30 to 2031-06-25: isn't two days of the calendar"),
        ("exams 2031-06-25 to 2031-05-08", "exams ends on 2031-05-08, before it starts on 2031-06-25"),
    ],
)
def test_a_line_that_cannot_be_read_stops_the_start(listed: Listed, text: str, refusal: str) -> None:
    listed(text)

    with pytest.raises(ImproperlyConfigured, match=f"^NATIONAL_DATES: {refusal}"):
        apps.get_app_config("calendar").ready()


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy"))


@pytest.mark.django_db
def test_posting_says_it_beside_the_time_and_posts(leader: Membership, listed: Listed) -> None:
    inside, after = open_days(leader, 2)
    listed(f"exams {inside} to {inside}; apprenticeship week {inside} to {inside}")
    times = ({"day": typed(inside), "starts": "0910"}, {"day": typed(after), "starts": "0910"})

    parts = as_(leader).post("/school/needs/post/fill/", a_need(*times, year_groups=["10", "11"]))
    posted = as_(leader).post("/school/needs/post/", a_need(*times, year_groups=["11"]))

    assert [(form.check, form.note) for form in parts.context["formset"].forms] == [
        (("ok", "School day"), "Exam season for Year 11; National Apprenticeship Week."),
        (("ok", "School day"), ""),
    ]
    assert 'id="slot-0-note" hx-swap-oob="true">Exam season' in parts.content.decode()
    assert posted.status_code == 302


@pytest.mark.django_db
def test_granting_and_offering_name_it_and_the_day_stays_free(leader: Membership, listed: Listed) -> None:
    inside, after = open_days(leader, 2)
    listed(f"apprenticeship week {inside} to {inside}")
    request = access.asked(access.college(), of=leader.organisation, dates=[inside, after])

    shown = as_(leader).get(f"/school/requests/{request.public_id}/").context["shown"].granting
    offer = as_(leader).post(f"/school/requests/{request.public_id}/offer/", {"day": [inside.isoformat()]})

    assert [day.words for day in shown.days] == [
        "08:45, free. National Apprenticeship Week",
        "08:45, free",
    ]
    assert shown.chosen.on == inside
    labels = dict(offer.context["form"].fields["day"].choices)
    assert labels[inside.isoformat()].endswith("(National Apprenticeship Week)")


@pytest.mark.django_db
def test_closing_a_gap_names_it_beside_the_free_dates(leader: Membership, listed: Listed) -> None:
    inside, after = open_days(leader, 2)
    listed(f"apprenticeship week {inside} to {inside}")

    form: Any = GapForm(candidates=[], dates=[inside, after])

    assert form.fields["dates"].choices == [
        (inside.isoformat(), f"{in_list(inside)} (National Apprenticeship Week)"),
        (after.isoformat(), in_list(after)),
    ]


@pytest.mark.django_db
def test_the_asker_hears_of_it_once_the_request_is_sent(leader: Membership, listed: Listed) -> None:
    officer = access.college()
    (inside,) = open_days(leader, 1)
    listed(f"exams {inside} to {inside}")
    sent = {
        "year_groups": ["10", "11"], "encounter_type": "assembly", "date_1": inside.isoformat(), "minutes": "40",
        "visitor": str(officer.public_id), "delivery_mode": "in_person", "audience": "whole_year",
    }  # fmt: skip

    page = as_(officer).post(f"/requests/ask/{leader.organisation.public_id}/", sent, follow=True)

    told = [(message.level_tag, str(message)) for message in page.context["messages"]]
    assert [words.partition(": ")[2] for level, words in told if level == "info"] == [
        "Exam season for Year 11."
    ]
