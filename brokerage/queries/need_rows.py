"""A need as lists and pages show it: one row with its school and times, read in one statement.

Rows, not model instances: a page of twenty costs a fifth of the time (benchmarks, P16)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import hypot
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, TextField
from django.db.models.functions import Cast, JSONObject

from brokerage.accounts.models import Membership
from brokerage.models import Claim, Slot
from brokerage.models.need import NeedQuerySet
from brokerage.states import LIVE_CLAIMS, NeedState, Shown
from brokerage.vocabulary import Allocation, Audience, DeliveryMode, EncounterType, Supervision

Point = tuple[int, int]
Measure = Callable[[int | None, int | None], float | None]

# In the order of NeedRow's own fields, which both ways of reading follow: first what anybody may read of an open
# need, then the times and whether we claim it, and last what the feed leaves out.
NEED_COLUMNS: Final = (
    "id", "public_id", "state", "title", "encounter_type", "year_groups", "audience", "expected_pupils",
    "subjects", "sectors", "open_to", "delivery_mode", "main_benchmark", "description", "supervision",
    "allocation", "closes_at", "venue", "published_at",
)  # fmt: skip
SCHOOL_COLUMNS: Final = ("id", "public_id", "name", "town", "easting", "northing")
CLOSER_COLUMNS: Final = ("entrance", "visitor_notes", "withdraw_reason", "withdraw_note")
OF_NEED: Final = len(NEED_COLUMNS) + len(SCHOOL_COLUMNS) + 2


@dataclass(slots=True)
class SlotRow:
    """Public ids are text here and in NeedRow: all that is ever done with them is to write them down."""

    id: int
    public_id: str
    starts_at: datetime
    ends_at: datetime
    places: int
    taken: int
    open_until: datetime | None

    @property
    def places_left(self) -> int:
        return self.places - self.taken

    def is_open(self, at: datetime) -> bool:
        """Takes claims now."""
        return self.open_until is not None and self.open_until > at and self.taken < self.places


@dataclass(slots=True)
class NeedRow:
    """`pk` is the need's own key; `school_*` its school's; `slots` its standing times, soonest first."""

    pk: int
    public_id: str
    state: str
    title: str
    encounter_type: str
    year_groups: list[int]
    audience: str
    expected_pupils: dict[str, int]
    subjects: list[str]
    sectors: list[str]
    open_to: list[str]
    delivery_mode: str
    main_benchmark: int | None
    description: str
    supervision: str
    allocation: str
    closes_at: datetime | None
    venue: str
    published_at: datetime | None
    school_id: int
    school_public_id: str
    school_name: str
    school_town: str
    school_easting: int | None
    school_northing: int | None
    is_claimed_by_us: bool
    slots: list[SlotRow]
    entrance: str = ""
    visitor_notes: str = ""
    withdraw_reason: str = ""
    withdraw_note: str = ""
    contact_public_id: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    distance_km: float | None = None

    def shown_state(self, at: datetime) -> Shown:
        if self.state != NeedState.OPEN:
            return Shown(self.state)
        state = Shown.CLOSED
        for slot in self.slots:
            if slot.open_until is not None and slot.open_until > at:
                if slot.taken < slot.places:
                    return Shown.OPEN
                state = Shown.FILLED
        return state

    @property
    def places_left(self) -> int:
        return sum(slot.places_left for slot in self.slots)

    def open_slots(self, at: datetime) -> list[SlotRow]:
        return [slot for slot in self.slots if slot.is_open(at)]

    @property
    def encounter_type_label(self) -> str:
        return EncounterType(self.encounter_type).label if self.encounter_type else ""

    @property
    def delivery_mode_label(self) -> str:
        return DeliveryMode(self.delivery_mode).label

    @property
    def audience_label(self) -> str:
        return Audience(self.audience).label

    @property
    def supervision_label(self) -> str:
        return Supervision(self.supervision).label

    @property
    def allocation_label(self) -> str:
        return Allocation(self.allocation).label


def rows(needs: NeedQuerySet, by: Membership, *, from_: Point | None = None) -> list[NeedRow]:
    """The queryset, already filtered, ordered and cut, as rows; distances from `from_`, else from our own place."""
    standing = Slot.objects.standing().filter(need=OuterRef("pk")).order_by("starts_at", "id")
    ours = Claim.objects.filter(slot__need=OuterRef("pk"), claimant=by.organisation_id, state__in=LIVE_CLAIMS)
    slots = JSONObject(
        a=F("id"), b=F("public_id"), c=F("starts_at"), d=F("ends_at"), e=F("places"), f=F("taken"),
        g=F("open_until"),
    )  # fmt: skip
    found = needs.annotate(
        our_claim=Exists(ours), slot_list=ArraySubquery(standing.values(json=Cast(slots, TextField())))
    ).values_list(
        *NEED_COLUMNS,
        *(f"school__{name}" for name in SCHOOL_COLUMNS),
        "our_claim",
        "slot_list",
        *CLOSER_COLUMNS,
        "contact__public_id",
        "contact__user__name",
        "contact__user__email",
    )
    measure = distance_from(from_ or place_of(by))
    return [_row_of_columns(values, measure) for values in found]


def place_of(by: Membership) -> Point | None:
    organisation = by.organisation
    if organisation.easting is None or organisation.northing is None:
        return None
    return organisation.easting, organisation.northing


def distance_from(here: Point | None) -> Measure:
    """In kilometres to 100 m, as the crow flies, from here to a school's grid reference."""

    def measure(easting: int | None, northing: int | None) -> float | None:
        if here is None or easting is None or northing is None:
            return None
        return round(hypot(easting - here[0], northing - here[1]) / 1000, 1)

    return measure


_NEED_ID: Final = NEED_COLUMNS.index("public_id")
_SCHOOL_ID: Final = len(NEED_COLUMNS) + SCHOOL_COLUMNS.index("public_id")
_SLOTS: Final = OF_NEED - 1
_CONTACT_ID: Final = OF_NEED + len(CLOSER_COLUMNS)
_MOMENTS: Final = (NEED_COLUMNS.index("closes_at"), NEED_COLUMNS.index("published_at"))


def row_of_json(values: list[Any], measure: Measure) -> NeedRow:
    """The first `OF_NEED` fields of NeedRow, from PostgreSQL's JSON."""
    for place in _MOMENTS:
        if values[place]:
            values[place] = datetime.fromisoformat(values[place])
    values[_SLOTS] = [_slot_of(slot) for slot in values[_SLOTS]]
    return _row_of(values, measure)


def _row_of_columns(columns: Iterable[Any], measure: Measure) -> NeedRow:
    values = list(columns)
    for place in (_NEED_ID, _SCHOOL_ID, _CONTACT_ID):
        values[place] = values[place] and str(values[place])
    values[_SLOTS] = [_slot_of(json.loads(slot).values()) for slot in values[_SLOTS]]
    return _row_of(values, measure)


def _row_of(values: list[Any], measure: Measure) -> NeedRow:
    row = NeedRow(*values)
    row.distance_km = measure(row.school_easting, row.school_northing)
    return row


def _slot_of(values: Iterable[Any]) -> SlotRow:
    """From PostgreSQL's JSON: times are text there."""
    id_, public_id, starts_at, ends_at, places, taken, open_until = values
    return SlotRow(
        id_,
        public_id,
        datetime.fromisoformat(starts_at),
        datetime.fromisoformat(ends_at),
        places,
        taken,
        datetime.fromisoformat(open_until) if open_until else None,
    )
