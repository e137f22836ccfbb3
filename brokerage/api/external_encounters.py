"""Encounters held without Doorway, as the API takes and answers them: always marked as what they are."""

from typing import Any

from rest_framework import serializers

from brokerage.accounts.models import Membership, ProviderKind
from brokerage.api.fields import (
    Choice,
    Day,
    Flag,
    Id,
    Integer,
    Moment,
    Question,
    Strict,
    Text,
    TimeOfDay,
    local,
)
from brokerage.api.inputs import PAGE_AT_MOST
from brokerage.api.outputs import Bool, Char, Chosen, Int, S, SchoolOf, Uuid
from brokerage.domain.encounters import SMALL_GROUP
from brokerage.free_text import FREE
from brokerage.models import ExternalEncounter
from brokerage.queries.cursors import SIZE
from brokerage.states import Confirmation
from brokerage.vocabulary import Content, DeliveryMode

Json = dict[str, Any]


class ExternalIn(Strict):
    provider = Id(
        required=False, allow_null=True, help_text="Where it is on Doorway; else its name and kind."
    )
    provider_name = Text(max_length=160, validators=FREE, required=False, allow_blank=True)
    provider_kind = Choice(choices=ProviderKind.choices, required=False, allow_blank=True)
    is_technical = Flag(
        required=False,
        help_text="It presented technical courses or apprenticeships. Left out: by its kind.",
    )
    y7_entry = Integer(min_value=2000, max_value=2100, help_text="The year the cohort entered Year 7.")
    pupil_group = Text(max_length=30, validators=FREE, required=False, allow_blank=True)
    on = Day()
    starts = TimeOfDay()
    ends = TimeOfDay()
    offered = Integer(min_value=1, max_value=2000)
    attended = Integer(min_value=0, max_value=2000)
    delivery_mode = Choice(choices=DeliveryMode.choices, required=False)
    content = serializers.ListField(
        child=Choice(choices=Content.choices), required=False, max_length=len(Content)
    )
    evidence = Text(
        max_length=500, validators=FREE, help_text="What shows that it happened. Don't name pupils."
    )


class ExternalQuery(Question):
    cursor = serializers.CharField(required=False, max_length=500)
    page_size = serializers.IntegerField(min_value=1, max_value=PAGE_AT_MOST, default=SIZE)


class ExternalOut(S):  # type: ignore[type-arg]
    id = Uuid()
    school = SchoolOf()
    provider = Uuid(allow_null=True)
    provider_name = Char()
    provider_kind = Char(allow_blank=True)
    is_technical = Bool()
    y7_entry = Int()
    pupil_group = Char(allow_blank=True)
    on = serializers.DateField()
    starts = Char()
    ends = Char()
    offered = Int(allow_null=True, help_text="Null for others where it is under 5.")
    attended = Int(allow_null=True, help_text="Null for others where it is under 5.")
    delivery_mode = Chosen(choices=DeliveryMode.choices)
    content = serializers.ListField(child=Char())
    evidence = Char()
    confirmation = Chosen(choices=["none", *filter(None, Confirmation.values)])
    confirmation_note = Char(allow_blank=True)
    recorded_at = Moment()


def answer(encounter: ExternalEncounter, by: Membership) -> Json:
    school, ours = encounter.school, encounter.school_id == by.organisation_id
    return {
        "id": str(encounter.public_id),
        "school": {"id": str(school.public_id), "name": school.name, "town": school.town},
        "provider": str(encounter.provider.public_id) if encounter.provider else None,
        "provider_name": encounter.provider_name,
        "provider_kind": encounter.provider_kind,
        "is_technical": encounter.is_technical,
        "y7_entry": encounter.y7_entry,
        "pupil_group": encounter.pupil_group,
        "on": encounter.on.isoformat(),
        "starts": encounter.starts.isoformat("minutes"),
        "ends": encounter.ends.isoformat("minutes"),
        "offered": _count(encounter.offered, ours),
        "attended": _count(encounter.attended, ours),
        "delivery_mode": encounter.delivery_mode,
        "content": encounter.content,
        "evidence": encounter.evidence,
        "confirmation": encounter.confirmation or "none",
        "confirmation_note": encounter.confirmation_note,
        "recorded_at": local(encounter.recorded_at),
    }


def _count(pupils: int, ours: bool) -> int | None:
    return pupils if ours or pupils >= SMALL_GROUP else None
