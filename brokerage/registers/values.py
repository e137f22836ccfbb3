"""One cell at a time: what a register writes, as a value. Each raises ValueError with the end of a sentence."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from brokerage.accounts.models import AparType
from brokerage.accounts.models.organisation import UKPRN

Reader = Callable[[str], Any]
GREAT_BRITAIN_EAST, GREAT_BRITAIN_NORTH = 700_000, 1_300_000

_YEAR_FIRST: Final = re.compile(r"^(\d{4})-(\d\d?)-(\d\d?)(?:[T ][\d:.]+Z?)?$")
_DAY_FIRST: Final = re.compile(r"^(\d\d?)[-/](\d\d?)[-/](\d{4})(?: [\d:]+)?$")
_POSTCODE: Final = re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_COMPANY: Final = re.compile(r"^[A-Z0-9]{8}$")
_APAR: Final = {kind.label.casefold(): kind.value for kind in AparType}


def text(most: int) -> Reader:
    def read(cell: str) -> str:
        if len(cell) > most:
            raise ValueError(f"is longer than {most} characters")
        if _CONTROL.search(cell):
            raise ValueError("holds characters that can't be shown")
        return cell

    return read


def needed(reader: Reader) -> Reader:
    def read(cell: str) -> Any:
        if not cell:
            raise ValueError("is empty")
        return reader(cell)

    return read


def whole(low: int, high: int) -> Reader:
    """Leading noughts don't count: `02` is 2. Empty is None."""

    def read(cell: str) -> int | None:
        if not cell:
            return None
        if not (cell.isascii() and cell.isdigit() and low <= int(cell) <= high):
            raise ValueError(f"{cell} isn't a whole number from {low} to {high}")
        return int(cell)

    return read


def number(low: float, high: float) -> Reader:
    def read(cell: str) -> float | None:
        if not cell:
            return None
        try:
            value = float(cell.removesuffix("%"))
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise ValueError(f"{cell} isn't a number from {low:g} to {high:g}")
        return value

    return read


def day(cell: str) -> date | None:
    """31-08-2024, 31/08/2024 or 2024-08-31."""
    if not cell:
        return None
    if found := _YEAR_FIRST.match(cell):
        year, month, of_month = found.groups()
    elif found := _DAY_FIRST.match(cell):
        of_month, month, year = found.groups()
    else:
        raise ValueError(f"{cell} isn't a date like 31-08-2024 or 2024-08-31")
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        raise ValueError(f"{cell} isn't a day of the calendar") from None


def urn(cell: str) -> str:
    """Six digits; children's centres have five."""
    number = cell.lstrip("0")
    if not (cell.isascii() and cell.isdigit() and len(number) in (5, 6)):
        raise ValueError(f"{cell} isn't 6 digits")
    return number


def ukprn(cell: str) -> str:
    if cell and not UKPRN.regex.match(cell):  # type: ignore[union-attr]
        raise ValueError(f"{cell} isn't 8 digits that start with 1")
    return cell


def company(cell: str) -> str:
    """Companies House pads its numbers with noughts to 8; spreadsheets take them away."""
    if not cell:
        return ""
    padded = cell.upper().replace(" ", "").zfill(8)
    if not _COMPANY.match(padded):
        raise ValueError(f"{cell} isn't a Companies House number")
    return padded


def postcode(cell: str) -> str:
    """As people write it: `EC3A 5DE`. ONS packs it or sets it in columns."""
    found = _POSTCODE.match(cell.upper().replace(" ", ""))
    if not found:
        raise ValueError(f"{cell} isn't a postcode" if cell else "is empty")
    return " ".join(found.groups())


def apar_type(cell: str) -> str:
    if cell.casefold() not in _APAR:
        raise ValueError(f"{cell or 'nothing'} is neither main, employer nor supporting provider")
    return _APAR[cell.casefold()]
