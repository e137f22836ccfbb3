"""Access requests as the API takes and answers them."""

from datetime import date
from typing import Any, Final

from rest_framework import serializers

from brokerage.accounts.models import Category, Membership
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
from brokerage.api.inputs import PAGE_AT_MOST, Years
from brokerage.api.outputs import Bool, Char, Chosen, Int, Organisation, S, SchoolOf, Uuid
from brokerage.calendar.clock import Clock, ClockState, DayState
from brokerage.domain.access_requests.steps import DATES_AT_MOST
from brokerage.free_text import FREE
from brokerage.models.access_request import WORDS_AT_MOST
from brokerage.queries.access_requests import Asked, HistoryStep
from brokerage.queries.cursors import SIZE
from brokerage.rules import may
from brokerage.states import AccessState
from brokerage.vocabulary import (
    Audience,
    Content,
    DeliveryMode,
    EncounterType,
    PostponeReason,
    Qualification,
    RefusalGround,
    Shortfall,
)

Json = dict[str, Any]
SHORTEST, LONGEST = 5, 480


def _words(**fields: Any) -> Text:
    return Text(max_length=WORDS_AT_MOST, validators=FREE, help_text="Don't name pupils.", **fields)


def _note() -> Text:
    return _words(required=False, allow_blank=True)


def _days() -> serializers.ListField:
    return serializers.ListField(child=Day(), min_length=1, max_length=DATES_AT_MOST)


def _chosen(choices: type[Content] | type[Qualification] | type[Shortfall], **fields: Any) -> Any:
    return serializers.ListField(child=Choice(choices=choices.choices), max_length=len(choices), **fields)


# ---- What it takes ----


class AskIn(Strict):
    school = Id()
    encounter_type = Choice(choices=EncounterType.choices)
    year_groups = Years(min_length=1)
    minutes = Integer(min_value=SHORTEST, max_value=LONGEST)
    dates = _days()
    audience = Choice(choices=Audience.choices, required=False)
    delivery_mode = Choice(choices=DeliveryMode.choices, required=False)
    content = _chosen(Content, required=False)
    qualifications = _chosen(Qualification, required=False)
    visitor = Id(
        required=False,
        allow_null=True,
        help_text="Who comes: a membership of your organisation; null: to be named. Left out: you.",
    )
    message = _note()


class AccessQuery(Question):
    state = serializers.ChoiceField(choices=AccessState.choices, required=False)
    school = serializers.UUIDField(required=False)
    cursor = serializers.CharField(required=False, max_length=500)
    page_size = serializers.IntegerField(min_value=1, max_value=PAGE_AT_MOST, default=SIZE)


class GrantIn(Strict):
    on = Day()
    starts = TimeOfDay()
    minutes = Integer(min_value=SHORTEST, max_value=LONGEST, required=False, help_text="Left out: as asked.")
    venue = Text(max_length=120, validators=FREE, required=False, allow_blank=True)
    audience = Choice(choices=Audience.choices, required=False)
    year_groups = Years(required=False, min_length=1)
    delivery_mode = Choice(choices=DeliveryMode.choices, required=False)
    note = _note()


class CounterOfferIn(Strict):
    dates = _days()
    starts = TimeOfDay()
    minutes = Integer(min_value=SHORTEST, max_value=LONGEST, required=False, help_text="Left out: as asked.")
    year_groups = Years(required=False, min_length=1)
    audience = Choice(choices=Audience.choices, required=False)
    delivery_mode = Choice(choices=DeliveryMode.choices, required=False)
    venue = Text(max_length=120, validators=FREE, required=False, allow_blank=True)
    note = _note()


class AcceptCounterOfferIn(Strict):
    on = Day(help_text="One of the dates offered.")
    counter_offer = Id(
        required=False,
        help_text="The offer you read. Left out: the one that stands, unless an earlier one meant something else by "
        "that date.",
    )


class NoteIn(Strict):
    note = _note()


class PostponeIn(Strict):
    until = Day()
    reason = Choice(choices=PostponeReason.choices)
    note = _note()


class QuestionIn(Strict):
    question = _words()


class AnswerIn(Strict):
    answer = _words()


class RefuseIn(Strict):
    ground = Choice(choices=RefusalGround.choices, help_text="One that the school's published policy lists.")
    note = _note()


class DuplicateIn(Strict):
    duplicate_of = Id(required=False, help_text="By the school: the earlier request of the same asker.")
    is_duplicate = Flag(required=False, help_text="By the asker: whether they agree.")
    note = _note()


class ReportIn(Strict):
    kinds = _chosen(Shortfall, min_length=1)
    minutes = Integer(min_value=0, max_value=LONGEST, required=False, allow_null=True)
    note = _note()


class FollowUpIn(Strict):
    message = _words()


# ---- What it answers ----


class CounterOfferOut(S):  # type: ignore[type-arg]
    id = Uuid()
    dates = serializers.ListField(child=serializers.DateField())
    starts = Char()
    minutes = Int()
    year_groups = serializers.ListField(child=Int())
    audience = Chosen(choices=Audience.choices)
    delivery_mode = Chosen(choices=DeliveryMode.choices)
    venue = Char(allow_blank=True, help_text="As the school wrote it, to the two sides; empty for others.")


CLOCK_STATES: Final = [state.value for state in ClockState]


class ClockSummary(S):  # type: ignore[type-arg]
    state = Chosen(choices=CLOCK_STATES)
    day = Int(help_text="School days counted so far.")
    answer_by = serializers.DateField(allow_null=True, help_text="The last day in time; null while paused.")
    headline = Char()


class ClockDayOut(S):  # type: ignore[type-arg]
    on = serializers.DateField()
    state = Chosen(choices=[state.value for state in DayState])
    why = Char(allow_blank=True)
    number = Int(allow_null=True)


class ClockOut(ClockSummary):
    late_from = serializers.DateField(allow_null=True)
    very_late_from = serializers.DateField(allow_null=True)
    working = serializers.ListField(child=Char(), help_text="Sentences.")
    days = ClockDayOut(many=True, help_text="Every day since the asking: counted or not, and why.")


class StepOut(S):  # type: ignore[type-arg]
    type = Char()
    at = Moment()
    by = Chosen(choices=["school", "asker", "platform"])
    words = Char(
        allow_null=True, help_text="What was written with it; null when nothing was, or it was erased."
    )
    words_erased_at = Moment(allow_null=True, help_text="When what was written with it was taken out.")


class AccessRequestOut(S):  # type: ignore[type-arg]
    id = Uuid()
    state = Chosen(choices=AccessState.choices)
    school = SchoolOf()
    asker = Organisation()
    asker_category = Chosen(choices=Category.choices)
    was_verified = Bool()
    visitor = Uuid(allow_null=True)
    encounter_type = Chosen(choices=EncounterType.choices)
    year_groups = serializers.ListField(child=Int())
    audience = Chosen(choices=Audience.choices)
    minutes = Int()
    delivery_mode = Chosen(choices=DeliveryMode.choices)
    dates = serializers.ListField(child=serializers.DateField())
    content = serializers.ListField(child=Char())
    qualifications = serializers.ListField(child=Char())
    asked_at = Moment()
    answered_at = Moment(allow_null=True)
    clock = ClockSummary()
    counter_offer = CounterOfferOut(allow_null=True)
    postponed_until = serializers.DateField(allow_null=True)
    postpone_reason = Char(allow_blank=True)
    ground = Char(allow_blank=True)
    ground_is_published = Bool(allow_null=True)
    duplicate_of = Uuid(allow_null=True)
    need = Uuid(allow_null=True, help_text="What a granted request became.")
    shortfalls = serializers.ListField(child=Char())
    reported_minutes = Int(allow_null=True)


class AccessRequestDetail(AccessRequestOut):
    history = StepOut(many=True)


# ---- From the one to the other ----


def summary(asked: Asked, *, reader: Membership) -> Json:
    request, offer = asked.request, asked.offer
    is_one_of_the_two = may("brokerage.read_words", reader, request)
    school, asker = request.school, request.asker
    return {
        "id": str(request.public_id),
        "state": str(request.state),
        "school": {"id": str(school.public_id), "name": school.name, "town": school.town},
        "asker": {"id": str(asker.public_id), "kind": asker.kind, "name": asker.name},
        "asker_category": str(asker.category),
        "was_verified": request.was_verified,
        "visitor": str(request.visitor.public_id) if request.visitor else None,
        "encounter_type": request.encounter_type,
        "year_groups": request.year_groups,
        "audience": request.audience,
        "minutes": request.minutes,
        "delivery_mode": request.delivery_mode,
        "dates": [day.isoformat() for day in request.dates],
        "content": request.content,
        "qualifications": request.qualifications,
        "asked_at": local(request.asked_at),
        "answered_at": local(request.answered_at) if request.answered_at else None,
        "clock": _clock(asked.clock),
        "counter_offer": {
            "id": str(offer.public_id),
            "dates": [day.isoformat() for day in offer.dates],
            "starts": offer.starts.isoformat("minutes"),
            "minutes": offer.minutes,
            "year_groups": offer.year_groups,
            "audience": offer.audience,
            "delivery_mode": offer.delivery_mode,
            "venue": offer.venue if is_one_of_the_two else "",
        }
        if offer
        else None,
        "postponed_until": _day(request.postponed_until),
        "postpone_reason": request.postpone_reason,
        "ground": request.ground,
        "ground_is_published": request.ground_is_published,
        "duplicate_of": str(request.duplicate_of.public_id) if request.duplicate_of else None,
        "need": str(request.need.public_id) if request.need else None,
        "shortfalls": request.shortfalls,
        "reported_minutes": request.reported_minutes,
    }


def detail(asked: Asked, steps: list[HistoryStep], *, reader: Membership) -> Json:
    return summary(asked, reader=reader) | {
        "history": [
            {
                "type": step.type,
                "at": local(step.at),
                "by": "platform" if step.by_platform else "school" if step.by_school else "asker",
                "words": step.words.text if step.words and step.words.erased_at is None else None,
                "words_erased_at": local(step.words.erased_at)
                if step.words and step.words.erased_at
                else None,
            }
            for step in steps
        ]
    }


def clock(asked: Asked, *, reader: Membership) -> Json:
    found = asked.clock
    ours = reader.organisation_id == asked.request.asker_id
    return _clock(found) | {
        "late_from": _day(found.late_from),
        "very_late_from": _day(found.very_late_from),
        "working": list(found.working_for_asker if ours else found.working),
        "days": [
            {"on": day.on.isoformat(), "state": day.state.value, "why": day.why, "number": day.number}
            for day in found.days
        ],
    }


def _clock(found: Clock) -> Json:
    return {
        "state": found.state.value,
        "day": found.day,
        "answer_by": _day(found.answer_by),
        "headline": found.headline,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
