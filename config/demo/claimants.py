"""Who comes to the schools: colleges, training providers, universities and employers. None of them real."""

import random
from collections.abc import Iterator
from typing import Final, NamedTuple

from brokerage.accounts.models import ProviderKind
from brokerage.vocabulary import Sector
from employers.models import SizeBand

FIRST_UKPRN: Final = 10099900
BRIGHTHOLM: Final = "Brightholm Engineering"
FORGE: Final = "Forge & Field Training"
COLLEGE: Final = "Wexbourne College"
SMALL_FIRM: Final = "Brennan Woodwork"

_FE, _ITP, _HE = ProviderKind.FE_COLLEGE, ProviderKind.ITP, ProviderKind.HE


class ProviderRow(NamedTuple):
    name: str
    kind: ProviderKind
    outcode: str
    sectors: tuple[Sector, ...]
    offers: tuple[str, ...]
    is_verified: bool = True


S = Sector
PROVIDERS: Final = (
    ProviderRow(
        COLLEGE,
        _FE,
        "WX1",
        (S.CONSTRUCTION, S.HEALTH, S.CREATIVE, S.HAIR_AND_BEAUTY, S.BUSINESS),
        ("T Levels", "Apprenticeships", "Vocational courses"),
    ),
    ProviderRow(
        "Saltmere College",
        _FE,
        "VA1",
        (S.ENGINEERING, S.HOSPITALITY, S.SPORT, S.PUBLIC_SERVICES),
        ("T Levels", "Apprenticeships", "A levels"),
    ),
    ProviderRow(
        FORGE,
        _ITP,
        "WX5",
        (S.ENGINEERING, S.AGRICULTURE, S.MANUFACTURING),
        ("Apprenticeships", "Traineeships"),
    ),
    ProviderRow(
        "Quillmark Apprenticeships", _ITP, "WX2", (S.BUSINESS, S.FINANCE, S.LAW), ("Apprenticeships",)
    ),
    ProviderRow("Northgale Apprenticeships", _ITP, "VA4", (S.AUTOMOTIVE, S.TRANSPORT), ("Apprenticeships",)),
    ProviderRow("Lattice Digital Apprenticeships", _ITP, "WX1", (S.DIGITAL, S.MEDIA), ("Apprenticeships",)),
    ProviderRow(
        "Tillerman Care Academy", _ITP, "WX7", (S.HEALTH, S.SOCIAL_CARE, S.EDUCATION), ("Apprenticeships",)
    ),
    ProviderRow(
        "Brackenfield Land College",
        _FE,
        "VA8",
        (S.AGRICULTURE, S.ENVIRONMENT),
        ("T Levels", "Vocational courses"),
    ),
    ProviderRow("Sundial Hair and Beauty Training", _ITP, "WX4", (S.HAIR_AND_BEAUTY,), ("Apprenticeships",)),
    ProviderRow(
        "Hearthstone Building Skills",
        _ITP,
        "WX8",
        (S.CONSTRUCTION, S.ENERGY),
        ("Apprenticeships", "T Levels"),
    ),
    ProviderRow(
        "Stane Valley Rail",
        ProviderKind.EMPLOYER_PROVIDER,
        "VA3",
        (S.TRANSPORT, S.ENGINEERING),
        ("Apprenticeships",),
    ),
    ProviderRow(
        "Copperleaf Kitchens Training", _ITP, "WX9", (S.HOSPITALITY, S.RETAIL), ("Apprenticeships",), False
    ),
    ProviderRow(
        "University of Wexbourne",
        _HE,
        "WX1",
        (S.SCIENCE, S.ENGINEERING, S.HEALTH),
        ("Degrees", "Degree apprenticeships"),
    ),
    ProviderRow(
        "Vale Metropolitan University", _HE, "VA3", (S.BUSINESS, S.EDUCATION, S.DIGITAL), ("Degrees",)
    ),
    ProviderRow(
        "Saltmere School of Art and Design", _HE, "VA2", (S.CREATIVE, S.MEDIA), ("Degrees", "Foundation year")
    ),
)


class EmployerRow(NamedTuple):
    name: str
    sector: Sector
    size: SizeBand
    people: int
    is_verified: bool = True


EMPLOYERS_IN_ALL: Final = 150
VOLUNTEERS_IN_ALL: Final = 400
UNVERIFIED_EMPLOYERS: Final = 7

_NAMED: Final = (
    EmployerRow(BRIGHTHOLM, S.ENGINEERING, SizeBand.MEDIUM, 6),
    EmployerRow("Calder & Wren Architects", S.CONSTRUCTION, SizeBand.SMALL, 3),
    EmployerRow(SMALL_FIRM, S.CREATIVE, SizeBand.MICRO, 1),
    EmployerRow("Wexbourne Infirmary", S.HEALTH, SizeBand.LARGE, 9),
    EmployerRow("Wexbourne and Vale Council", S.PUBLIC_SERVICES, SizeBand.LARGE, 9),
    EmployerRow("Vale Fire and Rescue", S.PUBLIC_SERVICES, SizeBand.LARGE, 6),
    EmployerRow("Saltmere Building Society", S.FINANCE, SizeBand.LARGE, 8),
    EmployerRow("Stane Water", S.ENERGY, SizeBand.LARGE, 7),
    EmployerRow("Hollin Foods", S.MANUFACTURING, SizeBand.LARGE, 7),
    EmployerRow("The Wexbourne Courier", S.MEDIA, SizeBand.SMALL, 3),
)

# What a firm of the sector may call itself, after a family's or a place's name.
_TRADES: Final[dict[Sector, tuple[str, ...]]] = {
    S.AGRICULTURE: ("Farms", "Veterinary Practice", "Nurseries"),
    S.AUTOMOTIVE: ("Motors", "Garage", "Coachworks"),
    S.BUSINESS: ("Business Services", "Consulting", "Recruitment"),
    S.CHARITY: ("Community Trust", "Youth Projects", "Food Bank"),
    S.CONSTRUCTION: ("Builders", "Roofing", "Surveyors", "Joinery"),
    S.CREATIVE: ("Design", "Ceramics", "Theatre Company"),
    S.DIGITAL: ("Software", "Systems", "Games"),
    S.EDUCATION: ("Day Nursery", "Museum", "Tutors"),
    S.ENERGY: ("Solar", "Heat Pumps", "Electrical"),
    S.ENGINEERING: ("Precision", "Fabrications", "Aerospace"),
    S.ENVIRONMENT: ("Wildlife Trust", "Ecology", "Recycling"),
    S.FINANCE: ("Accountants", "Insurance Brokers", "Wealth"),
    S.HAIR_AND_BEAUTY: ("Hair", "Barbers", "Spa"),
    S.HEALTH: ("Dental Practice", "Pharmacy", "Physiotherapy"),
    S.HOSPITALITY: ("Hotel", "Bakery", "Kitchen"),
    S.LAW: ("Solicitors", "Conveyancing", "Chambers"),
    S.MANUFACTURING: ("Mouldings", "Textiles", "Packaging"),
    S.MEDIA: ("Radio", "Films", "Print"),
    S.PUBLIC_SERVICES: ("Community Safety", "Housing", "Libraries"),
    S.RETAIL: ("Stores", "Garden Centre", "Cycles"),
    S.SCIENCE: ("Laboratories", "Diagnostics", "Materials"),
    S.SOCIAL_CARE: ("Home Care", "House", "Support"),
    S.SPORT: ("Leisure", "Football Club", "Climbing"),
    S.TRANSPORT: ("Haulage", "Buses", "Logistics"),
}
_ROOTS: Final = (
    "Aldermoor", "Anand", "Askew", "Barrowclough", "Bellwether", "Birchall", "Blackthorn", "Bramley Cross",
    "Caldbeck", "Castellan", "Chaudhry", "Coldstream", "Corvid", "Crosskeys", "Damson", "Dunmore", "Eastgate",
    "Ellery", "Fairweather", "Fenwick", "Finch", "Fletcher", "Foxglove", "Garside", "Glover", "Greenhalgh",
    "Hallam", "Harrier", "Hawthorn", "Holloway", "Ironbridge Lane", "Jessop", "Juniper", "Kingfisher", "Kowalski",
    "Lantern Street", "Lockwood", "Maddox", "Marchbank", "Meadowsweet", "Merriweather", "Nightingale", "Nkemelu",
    "Oakapple", "Okoro", "Osprey", "Patel & Daughters", "Pendle Street", "Pickering", "Plover", "Quayside",
    "Redwing", "Ridgeway", "Rowan", "Sandpiper", "Shelley", "Silverdale", "Stonecrop", "Swift", "Tamworth Row",
    "Teasel", "Thackeray", "Tideway", "Underhill", "Vantage", "Wagstaff", "Waterside", "Weaver", "Whitlock",
    "Windrush", "Woolpack", "Yarrow", "Yeo",
)  # fmt: skip
_SIZES: Final = (
    (SizeBand.SELF_EMPLOYED, 26, (1, 1)),
    (SizeBand.MICRO, 40, (1, 2)),
    (SizeBand.SMALL, 44, (2, 4)),
    (SizeBand.MEDIUM, 24, (3, 6)),
    (SizeBand.LARGE, 6, (6, 9)),
)


def employers(chance: random.Random) -> list[EmployerRow]:
    """150 of them with 400 volunteers; the last few aren't verified yet."""
    rows = [*_NAMED, *_invented(chance)]
    _make_it(rows, VOLUNTEERS_IN_ALL)
    unverified = range(EMPLOYERS_IN_ALL - UNVERIFIED_EMPLOYERS, EMPLOYERS_IN_ALL)
    return [row._replace(is_verified=number not in unverified) for number, row in enumerate(rows)]


def _invented(chance: random.Random) -> Iterator[EmployerRow]:
    sizes = [(size, people) for size, count, people in _SIZES for _ in range(count)]
    chance.shuffle(sizes)
    sectors = list(_TRADES)
    pairs = [(root, number % len(sectors)) for number, root in enumerate(_ROOTS * 3)]
    chance.shuffle(pairs)
    taken: set[str] = set()
    for (size, (least, most)), number in zip(sizes, range(len(sizes)), strict=True):
        sector = sectors[number % len(sectors)]
        root = next(root for root, _ in pairs[number:] + pairs if f"{root}/{sector}" not in taken)
        taken.add(f"{root}/{sector}")
        yield EmployerRow(
            f"{root} {chance.choice(_TRADES[sector])}", sector, size, chance.randint(least, most)
        )


def _make_it(rows: list[EmployerRow], wanted: int) -> None:
    """Give or take people of middling firms until the count is right."""
    middling = [number for number, row in enumerate(rows) if row.size in (SizeBand.SMALL, SizeBand.MEDIUM)]
    turn = 0
    while (short := wanted - sum(row.people for row in rows)) != 0:
        number = middling[turn % len(middling)]
        people = rows[number].people + (1 if short > 0 else -1)
        if people >= 2:
            rows[number] = rows[number]._replace(people=people)
        turn += 1
