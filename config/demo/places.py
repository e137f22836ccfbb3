"""Wexbourne and its vale: a town that isn't on any map, inside England's grid, with postcodes of its own."""

import random
from typing import Final, NamedTuple

LOCAL_AUTHORITY: Final = "Wexbourne and Vale"
REGION: Final = "Heart of England"


class Area(NamedTuple):
    """An outward code and the town or village it serves; metres of the British National Grid."""

    outcode: str
    town: str
    easting: int
    northing: int
    is_rural: bool = False


AREAS: Final = (
    Area("WX1", "Wexbourne", 430000, 300000),
    Area("WX2", "Wexbourne", 431600, 301200),
    Area("WX3", "Wexbourne", 428300, 301500),
    Area("WX4", "Wexbourne", 428700, 298200),
    Area("WX5", "Wexbourne", 431900, 298600),
    Area("WX6", "Tarn Hill", 433800, 302900),
    Area("WX7", "Kestrel End", 426200, 303100),
    Area("WX8", "Harbourne Lane", 426500, 296300),
    Area("WX9", "Elmstead Bridge", 434400, 296000),
    Area("VA1", "Saltmere", 441800, 305200),
    Area("VA2", "Saltmere", 443500, 304000),
    Area("VA3", "Brightholm", 437200, 309600),
    Area("VA4", "Northgale", 429500, 314800),
    Area("VA5", "Whinmoor", 420900, 309300),
    Area("VA6", "Ashwell Grove", 417600, 300400),
    Area("VA7", "Sutton Vale", 421300, 291700),
    Area("VA8", "Cold Farrow", 412400, 306900, is_rural=True),
    Area("VA9", "Thornby Cross", 424700, 284100, is_rural=True),
    Area("VA10", "Long Meddow", 446900, 293800, is_rural=True),
    Area("VA11", "Pennick", 451300, 310700, is_rural=True),
    Area("VA12", "Upper Stane", 434600, 322300, is_rural=True),
)
BY_OUTCODE: Final = {area.outcode: area for area in AREAS}
# Inward codes leave out the letters that are easily misread.
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"


def place(area: Area, chance: random.Random) -> dict[str, object]:
    """Somewhere in the area, as an organisation keeps it."""
    spread = 2500 if area.is_rural else 900
    inward = f"{chance.randint(1, 9)}{chance.choice(_LETTERS)}{chance.choice(_LETTERS)}"
    return {
        "postcode": f"{area.outcode} {inward}",
        "outcode": area.outcode,
        "town": area.town,
        "local_authority": LOCAL_AUTHORITY,
        "region": REGION,
        "easting": area.easting + chance.randint(-spread, spread),
        "northing": area.northing + chance.randint(-spread, spread),
        "is_rural": area.is_rural,
    }
