"""What orjson writes is what the framework's own renderer writes."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from rest_framework import renderers

from brokerage.api.fields import local
from brokerage.api.renderers import JSONRenderer

SUMMER = datetime(2026, 7, 1, 9, 30, 0, 250, tzinfo=UTC)


def test_values_are_written_as_the_framework_writes_them() -> None:
    data = {
        "amount": Decimal("1.50"),
        "id": UUID("0b5a1f0e-5a0c-4f43-9f7a-0d8a4f3c9c11"),
        "others": (SUMMER.date(), time(9, 5), timedelta(minutes=3), 7.0, None, "Zoë’s"),
        9: True,
    }

    written = JSONRenderer().render(data)

    assert written == renderers.JSONRenderer().render(data)
    assert b'"amount":1.5' in written
    assert JSONRenderer().render(float("nan")) == b"null"


def test_a_time_keeps_its_offset_in_winter_too() -> None:
    moments = [local(SUMMER), local(datetime(2026, 1, 5, 8, tzinfo=UTC))]

    assert (
        JSONRenderer().render(moments) == b'["2026-07-01T10:30:00.000250+01:00","2026-01-05T08:00:00+00:00"]'
    )
