"""What a school does beside what it published: the law wants the statement followed (domain 1.40)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from brokerage.calendar.dates import short
from brokerage.vocabulary import RefusalGround
from schools.policy.statement import Statement

NAMED_AT_MOST: Final = 3


class Difference(StrEnum):
    GROUND_NOT_PUBLISHED = "ground_not_published"
    REVIEW_OVERDUE = "review_overdue"
    OUTSIDE_PUBLISHED_TIMES = "outside_published_times"


@dataclass(frozen=True)
class Refusal:
    """A request refused, on which day and on which ground of the closed list."""

    on: date
    ground: str


@dataclass(frozen=True)
class Offer:
    """A time the school gave or offered a provider, in local time."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Found:
    """One difference: what it is, and a sentence that says what to do about it."""

    what: Difference
    text: str


def differences(
    published: Statement | None, *, refusals: Iterable[Refusal], offers: Iterable[Offer], today: date
) -> list[Found]:
    """Without a published statement nothing can differ from it."""
    if published is None:
        return []
    return [
        *_overdue(published, today),
        *_grounds(published, refusals),
        *_times(published, offers, today),
    ]


def _overdue(published: Statement, today: date) -> Iterable[Found]:
    if published.review_on is not None and published.review_on < today:
        text = f"Its review was due on {short(published.review_on, today)}. Read it through and publish it again."
        yield Found(Difference.REVIEW_OVERDUE, text)


def _grounds(published: Statement, refusals: Iterable[Refusal]) -> Iterable[Found]:
    used = Counter(each.ground for each in refusals if each.ground not in published.refusing)
    for ground in RefusalGround:
        if count := used[ground]:
            times = "once" if count == 1 else f"{count} times"
            text = (
                f"«{ground.label}» was given {times} as the reason for a no, and isn't among your published "
                "grounds. Add it, or use one that is."
            )
            yield Found(Difference.GROUND_NOT_PUBLISHED, text)


def _times(published: Statement, offers: Iterable[Offer], today: date) -> Iterable[Found]:
    outside = sorted(
        {
            (each.starts, each.ends)
            for each in offers
            if not any(
                hours.holds(each.starts.isoweekday(), each.starts.time(), each.ends.time())
                for hours in published.times
            )
        }
    )
    if not outside:
        return
    named = [f"{short(starts.date(), today)}, {starts:%H:%M}" for starts, _ in outside[:NAMED_AT_MOST]]
    more = f" and {len(outside) - NAMED_AT_MOST} more" if len(outside) > NAMED_AT_MOST else ""
    count = "1 time" if len(outside) == 1 else f"{len(outside)} times"
    verb = "lies" if len(outside) == 1 else "lie"
    text = (
        f"{count} you offered providers {verb} outside the times you published: {'; '.join(named)}{more}. "
        "Add those times if you give access then."
    )
    yield Found(Difference.OUTSIDE_PUBLISHED_TIMES, text)
