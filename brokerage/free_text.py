"""Free text stays free of pupils: no field may hold a pupil's identifier (domain rules R47, 6.4)."""

import re

from django.core.exceptions import ValidationError

HINT = "Don't name pupils."

# UPN: a check letter, eleven digits, then a digit or a letter. ULN: ten digits with a check digit.
_UPN = re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[0-9A-Z]\b", re.IGNORECASE)
_TEN_DIGITS = re.compile(r"(?<![\d+])\d{10}(?!\d)")


def holds_pupil_identifier(text: str) -> bool:
    """True when the text holds something shaped like a UPN or a valid ULN."""
    return bool(_UPN.search(text)) or any(_is_uln(match) for match in _TEN_DIGITS.findall(text))


def _is_uln(digits: str) -> bool:
    """Weights 10 down to 2 over the first nine digits; ten less the remainder by 11 is the tenth."""
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return remainder != 0 and 10 - remainder == int(digits[9])


def refuse_pupil_identifiers(text: str) -> None:
    """Field validator."""
    if holds_pupil_identifier(text):
        raise ValidationError(
            "This looks like a pupil's number. Take it out: Doorway holds counts of pupils, never who they are.",
            code="pupil_identifier",
        )


def refuse_control_characters(text: str) -> None:
    """Field validator: PostgreSQL can't hold NUL, and nobody means to type the others."""
    if any(ord(char) < 32 and char not in "\n\r\t" for char in text):
        raise ValidationError("Take out the characters that can't be shown.", code="control_characters")


PLAIN = [refuse_control_characters]
FREE = [refuse_control_characters, refuse_pupil_identifiers]
