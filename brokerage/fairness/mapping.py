"""From the product's steps to the stream that the engine reads: one table, `ROWS`. No database, no clock.

What no person at a school decided is no trial. A later correction (a safeguarding refusal upheld, a mark as duplicate
agreed to, a case taken out after a reply) changes what the earlier step is told as: the night's replay sees it, the
day's increment can't."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from brokerage.fairness.cases import KEY_STAGES
from brokerage.fairness.stream import DAY_0, StreamEvent, parse_event

LONDON: Final = ZoneInfo("Europe/London")
# A grant without a date within four months lapses; an offer of all that was asked has a date within two.
GRANT_DAYS, OFFER_DAYS, MOVE_DAYS = 120, 60, 30
SCHOOL_DAYS_OF_NOTICE: Final = 10

# What an asker is, as the engine's kinds: rule R17 says who is technical.
ASKERS: Final[Mapping[str, str]] = {
    "fe_college": "fe_college",
    "itp": "itp",
    "employer_provider": "itp",
    "utc": "itp",
    "studio_school": "itp",
    "he": "university",
    "sixth_form_college": "other",
    "employer": "employer",
}
REASONS: Final[Mapping[str, str]] = {
    "already_met": "already_covered",
    "no_capacity": "capacity",
    "date_clash": "capacity",
    "exam_period": "exam_period",
    "not_relevant": "not_relevant",
    "not_a_provider": "not_a_provider",
    "duplicate": "duplicate",
    # Counts until a reviewer upholds it.
    "safeguarding_not_satisfied": "safeguarding_not_satisfied",
    "other": "no_reason",
}


class Kind(StrEnum):
    ASKED = "asked"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    COUNTERED = "countered"
    COUNTER_ACCEPTED = "counter_accepted"
    COUNTER_REJECTED = "counter_rejected"
    POSTPONED = "postponed"
    GRANTED = "granted"
    REFUSED = "refused"
    DUPLICATE_MARKED = "duplicate_marked"
    DUPLICATE_AGREED = "duplicate_agreed"
    DUPLICATE_DENIED = "duplicate_denied"
    WITHDRAWN = "withdrawn"
    CLAIM_SUBMITTED = "claim_submitted"
    CLAIM_ACCEPTED = "claim_accepted"
    CLAIM_DECLINED = "claim_declined"
    CLAIM_WITHDRAWN = "claim_withdrawn"
    CLAIM_CANCELLED_BY_SCHOOL = "claim_cancelled_by_school"
    ENCOUNTER_DELIVERED = "encounter_delivered"
    ENCOUNTER_NOT_DELIVERED = "encounter_not_delivered"
    # Corrections.
    SAFEGUARDING_UPHELD = "safeguarding_upheld"
    TAKEN_OUT = "taken_out"


ENDINGS: Final = frozenset(
    {
        Kind.COUNTER_REJECTED,
        Kind.REFUSED,
        Kind.DUPLICATE_AGREED,
        Kind.WITHDRAWN,
        Kind.CLAIM_DECLINED,
        Kind.CLAIM_WITHDRAWN,
        Kind.ENCOUNTER_DELIVERED,
        Kind.ENCOUNTER_NOT_DELIVERED,
    }
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was asked for, or offered instead."""

    year_groups: tuple[int, ...]
    whole_year: bool
    minutes: int
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`asker` is who asks and `asker_kind` a key of `ASKERS`; a claim asks for what the need offers. `notice` is the
    school days to the last date asked for."""

    school: str
    asker: str
    asker_kind: str
    terms: Terms
    first_come: bool = False
    notice: int | None = None


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A school's day. Without a known lunch nothing is at lunchtime."""

    starts: time
    ends: time
    lunch: tuple[time, time] | None = None


@dataclass(frozen=True, kw_only=True)
class Slot:
    """What was agreed. `pupils` and `cohort` are counts, or None where nobody has said."""

    on: date
    starts: time
    ends: time
    whole_year: bool
    hours: Hours
    pupils: int | None = None
    cohort: int | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened to a request or claim, with what its kind needs: `asked` for the two that open it,
    `terms` for a counter-offer, `slot` for a grant, an acceptance or a move, `reason` for a no, `by` ("school" or
    "asker") for what didn't take place."""

    kind: Kind
    at: datetime
    request_id: str
    asked: Asked | None = None
    terms: Terms | None = None
    slot: Slot | None = None
    reason: str = ""
    by: str = ""
    minutes: int = 0
    attended: int = 0


@dataclass
class Story:
    """A request so far, and what is known of it by now. `kinds` are all of its steps, in order: the one told is at
    `step`. `of_asker` are all of the same asker's at this school so far."""

    asked: Asked
    on: date
    kinds: list[Kind]
    of_asker: list["Story"]
    step: int = -1
    has_ended: bool = False
    countered: Terms | None = None
    slot: Slot | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def not_before(self) -> date:
        return not_before(self.asked, self.on)

    @property
    def following(self) -> Kind | None:
        """What happens to it next."""
        return self.kinds[self.step + 1] if self.step + 1 < len(self.kinds) else None

    def is_there_twice(self, on: date) -> bool:
        """The same asker has another that stands, for a key stage of this one."""
        return any(
            other is not self
            and other.stands(on)
            and _key_stages(other.asked.terms) & _key_stages(self.asked.terms)
            for other in self.of_asker
        )

    def stands(self, on: date) -> bool:
        """Still unanswered, or agreed for a day to come."""
        return not self.has_ended and (self.slot is None or self.slot.on >= on)


Row = tuple[str, dict[str, Any]]


def events(steps: Iterable[Step], day_0: date = DAY_0) -> list[StreamEvent]:
    """The stream of these steps, in order. A request without its opening step is an error (KeyError)."""
    ordered = sorted(steps, key=lambda step: step.at)
    kinds: dict[str, list[Kind]] = {}
    for step in ordered:
        kinds.setdefault(step.request_id, []).append(step.kind)
    stories: dict[str, Story] = {}
    of_asker: dict[tuple[str, str], list[Story]] = {}
    told: list[StreamEvent] = []
    for step in ordered:
        at = step.at.astimezone(LONDON)
        if step.asked is not None and step.request_id not in stories:
            theirs = of_asker.setdefault((step.asked.school, step.asked.asker), [])
            stories[step.request_id] = Story(step.asked, at.date(), kinds[step.request_id], theirs)
            theirs.append(stories[step.request_id])
        story = stories[step.request_id]
        story.step += 1
        for type_, fields in ROWS[step.kind](story, step):
            row = {"seq": len(told), "at": at.isoformat(), "type": type_, "id": step.request_id, **fields}
            told.append(parse_event(row, day_0))
        story.has_ended |= step.kind in ENDINGS
    return told


def slot_of_day(starts: time, ends: time, hours: Hours) -> str:
    """Where most of its minutes lie."""
    lunch = hours.lunch or (hours.ends, hours.ends)
    minutes = {
        "lesson": _overlap(starts, ends, hours.starts, hours.ends) - _overlap(starts, ends, *lunch),
        "lunchtime": _overlap(starts, ends, *lunch),
        "before_school": _overlap(starts, ends, time.min, hours.starts),
        "after_school": _overlap(starts, ends, hours.ends, time.max),
    }
    return max(minutes, key=minutes.__getitem__)


def _overlap(starts: time, ends: time, first: time, last: time) -> int:
    return max(0, _minute(min(ends, last)) - _minute(max(starts, first)))


def _minute(at: time) -> int:
    return 60 * at.hour + at.minute


def _opened(origin: str) -> Callable[[Story, Step], Iterator[Row]]:
    def opened(story: Story, step: Step) -> Iterator[Row]:
        asked, notice = story.asked, story.asked.notice
        is_short = notice is not None and notice < SCHOOL_DAYS_OF_NOTICE
        is_out = Kind.TAKEN_OUT in story.kinds or Kind.DUPLICATE_AGREED in story.kinds
        marks = {"first_come": asked.first_come, "exempt": is_short or is_out}
        yield (
            "request",
            {
                "school": asked.school,
                "provider": asked.asker,
                "ptype": ASKERS[asked.asker_kind],
                "origin": origin,
                # One request is one decision: of several key stages the youngest names it.
                "year_group": min(asked.terms.year_groups),
                "minutes": asked.terms.minutes,
                "whole_year": asked.terms.whole_year,
                **{name: True for name, is_so in marks.items() if is_so},
            },
        )

    return opened


def _asker_owes(story: Story, step: Step) -> Iterator[Row]:
    yield "question", {}


def _asker_replied(story: Story, step: Step) -> Iterator[Row]:
    yield "reply", {}


def _countered(story: Story, step: Step) -> Iterator[Row]:
    story.countered = step.terms
    yield "answered", {"in_full": is_in_full(story.asked, story.on, step.terms)}


def is_in_full(asked: Asked, asked_on: date, offer: Terms | None) -> bool:
    """Key stage, whole group and minutes as asked, and a date within 60 days."""
    terms = asked.terms
    return offer is not None and (
        _key_stages(terms) <= _key_stages(offer)
        and offer.whole_year >= terms.whole_year
        and offer.minutes >= terms.minutes
        and any(on <= not_before(asked, asked_on) + timedelta(days=OFFER_DAYS) for on in offer.dates)
    )


def not_before(asked: Asked, asked_on: date) -> date:
    """The day of the asking, or the first date asked for: nobody is late who gives what was asked."""
    return max([asked_on, *([min(asked.terms.dates)] if asked.terms.dates else [])])


def _key_stages(terms: Terms) -> set[int]:
    return {KEY_STAGES[year] for year in terms.year_groups}


def _counter_rejected(story: Story, step: Step) -> Iterator[Row]:
    if is_in_full(story.asked, story.on, story.countered):
        yield "withdrawn", {"by": "provider"}
    else:
        yield "refused", {"reason": "no_reason"}


def _postponed(story: Story, step: Step) -> Iterator[Row]:
    yield "answered", {"in_full": False}


def _granted(story: Story, step: Step) -> Iterator[Row]:
    """A date beyond four months is no date."""
    slot = _slot(step)
    if slot.on > story.not_before + timedelta(days=GRANT_DAYS):
        yield "refused", {"reason": "no_reason"}
        return
    story.slot = slot
    yield "granted", _plan(slot)


def _slot(step: Step) -> Slot:
    if step.slot is None:
        raise ValueError(f"{step.kind} of {step.request_id} says no slot")
    return step.slot


def _plan(slot: Slot) -> dict[str, Any]:
    cohort = slot.cohort or 0
    return {
        "scheduled": slot.on.isoformat(),
        "minutes": _minute(slot.ends) - _minute(slot.starts),
        "slot": slot_of_day(slot.starts, slot.ends, slot.hours),
        "audience_planned": cohort if slot.pupils is None else slot.pupils,
        "audience_kind": "whole_year" if slot.whole_year else "selected",
        "cohort": cohort,
    }


def _refused(story: Story, step: Step) -> Iterator[Row]:
    """A school's word alone exempts nobody: a reviewer has to uphold safeguarding, and of «the same offer twice» the
    other one has to stand in the log."""
    reason = REASONS[step.reason]
    if reason == "safeguarding_not_satisfied" and Kind.SAFEGUARDING_UPHELD in story.kinds:
        reason = "safeguarding_upheld"
    if reason == "duplicate" and not story.is_there_twice(step.at.astimezone(LONDON).date()):
        reason = "no_reason"
    yield "refused", {"reason": reason}


def _marked_duplicate(story: Story, step: Step) -> Iterator[Row]:
    """No answer, and a pause only where the asker took the mark up: or a mark that nobody settles would take any
    request out of the count."""
    if story.following is Kind.DUPLICATE_DENIED:
        yield "question", {}


def _duplicate(story: Story, step: Step) -> Iterator[Row]:
    yield "refused", {"reason": "duplicate"}


def _withdrawn(story: Story, step: Step) -> Iterator[Row]:
    yield ("cancelled" if story.slot else "withdrawn"), {"by": "provider"}


def _cancelled(story: Story, step: Step) -> Iterator[Row]:
    """With a new date within 30 days of the old one it is moved, not cancelled."""
    if step.slot and story.slot and abs(step.slot.on - story.slot.on) <= timedelta(days=MOVE_DAYS):
        story.slot = step.slot
        yield "moved", _plan(step.slot)
    else:
        story.has_ended = True
        yield "cancelled", {"by": "school"}


def _delivered(story: Story, step: Step) -> Iterator[Row]:
    yield "delivered", {"minutes": step.minutes, "attendance": step.attended}


def _not_delivered(story: Story, step: Step) -> Iterator[Row]:
    """Nobody's doing says nothing of anybody."""
    if step.by:
        yield "cancelled", {"by": "school" if step.by == "school" else "provider"}


def _nothing(story: Story, step: Step) -> Sequence[Row]:
    return ()


ROWS: Final[Mapping[Kind, Callable[[Story, Step], Iterable[Row]]]] = {
    Kind.ASKED: _opened("access_request"),
    Kind.QUESTION_ASKED: _asker_owes,
    Kind.QUESTION_ANSWERED: _asker_replied,
    Kind.COUNTERED: _countered,
    Kind.COUNTER_ACCEPTED: _granted,
    Kind.COUNTER_REJECTED: _counter_rejected,
    Kind.POSTPONED: _postponed,
    Kind.GRANTED: _granted,
    Kind.REFUSED: _refused,
    Kind.DUPLICATE_MARKED: _marked_duplicate,
    Kind.DUPLICATE_AGREED: _duplicate,
    Kind.DUPLICATE_DENIED: _asker_replied,
    Kind.WITHDRAWN: _withdrawn,
    Kind.CLAIM_SUBMITTED: _opened("claim"),
    Kind.CLAIM_ACCEPTED: _granted,
    Kind.CLAIM_DECLINED: _refused,
    Kind.CLAIM_WITHDRAWN: _withdrawn,
    Kind.CLAIM_CANCELLED_BY_SCHOOL: _cancelled,
    Kind.ENCOUNTER_DELIVERED: _delivered,
    Kind.ENCOUNTER_NOT_DELIVERED: _not_delivered,
    Kind.SAFEGUARDING_UPHELD: _nothing,
    Kind.TAKEN_OUT: _nothing,
}
