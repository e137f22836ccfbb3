"""A school that converts to an academy gets a new URN; its needs, claims and people go with it (R27)."""

from datetime import date
from pathlib import Path

import pytest

from brokerage.accounts.models import FormerUrn, Organisation
from brokerage.eventlog.models import Event
from brokerage.models import Claim, EncounterNeed
from brokerage.queries.people import named_like
from brokerage.registers.models import SetAside
from tests.factories import market, people
from tests.registers.files import links, school, schools

pytestmark = pytest.mark.django_db
OLD, NEW, LATER = "990100", "990200", "990300"
CLOSED = {"EstablishmentStatus (code)": "2", "CloseDate": "31-08-2026"}
SUCCEEDS = [(OLD, NEW, "Successor"), (NEW, OLD, "Predecessor")]


@pytest.fixture
def used() -> Organisation:
    """With a need and a claim on it."""
    leader = people.member(people.school(urn=OLD))
    market.accepted_claim(people.member(people.employer()), on=market.posted(leader))
    return leader.organisation


@pytest.mark.parametrize("links_first", [True, False])
def test_new_urn_keeps_needs_and_claims_whichever_file_comes_first(
    tmp_path: Path, used: Organisation, links_first: bool
) -> None:
    if links_first:
        links(tmp_path, *SUCCEEDS)
    schools(tmp_path, school(OLD, **CLOSED), school(NEW, Town="York"))
    if not links_first:
        links(tmp_path, *SUCCEEDS)

    now = Organisation.objects.get(kind="school")
    assert (now.pk, now.urn, now.closed_on, now.town) == (used.pk, NEW, None, "York")
    assert EncounterNeed.objects.get().school == now
    assert Claim.objects.get().slot.need.school == now
    assert list(named_like(OLD)) == [now]
    changed = Event.objects.filter(type="accounts.organisation.changed.v1", organisation_id=now.pk)
    assert ["urn"] in [event.data["changed"] for event in changed]

    report = schools(tmp_path, school(OLD, **CLOSED), school(NEW, Town="York"))
    assert (report.is_repeat, Organisation.objects.get(kind="school").urn) == (True, NEW)


def test_two_conversions_are_followed_to_the_end(tmp_path: Path, used: Organisation) -> None:
    links(tmp_path, *SUCCEEDS, (NEW, LATER, "Successor"))
    schools(tmp_path, school(OLD, **CLOSED), school(NEW, **CLOSED), school(LATER))

    used.refresh_from_db()
    assert used.urn == LATER
    assert set(FormerUrn.objects.values_list("urn", "organisation")) == {(OLD, used.pk), (NEW, used.pk)}


def test_open_school_keeps_its_urn_until_it_closes(tmp_path: Path, used: Organisation) -> None:
    schools(tmp_path, school(OLD), school(NEW, **{"EstablishmentStatus (code)": "4"}))
    links(tmp_path, *SUCCEEDS)

    used.refresh_from_db()
    assert (used.urn, FormerUrn.objects.count()) == (OLD, 0)


@pytest.mark.parametrize(
    "rows",
    [
        [(OLD, NEW, "Successor - merged"), ("990999", NEW, "Successor - merged")],
        [(OLD, NEW, "Successor"), ("990999", NEW, "Successor - merged")],
        [(OLD, NEW, "Successor"), (OLD, LATER, "Successor - Split School")],
    ],
)
def test_merged_and_split_schools_stay_and_close(
    tmp_path: Path, used: Organisation, rows: list[tuple[str, str, str]]
) -> None:
    schools(tmp_path, school(OLD, **CLOSED), school(NEW))
    links(tmp_path, *rows)

    used.refresh_from_db()
    assert (used.urn, used.closed_on) == (OLD, date(2026, 8, 31))
    assert Organisation.objects.filter(urn=NEW).exists()


def test_two_schools_that_people_use_wait_for_a_person_to_join_them(
    tmp_path: Path, used: Organisation
) -> None:
    schools(tmp_path, school(OLD, **CLOSED), school(NEW))
    people.member(Organisation.objects.get(urn=NEW))

    links(tmp_path, *SUCCEEDS)

    assert set(Organisation.objects.filter(kind="school").values_list("urn", flat=True)) == {OLD, NEW}
    aside = SetAside.objects.get()
    assert (aside.key, aside.reasons) == (
        f"{OLD} {NEW}",
        [f"{OLD} became {NEW}, but people use both here: join the two by hand"],
    )
