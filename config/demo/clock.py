"""When things happen in the demo world: a list of what is to be done, worked off in the order of time."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
Act = Callable[[datetime], object]


def local(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=LONDON)


def hour(text: str) -> time:
    return time.fromisoformat(text)


@dataclass
class Timeline:
    """What would happen today or later has not happened yet, so that a day's world is the same at any hour;
    `recently` is the exception."""

    now: datetime
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _number: int = 0

    @property
    def today(self) -> date:
        return self.now.astimezone(LONDON).date()

    @property
    def midnight(self) -> datetime:
        """When today began."""
        return local(self.today, time())

    def at(self, when: datetime, act: Act) -> None:
        if when < self.midnight:
            self._add(when, act)

    def recently(self, minutes: int, act: Act) -> None:
        """So many minutes before the moment of loading."""
        self._add(self.now - timedelta(minutes=minutes), act)

    def run(self) -> None:
        while self._acts:
            when, _, act = heapq.heappop(self._acts)
            act(when)

    def _add(self, when: datetime, act: Act) -> None:
        self._number += 1
        heapq.heappush(self._acts, (when, self._number, act))


def waking(when: datetime, chance: random.Random) -> datetime:
    """The same day between breakfast and bedtime."""
    return local(when.astimezone(LONDON).date(), time(chance.randint(7, 20), chance.randint(0, 59)))


def days_later(when: datetime, days: int, chance: random.Random) -> datetime:
    """So many days on, at some waking hour; never before `when`."""
    later = waking(when + timedelta(days=days), chance)
    return later if later > when else when + timedelta(minutes=chance.randint(5, 90))
