"""What the rules look at: a school, a cohort and the sessions it had. Counts of pupils, never a pupil."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from brokerage.calendar.school_days import SchoolDays

CONTENT = (
    "the provider and what it offers",
    "the careers it leads to",
    "what learning or training there is like",
    "answers to pupils' questions",
)


class Kind(StrEnum):
    """What kind of organisation came (R17)."""

    FE_COLLEGE = "fe_college"
    ITP = "itp"
    UTC = "utc"
    STUDIO_SCHOOL = "studio_school"
    EMPLOYER_PROVIDER = "employer_provider"
    UNIVERSITY = "university"
    EMPLOYER = "employer"
    OWN_SCHOOL = "own_school"
    OTHER = "other"


class Mode(StrEnum):
    """How it was delivered (R20)."""

    IN_PERSON = "in_person"
    LIVE_ONLINE = "live_online"
    HYBRID = "hybrid"
    RECORDED = "recorded"


class Status(StrEnum):
    PLANNED = "planned"
    OFFERED = "offered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class School:
    """`in_scope` overrides the type code where a register can't tell (hospital special schools). `first_days`: the
    first day of term where it isn't 1 September, by the year it falls in (R7). `closes_on` is the register's (R29)."""

    type_code: int | None
    low_age: int
    high_age: int
    days: SchoolDays
    in_scope: bool | None = None
    first_days: Mapping[int, date] = field(default_factory=dict)
    closes_on: date | None = None


@dataclass(frozen=True)
class Cohort:
    """Pupils who entered Year 7 (or would have) in September of `y7_entry`. `groups` partition the roll (R14)."""

    y7_entry: int
    roll: int
    groups: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.roll < 0 or any(size < 0 for size in self.groups.values()):
            raise ValueError("a number of pupils is below 0")
        if self.groups and (together := sum(self.groups.values())) != self.roll:
            raise ValueError(f"the groups hold {together} pupils together and the roll is {self.roll}")


@dataclass(frozen=True)
class Provider:
    """An organisation, not a speaker, brand or campus (R10): `id` is its UKPRN. `technical`: what it presents is an
    approved technical qualification or an apprenticeship, its own or that of the provider it represents. `in_review`:
    it counts, and somebody should look whether it offers any (a supporting provider of the register, R17)."""

    id: str
    kind: Kind
    technical: bool
    in_review: bool = False


@dataclass(frozen=True)
class Session:
    """One session with one cohort, or with one of its groups. `key` is the caller's own name for it. `caught_up`:
    pupils who missed it and met the same providers later (R12); they come on top of `attended`."""

    on: date
    starts: time
    ends: time
    providers: tuple[Provider, ...]
    offered: int
    attended: int
    mode: Mode
    content: tuple[bool, bool, bool, bool]
    status: Status
    group: str | None = None
    caught_up: int = 0
    key: str = ""

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise ValueError(f"a session ends at {self.ends:%H:%M}, not after {self.starts:%H:%M}")
        if min(self.offered, self.attended, self.caught_up) < 0:
            raise ValueError("a number of pupils is below 0")

    @property
    def minutes(self) -> int:
        length = datetime.combine(self.on, self.ends) - datetime.combine(self.on, self.starts)
        return length.seconds // 60
