"""From what the product recorded to what the statutory rules say of it."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brokerage.accounts.models import Membership, Organisation, ProviderKind, Role
from brokerage.domain import access_requests, encounters, external_encounters
from brokerage.domain.external_encounters import Happened
from brokerage.errors import InvalidInput
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest, Claim, Encounter, EncounterNeed, PhaseStanding
from brokerage.vocabulary import Content
from schools.domain import cohorts, standings
from schools.models import School
from schools.queries import evidence as reading
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db
ASKED = datetime(2026, 9, 7, 12, tzinfo=ZoneInfo("Europe/London"))
FIRST, SECOND = date(2026, 10, 6), date(2026, 11, 10)
TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 12, tzinfo=ZoneInfo("Europe/London"))
YEAR_10 = 2023
"""The cohort that is in Year 10 in 2026/27 entered Year 7 in 2023."""


@pytest.fixture
def leader() -> Membership:
    leader = factories.member(factories.school(), Role.CAREERS_LEADER)
    cohorts.set_roll(y7_entry=YEAR_10, roll=180, on=date(2026, 9, 1), by=leader, at=ASKED)
    return leader


def visit(leader: Membership, on: date, by: Membership | None = None, **fields: Any) -> AccessRequest:
    """Asked in September and granted for that day."""
    request = access.asked(by, of=leader.organisation, at=ASKED, dates=[on], **fields)
    return access_requests.grant(request=request, on=on, starts=time(10), by=leader, at=ASKED)


def held(request: AccessRequest, leader: Membership, *, attended: int = 180) -> Encounter:
    return encounters.record(
        encounter=Encounter.objects.get(slot__need=request.need),
        delivered=True,
        attended={"10": attended},
        by=leader,
        at=NOW,
    )


def second_phase(leader: Membership, today: date = TODAY) -> PhaseStanding:
    standings.recompute([leader.organisation_id], today=today, at=NOW)
    return PhaseStanding.objects.get(school=leader.organisation, y7_entry=YEAR_10, phase=2)


def test_two_providers_met_by_everyone_evidence_the_phase(leader: Membership) -> None:
    assert (second_phase(leader).state, second_phase(leader).short_by) == ("short", 2)
    held(visit(leader, FIRST), leader)
    assert (second_phase(leader).occasions, second_phase(leader).short_by) == (1, 1)
    held(visit(leader, SECOND), leader)
    standing = second_phase(leader)
    assert (standing.state, standing.occasions, standing.short_by, standing.elsewhere) == ("met", 2, 0, 0)
    assert (standing.lower, standing.upper, standing.roll) == (1.0, 1.0, 180)
    assert (standing.closes_on, standing.last_school_day) == (date(2028, 2, 28), date(2028, 2, 28))
    assert [event.data["y7_entry"] for event in Event.objects.filter(type__contains="evidenced")] == [YEAR_10]


def test_the_same_college_twice_leaves_one_wanted(leader: Membership) -> None:
    college = access.college()
    held(visit(leader, FIRST, college), leader)
    held(visit(leader, SECOND, college), leader)
    standing = second_phase(leader)
    assert (standing.state, standing.occasions, standing.short_by) == ("short", 2, 1)
    assert any(why.startswith("R10: ") for why in standing.why)


def test_attendance_bounds_what_is_proven(leader: Membership) -> None:
    held(visit(leader, FIRST), leader, attended=170)
    held(visit(leader, SECOND), leader, attended=160)
    standing = second_phase(leader)
    assert standing.state == "coverage_unproven"
    assert (round(standing.lower * 180), round(standing.upper * 180)) == (150, 160)


def test_what_is_booked_is_no_occasion_yet(leader: Membership) -> None:
    visit(leader, date(2026, 12, 8))
    standing = second_phase(leader)
    assert (standing.occasions, standing.planned) == (0, 1)


def test_a_missed_visit_and_one_that_never_was_count_for_nothing(leader: Membership) -> None:
    missed = visit(leader, FIRST)
    claim = Claim.objects.get(slot__need=missed.need)
    encounters.record(
        encounter=Encounter.objects.get(slot__need=missed.need),
        delivered=True,
        attended={"10": 180},
        missed=[claim.public_id],
        by=leader,
        at=NOW,
    )
    off = visit(leader, SECOND)
    encounters.record(
        encounter=Encounter.objects.get(slot__need=off.need), delivered=False, by=leader, at=NOW
    )
    assert second_phase(leader).occasions == 0


def test_a_university_counts_only_for_what_is_technical(leader: Membership) -> None:
    university = factories.member(factories.university(), Role.LIAISON_LEAD)
    held(visit(leader, FIRST, university, qualifications=["degree"]), leader)
    assert second_phase(leader).occasions == 0
    other = factories.member(factories.university(), Role.LIAISON_LEAD)
    held(visit(leader, SECOND, other, qualifications=["degree_apprenticeship"]), leader)
    assert second_phase(leader).occasions == 1


def test_another_main_benchmark_is_listed_and_not_counted(leader: Membership) -> None:
    request = visit(leader, FIRST)
    EncounterNeed.objects.filter(pk=request.need_id).update(main_benchmark=5)
    held(request, leader)
    standing = second_phase(leader)
    assert standing.occasions == 0
    assert any(why.startswith("R21: 6 October, 10:00: its main benchmark is 5") for why in standing.why)


def test_one_held_elsewhere_is_marked_and_a_disputed_one_is_set_apart(leader: Membership) -> None:
    officer = access.college()
    encounter = external_encounters.record(
        what=Happened(
            provider=officer.organisation,
            y7_entry=YEAR_10,
            on=FIRST,
            starts=time(9),
            ends=time(10),
            offered=180,
            attended=180,
            content=list(Content),
            evidence="The day's register.",
        ),
        by=leader,
        at=NOW,
    )
    assert (second_phase(leader).occasions, second_phase(leader).elsewhere) == (1, 1)
    external_encounters.dispute(encounter=encounter, note="It was Year 9.", by=officer, at=NOW)
    standing = second_phase(leader)
    assert (standing.occasions, standing.elsewhere) == (0, 0)
    assert any("doesn't agree that it happened" in why for why in standing.why)


def test_without_a_roll_the_page_says_what_is_missing(leader: Membership) -> None:
    standings.recompute([leader.organisation_id], today=TODAY, at=NOW)
    standing = PhaseStanding.objects.get(school=leader.organisation, y7_entry=2024, phase=1)
    assert (standing.state, standing.roll) == ("not_assessed", None)
    assert "Add the roll for Year 9 to see coverage." in standing.why[0]


def test_a_year_that_is_no_longer_taught_leaves_no_standing_behind(leader: Membership) -> None:
    second_phase(leader)
    assert PhaseStanding.objects.filter(phase=3).exists()
    School.objects.filter(pk=leader.organisation_id).update(high_age=16)
    second_phase(leader)
    entries = set(PhaseStanding.objects.values_list("y7_entry", flat=True))
    assert entries == {2022, 2023, 2024, 2025, 2026}


def test_however_many_schools_the_statements_are_as_many(leader: Membership) -> None:
    def statements(schools: list[int]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as taken:
            reading.of_schools(schools, TODAY)
        return len(taken)

    held(visit(leader, FIRST), leader)
    alone = statements([leader.organisation_id])
    others: list[Membership] = [factories.member(factories.school(), Role.CAREERS_LEADER) for _ in range(3)]
    for other in others:
        held(visit(other, FIRST), other)
    assert statements([leader.organisation_id, *(each.organisation_id for each in others)]) == alone


def test_only_those_not_computed_today_are_computed(leader: Membership) -> None:
    first = standings.recompute_stale(today=TODAY, at=NOW)
    assert (first > 0, standings.recompute_stale(today=TODAY, at=NOW)) == (True, 0)
    assert standings.recompute_stale(today=TODAY + timedelta(days=1), at=NOW) == first


def test_of_what_stayed_the_same_only_the_day_is_written(leader: Membership) -> None:
    held(visit(leader, FIRST), leader)
    second_phase(leader)
    School.objects.filter(pk=leader.organisation_id).update(type_code=11)
    with CaptureQueriesContext(connection) as changed:
        standings.recompute([leader.organisation_id], today=TODAY, at=NOW)
    with CaptureQueriesContext(connection) as same:
        tomorrow = second_phase(leader, TODAY + timedelta(days=1))

    assert (tomorrow.state, tomorrow.computed_on) == ("not_assessed", TODAY + timedelta(days=1))
    assert [written(changed), written(same)] == [["INSERT"], ["UPDATE"]]


def test_a_changed_row_is_written_once(leader: Membership) -> None:
    second_phase(leader)
    PhaseStanding.objects.filter(phase=2, y7_entry=YEAR_10).update(occasions=9)
    with CaptureQueriesContext(connection) as taken:
        standing = second_phase(leader, TODAY + timedelta(days=1))

    (update,) = [each["sql"] for each in taken if each["sql"].startswith('UPDATE "brokerage_phasestanding"')]
    kept = {int(key) for key in re.findall(r"\d+", update.partition(" IN (")[2])}
    others = PhaseStanding.objects.exclude(pk=standing.pk)
    assert (standing.occasions, kept) == (0, set(others.values_list("pk", flat=True)))
    assert {each.computed_on for each in others} == {standing.computed_on} == {TODAY + timedelta(days=1)}


def test_few_schools_are_locked_at_a_time(leader: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "AT_ONCE", 2)
    schools = {leader.organisation_id, factories.school().pk, factories.school().pk}
    with CaptureQueriesContext(connection) as taken:
        standings.recompute_all(today=TODAY, at=NOW)
    locks = [each["sql"] for each in taken if "FOR NO KEY UPDATE" in each["sql"]]
    lots = [{int(key) for key in re.findall(r"\d+", each.partition(" IN (")[2])} for each in locks]
    assert [len(lot) for lot in lots] == [2, 1]
    assert set().union(*lots) == schools


def written(taken: CaptureQueriesContext) -> list[str]:
    statements = [each["sql"] for each in taken if '"brokerage_phasestanding"' in each["sql"]]
    return [verb for each in statements if (verb := each.split()[0]) in ("INSERT", "UPDATE", "DELETE")]


@pytest.mark.parametrize("kind", [ProviderKind.ITP, ProviderKind.UTC, ProviderKind.EMPLOYER_PROVIDER])
def test_every_technical_kind_counts(leader: Membership, kind: ProviderKind) -> None:
    officer = factories.member(factories.provider(provider_kind=kind), Role.LIAISON_OFFICER)
    held(visit(leader, FIRST, officer), leader)
    assert second_phase(leader).occasions == 1


@pytest.mark.parametrize(
    ("kind", "listed_as", "occasions", "is_pointed_out"),
    [
        ("employer", "", 0, False),
        ("employer", "main", 1, False),
        ("employer", "employer", 1, False),
        ("employer", "supporting", 1, True),
        ("itp", "main", 1, False),
        ("itp", "supporting", 1, True),
        ("fe_college", "supporting", 1, False),
        ("sixth_form_college", "main", 1, False),
        ("he", "main", 0, False),
    ],
)
def test_the_apprenticeship_register_is_heard(
    leader: Membership, kind: str, listed_as: str, occasions: int, is_pointed_out: bool
) -> None:
    """R17, alike for who came through Doorway and for who came without."""
    who = factories.employer() if kind == "employer" else factories.provider(provider_kind=kind)
    Organisation.objects.filter(pk=who.pk).update(apar_type=listed_as)
    who.refresh_from_db()
    held(visit(leader, FIRST, factories.member(who), qualifications=[]), leader)
    here = second_phase(leader)
    written_down(leader, provider=who, provider_name=who.name, is_technical=False)
    both = second_phase(leader)

    assert (here.occasions, both.occasions) == (occasions, occasions * 2)
    assert sum("with a supporting provider" in why for why in both.why) == 2 * is_pointed_out


def test_a_school_that_closed_is_not_assessed_from_that_day(leader: Membership) -> None:
    """R29."""
    Organisation.objects.filter(pk=leader.organisation_id).update(closed_on=TODAY + timedelta(days=1))
    assert second_phase(leader).state == "short"
    closed = second_phase(leader, TODAY + timedelta(days=1))
    assert (closed.state, closed.short_by) == ("not_assessed", 0)
    assert closed.why == ["R29: The school closed on 19 November: recorded, not assessed."]


def written_down(leader: Membership, **fields: Any) -> None:
    """The school's word alone."""
    usual = {"y7_entry": YEAR_10, "on": date(2026, 11, 17), "starts": time(10), "ends": time(10, 50)}
    counts = {"offered": 180, "attended": 180, "content": list(Content), "evidence": "A register."}
    external_encounters.record(what=Happened(**usual | counts | fields), by=leader, at=NOW)


def test_a_provider_written_down_by_name_is_not_another_one(leader: Membership) -> None:
    """R10: the college that came through Doorway, and the same college by its name alone."""
    held(visit(leader, FIRST, access.college(name="Saltmere College", ukprn="10000777")), leader)
    written_down(leader, provider=None, provider_name=" saltmere  college", provider_kind="fe_college")
    assert (second_phase(leader).state, second_phase(leader).occasions) == ("short", 2)
    written_down(leader, provider=None, provider_name="Fernlow Training", provider_kind="itp", starts=time(9))
    assert second_phase(leader).state == "met"


def test_a_visit_on_doorway_is_not_written_down_again_as_held_elsewhere(leader: Membership) -> None:
    by = access.college(name="Saltmere College")
    held(visit(leader, FIRST, by), leader)
    same: dict[str, Any] = {"on": FIRST, "starts": time(10, 10), "ends": time(11)}
    for who in ({"provider": by.organisation}, {"provider": None, "provider_name": "Saltmere college"}):
        with pytest.raises(InvalidInput, match="on Doorway already"):
            written_down(leader, **same | who)
    written_down(leader, provider=by.organisation, **same | {"y7_entry": YEAR_10 - 1})
