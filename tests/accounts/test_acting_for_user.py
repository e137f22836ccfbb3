"""The hand-written question of every API request answers what the ORM would."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from brokerage.accounts import acting
from tests import factories

pytestmark = pytest.mark.django_db


def test_it_is_the_last_used_else_the_first_joined():
    now = timezone.now()
    for used in permutations([None, now, now - timedelta(days=1)]):
        first = factories.member(factories.employer(), last_used_at=used[0])
        for last_used in used[1:]:
            factories.member(factories.provider(), user=first.user, last_used_at=last_used)
        factories.member(
            factories.employer(), user=first.user, state="ended", last_used_at=now + timedelta(days=1)
        )

        found = acting.for_user(first.user)

        expected = acting._of(first.user).order_by(*acting._USUAL).first()
        assert found == expected
        for part, orm in ((found, expected), (found.organisation, expected.organisation)):
            names = [field.attname for field in part._meta.concrete_fields]
            assert [getattr(part, name) for name in names] == [getattr(orm, name) for name in names]


def test_it_names_one_of_ones_own_or_none(django_assert_num_queries):
    by = factories.member(factories.employer())
    other = factories.member(factories.provider(), user=by.user)
    with django_assert_num_queries(1):
        found = acting.for_user(by.user, str(other.organisation.public_id))
        assert (found, found.organisation.name, found.user) == (other, other.organisation.name, by.user)
    by.user.is_active = False
    assert acting.for_user(by.user) is None
