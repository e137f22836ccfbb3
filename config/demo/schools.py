"""The schools of Wexbourne and its vale: true-looking, none of them real."""

from typing import Final, NamedTuple

LANTERN: Final = "Lantern Learning Trust"
VALE: Final = "Vale and Stane Schools Trust"
TRUSTS: Final = (LANTERN, VALE)
HUB: Final = "Wexbourne and Vale Careers Hub"
FIRST_URN: Final = 900001
FERNLOW: Final = "Fernlow Academy"
# Of Ofcom's numbers for drama: nobody is ever rung.
TELEPHONE: Final = "01632 960{:03}"


class SchoolRow(NamedTuple):
    """`type_code` is GIAS's; `per_year` pupils in a year group; `pupil_premium` their share, 0 to 1."""

    name: str
    type_code: int
    low_age: int
    high_age: int
    per_year: int
    pupil_premium: float
    outcode: str
    trust: str = ""

    @property
    def has_sixth_form(self) -> bool:
        return self.high_age >= 18


SCHOOLS: Final = (
    SchoolRow(FERNLOW, 34, 11, 18, 182, 0.31, "WX3", LANTERN),
    SchoolRow("St Orrin's Catholic School", 2, 11, 18, 168, 0.22, "WX2"),
    SchoolRow("Millrace High School", 34, 11, 18, 204, 0.17, "WX5", VALE),
    SchoolRow("Kestrel Road Academy", 28, 11, 16, 158, 0.44, "WX7", LANTERN),
    SchoolRow("Tarn Hill School", 1, 11, 16, 176, 0.29, "WX6"),
    SchoolRow("Whinmoor Park Academy", 34, 11, 18, 210, 0.19, "VA5", VALE),
    SchoolRow("Elmstead Bridge Academy", 28, 11, 16, 148, 0.39, "WX9", LANTERN),
    SchoolRow("Ashwell Grove School", 5, 11, 18, 190, 0.12, "VA6"),
    SchoolRow("Harbourne Lane School", 1, 11, 16, 162, 0.36, "WX8"),
    SchoolRow("Sutton Vale Middle School", 1, 9, 13, 120, 0.15, "VA7"),
    SchoolRow("Sutton Vale Upper School", 34, 13, 18, 236, 0.14, "VA7", VALE),
    SchoolRow("Orchard Rise Pupil Referral Unit", 14, 11, 16, 16, 0.71, "WX4"),
    SchoolRow("Wexbourne University Technical College", 40, 14, 18, 96, 0.33, "WX1"),
    SchoolRow("Wexbourne Grammar School", 34, 11, 18, 150, 0.06, "WX1"),
    SchoolRow("Wexbourne Girls' High School", 5, 11, 18, 152, 0.09, "WX2"),
    SchoolRow("Limekiln Park School", 28, 11, 16, 184, 0.47, "WX4", LANTERN),
    SchoolRow("Quarry Bank Free School", 35, 11, 18, 112, 0.34, "WX4"),
    SchoolRow("St Cuthwin's Church of England School", 3, 11, 16, 146, 0.2, "WX1"),
    SchoolRow("Ropewalk Studio School", 41, 14, 18, 62, 0.38, "WX1"),
    SchoolRow("Larkfield School", 7, 11, 18, 14, 0.42, "WX6"),
    SchoolRow("The Lodestar Centre", 42, 11, 16, 18, 0.66, "WX8", LANTERN),
    SchoolRow("Rushmere Court School", 44, 11, 18, 12, 0.45, "VA1", LANTERN),
    SchoolRow("Saltmere Community School", 1, 11, 18, 214, 0.26, "VA1"),
    SchoolRow("Saltmere Harbour Academy", 28, 11, 16, 166, 0.41, "VA2", LANTERN),
    SchoolRow("St Aldith's Church of England Academy", 34, 11, 18, 172, 0.18, "VA2", VALE),
    SchoolRow("Brightholm School", 34, 11, 16, 188, 0.24, "VA3"),
    SchoolRow("Brightholm Manor School", 11, 11, 18, 64, 0.0, "VA3"),
    SchoolRow("Northgale Academy", 34, 11, 18, 196, 0.21, "VA4", VALE),
    SchoolRow("Northgale Moor School", 5, 11, 16, 140, 0.27, "VA4"),
    SchoolRow("Blessed Edith Catholic Academy", 34, 11, 16, 154, 0.25, "WX7"),
    SchoolRow("Whinmoor Valley School", 1, 11, 16, 178, 0.23, "VA5"),
    SchoolRow("Kiln Lane Academy", 28, 11, 16, 160, 0.37, "WX8", LANTERN),
    SchoolRow("Cold Farrow School", 1, 11, 16, 94, 0.11, "VA8"),
    SchoolRow("Thornby Cross School", 5, 11, 18, 116, 0.1, "VA9"),
    SchoolRow("Long Meddow Academy", 34, 11, 16, 88, 0.16, "VA10", VALE),
    SchoolRow("Pennick Community School", 1, 11, 18, 128, 0.19, "VA11"),
    SchoolRow("Upper Stane School", 34, 11, 16, 82, 0.13, "VA12", VALE),
    SchoolRow("Hazel Copse School", 12, 11, 18, 11, 0.4, "VA6"),
    SchoolRow("Five Arches Academy", 28, 11, 18, 174, 0.35, "WX9", LANTERN),
    SchoolRow("Wexbourne South Academy", 34, 11, 16, 192, 0.32, "WX8"),
)

ENTRANCES: Final = (
    "Main reception, off {road}. Press the buzzer at the gate.",
    "Visitor entrance beside the sports hall, {road}.",
    "Reception on {road}. The gate opens at 08:15.",
    "Come in by the blue gate on {road} and follow the signs to reception.",
)
VISITOR_NOTES: Final = (
    "Bring photo ID. Free parking in the front bays. A member of staff stays with you throughout.",
    "Bring photo ID and sign in. Please don't park on the zigzags. Staff stay with you throughout.",
    "Photo ID at reception. There's a projector with HDMI in every room. Staff stay with you throughout.",
    "Bring photo ID. Step-free access from the car park. Staff stay with you throughout.",
)
ROADS: Final = (
    "Sutton Road", "Mill Street", "Station Approach", "Canal Walk", "Priory Lane", "Weavers Way", "Church End",
    "Foundry Road", "Orchard Street", "Stane Road", "Heron Drive", "Market Hill",
)  # fmt: skip
ROOMS: Final = ("Main hall", "Library", "Lecture theatre", "Sports hall", "Sixth form centre", "Drama studio")
SMALL_ROOMS: Final = ("Common room", "Workshop", "Library")
