"""British telephone numbers: read however they are typed, kept as people write them."""

import re
from typing import Final

from django.core.exceptions import ValidationError

HOW: Final = "Enter a telephone number, like 01632 960001 or 020 7946 0000."
# After the nought: 1 and 2 places, 3 and 8 non-geographic, 5 and 7 internet, personal and mobile. Nine digits or ten.
_NATIONAL: Final = re.compile(r"0[123578]\d{8,9}")
_TYPED: Final = re.compile(r"\+?[\d ().\-]+")
_ABROAD: Final = re.compile(r"(?:\+|00)44")


def read(text: str) -> str:
    """In groups, like 01632 960001; empty stays empty. Raises ValueError with a sentence."""
    text = " ".join(text.replace("\u2011", "-").replace("\u2013", "-").split())
    if not text:
        return ""
    national = _national(text)
    if national is None:
        raise ValueError(HOW)
    return " ".join(_groups(national))


def read_of_register(text: str) -> str:
    """As `read`; spreadsheets eat a number's first nought, and what isn't a number is nothing."""
    try:
        digits = text.strip()
        return read(f"0{digits}" if digits and digits[0] in "12378" else digits)
    except ValueError:
        return ""


def address_of(telephone: str) -> str:
    """For a link (RFC 3966)."""
    national = _national(telephone)
    return f"tel:+44{national[1:]}" if national else ""


def refuse_what_cannot_be_rung(text: str) -> None:
    """Field validator."""
    if _national(text) is None:
        raise ValidationError(HOW, code="telephone")


def _national(text: str) -> str | None:
    """The digits, from the first nought."""
    if not text.isascii() or not _TYPED.fullmatch(text):
        return None
    digits = re.sub(r"[^\d+]", "", text)
    if _ABROAD.match(digits):
        digits = "0" + _ABROAD.sub("", digits, count=1).removeprefix("0")
    return digits if _NATIONAL.fullmatch(digits) else None


def _groups(digits: str) -> tuple[str, ...]:
    """As Ofcom writes them: London and its like 3-4-4, big cities and 03 and 08 4-3-4, everyone else 5 and the rest."""
    if digits[1] == "2":
        return digits[:3], digits[3:7], digits[7:]
    if digits[1] in "38" or digits.startswith("011") or (digits[1] == "1" and digits[3] == "1"):
        return digits[:4], digits[4:7], digits[7:]
    return digits[:5], digits[5:]
