"""A year of requests in the log, written as their facts and not through the verbs: a school that answers technical
providers otherwise needs dozens."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from brokerage.accounts.models import Organisation
from brokerage.domain import events as facts
from brokerage.eventlog.facts import Fact
from brokerage.eventlog.models import Event
from tests import factories

FIRST = date(2024, 10, 1)
ON = date(2025, 6, 30)
NIGHT = datetime(2025, 7, 1, 3, tzinfo=UTC)
"""After the last day of the log, a Tuesday."""


def askers(count: int = 8) -> tuple[list[Organisation], list[Organisation]]:
    """Technical, other: enough that nobody asks twice within an episode."""
    return (
        [factories.provider() for _ in range(count)],
        [factories.university() for _ in range(count)],
    )


def write(
    school: Organisation,
    technical: Sequence[Organisation],
    others: Sequence[Organisation],
    *,
    refused: int,
    of: int = 36,
    first: date = FIRST,
) -> None:
    """`of` requests of each kind over 200 days; so many technical ones refused, each third of the others too."""
    rows: list[Event] = []
    for number in range(of):
        day = first + timedelta(days=number * 200 // of)
        rows += _life(school, technical[number % len(technical)], day, is_no=number < refused)
        rows += _life(school, others[number % len(others)], day, is_no=number % 6 == 5)
    Event.objects.bulk_create(rows)


def _life(school: Organisation, asker: Organisation, day: date, *, is_no: bool) -> Iterator[Event]:
    about = {
        "subject_id": uuid4(),
        "organisation_id": school.pk,
        "asker": asker.public_id,
        "category": str(asker.category),
    }
    terms = {
        "year_groups": [10],
        "audience": "whole_year",
        "delivery_mode": "in_person",
    }
    asked = facts.AccessAsked(
        **about, **terms, encounter_type="provider_encounter", minutes=50, content=[], qualifications=[],
        dates=[(day + timedelta(days=40)).isoformat()], words=None,
    )  # fmt: skip
    yield _event(asked, day)
    if is_no:
        refusal = facts.AccessRefused(**about, ground="no_capacity", is_published=False, words=None)
        yield _event(refusal, day + timedelta(days=3))
        return
    starts = datetime.combine(day + timedelta(days=40), time(9, 30), UTC)
    grant = facts.AccessGranted(
        **about, **terms, need=uuid4(), slot=uuid4(), claim=uuid4(), starts_at=starts,
        ends_at=starts + timedelta(minutes=50), counter_offer=False, words=None,
    )  # fmt: skip
    yield _event(grant, day + timedelta(days=3))


def _event(fact: Fact, day: date) -> Event:
    return Event(
        type=fact.type,
        at=datetime.combine(day, time(10), UTC),
        actor_key="platform",
        organisation_id=fact.organisation_id,
        subject_id=fact.subject_id,
        data=fact.data(),
    )
