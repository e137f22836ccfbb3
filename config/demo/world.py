"""The demo world: a town, its schools and those who visit them, two terms behind and six weeks ahead of `now`."""

import random
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from brokerage.equity import counting
from brokerage.eventlog.models import Event
from brokerage.ledger import chain
from config.demo import access, fairness, looking, memory, people, population, seasons
from config.demo.asking import Asking
from config.demo.clock import Timeline
from config.demo.market import Market
from config.demo.population import Population
from config.demo.stories import Stories
from schools import equity
from schools.domain import standings

SEED: Final = 2026


def load(*, now: datetime, seed: int = SEED) -> None:
    """The same seed on the same day makes the same world."""
    with connection.cursor() as cursor:
        # A world that is lost in a crash is loaded again; nothing here is worth a disk's wait.
        cursor.execute("SET synchronous_commit = off")
    with memory.nobody_listening():
        stories = _history(now, seed)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # the planner knows nothing yet of all these rows
        stories.tell()
        access.tell(stories)
        fairness.tell(stories)
    memory.remember(midnight=stories.timeline.midnight)
    standings.recompute_all(today=stories.timeline.today, at=now)
    equity.keep_facts()
    looking.look(stories.timeline, seed)
    counting.count_all(at=now)
    # All at once: what a bulk load wrote isn't in the order in which it happened.
    while chain.seal(at=now, at_most=10**6):
        pass


@transaction.atomic
def _history(now: datetime, seed: int) -> Stories:
    everyone = Population(random.Random(seed), now)  # noqa: S311 (nothing to guess)
    population.settle(everyone)
    people.employ(everyone)
    market = Market(everyone, Timeline(now))
    stories = Stories(market)
    seasons.spend(market)
    asking = Asking(market)
    asking.spend()
    market.timeline.run()
    market.ledger.write()
    asking.books.write()
    events = [*everyone.events(), *market.ledger.events]
    Event.objects.bulk_create(sorted(events, key=lambda event: event.at), batch_size=1000)
    return stories
