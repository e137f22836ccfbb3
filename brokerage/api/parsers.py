"""JSON as RFC 8259 means it, and nothing PostgreSQL couldn't hold."""

import json
from collections.abc import Mapping
from math import isinf
from typing import IO, Any, Final, NoReturn

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser

TOO_LONG: Final = 1024 * 1024
DIGITS: Final = 100
"""Of a whole number, sign included: Python reads no number of thousands of digits."""


class StrictJSONParser(BaseParser):
    """Refuses a name given twice, NaN and Infinity, NUL and half of a surrogate pair."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(TOO_LONG + 1)
        if len(raw) > TOO_LONG:
            raise RequestDataTooBig
        if not raw.strip():
            return {}
        try:
            text = raw.decode("utf-8")
            data = json.loads(
                text,
                object_pairs_hook=_once_each,
                parse_constant=_refuse_constant,
                parse_float=_finite,
                parse_int=_short,
            )
        except (ValueError, RecursionError) as error:
            raise ParseError(f"This isn't JSON we can read: {error}.") from None
        # Only an escape can bring these in: a raw one isn't JSON, or isn't UTF-8.
        if "\\u" in text:
            _refuse_unstorable(data)
        return data


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"«{twice[:60]}» is given twice.", code="duplicate_name")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} isn't a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError("a number is too large")
    return number


def _short(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError("a number is too large")
    return int(text)


def _refuse_unstorable(data: Any, path: str = "") -> None:
    if isinstance(data, str):
        if "\x00" in data or any("\ud800" <= char <= "\udfff" for char in data):
            wrong = ErrorDetail("Text can't hold NUL or half a character.", code="unstorable_text")
            raise ValidationError({path or "body": [wrong]})
    elif isinstance(data, dict):
        for name, value in data.items():
            _refuse_unstorable(name, path)
            _refuse_unstorable(value, f"{path}.{name}" if path else name)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            _refuse_unstorable(value, f"{path}.{number}" if path else str(number))
