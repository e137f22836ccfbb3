"""Fields that take what the schema says and nothing like it: no `"5"` for 5, no time without its offset."""

import re
from datetime import date, datetime, time
from functools import cache
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

LONDON: Final = ZoneInfo("Europe/London")
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class Text(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Integer(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():  # 1.0 is an integer in JSON Schema
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


class Id(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field):  # type: ignore[type-arg]
    """ISO 8601 with an offset, both ways; answered in local time."""

    default_error_messages: ClassVar = {
        "invalid": "Write the time like 2026-03-12T10:00:00+00:00.",
        "no_offset": "Say which offset: 2026-03-12T10:00:00+00:00.",
        "out_of_range": f"The year must be from {EARLIEST_YEAR} to {LATEST_YEAR}.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        try:
            moment = parse_datetime(data) if isinstance(data, str) else None
        except ValueError:
            moment = None
        if moment is None:
            self.fail("invalid")
        if moment.tzinfo is None:
            self.fail("no_offset")
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            self.fail("out_of_range")
        return moment

    def to_representation(self, value: datetime) -> datetime:
        return local(value)


def local(moment: datetime) -> datetime:
    """As an answer tells it: the renderer writes it with its offset."""
    return moment.astimezone(LONDON)


def local_text(moment: str) -> str:
    """The same for a time as PostgreSQL's JSON has it, in UTC. Clocks change on the hour, so the hour says how far."""
    hour, offset = _local_hour(moment[:13])
    return f"{hour}{moment[13:-6]}{offset}"


@cache
def _local_hour(hour: str) -> tuple[str, str]:
    text = local(datetime.fromisoformat(f"{hour}:00+00:00")).isoformat()
    return text[:13], text[-6:]


class Strict(serializers.Serializer):  # type: ignore[type-arg]
    """Refuses every field it doesn't know, by name."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        known = {name for name, field in self.fields.items() if not field.read_only}
        unknown: dict[str, Any] = {name: [_unknown()] for name in data if name not in known}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError({**unknown, **error.detail}) from None
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return values


class Question(Strict):
    """The words of a GET, none of which is required: only those that are given are looked at, for a list is asked
    with two or three of its dozen."""

    def to_internal_value(self, data: Any) -> Any:
        fields = self.fields
        values = {name: field.default for name, field in fields.items() if field.default is not empty}
        errors: dict[str, Any] = {}
        for name, said in data.items():
            field = fields.get(name)
            if field is None:
                errors[name] = [_unknown()]
                continue
            try:
                values[name] = field.run_validation(said)
            except serializers.ValidationError as error:
                errors[name] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return values


def _unknown() -> serializers.ErrorDetail:
    return serializers.ErrorDetail("Doorway doesn't know this field.", code="unknown_field")


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field):  # type: ignore[type-arg]
    """ISO 8601: 2026-03-12."""

    default_error_messages: ClassVar = {
        "invalid": "Write the date like 2026-03-12.",
        "out_of_range": f"The year must be from {EARLIEST_YEAR} to {LATEST_YEAR}.",
    }

    def to_internal_value(self, data: Any) -> date:
        try:
            day = date.fromisoformat(data) if isinstance(data, str) and _DAY.fullmatch(data) else None
        except ValueError:
            day = None
        if day is None:
            self.fail("invalid")
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            self.fail("out_of_range")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class TimeOfDay(serializers.Field):  # type: ignore[type-arg]
    """Local time in England, 24 hours: 09:30."""

    default_error_messages: ClassVar = {"invalid": "Write the time like 09:30."}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not _TIME.fullmatch(data):
            self.fail("invalid")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return value.isoformat("minutes")
