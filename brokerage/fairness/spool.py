"""All schools' streams as one, with no more of them in memory than a few schools' at a time: each lot is told from the
log, put aside in a compressed file that goes by itself, and all are read back side by side."""

import gzip
import heapq
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Final

from brokerage.fairness import feed
from brokerage.fairness.stream import StreamEvent

SCHOOLS_AT_ONCE: Final = 25
FILES_AT_ONCE: Final = 200
"""All are open together, and a process may mostly open 1,024: of more than 5,000 schools the lots are larger."""
QUICKLY: Final = 1
"""Of gzip's nine: a tenth of the size as it is."""


@dataclass(frozen=True)
class Spool:
    """`schools` are those of whom anything was asked, by public_id."""

    day_0: date
    schools: frozenset[str]
    files: Sequence[IO[bytes]]

    def events(self) -> Iterator[StreamEvent]:
        """In order of days; within a day the engine makes an order of its own."""
        return heapq.merge(*(_read(file, self.day_0) for file in self.files), key=lambda event: event.day)


@contextmanager
def filled(*, since: date, until: date, last_event_id: int) -> Iterator[Spool]:
    """From day 0 to the end of a day. The files go with the context."""
    ids = feed.schools_in(since=since, until=until, last_event_id=last_event_id)
    schools: set[str] = set()
    with ExitStack() as open_files:
        files = []
        for lot in lots(ids):
            told = feed.read(until=until, since=since, school_ids=lot, last_event_id=last_event_id)
            files.append(open_files.enter_context(TemporaryFile()))
            schools |= _put(told.stream(until), files[-1])
        yield Spool(since, frozenset(schools), files)


def lots(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """A file each."""
    size = max(SCHOOLS_AT_ONCE, -(-len(ids) // FILES_AT_ONCE))
    return (ids[first : first + size] for first in range(0, len(ids), size))


def _put(events: Sequence[StreamEvent], file: IO[bytes]) -> set[str]:
    """Whose they are."""
    with gzip.open(file, "wb", compresslevel=QUICKLY) as lines:
        for event in events:
            lines.write(json.dumps(event.data, separators=(",", ":")).encode() + b"\n")
    return {event.data["school"] for event in events if event.type == "request"}


def _read(file: IO[bytes], day_0: date) -> Iterator[StreamEvent]:
    """Not checked once more: what was told was."""
    file.seek(0)
    with gzip.open(file, "rb") as lines:
        for line in lines:
            row = json.loads(line)
            at = datetime.fromisoformat(row["at"])
            yield StreamEvent((at.date() - day_0).days, at, row["type"], row)
