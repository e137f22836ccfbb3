"""Who may do what through the API: the table of the roles, and nothing for strangers."""

import pytest

from brokerage.models import Encounter
from tests import factories
from tests.api.conftest import Api
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db
HELD = {"delivered": True, "attended": {"10": 90}}

WRITERS = ["careers_leader", "careers_administrator", "senior_leader"]
READERS = ["link_governor", "careers_adviser"]
CLAIMANTS = ["coordinator", "volunteer", "another_volunteer"]
EVERYONE = [*WRITERS, *READERS, *CLAIMANTS, "hub_lead", "trust_lead", "other_school", "other_employer"]
SCHOOL = {*WRITERS, *READERS}
# Act → who may (2xx); who may see it but not do it (403); for everyone else it is not there (404).
SEES_NEED = {*SCHOOL, *CLAIMANTS, "hub_lead", "trust_lead", "other_employer"}
SEES_CLAIM = {*SCHOOL, *CLAIMANTS}
SEES_ENCOUNTER = {*SCHOOL, *CLAIMANTS, "hub_lead", "trust_lead"}
TABLE = {
    "read the need": (SEES_NEED, SEES_NEED),
    "amend": (set(WRITERS), SEES_NEED),
    "publish": (set(WRITERS), SEES_NEED),
    "withdraw the need": (set(WRITERS), SEES_NEED),
    "claim": ({*CLAIMANTS, "other_employer"}, SEES_NEED),
    "read the claim": (SEES_CLAIM, SEES_CLAIM),
    "accept": (set(WRITERS), SEES_CLAIM),
    "decline": (set(WRITERS), SEES_CLAIM),
    "cancel": (set(WRITERS), SEES_CLAIM),
    "withdraw the claim": ({"coordinator", "volunteer"}, SEES_CLAIM),
    "name who comes": ({"coordinator"}, SEES_CLAIM),
    "read the encounter": (SEES_ENCOUNTER, SEES_ENCOUNTER),
    "record": (set(WRITERS), SEES_ENCOUNTER),
    "confirm": ({"coordinator", "volunteer"}, SEES_ENCOUNTER),
}


class World:
    """One school of a hub and a trust, one employer, and strangers."""

    def __init__(self) -> None:
        area, chain = factories.hub(), factories.trust()
        school, employer = factories.school(hub=area, trust=chain), factories.employer()
        self.people = {role: factories.member(school, role) for role in SCHOOL}
        self.people |= {
            "coordinator": factories.member(employer),
            "volunteer": factories.member(employer, "volunteer"),
            "another_volunteer": factories.member(employer, "volunteer"),
            "hub_lead": factories.member(area),
            "trust_lead": factories.member(chain),
            "other_school": factories.member(factories.school()),
            "other_employer": factories.member(factories.employer(), "volunteer"),
        }
        self.leader, self.volunteer = self.people["careers_leader"], self.people["volunteer"]
        self.booked = factories.accepted_claim(
            self.volunteer, on=factories.posted(self.leader, slots=[time_slot(days=30)])
        )
        self.need = factories.posted(self.leader, allocation="school_chooses", slots=[time_slot(places=9)])
        self.waiting = factories.submitted_claim(self.volunteer, on=self.need)
        past = factories.accepted_claim(
            self.volunteer, on=factories.posted(self.leader, slots=[time_slot(days=31)])
        )
        factories.over(past)
        self.encounter = Encounter.objects.get(slot=past.slot)

    def address(self, act: str) -> tuple[str, str, object]:
        need, claim = f"needs/{self.need.public_id}/", f"claims/{self.waiting.public_id}/"
        encounter, booked = f"encounters/{self.encounter.public_id}/", f"claims/{self.booked.public_id}/"
        return {
            "read the need": ("GET", need, None),
            "amend": ("PATCH", need, {"title": "New"}),
            "publish": ("POST", need + "publish/", None),
            "withdraw the need": ("POST", need + "withdraw/", {"reason": "other"}),
            "claim": ("POST", need + "claims/", {"slot": str(factories.slot_of(self.need).public_id)}),
            "read the claim": ("GET", claim, None),
            "accept": ("POST", claim + "accept/", {}),
            "decline": ("POST", claim + "decline/", {"reason": "other"}),
            "cancel": ("POST", booked + "cancel/", {"reason": "other"}),
            "withdraw the claim": ("POST", claim + "withdraw/", {"reason": "ill"}),
            "name who comes": ("POST", claim + "attendee/", {"attendee": None}),
            "read the encounter": ("GET", encounter, None),
            "record": ("POST", encounter + "record/", HELD),
            "confirm": ("POST", encounter + "confirm/", None),
        }[act]


@pytest.mark.parametrize("act", TABLE)
def test_each_role_may_do_exactly_what_the_table_says(act):
    world = World()
    may, see = TABLE[act]
    if act == "confirm":
        Api(world.leader).post(f"encounters/{world.encounter.public_id}/record/", HELD)
    method, path, body = world.address(act)
    answers = {}
    # Those who may not go first, so that nobody finds the deed done.
    for role in sorted(EVERYONE, key=lambda role: role in may):
        answers[role] = Api(world.people[role]).send(method, path, body).status_code
    done = {role for role, status in answers.items() if status in (200, 201)}
    refused = {role for role, status in answers.items() if status == 403}
    absent = {role for role, status in answers.items() if status == 404}
    assert (done, refused, absent) == (may, see - may, set(EVERYONE) - see), answers
    assert Api().send(method, path, body).status_code == 401


def test_only_a_schools_writers_post():
    world = World()
    slot = time_slot()
    body = {"title": "Talk", "encounter_type": "career_talk", "year_groups": [9],
            "slots": [{"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}]}  # fmt: skip
    answers = {role: Api(world.people[role]).post("needs/", body).status_code for role in EVERYONE}
    assert {role for role, status in answers.items() if status == 201} == {*WRITERS, "other_school"}
    assert set(answers.values()) == {201, 403}
