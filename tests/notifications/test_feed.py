"""Positions: no smaller one appears after a greater, whoever commits first."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from brokerage.accounts import memberships
from brokerage.accounts.models import User
from brokerage.eventlog import deliver
from brokerage.eventlog.models import Delivery, Event
from brokerage.notifications import entries, feed
from brokerage.notifications.entries import News
from brokerage.notifications.models import Entry, Feed
from brokerage.notifications.recipients import Recipient
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def event() -> Event:
    return Event.objects.create(type="tests.told.v1", at=timezone.now())


def news(*members, type_="tests.told") -> list[News]:
    return [News(type=type_, text="Something happened.", to=[Recipient.of(member) for member in members])]


def positions(member) -> list[int]:
    return list(Entry.objects.filter(person=member.user).order_by("id").values_list("position", flat=True))


@pytest.fixture
def person():
    return factories.member(factories.school())


def test_positions_grow_by_one_in_each_feed(person):
    other = factories.member(factories.school())
    entries.write(event(), news(person))
    entries.write(event(), news(person, other))

    assert (positions(person), positions(other)) == ([1, 2], [1])
    assert feed.last_position(person.user) == 2


def test_the_same_news_again_is_written_once(person):
    happened = event()
    for _ in range(3):
        entries.write(happened, news(person))

    assert positions(person) == [1]
    assert feed.last_position(person.user) == 1


def test_a_person_with_two_memberships_is_told_once(person):
    second = factories.member(factories.employer(), user=person.user)
    entries.write(event(), news(person, second))

    assert positions(person) == [1]


def test_someone_who_cannot_be_told_does_not_keep_it_from_the_others(person):
    others = [factories.member(factories.school()) for _ in range(2)]
    to = [Recipient.of(member) for member in (others[0], person, others[1])]
    happened = event()

    def words(recipient):
        return "Nothing a row can hold: \0" if recipient.user == person.user else "x"

    for _ in range(2):
        with pytest.raises(deliver.PartlyPaidError, match="1 of 3 not told"):
            entries.write(happened, [News(type="tests.told", text=words, to=to)])

    assert [positions(member) for member in (person, *others)] == [[], [1], [1]]


def test_somebody_who_is_no_longer_there_is_left_out(person):
    ghost = Recipient(User(pk=10**9, email="gone@example.test"))

    entries.write(event(), [News(type="tests.told", text="x", to=[ghost, Recipient.of(person)])])

    assert list(Entry.objects.values_list("person_id", flat=True)) == [person.user_id]


def test_a_letter_that_cannot_be_written_keeps_nothing_from_the_others(person):
    other = factories.member(factories.school())

    def letter(recipient):
        raise ValueError("no words")

    with pytest.raises(deliver.PartlyPaidError, match="2 of 2 not told: no words"):
        entries.write(
            event(),
            [
                News(
                    type="tests.told", text="x", to=[Recipient.of(person), Recipient.of(other)], letter=letter
                )
            ],
        )


def test_writing_costs_the_same_number_of_statements_for_one_and_for_many(person, django_assert_num_queries):
    many = [person, *(factories.member(person.organisation) for _ in range(60))]
    first, second = event(), event()
    with django_assert_num_queries(5):  # savepoint, feeds, locks, entries, release
        entries.write(first, news(person))
    with django_assert_num_queries(5):
        entries.write(second, news(*many))


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_the_later_waits_so_that_no_smaller_position_follows_a_greater(person):
    """The first to number commits last. A reader between the commits must never be given the greater first."""
    numbered, may_commit, seen = threading.Event(), threading.Event(), []

    def first():
        with transaction.atomic():
            entries.write(event(), news(person, type_="tests.first"))
            numbered.set()
            may_commit.wait(5)
        connection.close()

    def second():
        numbered.wait(5)
        with transaction.atomic():
            entries.write(event(), news(person, type_="tests.second"))
        connection.close()

    writers = [threading.Thread(target=first), threading.Thread(target=second)]
    for writer in writers:
        writer.start()
    numbered.wait(5)
    writers[1].join(0.5)  # it may not overtake
    seen.append([entry.position for entry in feed.after(person.user, 0)])
    may_commit.set()
    for writer in writers:
        writer.join()
    seen.append([(entry.position, entry.type) for entry in feed.after(person.user, 0)])

    assert seen == [[], [(1, "tests.first"), (2, "tests.second")]]


@pytest.mark.django_db(transaction=True)
def test_writers_of_many_feeds_in_any_order_never_deadlock(person):
    people = [person, *(factories.member(factories.school()) for _ in range(7))]
    gate, problems = threading.Barrier(4), []

    def write(order):
        gate.wait()
        try:
            for _ in range(10):
                with transaction.atomic():
                    entries.write(event(), news(*order))
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    orders = [people, people[::-1], people[4:] + people[:4], people[::2] + people[1::2]]
    writers = [threading.Thread(target=write, args=[order]) for order in orders]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert problems == []
    assert [positions(member) for member in people] == [list(range(1, 41))] * 8
    assert set(Feed.objects.values_list("last_position", flat=True)) == {40}


def test_after_gives_what_came_later_oldest_first_in_pages(person):
    for number in range(5):
        entries.write(event(), news(person, type_=f"tests.{number}"))

    first = feed.after(person.user, 1, limit=2)

    assert [entry.position for entry in first] == [2, 3]
    assert [entry.position for entry in feed.after(person.user, 3, limit=2)] == [4, 5]
    assert feed.after(person.user, 5) == []


def test_many_feeds_are_read_with_one_statement(person, django_assert_num_queries):
    others = [factories.member(factories.school()) for _ in range(3)]
    entries.write(event(), news(person, *others))
    entries.write(event(), news(person, type_="tests.more"))

    with django_assert_num_queries(1):
        found = feed.after_many({person.user_id: 1, others[0].user_id: 0, others[1].user_id: 1})

    assert {who: [entry.position for entry in theirs] for who, theirs in found.items()} == {
        person.user_id: [2],
        others[0].user_id: [1],
    }


def test_what_was_an_organisations_is_hidden_when_the_membership_ends(person):
    colleague = factories.member(person.organisation, "careers_administrator")
    entries.write(event(), news(colleague))
    entries.write(event(), [News(type="tests.own", text="x", to=[Recipient(colleague.user)])])
    memberships.remove(colleague, by=person, at=timezone.now())

    assert [entry.type for entry in feed.after(colleague.user, 0)] == ["tests.own"]
    assert [entry.type for entry in feed.bell(colleague.user)] == ["tests.own"]
    assert [entry.type for entry in feed.after_many({colleague.user_id: 0})[colleague.user_id]] == [
        "tests.own"
    ]


def test_the_bell_counts_until_read(person):
    for number in range(3):
        entries.write(event(), news(person, type_=f"tests.{number}"))
    now = timezone.now()

    assert feed.unread(person.user) == 3
    assert feed.mark_read(person.user, 2, at=now).read_at == now
    assert feed.mark_read(person.user, 99, at=now) is None
    assert feed.unread(person.user) == 2
    assert feed.mark_all_read(person.user, up_to=2, at=now) == 1
    assert [entry.position for entry in feed.bell(person.user).filter(read_at=None)] == [3]


@pytest.mark.parametrize("ends", [False, True])
def test_where_the_feed_stands_is_what_the_querysets_say(person, ends):
    assert feed.standing(person.user) == (0, 0)
    for _ in range(3):
        entries.write(event(), news(person))
    feed.mark_read(person.user, 2, at=timezone.now())
    Entry.objects.filter(person=person.user, position=3).update(rings=False)
    Entry.objects.filter(person=person.user, position=1).update(organisation_id=None)
    entries.write(event(), news(person))
    if ends:
        type(person).objects.filter(pk=person.pk).update(state="ended")

    assert feed.standing(person.user) == (feed.last_position(person.user), feed.unread(person.user))
    assert feed.standing(person.user) == (4, 1 if ends else 2)


def test_nobody_marks_anothers_news(person):
    stranger = factories.member(factories.school())
    entries.write(event(), news(person))

    assert feed.mark_read(stranger.user, 1, at=timezone.now()) is None
    assert feed.unread(person.user) == 1


@pytest.mark.django_db(transaction=True)
def test_a_handler_killed_before_its_tick_tells_nobody_and_then_everybody_once(person, monkeypatch):
    need = factories.posted(person, slots=[time_slot(places=2)])
    deliver.pay_due(seconds=10)
    Entry.objects.all().delete()
    factories.accepted_claim(on=need)
    debt = Delivery.objects.get(paid_at=None)

    class PowerCutError(BaseException):
        pass

    real = entries.write

    def write_and_die(*args, **options):
        real(*args, **options)
        raise PowerCutError

    monkeypatch.setattr(entries, "write", write_and_die)
    with pytest.raises(PowerCutError):
        deliver.pay(debt.pk)
    assert not Entry.objects.exists()

    monkeypatch.undo()
    assert deliver.pay(debt.pk) is True
    assert positions(person) == [1]
