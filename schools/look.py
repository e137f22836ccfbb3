"""How a need will look, and what was filled in for the school, in the words of its pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.forms import BoundField

from brokerage import vocabulary
from brokerage.accounts.models import Category, Membership
from brokerage.calendar import calendars
from brokerage.domain import needs
from brokerage.models import EncounterNeed
from brokerage.queries import school_calendar
from brokerage.rules import may
from brokerage.states import NeedState
from brokerage.vocabulary import (
    DEFAULTS,
    Audience,
    Benchmark,
    DeliveryMode,
    EncounterType,
    Sector,
    Subject,
    Supervision,
)
from brokerage.web.dates import in_sentence, local_day
from schools import words
from schools.forms import times as time_forms
from schools.forms.posting import Posting
from schools.queries import audience, clashes

TAKERS = {
    Category.EMPLOYER: "employers",
    Category.TECHNICAL_PROVIDER: "colleges and training providers",
    Category.UNIVERSITY: "universities",
}
WITHOUT_CERTIFICATES = "Staff present throughout. No certificates needed, bring photo ID"


@dataclass(frozen=True)
class Card:
    """A need in a list of needs, as those who may claim it will see it."""

    title: str
    school: str
    where: str
    first: datetime | None
    last: datetime | None
    who: str
    times: int
    days: int

    @property
    def dates_words(self) -> str:
        return f"{self.days} dates to choose from"

    @property
    def times_words(self) -> str:
        return f"{self.times} times to choose from"


@dataclass(frozen=True)
class Fill:
    """One line of «Filled in for you», and the fields it opens."""

    key: str
    label: str
    value: str
    fields: list[BoundField]

    @property
    def is_open(self) -> bool:
        return any(field.errors for field in self.fields)


# Key, label, fields, and what stands there while nothing is said.
PARTS = (
    ("title", "Title", ("title",), "Named after what you choose"),
    ("where", "Where", ("delivery_mode", "venue"), ""),
    ("visitors", "Visitors", ("entrance", "visitor_notes", "contact"), "No entrance or notes yet"),
    ("supervision", "Supervision", ("supervision",), "Follows what you need"),
    ("benchmark", "Benchmark", ("main_benchmark",), "Follows what you need"),
    ("pupils", "Pupils", (), "From your roll for a whole year"),
    ("about", "About it", ("description",), "Nothing added yet"),
    ("suits", "Suits", ("subjects", "sectors"), ""),
    ("closes", "Closes", ("closes_on",), ""),
)


def of_posting(posting: Posting, *, by: Membership) -> dict[str, Any]:
    said = posting.form.said()
    school = by.organisation
    rows = posting.spans()
    kind = str(said.get("encounter_type") or "")
    title = said.get("title") or words.title(kind, said.get("year_groups") or [])
    online = said.get("delivery_mode") == DeliveryMode.LIVE_ONLINE
    card = Card(
        title=title,
        school=school.name,
        where="Live online" if online else school.town,
        first=rows[0][0] if rows else None,
        last=rows[0][1] if rows else None,
        who=_who(said, posting),
        times=len(rows),
        days=len({local_day(start) for start, _ in rows}),
    )
    return {
        "card": card,
        "reach": reach(by, list(said.get("open_to") or []), online=online),
        "fills": _fills(said, posting, title),
        "minutes": time_forms.minutes(kind),
        "places": DEFAULTS[EncounterType(kind)].places if kind in EncounterType else 1,
        "kind": kind,
    }


def reach(by: Membership, open_to: list[str], *, online: bool) -> str:
    """`9 colleges and training providers within 15 miles can see this.` Empty while nobody may take it."""
    if not open_to:
        return ""
    takers = words.joined(TAKERS[Category(each)] for each in TAKERS if each in open_to)
    count = audience.within_reach(by.organisation, open_to, online=online)
    where = " within 15 miles" if audience.has_limit(by.organisation, online=online) else ""
    if not count:
        return f"No {takers} have joined yet{where}. Those who do will see it."
    if len(open_to) > 1:
        return f"{count:,} {'organisation' if count == 1 else 'organisations'}{where} can see this: {takers}."
    if count == 1:
        return (
            f"1 of the {takers}{where} can see this."
            if " and " in takers
            else f"1 {_one(takers)}{where} can see this."
        )
    return f"{count:,} {takers}{where} can see this."


def posted_sentence(need: EncounterNeed) -> str:
    return f"Posted: {words.name(need)}. Everyone who matches is being told."


def clashes_of(need: EncounterNeed, *, told: Collection[datetime]) -> list[str]:
    """What its school's calendar says of its days, once it is posted. `told`: the times that stood already."""
    starts = need.slots.standing().exclude(starts_at__in=told).values_list("starts_at", flat=True)
    return clashes.sentences(starts, calendars.days_of(need.school_id))


def preview(need: EncounterNeed, *, by: Membership) -> dict[str, Any]:
    slots = list(need.slots.standing())
    hours = school_calendar.hours_of([need.school_id]).get(need.school_id)
    days = calendars.days_of(need.school_id, hours or calendars.USUAL)
    online = need.delivery_mode == DeliveryMode.LIVE_ONLINE
    return {
        "need": need,
        "slots": [(slot, clashes.of_slot(slot, days, has_hours=hours is not None)) for slot in slots],
        "facts": facts(need),
        "reach": reach(by, need.open_to, online=online),
        "gaps": needs.missing(need, slots=len(slots)).values() if need.state == NeedState.DRAFT else (),
        "is_draft": need.state == NeedState.DRAFT,
        "may_change": may("brokerage.change_need", by, need) and need.state != NeedState.WITHDRAWN,
    }


def facts(need: EncounterNeed) -> list[tuple[str, str]]:
    """What everyone who may claim it reads, a term and its value each."""
    pupils = sum(need.expected_pupils.values())
    how_many = Audience(need.audience).label.lower()
    who = ", ".join(filter(None, (vocabulary.years(need.year_groups), how_many)))
    told = [
        ("Who", f"{who}, about {pupils:,} pupils" if pupils else who),
        ("Where", ", ".join(filter(None, (need.venue, DeliveryMode(need.delivery_mode).label.lower())))),
        ("Supervision", supervision(need.supervision)),
        ("Benchmark", benchmark(need.main_benchmark)),
        ("Subjects", words.joined(Subject(each).label for each in need.subjects)),
        ("Sectors", words.joined(Sector(each).label for each in need.sectors)),
        (
            "Open to",
            words.joined(TAKERS[Category(each)] for each in TAKERS if each in need.open_to).capitalize(),
        ),
        ("Closes", closes(need.closes_at)),
    ]
    return [(term, value[:1].upper() + value[1:]) for term, value in told if value]


def supervision(value: str) -> str:
    if value == Supervision.STAFF_PRESENT:
        return WITHOUT_CERTIFICATES
    return Supervision(value).label if value in Supervision else ""


def benchmark(value: int | None) -> str:
    """`7, encounters with further and higher education`."""
    if not value:
        return ""
    label = Benchmark(value).label
    return f"{int(value)}, {label[:1].lower()}{label[1:]}"


def closes(moment: date | None) -> str:
    return in_sentence(moment) if moment else "When each time starts"


def _who(said: dict[str, Any], posting: Posting) -> str:
    label = Audience(said["audience"]).label.lower() if said.get("audience") in Audience else ""
    pupils = sum(posting.form.expected_pupils().values())
    if not label:
        return f"{pupils:,} pupils" if pupils else ""
    return f"{label} ({pupils:,})" if pupils else label


def _fills(said: dict[str, Any], posting: Posting, title: str) -> list[Fill]:
    lines = _summary(said, posting, title)
    form = posting.form
    return [
        Fill(
            key,
            label,
            lines[key] or empty,
            form.pupils if key == "pupils" else [form[name] for name in names],
        )
        for key, label, names, empty in PARTS
    ]


def _summary(said: dict[str, Any], posting: Posting, title: str) -> dict[str, str]:
    """One line for each part of «Filled in for you»."""
    mode = said.get("delivery_mode") or DeliveryMode.IN_PERSON
    contact = said.get("contact")
    extras = [f"{len(said[name])} {name}" for name in ("subjects", "sectors") if said.get(name)]
    pupils = posting.form.expected_pupils()
    return {
        "title": title,
        "where": ", ".join(filter(None, (said.get("venue"), DeliveryMode(mode).label.lower()))),
        "visitors": said.get("entrance") or said.get("visitor_notes") or "",
        "contact": str(contact.user) if contact else "",
        "supervision": supervision(said.get("supervision") or ""),
        "benchmark": benchmark(said.get("main_benchmark")),
        "pupils": words.joined(f"{count:,} in Year {year}" for year, count in pupils.items()),
        "about": said.get("description") or "",
        "suits": words.joined(extras) or "Any subject, any sector",
        "closes": closes(said.get("closes_on")),
    }


def _one(takers: str) -> str:
    return {"employers": "employer", "universities": "university"}.get(takers, "college or training provider")
