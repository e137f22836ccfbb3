"""Whose dates hold: the school's own, its local authority's, England's; and how they change."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation, Role
from brokerage.calendar import calendars as calendar
from brokerage.calendar.clock import read
from brokerage.calendar.dates import in_full
from brokerage.calendar.importing import Row
from brokerage.calendar.models import Closure, DefaultClosure, TermDates
from brokerage.domain import calendars, closures, horizon, term_dates
from brokerage.errors import InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import Hosting
from brokerage.queries import school_calendar
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def row(first: str, last: str = "", label: str = "Half-term", **fields: Any) -> Row:
    kind = fields.pop("kind", "holiday")
    return Row(2, kind, label, day(first), day(last or first), **fields)


def northmere(*rows: Row) -> None:
    named = [Row(r.number, r.kind, r.label, r.first_on, r.last_on, "Northmere") for r in rows]
    term_dates.bring_in(rows=named, at=NOW)


OCTOBER, FEBRUARY = row("2026-10-26", "2026-10-30"), row("2027-02-15", "2027-02-19")
INSET = row("2026-11-18", kind="inset", label="INSET day")


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(local_authority="NORTHMERE"))


def held(school: Organisation) -> list[tuple[str, str, str | None]]:
    return [(each.label, each.first_on.isoformat(), each.authority) for each in calendar.listed(school.pk)]


def types() -> list[str]:
    return list(Event.objects.order_by("id").values_list("type", flat=True))


def test_school_that_typed_nothing_uses_its_authoritys_dates_before_englands(leader: Membership):
    term_dates.bring_in(
        rows=[row("2026-10-19", "2026-10-23", authority="England"), row("2027-10-25", authority="England")],
        at=NOW,
    )
    northmere(OCTOBER, FEBRUARY)
    elsewhere = factories.school(local_authority="Southmere")

    assert held(leader.organisation) == [
        ("Half-term", "2026-10-26", "Northmere"),
        ("Half-term", "2027-02-15", "Northmere"),
        ("Half-term", "2027-10-25", ""),
    ]
    assert held(elsewhere) == [("Half-term", "2026-10-19", ""), ("Half-term", "2027-10-25", "")]


def test_own_holidays_replace_the_authoritys_for_their_year_alone_and_inset_days_replace_nothing(
    leader: Membership,
):
    northmere(OCTOBER, FEBRUARY, row("2027-10-25", "2027-10-29"))
    closures.add(kind="inset", label="INSET day", first_on=INSET.first_on, by=leader, at=NOW)
    assert len(held(leader.organisation)) == 4

    calendars.bring_in(rows=[row("2027-02-08", "2027-02-12")], by=leader, at=NOW)

    # What is past happened by Northmere's dates, and stays.
    assert held(leader.organisation) == [
        ("Half-term", "2026-10-26", None),
        ("INSET day", "2026-11-18", None),
        ("Half-term", "2027-02-08", None),
        ("Half-term", "2027-10-25", "Northmere"),
    ]


def test_one_more_holiday_takes_the_years_dates_over_first(leader: Membership):
    northmere(OCTOBER, FEBRUARY)

    closures.add(kind="holiday", label="Founder's day", first_on=day("2027-03-01"), by=leader, at=NOW)

    assert held(leader.organisation) == [
        ("Half-term", "2026-10-26", None),
        ("Half-term", "2027-02-15", None),
        ("Founder's day", "2027-03-01", None),
    ]
    assert types()[-2:] == ["brokerage.term_dates.taken_over.v1", "brokerage.closure.added.v1"]


def test_taking_over_makes_them_the_schools_to_change_once(leader: Membership):
    northmere(OCTOBER, FEBRUARY)

    assert calendars.take_over(by=leader, at=NOW) == 2
    assert calendars.take_over(by=leader, at=NOW) == 0

    mine = Closure.objects.get(first_on=FEBRUARY.first_on)
    closures.change(
        closure=mine, kind="holiday", label="Spring half-term", first_on=day("2027-02-08"),
        last_on=day("2027-02-12"), by=leader, at=NOW,
    )  # fmt: skip
    assert held(leader.organisation)[1] == ("Spring half-term", "2027-02-08", None)
    changed = Event.objects.latest("id")
    assert (changed.type, changed.data["was_first_on"]) == ("brokerage.closure.changed.v1", "2027-02-15")


def test_changing_to_what_is_listed_already_is_refused_and_the_same_is_no_event(leader: Membership):
    first, second = (
        closures.add(kind="inset", label="INSET", first_on=day(on), by=leader, at=NOW)
        for on in ("2026-12-01", "2026-12-02")
    )
    before = Event.objects.count()

    closures.change(closure=first, kind="inset", label="INSET", first_on=first.first_on, by=leader, at=NOW)
    with pytest.raises(InvalidInput, match="Remove one") as refused:
        closures.change(
            closure=first, kind="inset", label="INSET", first_on=second.first_on, by=leader, at=NOW
        )

    assert refused.value.code == "closure_listed"
    assert Event.objects.count() == before


def test_a_day_added_late_changes_an_open_clock(leader: Membership):
    asked, today = day("2026-11-11"), day("2026-11-24")

    def clock():
        return read(calendar.days_of(leader.organisation_id), asked, today)

    assert clock().day == 9
    closures.add(kind="inset", label="INSET day", first_on=INSET.first_on, by=leader, at=NOW)
    assert (
        clock().working[1].endswith("1 not counted: Wednesday 18 November, INSET day. Weekends never count.")
    )
    assert (clock().day, clock().answer_by) == (8, day("2026-11-26"))


def test_replacing_changes_what_is_to_come_and_keeps_the_past(leader: Membership):
    calendars.bring_in(
        rows=[OCTOBER, INSET, FEBRUARY, row("2026-11-16", "2026-11-27", kind="exams")], by=leader, at=NOW
    )
    kept = Closure.objects.get(first_on=FEBRUARY.first_on)

    done = calendars.bring_in(
        rows=[row("2027-02-15", "2027-02-19", "Winter break"), row("2026-12-21", "2027-01-01")],
        replace=True, how="api", by=leader, at=NOW,
    )  # fmt: skip

    assert (done.added, done.kept, done.removed) == (1, 1, 1)
    assert [each.label for each in Closure.objects.all()] == [
        "Half-term",
        "INSET day",
        "Half-term",
        "Winter break",
    ]
    assert Closure.objects.get(label="Winter break").pk == kept.pk
    told = Event.objects.latest("id").data
    assert told["how"] == "api"
    assert told["added"] == ["holiday 2026-12-21 2027-01-01"]
    assert told["removed"] == ["exams 2026-11-16 2026-11-27"]
    assert told["renamed"] == 1


def test_bringing_in_the_same_again_changes_nothing(leader: Membership):
    calendars.bring_in(rows=[OCTOBER, OCTOBER, INSET], by=leader, at=NOW)
    before = Event.objects.count()

    done = calendars.bring_in(rows=[OCTOBER, INSET], by=leader, at=NOW)

    assert (done.added, done.kept, Closure.objects.count(), Event.objects.count()) == (0, 2, 2, before)


def test_one_wrong_row_and_nothing_is_changed(leader: Membership):
    with pytest.raises(InvalidInput) as past:
        calendars.bring_in(rows=[FEBRUARY, OCTOBER], replace=True, by=leader, at=NOW)
    with pytest.raises(InvalidInput) as wrong:
        calendars.bring_in(rows=[FEBRUARY, row("2027-03-05", "2027-03-01")], by=leader, at=NOW)

    with pytest.raises(InvalidInput) as long_past:
        calendars.bring_in(rows=[FEBRUARY, row("2025-10-27", "2025-10-31")], replace=True, by=leader, at=NOW)

    for said in (past, long_past):
        assert (said.value.code, list(said.value.fields)) == ("closure_past", ["closures.1.last_on"])
    assert (wrong.value.code, list(wrong.value.fields)) == ("closure_invalid", ["closures.1.last_on"])
    assert not Closure.objects.exists()


def test_a_calendar_has_an_end(leader: Membership):
    many = [row(f"{2027 + n // 300}-{1 + n // 28 % 12:02}-{1 + n % 28:02}", kind="other") for n in range(201)]
    with pytest.raises(InvalidInput) as refused:
        calendars.bring_in(rows=many, by=leader, at=NOW)

    assert refused.value.code == "too_many_closures"
    assert not Closure.objects.exists()


@pytest.mark.parametrize("role", [Role.CAREERS_ADMINISTRATOR, Role.LINK_GOVERNOR])
def test_only_keepers_change_the_calendar(leader: Membership, role: Role):
    other = factories.member(leader.organisation, role)
    mine = closures.add(kind="inset", label="INSET", first_on=INSET.first_on, by=leader, at=NOW)
    for act in (
        lambda: calendars.bring_in(rows=[FEBRUARY], by=other, at=NOW),
        lambda: calendars.take_over(by=other, at=NOW),
        lambda: closures.change(
            closure=mine, kind="inset", label="X", first_on=mine.first_on, by=other, at=NOW
        ),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_holidays_refuse_a_visit_and_name_the_field(leader: Membership):
    calendars.bring_in(rows=[FEBRUARY, INSET], by=leader, at=NOW)
    fine = {"slots.0.starts_at": INSET.first_on, "slots.1.starts_at": day("2027-02-20")}

    closures.refuse_holidays(leader.organisation, fine, at=NOW)
    with pytest.raises(InvalidInput) as refused:
        closures.refuse_holidays(
            leader.organisation, {**fine, "slots.2.starts_at": day("2027-02-18")}, at=NOW
        )

    assert refused.value.code == "school_holiday"
    assert refused.value.fields == {
        "slots.2.starts_at": "Thursday 18 February is in half-term. Choose a school day."
    }


def test_calendars_of_many_schools_are_those_of_each_in_few_statements(leader: Membership):
    northmere(OCTOBER, FEBRUARY)
    term_dates.bring_in(rows=[row("2026-10-19", authority="England")], at=NOW)
    nowhere, own = factories.school(), factories.member(factories.school(local_authority="Northmere"))
    calendars.bring_in(rows=[row("2026-10-12", "2026-10-16"), INSET], by=own, at=NOW)
    Hosting.objects.filter(pk=own.organisation_id).update(day_starts_at=time(8, 30))
    ids = [leader.organisation_id, nowhere.pk, own.organisation_id]

    with CaptureQueriesContext(connection) as asked:
        found = school_calendar.days_of_many(ids)

    assert len(asked) == 3
    assert found == {pk: school_calendar.days_of(pk) for pk in ids}
    assert found[own.organisation_id].day_starts == time(8, 30)
    # The verb kept Northmere's October for the school's past.
    assert [each.first_on for each in found[own.organisation_id].closed] == [
        day("2026-10-12"), day("2026-10-26"), day("2026-11-18"),
    ]  # fmt: skip
    assert [each.first_on for each in found[nowhere.pk].closed] == [day("2026-10-19")]


FILE = """local authority,name,first day,last day
Northmere,October half-term,26/10/2026,30/10/2026
northmere,INSET day,2/11/2026,
England,October half-term,19/10/2026,23/10/2026
"""


def test_term_dates_come_from_a_file_and_again_replace_their_years(tmp_path, capsys):
    file = tmp_path / "dates.csv"
    file.write_text(FILE)
    call_command("import_term_dates", file)
    northmere(row("2025-10-27", "2025-10-31"))
    before = Event.objects.count()
    call_command("import_term_dates", file)
    assert Event.objects.count() == before

    file.write_text("local authority,name,first day\nNORTHMERE,October half-term,2026-10-28\n")
    call_command("import_term_dates", file)

    assert "3 rows brought in, 0 left out." in capsys.readouterr().out
    assert sorted(TermDates.objects.values_list("local_authority", flat=True)) == ["", "Northmere"]
    of_northmere = DefaultClosure.objects.filter(term_dates__local_authority="Northmere")
    assert [str(each.first_on) for each in of_northmere] == ["2025-10-27", "2026-10-28"]


def test_term_dates_with_a_bad_row_change_nothing_unless_told_to(tmp_path, capsys):
    file = tmp_path / "dates.csv"
    file.write_text(FILE + ",Easter,29/3/2027,\nNorthmere,Christmas,,\nNorthmere,Easter,5/4/2099,\n")

    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_term_dates", file)
    assert not TermDates.objects.exists()
    first, last = (in_full(day) for day in horizon.days(timezone.now()))
    assert capsys.readouterr().err == (
        f"Row 5 names no local authority.\nRow 6 has no date.\nRow 7 isn't from {first} to {last}.\n"
    )

    call_command("import_term_dates", file, skip_bad_rows=True)
    assert "3 rows brought in, 3 left out." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("first", "last", "fields"),
    [
        ("2999-06-01", "", ["first_on", "last_on"]),
        ("2029-08-25", "2029-09-01", ["last_on"]),
        ("2026-06-22", "2026-06-30", ["last_on"]),
        ("2020-12-01", "", ["first_on"]),
    ],
)
def test_closure_beyond_what_anyone_counts_is_refused_by_hand_and_from_a_file(
    leader: Membership, first: str, last: str, fields: list[str]
):
    asked = row(first, last)

    with pytest.raises(InvalidInput, match="Check") as by_hand:
        closures.add(
            kind="holiday",
            label="Half-term",
            first_on=asked.first_on,
            last_on=asked.last_on,
            by=leader,
            at=NOW,
        )
    with pytest.raises(InvalidInput) as from_a_file:
        calendars.bring_in(rows=[OCTOBER, asked], by=leader, at=NOW)

    named = {"first_on": "The first day", "last_on": "The last day"}
    said = {name: f"{named[name]} must be from 1 July 2026 to 31 August 2029" for name in fields}
    assert (by_hand.value.code, by_hand.value.fields) == ("date_out_of_range", said)
    assert from_a_file.value.fields == {f"closures.1.{name}": text for name, text in said.items()}
    assert not Closure.objects.exists()


def test_closure_at_either_end_of_the_horizon_is_kept(leader: Membership):
    for first, last in (("2026-06-24", "2026-07-01"), ("2029-08-31", "2029-08-31")):
        closures.add(kind="inset", label="INSET", first_on=day(first), last_on=day(last), by=leader, at=NOW)

    assert Closure.objects.count() == 2
