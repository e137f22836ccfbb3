"""Each row of the mapping once more, through the verbs and the log they write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from brokerage.accounts.models import Membership, Organisation
from brokerage.domain import access_requests, claims, encounters, needs
from brokerage.domain.slots import SlotTime
from brokerage.fairness import feed
from brokerage.fairness.models import Contest, FairnessCase
from brokerage.models import AccessRequest, Claim, Encounter
from tests import factories
from tests.factories import access
from tests.factories.market import LONDON

pytestmark = pytest.mark.django_db

ASKED = datetime(2025, 1, 13, 10, tzinfo=LONDON)
UNTIL = date(2025, 12, 31)
Row = tuple[str, dict[str, Any]]


def after(days: int) -> datetime:
    return ASKED + timedelta(days=days)


@dataclass
class World:
    leader: Membership
    college: Membership

    @property
    def school(self) -> Organisation:
        return self.leader.organisation

    def asked(self, **fields: Any) -> AccessRequest:
        return access.asked(self.college, of=self.school, at=ASKED, **fields)

    def granted(self) -> AccessRequest:
        request = self.asked()
        return access.granted(request, by=self.leader, at=after(2))

    def claimed(self, allocation: str = "school_chooses", *, days: int = 20) -> Claim:
        start = after(days)
        slot = SlotTime(starts_at=start, ends_at=start + timedelta(hours=1))
        need = factories.posted(
            self.leader, at=after(-1), slots=[slot], allocation=allocation, audience="whole_year"
        )
        return claims.submit(
            slot=factories.slot_of(need), attendee=self.college, by=self.college, at=ASKED
        ).claim

    def booked(self) -> Claim:
        return claims.accept(claim=self.claimed(), by=self.leader, at=after(1))

    def record(self, claim: Claim, *, days: int = 40, **what: Any) -> None:
        encounter = Encounter.objects.get(slot=claim.slot)
        encounters.record(encounter=encounter, by=self.leader, at=after(days), **what)


@pytest.fixture
def world() -> World:
    return World(factories.member(factories.school()), access.college())


def told(school: Organisation, until: date = UNTIL) -> list[Row]:
    """What the log says, without what every row has."""
    stream = feed.read(until=until, school_ids=[school.pk]).stream(until)
    common = {"seq", "at", "type", "id"}
    return [(event.type, {k: v for k, v in event.data.items() if k not in common}) for event in stream]


def types(school: Organisation) -> list[str]:
    return [type_ for type_, _ in told(school)]


def countered(world: World, **fields: Any) -> AccessRequest:
    request = world.asked()
    offer = {"dates": [request.dates[0]], "starts": time(11)} | fields
    return access_requests.counter_offer(request=request, by=world.leader, at=after(3), **offer)


def test_an_access_request_and_its_grant(world: World) -> None:
    request = world.granted()

    assert told(world.school) == [
        (
            "request",
            {
                "school": str(world.school.public_id), "provider": str(world.college.organisation.public_id),
                "ptype": "fe_college", "origin": "access_request", "year_group": 10, "minutes": 50,
                "whole_year": True,
            },
        ),
        (
            "granted",
            {
                "scheduled": request.dates[0].isoformat(), "minutes": 50, "slot": "lesson",
                "audience_planned": 180, "audience_kind": "whole_year", "cohort": 180,
            },
        ),
    ]  # fmt: skip


def test_a_claim_that_waits_for_the_answer(world: World) -> None:
    world.booked()

    (request, asked), (granted, _) = told(world.school)
    assert (request, asked["origin"], granted) == ("request", "claim", "granted")
    assert "first_come" not in asked


def test_a_first_come_claim_is_nobodys_decision(world: World) -> None:
    world.claimed("first_come")

    (request, asked), (granted, _) = told(world.school)
    assert (request, asked["first_come"], granted) == ("request", True, "granted")


def test_a_refused_place_leaves_no_trace(world: World) -> None:
    first = world.claimed("first_come")
    rival = access.college()
    with pytest.raises(Exception, match="place went"):
        claims.submit(slot=first.slot, attendee=rival, by=rival, at=after(1))

    assert types(world.school) == ["request", "granted"]


def declined(world: World) -> None:
    claims.decline(claim=world.claimed(), reason="no_capacity", by=world.leader, at=after(1))


def refused(world: World) -> None:
    access_requests.refuse(request=world.asked(), ground="already_met", by=world.leader, at=after(1))


def postponed(world: World) -> None:
    access_requests.postpone(
        request=world.asked(), until=after(30).date(), reason="exam_period", by=world.leader, at=after(1)
    )


def questioned(world: World) -> None:
    asked = access_requests.ask_back(
        request=world.asked(), question="Which room?", by=world.leader, at=after(1)
    )
    access_requests.answer_question(request=asked, answer="Any.", by=world.college, at=after(4))


def duplicated(world: World) -> None:
    first = world.asked()
    second = access.asked(world.college, of=world.school, at=after(1), year_groups=[8])
    marked = access_requests.mark_duplicate(request=second, duplicate_of=first, by=world.leader, at=after(2))
    access_requests.settle_duplicate(request=marked, is_duplicate=True, by=world.college, at=after(3))


def taken(world: World) -> None:
    offered = countered(world)
    access_requests.accept_counter_offer(request=offered, on=offered.dates[0], by=world.college, at=after(5))


def not_taken_in_full(world: World) -> None:
    access_requests.reject_counter_offer(request=countered(world), by=world.college, at=after(5))


def not_taken_of_less(world: World) -> None:
    offered = countered(world, audience="class", minutes=20)
    access_requests.reject_counter_offer(request=offered, by=world.college, at=after(5))


def withdrawn(world: World) -> None:
    access_requests.withdraw(request=world.asked(), by=world.college, at=after(1))


def called_off(world: World) -> None:
    claims.cancel(claim=world.booked(), reason="staff_absence", by=world.leader, at=after(9))


def grant_called_off(world: World) -> None:
    world.granted()
    claims.cancel(claim=Claim.objects.get(), reason="staff_absence", by=world.leader, at=after(9))


def left(world: World) -> None:
    claims.withdraw(claim=world.booked(), reason="ill", by=world.college, at=after(9))


@pytest.mark.parametrize(
    ("act", "rows"),
    [
        (declined, [("refused", {"reason": "capacity"})]),
        (refused, [("refused", {"reason": "already_covered"})]),
        (postponed, [("answered", {"in_full": False})]),
        (questioned, [("question", {}), ("reply", {})]),
        (withdrawn, [("withdrawn", {"by": "provider"})]),
        (not_taken_in_full, [("answered", {"in_full": True}), ("withdrawn", {"by": "provider"})]),
        (not_taken_of_less, [("answered", {"in_full": False}), ("refused", {"reason": "no_reason"})]),
    ],
)
def test_an_answer_without_a_date(world: World, act: Callable[[World], None], rows: list[Row]) -> None:
    act(world)
    assert told(world.school)[1:] == rows


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (taken, ["request", "answered", "granted"]),
        (duplicated, ["request", "request", "refused"]),
        (called_off, ["request", "granted", "cancelled"]),
        (grant_called_off, ["request", "granted", "cancelled"]),
        (left, ["request", "granted", "cancelled"]),
    ],
)
def test_a_life_in_order(world: World, act: Callable[[World], None], expected: list[str]) -> None:
    act(world)
    assert types(world.school) == expected


def test_who_called_it_off(world: World) -> None:
    called_off(world)
    assert told(world.school)[-1] == ("cancelled", {"by": "school"})


@pytest.mark.parametrize(("days", "row"), [(30, "moved"), (31, "cancelled")])
def test_a_moved_time_is_a_new_date_within_30_days(world: World, days: int, row: str) -> None:
    claim = world.booked()
    slot = claim.slot
    moved = SlotTime(
        public_id=slot.public_id,
        starts_at=slot.starts_at + timedelta(days=days),
        ends_at=slot.ends_at + timedelta(days=days),
        places=1,
    )
    needs.amend(need=slot.need, fields={}, slots=[moved], by=world.leader, at=after(3))

    granted, last = told(world.school)[1:]
    assert granted[1]["scheduled"] == "2025-02-02"  # as it was agreed, not as it was moved
    assert last[0] == row


def test_what_happened_is_told_as_of_its_own_end(world: World) -> None:
    """Written down three weeks later, a meeting still happened on its day: or MARGINAL would never be asked."""
    world.record(world.booked(), delivered=True, attended={"10": 170})

    stream = feed.read(until=UNTIL, school_ids=[world.school.pk]).stream(UNTIL)
    assert stream[-1].type == "delivered"
    assert stream[-1].at == after(20) + timedelta(hours=1)
    assert stream[-1].data["attendance"] == 170


def test_a_recording_put_right_counts_as_it_stands_last(world: World) -> None:
    claim = world.booked()
    world.record(claim, delivered=True, attended={"10": 170}, missed=[claim.public_id])
    assert told(world.school)[-1] == ("cancelled", {"by": "provider"})

    world.record(claim, delivered=True, attended={"10": 170})
    assert types(world.school) == ["request", "granted", "delivered"]


def test_one_that_did_not_happen_is_the_schools_on_its_day(world: World) -> None:
    world.record(world.booked(), delivered=False)

    stream = feed.read(until=UNTIL, school_ids=[world.school.pk]).stream(UNTIL)
    assert (stream[-1].type, stream[-1].data["by"]) == ("cancelled", "school")
    assert stream[-1].at.date() == after(20).date()


def test_one_that_is_put_right_counts_as_it_stands_last(world: World) -> None:
    claim = world.booked()
    world.record(claim, delivered=False)
    world.record(claim, delivered=True, attended={"10": 90}, corrects=True, days=41)
    assert types(world.school) == ["request", "granted", "delivered"]

    world.record(claim, delivered=False, corrects=True, days=42)
    assert types(world.school) == ["request", "granted", "cancelled"]


@pytest.mark.parametrize(
    ("ground", "reason"), [("wrong_type", None), ("safeguarding", "safeguarding_upheld")]
)
def test_what_a_reviewer_accepts_changes_what_the_request_is_told_as(
    world: World, ground: str, reason: str | None
) -> None:
    request = world.asked()
    access_requests.refuse(request=request, ground="safeguarding_not_satisfied", by=world.leader, at=after(1))
    case = FairnessCase.objects.create(
        school=world.school, flagged_at=after(60), flagged_on=after(59).date(), e_now=1, threshold=1
    )
    staff = world.leader.user
    Contest.objects.create(
        case=case, request=request.public_id, ground=ground, contested_by=world.leader, contested_at=after(61),
        outcome="accepted", answer="So it was.", settled_by=staff, settled_at=after(62),
    )  # fmt: skip

    (_, asked), (_, refused) = told(world.school)
    assert asked.get("exempt", False) is (reason is None)
    assert refused["reason"] == (reason or "safeguarding_not_satisfied")


def test_nothing_is_told_of_a_school_after_it_closed(world: World) -> None:
    request = world.asked()
    Organisation.objects.filter(pk=world.school.pk).update(closed_on=after(1).date())
    access_requests.refuse(request=request, ground="already_met", by=world.leader, at=after(2))

    assert types(world.school) == ["request"]


def test_nothing_is_told_before_the_streams_first_day(world: World) -> None:
    access.asked(world.college, of=world.school, at=datetime(2024, 8, 31, 23, 30, tzinfo=LONDON))
    assert types(world.school) == []


@pytest.mark.parametrize(("days", "is_short"), [(13, True), (14, False)])
def test_notice_counts_the_schools_own_days(world: World, days: int, is_short: bool) -> None:
    """From Monday 13 January: Friday the 24th is its ninth school day, Monday the 27th its tenth."""
    day = {13: date(2025, 1, 24), 14: date(2025, 1, 27)}[days]
    world.asked(dates=[day])
    assert told(world.school)[0][1].get("exempt", False) is is_short
