"""A school's calendar as it stands: what it listed itself, and the term dates of its local authority (or else
England's) for each academic year in which it lists no holiday of its own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection

from brokerage.accounts.models import Organisation
from brokerage.calendar.dates import academic_year
from brokerage.calendar.models import CLOSES, ClosureKind
from brokerage.calendar.school_days import Closed, SchoolDays


class Hours(NamedTuple):
    """A school's own day: its lessons' first and last minute."""

    starts: time
    ends: time


# Where only days matter, or the school hasn't said.
USUAL: Final = Hours(time(8, 45), time(15, 15))


@dataclass(frozen=True)
class Listed:
    """A closure in force. `authority` is whose term dates it is from: None for the school's own, "" for England's."""

    kind: str
    label: str
    first_on: date
    last_on: date
    authority: str | None = None
    public_id: UUID | None = None

    @property
    def is_own(self) -> bool:
        return self.authority is None

    @property
    def is_holiday(self) -> bool:
        return self.kind == ClosureKind.HOLIDAY

    @property
    def closes(self) -> bool:
        """Pupils aren't in; else it only speaks against a visit."""
        return self.kind in CLOSES

    @property
    def kind_in_words(self) -> str:
        return str(ClosureKind(self.kind).label)

    @property
    def span(self) -> tuple[date, date]:
        return self.first_on, self.last_on

    @property
    def year(self) -> int:
        """The academic year it belongs to: that of its first day, so a summer holiday ends its year."""
        return academic_year(self.first_on)


# Nearly every page asks for it: the ORM takes several times as long to write this down as PostgreSQL to answer it.
_IN_FORCE: Final = """
    SELECT school_id, NULL::text AS authority, public_id, kind, label, first_on, last_on
    FROM calendar_closure WHERE school_id = ANY(%(schools)s::bigint[])
    UNION ALL
    SELECT NULL, dates.local_authority, NULL, one.kind, one.label, one.first_on, one.last_on
    FROM calendar_defaultclosure one JOIN calendar_termdates dates ON dates.id = one.term_dates_id
    WHERE dates.local_authority = '' OR upper(dates.local_authority) IN (
        SELECT upper(local_authority) FROM accounts_organisation WHERE id = ANY(%(schools)s::bigint[])
    )
"""


def listed(school_id: int) -> list[Listed]:
    """Everything in force for one school, in one statement."""
    return in_force(each for _, each in _rows([school_id]))


def days_of(school_id: int, hours: Hours = USUAL) -> SchoolDays:
    return school_days(listed(school_id), hours)


def days_of_many(
    school_ids: Collection[int], hours: Mapping[int, Hours] | None = None
) -> dict[int, SchoolDays]:
    """For each of them, in two statements however many there are."""
    authorities = {
        pk: authority.upper()
        for pk, authority in Organisation.objects.filter(pk__in=school_ids).values_list(
            "pk", "local_authority"
        )
    }
    own: dict[int, list[Listed]] = defaultdict(list)
    defaults: dict[str, list[Listed]] = defaultdict(list)
    for school_id, each in _rows(school_ids):
        if school_id is None:
            defaults[(each.authority or "").upper()].append(each)
        else:
            own[school_id].append(each)
    shared: dict[tuple[str, Hours], SchoolDays] = {}
    found: dict[int, SchoolDays] = {}
    for school_id, authority in authorities.items():
        theirs, usual = (hours or {}).get(school_id, USUAL), defaults[authority] if authority else []
        if school_id in own:
            found[school_id] = school_days(in_force([*own[school_id], *defaults[""], *usual]), theirs)
            continue
        # Schools that list nothing share one calendar, and what it has been asked before.
        if (authority, theirs) not in shared:
            shared[authority, theirs] = school_days(in_force([*defaults[""], *usual]), theirs)
        found[school_id] = shared[authority, theirs]
    return found


def in_force(found: Iterable[Listed]) -> list[Listed]:
    """Year by year: the school's own holidays before its authority's dates, those before England's. What a school
    lists besides holidays is always its own affair and replaces nothing."""
    everything = sorted(found, key=lambda each: each.span)
    own = {each.year for each in everything if each.is_own and each.is_holiday}
    of_authority = {each.year for each in everything if each.authority}

    def holds(each: Listed) -> bool:
        if each.is_own:
            return True
        return each.year not in own and (bool(each.authority) or each.year not in of_authority)

    return [each for each in everything if holds(each)]


def school_days(closures: Iterable[Listed], hours: Hours = USUAL) -> SchoolDays:
    closed: list[Closed] = []
    warned: list[Closed] = []
    for each in closures:
        days = Closed(each.first_on, each.last_on, each.label, is_holiday=each.is_holiday)
        (closed if each.closes else warned).append(days)
    # Holidays first: a day that is both is called by the holiday's name.
    closed.sort(key=lambda each: not each.is_holiday)
    return SchoolDays(hours.starts, hours.ends, tuple(closed), tuple(warned))


def _rows(school_ids: Collection[int]) -> Iterator[tuple[int | None, Listed]]:
    """The schools' own closures, and those of every authority they lie in and of England, without a school."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, {"schools": list(school_ids)})
        found = cursor.fetchall()
    for school, authority, public_id, kind, label, first_on, last_on in found:
        yield school, Listed(kind, label, first_on, last_on, authority, public_id)
