"""What is true of the demo world, whoever wrote it: the verbs or the ledger in bulk."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.test import Client
from django.urls import reverse

from brokerage.accounts.models import (
    Kind,
    Membership,
    MembershipState,
    Organisation,
    ProviderKind,
    Role,
    User,
)
from brokerage.eventlog.models import Delivery, Event
from brokerage.eventlog.subscriptions import SUBSCRIPTIONS
from brokerage.fairness.models import FairnessCase
from brokerage.fairness.states import CaseState
from brokerage.models import Claim, Encounter, EncounterNeed, Slot
from brokerage.notifications.models import Entry, Letter
from brokerage.states import (
    LIVE_CLAIMS,
    PLACE_HOLDERS,
    ClaimState,
    Confirmation,
    EncounterState,
    NeedState,
    Shown,
)
from config.demo import fairness, people, schools, terms
from config.demo.clock import LONDON
from config.demo.sign_ins import PASSWORD, SIGN_INS
from schools.models import School
from tests.demo.conftest import World, rows

pytestmark = pytest.mark.django_db
EMAILS = [email for email, _ in SIGN_INS]


@pytest.fixture(autouse=True)
def _django_db_helper(world: World) -> None:
    """In place of pytest-django's: the tests share the world's transaction instead of opening one each."""


def test_the_same_day_and_seed_make_the_same_world(world: World) -> None:
    for what, morning in world.this_morning.items():
        assert morning == world.tonight[what], what


def test_the_world_is_as_large_as_promised() -> None:
    kinds = Organisation.objects.values_list("kind").annotate(count=Count("id"))
    assert dict(kinds) == {"school": 40, "employer": 150, "provider": 15, "hub": 1, "trust": 2, "platform": 1}
    assert Organisation.objects.filter(provider_kind=ProviderKind.HE).count() == 3
    volunteers = Membership.objects.active().filter(organisation__kind=Kind.EMPLOYER)
    assert volunteers.count() == 400


def test_registers_could_not_be_real() -> None:
    of_schools = Organisation.objects.filter(kind=Kind.SCHOOL).values_list("urn", flat=True)
    assert None not in of_schools
    assert all(urn.startswith("900") for urn in of_schools if urn)
    ukprns = Organisation.objects.filter(kind=Kind.PROVIDER).values_list("ukprn", flat=True)
    assert sorted(ukprns) == [str(10099900 + number) for number in range(15)]
    assert not Organisation.objects.with_a_door().exclude(outcode__regex=r"^(WX|VA)\d+$").exists()
    dramas = Organisation.objects.filter(kind=Kind.SCHOOL, telephone__regex=r"^01632 960\d{3}$")
    assert dramas.values("telephone").distinct().count() == 40


def test_every_school_can_say_whom_it_teaches() -> None:
    for school in School.objects.select_related("organisation__hosting"):
        assert {int(year) for year in school.organisation.hosting.rolls} == set(school.year_groups)
        assert school.organisation.hub is not None


@pytest.mark.parametrize("email", EMAILS)
def test_everybody_on_the_list_can_sign_in(email: str) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert client.session.get("_auth_user_id") == str(User.objects.get(email=email).pk)


def test_sign_ins_belong_to_verified_organisations() -> None:
    expected = dict.fromkeys(EMAILS, 1) | {"liaison@training.example": 2}
    for user in User.objects.filter(email__in=EMAILS):
        theirs = list(user.memberships.active().select_related("organisation").order_by("began_at"))  # type: ignore[attr-defined]
        assert len(theirs) == expected.pop(user.email)
        assert all(membership.organisation.is_verified for membership in theirs)
        assert user.is_staff == (user.email == "staff@doorway.example")
        assert EmailAddress.objects.get(user=user).verified
        if len(theirs) == 2:
            assert theirs[0].organisation.provider_kind == ProviderKind.ITP
    assert expected == {}


def test_the_sign_ins_of_a_school_share_it() -> None:
    fernlow = Organisation.objects.get(name=schools.FERNLOW)
    roles = Membership.objects.active().filter(organisation=fernlow).values_list("role", flat=True)
    assert set(roles) == {
        Role.CAREERS_LEADER, Role.CAREERS_ADMINISTRATOR, Role.SENIOR_LEADER, Role.LINK_GOVERNOR,
    }  # fmt: skip


def test_the_sign_ins_mornings_are_free_two_to_four_weeks_ahead(world: World) -> None:
    """15 to 30 days ahead, 09:00 to 13:00: nobody's claim, nor a time of their school."""
    claims = Claim.objects.filter(
        Q(person__email__in=EMAILS) | Q(submitted_by__user__email__in=EMAILS), state__in=LIVE_CLAIMS
    )
    ours = Slot.objects.filter(need__school__name=schools.FERNLOW)
    slots = [*ours, *Slot.objects.filter(pk__in=[claim.slot_id for claim in claims])]
    taken = [slot for slot in slots if _is_in_the_free_window(slot, world)]
    assert taken == []
    assert any(_days_ahead(slot, world) in range(15, 31) for slot in slots), "the afternoons are used"


def _days_ahead(slot: Slot, world: World) -> int:
    return (slot.starts_at.astimezone(LONDON).date() - world.now.date()).days


def _is_in_the_free_window(slot: Slot, world: World) -> bool:
    start, end = slot.starts_at.astimezone(LONDON).time(), slot.ends_at.astimezone(LONDON).time()
    return 15 <= _days_ahead(slot, world) <= 30 and start < time(13) and end > time(9)


def test_taken_is_the_places_of_those_who_hold_them() -> None:
    held = Coalesce(Sum("claims__places", filter=Q(claims__state__in=PLACE_HOLDERS)), 0)
    assert not Slot.objects.annotate(held=held).exclude(taken=F("held")).exists()


def test_nobody_is_in_two_places() -> None:
    twice = """
        SELECT one.id FROM brokerage_claim one JOIN brokerage_claim other
        ON one.person_id = other.person_id AND one.id < other.id AND one.during && other.during
        WHERE one.state IN ('accepted', 'fulfilled', 'missed') AND other.state IN ('accepted', 'fulfilled', 'missed')
    """
    assert rows(twice) == []


def test_every_state_of_a_need_is_there(world: World) -> None:
    shown = set()
    for need in EncounterNeed.objects.prefetch_related("slots"):
        left = sum(slot.places_left for slot in need.slots.all())
        shown.add(need.shown_state(places_left=left, at=world.now))
    assert shown == set(Shown)
    fernlows = EncounterNeed.objects.filter(school__name=schools.FERNLOW).values_list("state", flat=True)
    assert set(fernlows) == set(NeedState)


def test_every_state_of_a_claim_is_there_with_its_reason() -> None:
    assert set(Claim.objects.values_list("state", flat=True)) == set(ClaimState)
    ended = [
        ClaimState.DECLINED,
        ClaimState.WITHDRAWN,
        ClaimState.CANCELLED_BY_SCHOOL,
        ClaimState.CANCELLED_BY_CLAIMANT,
    ]
    assert not Claim.objects.filter(state__in=ended).filter(Q(reason="") | Q(ended_at=None)).exists()
    assert not Claim.objects.exclude(state__in=ended).exclude(reason="").exists()


def test_encounters_are_recorded_confirmed_disputed_and_waiting(world: World) -> None:
    assert set(Encounter.objects.values_list("state", flat=True)) == set(EncounterState)
    assert set(Claim.objects.values_list("confirmation", flat=True)) == set(Confirmation)
    fernlows = Encounter.objects.filter(school__name=schools.FERNLOW)
    over = fernlows.filter(state=EncounterState.PLANNED, slot__ends_at__lt=world.now)
    for address in (people.VOLUNTEER, people.COLLEGE, people.TRAINING):
        assert over.filter(slot__claims__person__email=address).exists(), address


def test_nothing_that_is_over_still_waits_for_an_answer(world: World) -> None:
    assert not Claim.objects.filter(state=ClaimState.SUBMITTED, slot__starts_at__lt=world.now).exists()


def test_the_hub_lead_has_a_fairness_case_to_decide() -> None:
    case = FairnessCase.objects.get(state=CaseState.REVIEW, school__name=fairness.IN_REVIEW)
    client = Client()
    client.force_login(User.objects.get(email=people.HUB))
    page = client.get(reverse("fairness_case", args=[case.public_id])).content.decode()
    assert reverse("fairness_decide", args=[case.public_id]) in page


def test_somebody_is_to_be_named_after_a_move() -> None:
    assert (
        Claim.objects.filter(attendee_clashed=True, attendee=None, slot_moved_at__isnull=False).count() == 2
    )


def test_approvals_wait() -> None:
    waiting = Membership.objects.filter(state=MembershipState.ASKED)
    assert waiting.filter(organisation__name=schools.FERNLOW).count() == 2
    new = Organisation.objects.filter(verified_at=None)
    assert set(new.values_list("kind", flat=True)) == {Kind.EMPLOYER, Kind.PROVIDER}
    assert Claim.objects.filter(was_verified=False, state=ClaimState.SUBMITTED).exists()


def test_every_claim_and_need_has_its_events() -> None:
    told = Event.objects.filter(type="brokerage.claim.submitted.v1").values_list("subject_id", flat=True)
    claimed = Claim.objects.filter(slot__need__is_arranged=False)
    assert sorted(told) == sorted(claimed.values_list("public_id", flat=True))
    granted = Event.objects.filter(type="brokerage.access_request.granted.v1").values_list("data", flat=True)
    arranged = Claim.objects.filter(slot__need__is_arranged=True).values_list("public_id", flat=True)
    assert sorted(data["claim"] for data in granted) == sorted(map(str, arranged))
    published = Event.objects.filter(type="brokerage.need.published.v1").values_list("subject_id", flat=True)
    posted = EncounterNeed.objects.published().filter(is_arranged=False)
    assert sorted(published) == sorted(posted.values_list("public_id", flat=True))


def test_every_debt_is_paid_and_no_letter_is_owed() -> None:
    owed = sum(Event.objects.filter(type__in=s.types).count() for s in SUBSCRIPTIONS.values())
    assert Delivery.objects.filter(paid_at__isnull=False).count() == owed
    assert Delivery.objects.filter(paid_at=None).count() == 0
    assert Letter.objects.count() == 0


def test_the_bell_rings_for_the_last_fortnight_alone(world: World) -> None:
    assert not Entry.objects.filter(at__lt=world.now - timedelta(days=14)).exists()
    assert not Entry.objects.filter(read_at=None, at__lt=world.now - timedelta(days=4)).exists()
    assert Entry.objects.filter(read_at=None, person__email="leader@school.example").exists()


def test_positions_in_a_feed_follow_time() -> None:
    for person in User.objects.filter(email__in=EMAILS):
        entries: Any = Entry.objects.filter(person=person).order_by("position")
        times = [entry.at for entry in entries]
        assert times == sorted(times)
        assert [entry.position for entry in entries] == list(range(1, len(times) + 1))


def test_nobody_of_the_world_plans_for_a_bank_holiday() -> None:
    may_day = date(2027, 5, 3)

    assert list(terms.school_days(may_day - timedelta(days=3), may_day + timedelta(days=1), [])) == [
        date(2027, 4, 30),
        date(2027, 5, 4),
    ]
