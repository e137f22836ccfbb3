"""From a postcode to a grid reference. A full postcode falls back to its outward code: near enough, and kinder."""

import re
from dataclasses import dataclass

from brokerage.errors import InvalidInput
from brokerage.models import Outcode

_OUTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?$")
_INWARD = re.compile(r"^\d[A-Z]{2}$")


@dataclass(frozen=True)
class Spot:
    """`postcode` as people write it; easting and northing in metres of the British National Grid."""

    postcode: str
    outcode: str
    easting: int
    northing: int


def find(text: str, *, field: str = "postcode") -> Spot:
    """Raises `place_not_found` on `field`."""
    packed = "".join(text.upper().split())
    outcode, inward = (packed[:-3], packed[-3:]) if _INWARD.match(packed[-3:]) else (packed, "")
    known = Outcode.objects.filter(outcode=outcode).first() if _OUTCODE.match(outcode) else None
    if known is None:
        raise InvalidInput.on(
            field,
            "We don't know that postcode. Enter one in England, or its first half, like LS6.",
            code="place_not_found",
        )
    return Spot(f"{outcode} {inward}".strip(), outcode, known.easting, known.northing)
