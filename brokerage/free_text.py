"""Free text stays free of pupils: no field may hold a pupil's identifier (domain rules R47, 6.4)."""

import re
import unicodedata
from typing import Final

from django.core.exceptions import ValidationError

HINT = "Don't name pupils."
BACKWARDS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# UPN: a letter, eleven digits, then a digit or a letter. ULN: ten digits, the first not a nought. By shape alone: a
# check digit that doesn't fit is a slip of the finger, and still somebody's number. Telephone numbers begin with a
# nought or with +44.
_UPN = re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[0-9A-Z]\b", re.IGNORECASE)
_ULN = re.compile(r"(?<![\d+])(?<!\+44 )(?<!\(0\))[1-9]\d{9}(?!\d)", re.ASCII)


def holds_pupil_identifier(text: str) -> bool:
    """True when the text holds something shaped like a UPN or a ULN."""
    return bool(_UPN.search(text) or _ULN.search(text))


def refuse_pupil_identifiers(text: str) -> None:
    """Field validator."""
    if holds_pupil_identifier(text):
        raise ValidationError(
            "This looks like a pupil's number. Take it out: Doorway holds counts of pupils, never who they are.",
            code="pupil_identifier",
        )


def refuse_control_characters(text: str) -> None:
    """Field validator: PostgreSQL can't hold NUL, and nobody means to type the others, nor the overrides that make a
    line read backwards."""
    if any(
        (unicodedata.category(char) == "Cc" and char not in "\n\r\t") or char in BACKWARDS for char in text
    ):
        raise ValidationError("Take out the characters that can't be shown.", code="control_characters")


PLAIN = [refuse_control_characters]
FREE = [refuse_control_characters, refuse_pupil_identifiers]
