"""What a statement holds, which parts of it are written, and how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Final

from brokerage.vocabulary import RefusalGround

WEEKDAYS: Final = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday"}


class Part(StrEnum):
    """The five that s.42B(5) asks for, then what guidance adds."""

    PROCEDURE = "procedure"
    GROUNDS = "grounds"
    PREMISES = "premises"
    TIMES = "times"
    ENCOUNTERS = "encounters"
    CONTACT = "contact"
    APPROVAL = "approval"


STATUTORY: Final = (Part.PROCEDURE, Part.GROUNDS, Part.PREMISES, Part.TIMES, Part.ENCOUNTERS)
TITLES: Final[Mapping[Part, str]] = {
    Part.PROCEDURE: "How to ask",
    Part.GROUNDS: "When we say yes, and when we may say no",
    Part.PREMISES: "Rooms and facilities",
    Part.TIMES: "When providers can come",
    Part.ENCOUNTERS: "How every pupil gets their encounters",
    Part.CONTACT: "Contact and safeguarding",
    Part.APPROVAL: "Approval and review",
}
# Each ground as a statement words it; the school's own sentence follows, and for another reason stands alone.
GROUNDS: Final[Mapping[RefusalGround, str]] = {
    RefusalGround.ALREADY_MET: "These pupils have already had the encounters of this phase.",
    RefusalGround.DATE_CLASH: "The dates clash with the timetable. We then offer others.",
    RefusalGround.EXAM_PERIOD: "The pupils sit exams or mock exams then.",
    RefusalGround.SAFEGUARDING_NOT_SATISFIED: "Safeguarding or ID checks aren't complete.",
    RefusalGround.NOT_RELEVANT: "The content doesn't suit these pupils.",
    RefusalGround.NOT_A_PROVIDER: "The organisation offers no technical courses or apprenticeships.",
    RefusalGround.NO_CAPACITY: "No room or member of staff is free that day.",
    RefusalGround.OTHER: "",
}
# In the middle of a sentence that names what is missing.
MISSING: Final[Mapping[Part, str]] = {
    Part.PROCEDURE: "how to ask",
    Part.GROUNDS: "grounds for saying yes and no",
    Part.PREMISES: "rooms and facilities",
    Part.TIMES: "times",
    Part.ENCOUNTERS: "how every pupil gets their encounters",
    Part.CONTACT: "a contact",
    Part.APPROVAL: "the approval",
}


@dataclass(frozen=True)
class Times:
    """The same hours on some days of the week, 1 being Monday."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time

    def holds(self, weekday: int, starts: time, ends: time) -> bool:
        return weekday in self.weekdays and self.starts <= starts and ends <= self.ends


@dataclass(frozen=True)
class Statement:
    """`refusing`: each ground the school names for refusing, with its own sentence or "". `contact`: whom to write
    to, in words fit to be published; "" while there is nobody."""

    procedure: str = ""
    granting: str = ""
    refusing: Mapping[str, str] = field(default_factory=dict)
    premises: str = ""
    times: Sequence[Times] = ()
    times_note: str = ""
    encounters: str = ""
    contact: str = ""
    safeguarding: str = ""
    approved_on: date | None = None
    approved_by: str = ""
    review_on: date | None = None

    def has(self, part: Part) -> bool:
        match part:
            case Part.PROCEDURE:
                return bool(self.procedure)
            case Part.GROUNDS:
                return bool(self.granting and self.refusing)
            case Part.PREMISES:
                return bool(self.premises)
            case Part.TIMES:
                return bool(self.times)
            case Part.ENCOUNTERS:
                return bool(self.encounters)
            case Part.CONTACT:
                return bool(self.contact)
            case Part.APPROVAL:
                return bool(self.approved_on and self.approved_by and self.review_on)

    @property
    def missing(self) -> tuple[Part, ...]:
        return tuple(part for part in Part if not self.has(part))

    @property
    def grounds(self) -> list[str]:
        """For refusing, in the order of the closed list, in words."""
        named = [ground for ground in RefusalGround if ground in self.refusing]
        return [" ".join(filter(None, (GROUNDS[ground], self.refusing[ground]))) for ground in named]

    @property
    def hours(self) -> list[tuple[str, time, time]]:
        """`Monday to Friday`, from, to."""
        return [(weekdays_in_words(each.weekdays), each.starts, each.ends) for each in self.times]


class Status(StrEnum):
    MISSING = "missing"
    INCOMPLETE = "incomplete"
    DRAFT = "draft"
    OVERDUE = "overdue"
    CURRENT = "current"


@dataclass(frozen=True)
class Standing:
    """`missing` names the parts of what stands, published or in draft; empty unless incomplete."""

    status: Status
    missing: tuple[Part, ...] = ()

    @property
    def is_flagged(self) -> bool:
        """R30: missing, unfinished or overdue is a flag of its own, apart from encounters."""
        return self.status in (Status.MISSING, Status.INCOMPLETE, Status.OVERDUE, Status.DRAFT)


def standing(published: Statement | None, draft: Statement | None, today: date) -> Standing:
    """What is published counts; a draft only while nothing is. Something published can become incomplete: its contact
    may have left. It is overdue from the day after its review date."""
    stands = published or draft
    if stands is None:
        return Standing(Status.MISSING)
    if stands.missing:
        return Standing(Status.INCOMPLETE, stands.missing)
    if published is None:
        return Standing(Status.DRAFT)
    is_overdue = published.review_on is not None and published.review_on < today
    return Standing(Status.OVERDUE if is_overdue else Status.CURRENT)


def a_year_after(day: date) -> date:
    """When guidance wants it reviewed; a year after 29 February is 28 February."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 2, 28) if is_leap_day else day.replace(year=day.year + 1)


def weekdays_in_words(weekdays: Sequence[int]) -> str:
    """`Monday to Friday`, `Tuesday and Thursday`."""
    days = sorted(set(weekdays))
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{WEEKDAYS[days[0]]} to {WEEKDAYS[days[-1]]}"
    names = [WEEKDAYS[day] for day in days]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
