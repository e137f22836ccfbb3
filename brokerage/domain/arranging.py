"""What a granted request becomes: a need with one time, one accepted claim and a planned encounter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from psycopg.types.range import TimestamptzRange

from brokerage.accounts.models import Membership, Organisation
from brokerage.domain import closures, horizon, needs
from brokerage.domain.claims import booked_then
from brokerage.domain.slots import LONDON
from brokerage.errors import InvalidInput
from brokerage.models import AccessRequest, Claim, Encounter, EncounterNeed, Slot
from brokerage.states import ClaimState, NeedState
from brokerage.vocabulary import (
    DEFAULTS,
    YEAR_GROUPS,
    Allocation,
    Audience,
    Benchmark,
    DeliveryMode,
    EncounterType,
)

SHORTEST: Final = 5
LONGEST: Final = 480
HOW_MANY_MINUTES: Final = f"Enter how many minutes, from {SHORTEST} to {LONGEST}"


def _by(asker: str) -> str:
    return f" by {asker}"


def says_who_comes(title: str, who: str) -> bool:
    """What was asked for is named after its asker, who needn't be named again."""
    return title.endswith(_by(who))


def unfit_size(year_groups: Sequence[int], minutes: int) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not year_groups:
        fields["year_groups"] = "Choose at least one year group"
    elif unfit := [year for year in year_groups if year not in YEAR_GROUPS]:
        fields["year_groups"] = f"Year {unfit[0]} isn't one of 7 to 13"
    if not SHORTEST <= minutes <= LONGEST:
        fields["minutes"] = HOW_MANY_MINUTES
    return fields


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """When, how long, for whom. `venue` None: the school's usual room."""

    starts_at: datetime
    ends_at: datetime
    minutes: int
    venue: str | None
    audience: str
    year_groups: Sequence[int]
    delivery_mode: str

    @classmethod
    def at(
        cls,
        on: date,
        starts: time,
        *,
        minutes: int,
        venue: str | None,
        audience: str,
        year_groups: Sequence[int],
        delivery_mode: str,
    ) -> "Arrangement":
        # Lengths are added in UTC: on a wall clock that is put forward, 01:30 and 50 minutes is 01:20.
        moment = datetime.combine(on, starts, LONDON).astimezone(UTC)
        return cls(
            starts_at=moment.astimezone(LONDON),
            ends_at=(moment + timedelta(minutes=minutes)).astimezone(LONDON),
            minutes=minutes,
            venue=venue,
            audience=audience,
            year_groups=sorted(set(year_groups)),
            delivery_mode=delivery_mode,
        )

    def refuse_unfit(self, *, school: Organisation, at: datetime) -> None:
        fields = unfit_size(self.year_groups, self.minutes)
        if self.starts_at <= at:
            fields["on"] = "The date must be in the future"
        elif self.starts_at.date() != self.ends_at.astimezone(LONDON).date():
            fields["starts"] = "It must end on the day it starts"
        if self.audience not in Audience:
            fields["audience"] = "Choose who it is for"
        if self.delivery_mode not in DeliveryMode:
            fields["delivery_mode"] = "Choose in person or live online"
        if fields:
            raise InvalidInput("invalid", "Check what you entered.", fields=fields)
        if far := horizon.too_far(self.starts_at, "The date", at=at):
            raise InvalidInput.on("on", far, code=horizon.OUT_OF_RANGE)
        closures.refuse_holidays(school, {"on": self.starts_at.date()}, at=at)


def arrange(
    *, request: AccessRequest, what: Arrangement, host: Membership, by: Membership, at: datetime
) -> Claim:
    """Write all of it, in the caller's transaction. Someone booked elsewhere by then comes off: «to be named»."""
    what.refuse_unfit(school=request.school, at=at)
    need = _need(request, what, host=host, at=at)
    need.clean_fields(exclude=["contact", "posted_by"])
    need.save()
    slot = Slot.objects.create(need=need, starts_at=what.starts_at, ends_at=what.ends_at, places=1, taken=1)
    visitor = request.visitor if request.visitor and request.visitor.is_active else None
    clashed = visitor is not None and booked_then(visitor.user_id, slot) is not None
    attendee = None if clashed else visitor
    claim = Claim.objects.create(
        slot=slot,
        claimant=request.asker,
        attendee=attendee,
        person_id=attendee.user_id if attendee else None,
        attendee_clashed=clashed,
        during=TimestamptzRange(slot.starts_at, slot.ends_at),
        places=1,
        state=ClaimState.ACCEPTED,
        submitted_by=request.asked_by,
        submitted_at=request.asked_at,
        answered_at=at,
        was_verified=request.was_verified,
    )
    Encounter.objects.create(slot=slot, school_id=request.school_id, created_at=at)
    return claim


def _need(request: AccessRequest, what: Arrangement, *, host: Membership, at: datetime) -> EncounterNeed:
    kind = EncounterType(request.encounter_type)
    fields = {
        "encounter_type": str(kind),
        "year_groups": list(what.year_groups),
        "audience": str(what.audience),
    }
    filled = needs.filled_in(fields, host)
    return EncounterNeed(
        school=request.school,
        state=NeedState.OPEN,
        title=f"{kind.label}{_by(request.asker.name)}"[:120],
        **fields,
        expected_pupils=filled.get("expected_pupils", {}),
        open_to=[str(request.asker.category)],
        delivery_mode=what.delivery_mode,
        main_benchmark=Benchmark.FURTHER_AND_HIGHER
        if request.is_technical or request.qualifications
        else DEFAULTS[kind].benchmark,
        content=request.content,
        supervision=DEFAULTS[kind].supervision,
        allocation=Allocation.SCHOOL_CHOOSES,
        venue=filled.get("venue", "") if what.venue is None else what.venue,
        entrance=filled.get("entrance", ""),
        visitor_notes=filled.get("visitor_notes", ""),
        contact=host,
        posted_by=host,
        created_at=at,
        changed_at=at,
        published_at=at,
        is_arranged=True,
    )
