"""What the API takes. Shape only: whether it makes sense is the verbs' business."""

from datetime import datetime, time
from typing import Any, Final

from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from brokerage.accounts.models import Category
from brokerage.api.fields import LONDON, Choice, Flag, Id, Integer, Moment, Question, Strict, Text
from brokerage.free_text import FREE
from brokerage.queries.cursors import SIZE
from brokerage.queries.open_needs import Order
from brokerage.states import ClaimState, EncounterState, Shown
from brokerage.vocabulary import (
    PLACES_AT_MOST,
    SLOTS_AT_MOST,
    YEAR_GROUPS,
    Allocation,
    Audience,
    ClaimantReason,
    DeclineReason,
    DeliveryMode,
    EncounterType,
    SchoolCancelReason,
    Sector,
    Subject,
    Supervision,
)

FIRST_YEAR, LAST_YEAR = YEAR_GROUPS[0], YEAR_GROUPS[-1]
PAGE_AT_MOST: Final = 100
ENTRIES_AT_MOST: Final = 1000


def free_text(length: int, **fields: Any) -> Text:
    return Text(max_length=length, validators=FREE, **fields)


def note(**fields: Any) -> Text:
    return free_text(500, required=False, allow_blank=True, help_text="Don't name pupils.", **fields)


class Years(serializers.ListField):
    """Year groups, each once."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(
            child=Integer(min_value=FIRST_YEAR, max_value=LAST_YEAR), max_length=len(YEAR_GROUPS), **fields
        )


class Pupils(serializers.DictField):
    """Counts per year group, like `{"9": 180}`."""

    default_error_messages = {"unknown_year": 'Year groups are 7 to 13, written like {{"9": 180}}.'}

    def __init__(self, *, least: int = 1, **fields: Any) -> None:
        super().__init__(child=Integer(min_value=least, max_value=2000), **fields)

    def to_internal_value(self, data: Any) -> dict[str, int]:
        if isinstance(data, dict) and not set(data) <= {str(year) for year in YEAR_GROUPS}:
            self.fail("unknown_year")
        found: dict[str, int] = super().to_internal_value(data)
        return found


class SignIn(Strict):
    email = Text(max_length=254)
    password = Text(max_length=1000, trim_whitespace=False)


class SlotIn(Strict):
    starts_at = Moment()
    ends_at = Moment()
    places = Integer(min_value=1, max_value=PLACES_AT_MOST, required=False)


class KnownSlotIn(SlotIn):
    id = Id(
        required=False,
        help_text="Of a slot that the need already has: what else is left out stays. Without it, the slot that "
        "stands at these very times, else a new one.",
    )
    starts_at = Moment(required=False)
    ends_at = Moment(required=False)
    places_left = Integer(required=False, help_text="As Doorway answered it; changes nothing.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Without an id both times are needed."""
        missing = [name for name in ("starts_at", "ends_at") if "id" not in attrs and name not in attrs]
        if missing:
            needed = serializers.ErrorDetail("This field is required.", code="required")
            raise serializers.ValidationError({name: [needed] for name in missing})
        return attrs


class NeedFields(Strict):
    """Everything a school may say of a need; what is left out is filled in from the type of encounter and the
    school's own profile."""

    audience = Choice(choices=Audience.choices, required=False)
    expected_pupils = Pupils(required=False, help_text='Per year group: {"9": 180}.')
    subjects = serializers.ListField(
        child=Choice(choices=Subject.choices), required=False, max_length=len(Subject)
    )
    sectors = serializers.ListField(
        child=Choice(choices=Sector.choices), required=False, max_length=len(Sector), help_text="Empty: any."
    )
    open_to = serializers.ListField(
        child=Choice(choices=Category.choices), required=False, max_length=len(Category)
    )
    delivery_mode = Choice(choices=DeliveryMode.choices, required=False)
    main_benchmark = Integer(min_value=1, max_value=8, required=False)
    description = free_text(2000, required=False, allow_blank=True, help_text="Don't name pupils.")
    supervision = Choice(choices=Supervision.choices, required=False)
    closes_at = Moment(required=False, allow_null=True, help_text="Null: until each slot starts.")
    allocation = Choice(choices=Allocation.choices, required=False)
    venue = free_text(120, required=False, allow_blank=True, help_text="Room or place; shown to all.")
    entrance = free_text(
        200, required=False, allow_blank=True, help_text="Shown from acceptance until 14 days after."
    )
    visitor_notes = free_text(
        1000, required=False, allow_blank=True, help_text="Shown from acceptance until 14 days after."
    )


class NeedIn(NeedFields):
    title = free_text(120, allow_blank=True)
    encounter_type = Choice(choices=EncounterType.choices)
    year_groups = Years()
    slots = serializers.ListField(child=SlotIn(), max_length=SLOTS_AT_MOST)
    publish = Flag(required=False, help_text="False, or left out: a draft, which may be incomplete.")


class NeedChanges(NeedFields):
    title = free_text(120, required=False, allow_blank=True)
    encounter_type = Choice(choices=EncounterType.choices, required=False)
    year_groups = Years(required=False)
    slots = serializers.ListField(
        child=KnownSlotIn(),
        required=False,
        max_length=SLOTS_AT_MOST,
        help_text="The whole new list: one left out is taken away.",
    )


class ClaimIn(Strict):
    slot = Id()
    places = Integer(min_value=1, max_value=PLACES_AT_MOST, required=False, help_text="Left out: 1.")
    attendee = Id(
        required=False,
        allow_null=True,
        help_text="A membership of your organisation; null: to be named. Left out: you, unless you coordinate "
        "for others.",
    )
    note = note()


class AttendeeIn(Strict):
    attendee = Id(allow_null=True, help_text="A membership of your organisation; null: to be named.")


class Declining(Strict):
    reason = Choice(choices=DeclineReason.choices)
    note = note()


class Withdrawing(Strict):
    reason = Choice(choices=ClaimantReason.choices)
    note = note()


class Cancelling(Strict):
    reason = Choice(choices=SchoolCancelReason.choices)
    note = note()


class Nothing(Strict):
    """An empty body, or {}."""


class Record(Strict):
    delivered = Flag()
    minutes = Integer(min_value=1, max_value=1440, required=False, allow_null=True)
    attended = Pupils(
        least=0,
        required=False,
        help_text='Pupils per year group: {"9": 150}. A year group of the need that is left out counts as nobody.',
    )
    pupil_premium_attended = Integer(min_value=0, max_value=14000, required=False, allow_null=True)
    send_attended = Integer(min_value=0, max_value=14000, required=False, allow_null=True)
    missed = serializers.ListField(
        child=Id(), required=False, max_length=PLACES_AT_MOST, help_text="Claims whose people didn't come."
    )
    note = note()
    corrects = Flag(
        required=False,
        help_text="True to change what is already recorded: that it happened after all, or that it didn't.",
    )


class Disputing(Strict):
    note = free_text(500, help_text="What was different. Don't name pupils.")


class QueryMoment(Moment):
    """A date alone means its midnight; a `+` that the URL turned into a space is one again."""

    def to_internal_value(self, data: Any) -> datetime:
        if isinstance(data, str):
            try:
                day = parse_date(data) if len(data) == 10 else None
            except ValueError:
                day = None
            if day is not None:
                data = datetime.combine(day, time(), LONDON).isoformat()
            data = data.replace(" ", "+")
        return super().to_internal_value(data)


class Paged(Question):
    cursor = serializers.CharField(
        max_length=500, required=False, help_text="From `next` of the page before."
    )
    page_size = serializers.IntegerField(
        min_value=1, max_value=PAGE_AT_MOST, default=SIZE, help_text=f"Up to {PAGE_AT_MOST}."
    )


MOMENT_OR_DATE = "With its offset, or a date alone: its midnight in England."


class NeedQuery(Paged):
    encounter_type = serializers.ChoiceField(choices=EncounterType.choices, required=False)
    year_group = serializers.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    sector = serializers.ChoiceField(
        choices=Sector.choices, required=False, help_text="Also finds needs that take any sector."
    )
    delivery_mode = serializers.ChoiceField(choices=DeliveryMode.choices, required=False)
    starts_after = extend_schema_field(OpenApiTypes.STR)(QueryMoment)(
        required=False, help_text=MOMENT_OR_DATE
    )
    starts_before = extend_schema_field(OpenApiTypes.STR)(QueryMoment)(
        required=False, help_text=MOMENT_OR_DATE
    )
    near = serializers.CharField(
        max_length=12,
        required=False,
        help_text="A postcode or its first half. Distance counts from there instead of your organisation's place, "
        "and only needs within `within_km` are found. A live online need is found at any distance when "
        "`delivery_mode=live_online` is asked for.",
    )
    within_km = serializers.FloatField(
        min_value=0.1, max_value=1000, required=False, help_text="30 when `near` is given without it."
    )
    ordering = serializers.ChoiceField(
        choices=[order.value for order in Order],
        required=False,
        help_text="Left out: soonest for employers and providers, newest for everyone else.",
    )
    state = serializers.ChoiceField(
        choices=Shown.choices,
        required=False,
        help_text="Left out: what can be claimed now for employers and providers, every state for everyone else.",
    )


class ClaimQuery(Paged):
    state = serializers.ChoiceField(choices=ClaimState.choices, required=False)
    need = serializers.UUIDField(required=False)


class EncounterQuery(Paged):
    state = serializers.ChoiceField(choices=EncounterState.choices, required=False)


class EventQuery(Question):
    after = serializers.IntegerField(
        min_value=0, max_value=2**63 - 1, default=0, help_text="The id of the last entry you have."
    )
    limit = serializers.IntegerField(
        min_value=1,
        max_value=ENTRIES_AT_MOST,
        default=ENTRIES_AT_MOST,
        help_text="When as many come, ask again after the last one.",
    )


class NotificationQuery(Paged):
    unread = serializers.BooleanField(required=False, help_text="True: only those not yet read.")
