"""Two last keepers who leave at the same moment: one of them stays."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from brokerage.accounts import memberships
from brokerage.accounts.models import Membership, Role
from brokerage.errors import DomainError
from tests.factories import people

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_same_moment(*acts: Callable[[], object]) -> list[str]:
    start = threading.Barrier(len(acts))
    answers: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            act()
            answers.append("done")
        except DomainError as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    return sorted(answers)


@pytest.mark.parametrize("_", range(5))
def test_two_leaving_at_once_leave_one_behind(_: int) -> None:
    first = people.member(people.school())
    second = people.member(first.organisation, Role.SENIOR_LEADER)

    answers = at_the_same_moment(
        lambda: memberships.leave(first, by=first.user, at=timezone.now()),
        lambda: memberships.leave(second, by=second.user, at=timezone.now()),
    )

    assert answers == ["done", "last_keeper"]
    assert Membership.objects.keepers().filter(organisation=first.organisation).count() == 1


@pytest.mark.parametrize("_", range(5))
def test_two_removing_each_other_at_once_leave_one_behind(_: int) -> None:
    first = people.member(people.school())
    second = people.member(first.organisation)

    answers = at_the_same_moment(
        lambda: memberships.remove(second, by=first, at=timezone.now()),
        lambda: memberships.remove(first, by=second, at=timezone.now()),
    )

    assert answers == ["done", "not_allowed"]
    assert Membership.objects.keepers().filter(organisation=first.organisation).count() == 1


def test_asking_twice_at_once_is_one_request() -> None:
    school = people.school()
    user = people.member(people.employer()).user

    answers = at_the_same_moment(
        *[
            lambda: memberships.ask(school, role=Role.CAREERS_ADVISER, by=user, at=timezone.now())
            for _ in range(4)
        ]
    )

    assert answers == ["done"] * 4
    assert Membership.objects.filter(organisation=school, user=user).count() == 1
