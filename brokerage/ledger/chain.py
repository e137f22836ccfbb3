"""The chain over what a school's evidence rests on: requests and answers, needs and claims, what happened, and what
all of it is held against: the calendar and the school day, rolls and groups, the scope, the published policy.

Links are made in batches, seconds after the events (a claim never waits for its school's chain), in the order in which
they are made: within a school each link's digest covers the one before it, so an event that is changed, taken out or
put in shows from there on, and a row that isn't what its events say shows beside them (`rows`). What a chain can't show
is that its end was cut off: for that, the last links are printed for people to keep (`verify_ledger --heads`), and each
request's page shows both sides its own.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from django.db import connection, transaction
from django.db.models import Max

from brokerage.accounts.models import Kind, Organisation
from brokerage.domain import events
from brokerage.eventlog.facts import FACTS, Fact
from brokerage.eventlog.models import Event
from brokerage.ledger import rows
from brokerage.ledger.models import Seal
from brokerage.models import Words

_BASES: Final[tuple[type[Fact], ...]] = (
    events.AccessFact,
    events.TermAnswered,
    events.WordsErased,
    events.ExternalFact,
    events.NeedFact,
    events.SlotMoved,
    events.ClaimFact,
    events.EncounterRecorded,
    events.EncounterConfirmed,
    events.EncounterDisputed,
    events.ClosureAdded,
    events.ClosureRemoved,
    events.ClosureChanged,
    events.CalendarReplaced,
    events.TermDatesTakenOver,
    events.HostingChanged,
    events.CohortRollSet,
    events.CohortGroupsSet,
    events.SchoolCorrected,
    events.PolicyPublished,
)
START: Final = "0" * 64
"""What the first link of every chain follows."""
SETTLED: Final = timedelta(minutes=5)
"""Older than this, an event without a link is one that somebody put in, or that nothing has sealed since."""
LONGEST_RUN: Final = timedelta(hours=1)
"""A morning's run of the clocks dates all it does with its own beginning; no event is dated earlier than that."""
BATCH: Final = 2000
STRAGGLERS: Final = 50_000
"""How many events may commit while one that began before them is still open: more than any transaction lasts."""
_LOCK: Final = 7_302_118


def evidence_types() -> list[str]:
    return sorted(name for name, fact in FACTS.items() if issubclass(fact, _BASES))


def canonical(event: Event) -> bytes:
    """The event as bytes that are the same on every machine."""
    about = {
        "id": event.pk,
        "type": event.type,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": [event.actor_id, event.actor_key],
        "organisation": event.organisation_id,
        "subject": str(event.subject_id) if event.subject_id else None,
        "data": event.data,
    }
    return json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(previous: str, event: Event) -> str:
    return hashlib.sha256(bytes.fromhex(previous) + canonical(event)).hexdigest()


def seal(*, at: datetime, at_most: int = BATCH) -> int:
    """Link the evidence that has no link yet, in the order in which it happened; returns how many were linked. Beside
    another: nothing."""
    with transaction.atomic():
        if not _alone():
            return 0
        new = sorted(_unsealed(at_most), key=lambda event: (event.at, event.pk))
        ends = _ends({event.organisation_id for event in new if event.organisation_id})
        links = []
        for event in new:
            school = event.organisation_id or 0
            number, previous = ends.get(school, (0, START))
            sha256 = digest(previous, event)
            ends[school] = number + 1, sha256
            links.append(Seal(school_id=school, number=number + 1, event=event, sha256=sha256, sealed_at=at))
        Seal.objects.bulk_create(links)
    return len(links)


def _unsealed(at_most: int) -> list[Event]:
    """Looked for behind the last link too: events commit in another order than that of their numbers."""
    last = Seal.objects.aggregate(last=Max("event_id"))["last"] or 0
    return list(
        Event.objects.filter(
            id__gt=last - STRAGGLERS,
            type__in=evidence_types(),
            seal__isnull=True,
            organisation_id__in=Organisation.objects.filter(kind=Kind.SCHOOL).values("pk"),
        ).order_by("id")[:at_most]
    )


def _ends(schools: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Each school's last link: its number and digest."""
    last = Seal.objects.filter(school_id__in=set(schools)).values("school").annotate(last=Max("number"))
    numbers = {row["school"]: row["last"] for row in last}
    links = Seal.objects.filter(school_id__in=numbers, number__in=set(numbers.values()))
    return {
        link.school_id: (link.number, link.sha256) for link in links if numbers[link.school_id] == link.number
    }


def _alone() -> bool:
    """One sealer at a time gives each school one chain."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True)
class Break:
    """Where a chain stops holding, and how it shows."""

    school_id: int
    number: int
    what: str


@dataclass(frozen=True)
class Verdict:
    schools: int
    links: int
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        return not self.breaks


def verify(
    *, at: datetime, school_id: int | None = None, progress: Callable[[int], None] | None = None
) -> Verdict:
    """Read every chain again, from its first link. Reads all evidence: minutes for a country, seconds for a school."""
    links = Seal.objects.select_related("event").order_by("school_id", "number")
    if school_id is not None:
        links = links.filter(school_id=school_id)
    schools, count, breaks = 0, 0, []
    for school, chain in groupby(links.iterator(chunk_size=BATCH), key=lambda link: link.school_id):
        schools += 1
        told: set[str] = set()
        erased: set[str] = set()
        for found in _read(school, chain, told, erased):
            count += 1
            if found is not None:
                breaks.append(found)
            if progress and count % BATCH == 0:
                progress(count)
        breaks += _words_of(school, told, erased, at=at)
    breaks += _outside_the_chain(school_id, at=at)
    breaks += _rewritten(school_id)
    breaks += [
        Break(found.school_id, 0, f"request {found.request}: {found.what}")
        for found in rows.differences(school_id)
    ]
    return Verdict(schools, count, tuple(breaks))


def _read(school_id: int, chain: Iterable[Seal], told: set[str], erased: set[str]) -> Iterator[Break | None]:
    """Each link, and what is wrong with it; `told` gathers the digests of words that the events hold, `erased` those of
    words that staff took away. An event dated well before one that was linked earlier wasn't there when it says it
    was."""
    previous, expected = START, 1
    latest = datetime.fromtimestamp(0, UTC)
    for link in chain:
        if words := _words_in(link.event):
            (erased if link.event.type == events.WordsErased.type else told).add(words)
        found = None
        if link.number != expected:
            found = Break(school_id, expected, f"link {expected} is missing")
        elif link.sha256 != digest(previous, link.event):
            found = Break(
                school_id, link.number, f"event {link.event_id} or the link before it isn't what it was"
            )
        elif link.event.at < latest - LONGEST_RUN:
            found = Break(school_id, link.number, f"event {link.event_id} was put in after its date")
        latest = max(latest, link.event.at)
        previous, expected = link.sha256, link.number + 1
        yield found


def _words_in(event: Event) -> str:
    """The digest an event holds; none where somebody put something else in its place, which its link tells."""
    words = event.data.get("words") if isinstance(event.data, dict) else None
    return words if isinstance(words, str) else ""


def _words_of(school_id: int, told: set[str], erased: set[str], *, at: datetime) -> Iterator[Break]:
    """Words that an event holds the digest of and that are gone, that no event knows of, or that are erased and no
    event says so."""
    kept, gone = {}, []
    for sha256, written_at, erased_at in Words.objects.filter(school_id=school_id).values_list(
        "sha256", "at", "erased_at"
    ):
        kept[sha256] = written_at
        if erased_at is not None and erased_at < at - SETTLED:
            gone.append(sha256)
    for sha256 in sorted(set(gone) - erased):
        yield Break(school_id, 0, f"no event knows who erased the words {sha256[:12]}")
    for sha256 in sorted(told - set(kept)):
        yield Break(school_id, 0, f"the words {sha256[:12]} are gone or aren't what was written")
    for sha256 in sorted(set(kept) - told):
        if kept[sha256] < at - SETTLED:
            yield Break(school_id, 0, f"no event knows of the words {sha256[:12]}")


def _outside_the_chain(school_id: int | None, *, at: datetime) -> list[Break]:
    stray = Event.objects.filter(
        type__in=evidence_types(),
        seal__isnull=True,
        at__lt=at - SETTLED,
        organisation_id__in=Organisation.objects.filter(kind=Kind.SCHOOL).values("pk"),
    )
    if school_id is not None:
        stray = stray.filter(organisation_id=school_id)
    return [
        Break(event.organisation_id or 0, 0, f"event {event.pk} stands in no chain")
        for event in stray.order_by("id")[:100]
    ]


def _rewritten(school_id: int | None) -> list[Break]:
    """Words that no longer fit the digest their event holds."""
    kept = Words.objects.filter(erased_at__isnull=True)
    if school_id is not None:
        kept = kept.filter(school_id=school_id)
    return [
        Break(words.school_id, 0, f"the words {words.sha256[:12]} aren't what was written")
        for words in kept.iterator(chunk_size=BATCH)
        if not words.is_as_written
    ]
