"""Who sees which need, claim and encounter: a total table."""

import pytest
from django.utils import timezone

from brokerage.domain import needs
from brokerage.models import Claim, Encounter, EncounterNeed
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    hub, trust = factories.hub(), factories.trust()
    leader = factories.member(factories.school(hub=hub, trust=trust))
    college = factories.member(factories.provider())
    need = factories.posted(leader, open_to=["technical_provider"])
    factories.accepted_claim(college, on=need)
    factories.need(leader, title="A draft")
    return {
        "leader": leader,
        "governor": factories.member(leader.organisation, "link_governor"),
        "college": college,
        "colleague": factories.member(college.organisation, "liaison_officer"),
        "rival": factories.member(factories.provider()),
        "employer": factories.member(factories.employer()),
        "hub": factories.member(hub),
        "other_hub": factories.member(factories.hub()),
        "trust": factories.member(trust),
        "other_school": factories.member(factories.school()),
        "asked": factories.member(leader.organisation, "careers_administrator", state="asked"),
        "nobody": None,
    }


@pytest.mark.parametrize(
    ("who", "drafts_and_needs", "claims", "encounters"),
    [
        ("leader", 2, 1, 1),
        ("governor", 2, 1, 1),
        ("college", 1, 1, 1),
        ("colleague", 1, 1, 1),
        ("rival", 1, 0, 0),
        ("employer", 0, 0, 0),
        ("hub", 1, 0, 1),
        ("other_hub", 0, 0, 0),
        ("trust", 1, 0, 1),
        ("other_school", 0, 0, 0),
        ("asked", 0, 0, 0),
        ("nobody", 0, 0, 0),
    ],
)
def test_everyone_sees_their_own_and_nothing_else(world, who, drafts_and_needs, claims, encounters):
    by = world[who]

    assert EncounterNeed.objects.visible_to(by).count() == drafts_and_needs
    assert Claim.objects.visible_to(by).count() == claims
    assert Encounter.objects.visible_to(by).count() == encounters


def test_withdrawn_need_stays_readable_to_those_it_was_open_to(world):
    need = EncounterNeed.objects.get(title="Mock interviews")
    needs.withdraw(need=need, reason="other", by=world["leader"], at=timezone.now())

    assert EncounterNeed.objects.visible_to(world["rival"]).count() == 1


def test_claimant_keeps_seeing_a_need_that_is_no_longer_open_to_it(world):
    need = EncounterNeed.objects.get(title="Mock interviews")
    needs.amend(need=need, fields={"open_to": ["employer"]}, by=world["leader"], at=timezone.now())

    assert EncounterNeed.objects.visible_to(world["college"]).count() == 1
    assert EncounterNeed.objects.visible_to(world["rival"]).count() == 0
