"""Random walks over the states of claims: the one statement of `claims.submit` does what plain ORM would."""

from typing import Any

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from brokerage.domain import claims
from brokerage.errors import DomainError
from brokerage.eventlog.models import Event
from brokerage.models import Claim, Encounter, Listing, Slot
from brokerage.states import ClaimState
from tests import factories
from tests.factories.market import time_slot
from tests.reference import claims_orm

REASONS = {"decline": "no_capacity", "withdraw": "ill", "cancel": "staff_absence"}
SUBMIT = st.tuples(
    st.just("submit"), st.integers(0, 3), st.integers(0, 2), st.sampled_from(["me", "nobody", "friend"]),
    st.integers(1, 3),
)  # fmt: skip
ANSWER = st.tuples(st.sampled_from(["accept", "decline", "withdraw", "cancel"]), st.integers(0, 9))
CLOSE = st.tuples(st.just("close"), st.integers(0, 3))
WALKS = st.lists(st.one_of(SUBMIT, SUBMIT, SUBMIT, ANSWER, ANSWER, CLOSE), min_size=3, max_size=14)


class World:
    """Two needs with overlapping times; a verified employer of two people and one not yet verified."""

    def __init__(self, submit: Any) -> None:
        self.submit = submit
        self.leader = factories.member(factories.school())
        first = factories.posted(
            self.leader,
            slots=[time_slot(places=2), time_slot(days=21, places=1), time_slot(days=22, places=3)],
        )
        chosen = factories.posted(
            self.leader, allocation="school_chooses", slots=[time_slot(minutes=90, places=2)]
        )
        self.slots = [factories.slot_of(first, n) for n in range(3)] + [factories.slot_of(chosen)]
        firm = factories.employer()
        boss, helper = factories.member(firm), factories.member(firm, "volunteer")
        self.people = [boss, helper, factories.member(factories.employer(verified_at=None))]
        self.friend = {0: helper, 1: boss, 2: boss}

    def step(self, act: str, *what: Any) -> object:
        try:
            match act:
                case "submit":
                    return self.claim(*what)
                case "close":
                    return self.close(*what)
            return self.answer(act, *what)
        except DomainError as refusal:
            return refusal.code

    def claim(self, slot: int, who: int, attendee: str, places: int) -> object:
        by = self.people[who]
        comes = {"me": by, "nobody": None, "friend": self.friend[who]}[attendee]
        fresh = Slot.objects.select_related("need__school").get(pk=self.slots[slot].pk)
        done = self.submit(slot=fresh, attendee=comes, places=places, by=by, at=timezone.now())
        return self.all().index(done.claim), done.is_new, str(done.claim.state)

    def answer(self, act: str, which: int) -> object:
        known = self.all()
        if not known:
            return None
        claim = known[which % len(known)]
        by = claim.submitted_by if act == "withdraw" else self.leader
        reason = {"reason": REASONS[act]} if act in REASONS else {}
        return str(getattr(claims, act)(claim=claim, **reason, by=by, at=timezone.now()).state)

    def close(self, slot: int) -> None:
        Slot.objects.filter(pk=self.slots[slot].pk).update(open_until=None)

    def all(self) -> list[Claim]:
        return list(Claim.objects.filter(slot__in=self.slots).select_related("submitted_by").order_by("id"))

    def stands(self) -> object:
        slots = [slot.pk for slot in self.slots]
        people = {None: None} | {member.pk: number for number, member in enumerate(self.people)}
        told = Event.objects.filter(organisation_id=self.leader.organisation_id, type__contains=".claim.")
        return {
            "claims": [
                (
                    slots.index(c.slot_id),
                    people[c.attendee_id],
                    c.places,
                    c.state,
                    c.was_verified,
                    bool(c.answered_at),
                )
                for c in self.all()
            ],
            "taken": [Slot.objects.get(pk=pk).taken for pk in slots],
            "encounters": [Encounter.objects.filter(slot=pk).count() for pk in slots],
            "listed": [Listing.objects.filter(slot=pk).exists() for pk in slots],
            "events": [
                (event.type, event.data.get("state"), event.data.get("places_left"))
                for event in told.order_by("id")
            ],
        }


class Walks(TestCase):
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(WALKS)
    def test_one_statement_and_plain_orm_agree_at_every_step(self, walk: list[tuple[Any, ...]]) -> None:
        worlds = [World(claims.submit), World(claims_orm.submit)]
        for act, *what in walk:
            said = [world.step(act, *what) for world in worlds]
            assert said[0] == said[1], (act, what)
        ours, reference = (world.stands() for world in worlds)
        assert ours == reference
        for world in worlds:
            for slot in Slot.objects.filter(pk__in=[slot.pk for slot in world.slots]):
                held = sum(
                    c.places for c in world.all() if c.slot_id == slot.pk and c.state == ClaimState.ACCEPTED
                )
                assert slot.taken == held <= slot.places
