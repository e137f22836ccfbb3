"""A term's counts, against a small world whose sums are plain."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from brokerage.accounts.models import Organisation
from brokerage.domain import claims
from brokerage.equity import counting, terms
from brokerage.equity.models import Exposure, ProviderTerm, SchoolFacts, SchoolTerm
from brokerage.equity.terms import term_on
from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import SUBSCRIPTIONS
from brokerage.models import Claim, Slot
from brokerage.models.access_request import term_of
from brokerage.states import ClaimState
from schools import equity
from schools.domain import cohorts
from schools.models import School
from tests import factories
from tests.factories import access
from tests.factories.market import time_slot


@pytest.mark.parametrize("month", range(1, 13))
def test_terms_are_those_that_requests_name(month: int) -> None:
    for day in (1, 28):
        term = term_on(date(2027, month, day))

        assert term.name == term_of(datetime(2027, month, day, 12, tzinfo=UTC))
        assert term.first_on <= date(2027, month, day) < term.until
        assert term_on(term.until - timedelta(days=1)) == term
        assert term_on(term.until) != term


def test_terms_go_back_without_a_gap() -> None:
    autumn, summer, spring, before = terms.back_from(date(2026, 11, 22))

    assert [each.label for each in (autumn, summer, spring, before)] == [
        "Autumn 2026",
        "Summer 2026",
        "Spring 2026",
        "Autumn 2025",
    ]
    assert autumn.slug == "2026-27-autumn"
    assert (before.until, spring.until, summer.until) == (spring.first_on, summer.first_on, autumn.first_on)


def counted(school: Organisation) -> SchoolTerm:
    return SchoolTerm.objects.get(school=school, term=this_term().name)


def this_term() -> terms.Term:
    return term_on(timezone.localdate())


def count(*, is_over: bool = False) -> None:
    counting.count(this_term(), at=timezone.now(), is_over=is_over)


def in_this_term(claim: Claim, state: ClaimState = ClaimState.ACCEPTED) -> None:
    """Twenty days ahead may be another term's."""
    first, _ = this_term().moments
    Slot.objects.filter(pk=claim.slot_id).update(
        open_until=None, starts_at=first, ends_at=first + timedelta(hours=1)
    )
    Claim.objects.filter(pk=claim.pk).update(state=state)


@pytest.mark.django_db
def test_places_held_in_the_term_count_and_those_that_came_are_delivered() -> None:
    leader, idle = factories.member(factories.school()), factories.school()
    for state in (
        ClaimState.ACCEPTED,
        ClaimState.FULFILLED,
        ClaimState.MISSED,
        ClaimState.CANCELLED_BY_SCHOOL,
    ):
        need = factories.posted(leader, slots=[time_slot(places=3)])
        in_this_term(factories.accepted_claim(on=need, attendee=None, places=3), state)
    first, until = this_term().moments
    for start in (first - timedelta(microseconds=1), until):
        elsewhen = factories.accepted_claim(on=factories.posted(leader))
        Slot.objects.filter(pk=elsewhen.slot_id).update(
            open_until=None, starts_at=start, ends_at=start + timedelta(hours=1)
        )
    Exposure.objects.create(
        day=this_term().first_on, school=idle, viewers="employer", impressions=4, exposure=2.5
    )
    Exposure.objects.create(day=this_term().until, school=idle, viewers="employer", impressions=9, exposure=9)

    count()
    count()

    row = counted(leader.organisation)
    assert (row.visits, row.delivered) == (9, 3)
    row = counted(idle)
    assert (row.visits, row.delivered, row.impressions, row.exposure) == (0, 0, 4, 2.5)


@pytest.mark.django_db
def test_a_term_that_is_over_keeps_its_own_rolls() -> None:
    school = factories.school(is_rural=True)
    School.objects.filter(pk=school.pk).update(pupil_premium_share=0.3)
    equity.keep_facts()
    count()
    SchoolFacts.objects.update(pupils=5)

    count(is_over=True)
    row = counted(school)
    assert (row.pupils, row.pupil_premium_share, row.is_rural) == (7 * 180, 0.3, True)

    count()
    assert counted(school).pupils == 5


@pytest.mark.django_db
def test_a_school_that_is_no_longer_verified_leaves_the_count() -> None:
    school = factories.school()
    count()
    Organisation.objects.filter(pk=school.pk).update(verified_at=None)

    count()

    assert not SchoolTerm.objects.filter(school=school).exists()


@pytest.mark.django_db
def test_providers_count_by_area_and_a_granted_request_counts_once() -> None:
    hub = factories.hub()
    leader = factories.member(factories.school(hub=hub))
    college = access.college()
    access.granted(access.asked(college, of=leader.organisation))
    access.asked(college, of=factories.member(factories.school()).organisation)
    factories.accepted_claim(college, on=factories.posted(leader, slots=[time_slot(days=24)]))
    left = factories.accepted_claim(college, on=factories.posted(leader, slots=[time_slot(days=25)]))
    claims.withdraw(claim=left, reason="ill", by=college, at=timezone.now())

    count()
    count()

    rows = ProviderTerm.objects.all()
    assert [(r.hub, r.size, r.asked, r.granted, r.offered, r.placed) for r in rows.filter(hub=hub)] == [
        (hub, "small", 1, 1, 1, 1)
    ]
    assert [(r.asked, r.granted, r.offered) for r in rows.filter(hub=None)] == [(1, 0, 0)]


@pytest.mark.django_db
def test_a_changed_roll_reaches_the_facts_by_its_event() -> None:
    leader = factories.member(factories.school())
    equity.keep_facts()
    cohort = factories.cohort(leader.organisation, year=10, roll=180)
    before = SchoolFacts.objects.get(school=leader.organisation).pupils
    today = timezone.localdate()
    cohorts.set_roll(y7_entry=cohort.y7_entry, roll=150, on=today, by=leader, at=timezone.now())
    SUBSCRIPTIONS["keep_facts_for_equity"].handle(Event.objects.latest("id"))

    assert (before, SchoolFacts.objects.get(school=leader.organisation).pupils) == (7 * 180, 6 * 180 + 150)
    assert equity.keep_facts() == 0
