"""Schools that were asked and answered, straight into the log: what a night's replay reads. No clock, no chance."""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from brokerage.accounts.models import Organisation, ProviderKind
from brokerage.domain import events as facts
from brokerage.eventlog.models import Event
from tests import factories

LONDON = ZoneInfo("Europe/London")
YEARS = (8, 10, 12)
COLLEGES = (
    "Wexbourne College", "Saltmere College", "Northgale Apprenticeships", "Forge & Field Training",
    "Quillmark Apprenticeships", "Tarn Hill College", "Calder Skills", "Brackley Technical Training", "Vale College",
)  # fmt: skip
UNIVERSITIES = (
    "University of Wexbourne", "Saltmere University", "Northgale University", "Calder University",
    "Brightholm University", "Marram University", "Tarn University", "Vale University",
)  # fmt: skip


class Market:
    """The same askers everywhere, so that how popular each is elsewhere is known."""

    def __init__(self) -> None:
        self.technical = [factories.provider(name=name) for name in COLLEGES]
        self.others = [factories.provider(name=name, provider_kind=ProviderKind.HE) for name in UNIVERSITIES]


def history(
    school: Organisation,
    market: Market,
    *,
    technical: str,
    other: str,
    until: date,
    days: int = 420,
) -> list[UUID]:
    """A letter a request, evenly over so many days up to 30 days ago: `g`ranted on day 5, granted `l`ate on day 35,
    `r`efused on day 4, no answer (`s`). Returns the technical ones."""
    rows: list[Event] = []
    asked = _asked(school, market.technical, technical, until, days, rows)
    _asked(school, market.others, other, until, days, rows)
    Event.objects.bulk_create(sorted(rows, key=lambda row: row.at))
    return asked


def mixed(letters: dict[str, int]) -> str:
    """`{"g": 2, "s": 1}` spread evenly: `gsg`."""
    marks = sorted(
        ((number + 0.5) / count, letter) for letter, count in letters.items() for number in range(count)
    )
    return "".join(letter for _, letter in marks)


def _asked(
    school: Organisation,
    askers: list[Organisation],
    story: str,
    until: date,
    days: int,
    rows: list[Event],
) -> list[UUID]:
    made = []
    for number, letter in enumerate(story):
        asker, year = askers[number % len(askers)], YEARS[number // len(askers) % len(YEARS)]
        on = until - timedelta(days=30 + days) + timedelta(days=round(days * (number + 1) / len(story)))
        made.append(_request(school, asker, year, on, letter, rows))
    return made


def _request(
    school: Organisation, asker: Organisation, year: int, on: date, letter: str, rows: list[Event]
) -> UUID:
    request = uuid4()
    at = datetime.combine(on, time(9, 30), LONDON)
    category = str(asker.category)
    same = {"asker": str(asker.public_id), "category": category, "words": None}

    def add(fact: type[facts.AccessFact], day: int, **data: object) -> None:
        rows.append(
            Event(
                type=fact.type,
                at=at + timedelta(days=day),
                actor_key="platform",
                organisation_id=school.pk,
                subject_id=request,
                data=same | data,
            )
        )

    add(
        facts.AccessAsked,
        0,
        encounter_type="provider_encounter",
        year_groups=[year],
        audience="whole_year",
        minutes=50,
        delivery_mode="in_person",
        dates=[(on + timedelta(days=days)).isoformat() for days in (30, 37)],
        content=[],
        qualifications=[],
    )
    if letter in "gl":
        starts = at + timedelta(days=45)
        add(
            facts.AccessGranted,
            5 if letter == "g" else 35,
            need=str(uuid4()),
            slot=str(uuid4()),
            claim=str(uuid4()),
            starts_at=starts.isoformat(),
            ends_at=(starts + timedelta(minutes=50)).isoformat(),
            year_groups=[year],
            audience="whole_year",
            delivery_mode="in_person",
            counter_offer=False,
        )
    if letter == "r":
        add(facts.AccessRefused, 4, ground="exam_period", is_published=True)
    return request
