"""From a postcode to a grid reference. A full postcode falls back to its outward code: near enough, and kinder."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from typing import Any, Final

from django.db.models import F

from brokerage.errors import InvalidInput
from brokerage.models import Outcode

METRES_IN_A_MILE: Final = 1609.344

UNKNOWN: Final = "We don't know that postcode. Enter one in England, or its first half, like LS6."

_OUTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?$")
_INWARD = re.compile(r"^\d[A-Z]{2}$")


@dataclass(frozen=True)
class Spot:
    """`postcode` as people write it; easting and northing in metres of the British National Grid."""

    postcode: str
    outcode: str
    easting: int
    northing: int

    @property
    def point(self) -> tuple[int, int]:
        return self.easting, self.northing


def find(text: str, *, field: str = "postcode") -> Spot:
    """Raises `place_not_found` on `field`."""
    packed = "".join(text.upper().split())
    outcode, inward = (packed[:-3], packed[-3:]) if _INWARD.match(packed[-3:]) else (packed, "")
    try:
        easting, northing = _centre(outcode)
    except Outcode.DoesNotExist:
        raise InvalidInput.on(
            field,
            UNKNOWN,
            code="place_not_found",
        ) from None
    return Spot(f"{outcode} {inward}".strip(), outcode, easting, northing)


def distance_km(here: tuple[int | None, int | None], there: tuple[int | None, int | None]) -> float | None:
    """As the crow flies, to 100 m; None when either place is unknown."""
    if None in here or None in there:
        return None
    return round(hypot(here[0] - there[0], here[1] - there[1]) / 1000, 1)  # type: ignore[operator]


def squared_metres(here: tuple[int, int], *, of: str = "") -> Any:
    """What SQL sorts by for nearest first; null without a place. `of` leads to the organisation: `organisation__`."""
    east, north = F(f"{of}easting") - here[0], F(f"{of}northing") - here[1]
    # Floats: the squared length of the country overflows PostgreSQL's integers.
    return (east * 1.0) * east + (north * 1.0) * north


@lru_cache(maxsize=4096)
def _centre(outcode: str) -> tuple[int, int]:
    """Kept for the life of the process: centroids don't move. What is unknown is looked for again."""
    if not _OUTCODE.match(outcode):
        raise Outcode.DoesNotExist
    return Outcode.objects.values_list("easting", "northing").get(outcode=outcode)
