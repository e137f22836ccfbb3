"""The hand-written read agrees with `visible_to` and with what the ORM would have read."""

import pytest

from brokerage.models import EncounterNeed
from brokerage.queries import claimable
from tests import factories
from tests.factories import access
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def readers():
    school = factories.school(hub=factories.hub(), trust=factories.trust())
    leader = factories.member(school)
    firm, college = factories.employer(), factories.provider()
    people = [
        factories.member(firm), factories.member(firm, "volunteer"), factories.member(college),
        factories.member(factories.university()), factories.member(firm, state="ended"), leader,
        factories.member(factories.school()), factories.member(school.hub), factories.member(school.trust),
    ]  # fmt: skip
    return leader, people


def test_it_sees_what_is_visible_and_nothing_else():
    leader, people = readers()
    everyones = factories.posted(leader)
    claimed = factories.posted(leader, slots=[time_slot(places=3)])
    factories.accepted_claim(people[2], on=claimed)
    EncounterNeed.objects.filter(pk=claimed.pk).update(open_to=["employer"])
    needs = [
        everyones,
        claimed,
        factories.need(leader),
        factories.posted(leader, open_to=["university"]),
        factories.posted(),
        access.granted().need,
    ]
    table = {}
    for by in people:
        for number, need in enumerate(needs):
            slot = factories.slot_of(need)
            seen = claimable.read(need.public_id, slot.public_id, by=by) is not None
            assert seen is EncounterNeed.objects.visible_to(by).filter(pk=need.pk).exists(), (by, number)
            table[by.organisation.name, by.role, number] = seen
    assert set(table.values()) == {True, False}


def test_it_reads_what_the_orm_reads():
    leader, people = readers()
    need, by = factories.posted(leader), people[0]
    expected = factories.slot_of(need)
    found = claimable.read(need.public_id, expected.public_id, by=by)
    for part, orm in (
        (found.slot, expected),
        (found.slot.need, expected.need),
        (found.slot.need.school, leader.organisation),
    ):
        assert part == orm
        read = set(part.__dict__) & {field.attname for field in part._meta.concrete_fields}
        assert read
        assert {name: getattr(part, name) for name in read} == {name: getattr(orm, name) for name in read}
    assert found.slot.need.contact.user.email == leader.user.email
    other = factories.slot_of(factories.posted(leader))
    assert claimable.read(need.public_id, other.public_id, by=by) is None


def test_only_active_colleagues_can_be_named():
    leader, people = readers()
    need, (by, volunteer, stranger, _, ended) = factories.posted(leader), people[:5]
    slot = factories.slot_of(need)

    def named(member):
        return claimable.read(need.public_id, slot.public_id, by=by, attendee=member.public_id).attendee

    assert named(volunteer) == volunteer
    assert (named(volunteer).user.name, named(volunteer).is_active) == (volunteer.user.name, True)
    assert named(by) is by
    assert [named(stranger), named(ended), named(leader)] == [None, None, None]
    volunteer.user.is_active = False
    volunteer.user.save()
    assert named(volunteer) is None
