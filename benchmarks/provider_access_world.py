"""What the statutory evidence is measured on: schools of seven cohorts each with two encounters, one of them through
Doorway (need, slot, claim, encounter) and one held elsewhere, written with PostgreSQL's COPY.

Most schools follow the term dates of their authority or of England, one in ten has a calendar of its own, and one
cohort in five is partitioned into halves."""

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from psycopg.types.range import Range

from brokerage.accounts.models import (
    Kind,
    Membership,
    MembershipState,
    Organisation,
    ProviderKind,
    Role,
    User,
)
from brokerage.calendar.dates import academic_year
from brokerage.calendar.models import Closure, DefaultClosure, TermDates
from brokerage.models import Claim, Encounter, EncounterNeed, ExternalEncounter, Hosting, Slot
from brokerage.vocabulary import Content
from schools.models import Cohort, CohortRoll, PupilGroup, School

LONDON: Final = ZoneInfo("Europe/London")
YEARS: Final = range(7, 14)
COLLEGES, AUTHORITIES = 60, 40
Row = dict[str, Any]


class World:
    """Grows by so many schools at a time; `today` is the machine's, because the product's own handlers ask for it."""

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self.year = academic_year(self.today)
        self.draw = random.Random(20_260_901)
        self.schools: list[int] = []
        at = timezone.now()
        self.colleges = Organisation.objects.bulk_create(
            Organisation(
                kind=Kind.PROVIDER,
                provider_kind=ProviderKind.FE_COLLEGE,
                name=f"College {each}",
                verified_at=at,
            )
            for each in range(COLLEGES)
        )
        self.officer = _member(self.colleges[0], Role.LIAISON_OFFICER, "officer")
        _term_dates("", self.year)
        for number in range(AUTHORITIES // 2):
            _term_dates(f"Authority {number}", self.year)

    def grow(self, count: int) -> None:
        numbers = range(len(self.schools), len(self.schools) + count)
        at = timezone.now()
        first = max([*self.schools, self.colleges[-1].pk]) + 1
        ids = list(range(first, first + count))
        copy(
            Organisation(kind=Kind.SCHOOL, verified_at=at),
            (
                {
                    "id": pk,
                    "name": f"Invented School {number}",
                    "local_authority": f"Authority {number % AUTHORITIES}",
                }
                for pk, number in zip(ids, numbers, strict=True)
            ),
        )
        copy(School(type_code=34, high_age=18, has_sixth_form=True), ({"organisation_id": pk} for pk in ids))
        copy(Hosting(), ({"school_id": pk} for pk in ids))
        copy(Closure(kind="holiday"), (row for pk in ids[::10] for row in _holidays(self.year, school_id=pk)))
        self.leader = _member(Organisation.objects.get(pk=ids[0]), Role.CAREERS_LEADER, f"leader{ids[0]}")
        self._cohorts(ids)
        self._through_doorway(ids)
        self._elsewhere(ids)
        self.schools += ids
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _cohorts(self, ids: Sequence[int]) -> None:
        cohorts = [(pk, self.year + 7 - year) for pk in ids for year in YEARS]
        first = _next_id(Cohort)
        rolls = [2 * self.draw.randrange(30, 120) for _ in cohorts]
        numbered = list(enumerate(zip(cohorts, rolls, strict=True), start=first))
        copy(
            Cohort(),
            ({"id": number, "school_id": pk, "y7_entry": entry} for number, ((pk, entry), _) in numbered),
        )
        on = date(self.year, 9, 1)
        copy(CohortRoll(on=on), ({"cohort_id": number, "roll": roll} for number, (_, roll) in numbered))
        halves = (
            {"cohort_id": number, "name": name, "size": roll // 2}
            for number, (_, roll) in numbered
            if number % 5 == 0
            for name in ("A", "B")
        )
        copy(PupilGroup(), halves)

    def _elsewhere(self, ids: Sequence[int]) -> None:
        common = ExternalEncounter(
            provider_kind=ProviderKind.FE_COLLEGE,
            is_technical=True,
            starts=time(10),
            ends=time(10, 50),
            delivery_mode="in_person",
            content=list(Content),
            evidence="The day's register.",
            recorded_by=self.leader,
            recorded_at=timezone.now(),
        )
        copy(common, (self._held(pk, self.year + 7 - year) for pk in ids for year in YEARS))

    def _held(self, school_id: int, y7_entry: int) -> Row:
        college, offered = self.draw.choice(self.colleges), self.draw.randrange(60, 240)
        return {
            "school_id": school_id,
            "y7_entry": y7_entry,
            "provider_id": college.pk,
            "provider_name": college.name,
            "on": self.today - timedelta(days=1 + self.draw.randrange(70)),
            "offered": offered,
            "attended": offered - self.draw.randrange(20),
        }

    def _through_doorway(self, ids: Sequence[int]) -> None:
        """Each cohort's one, recorded; and one more for Year 10, over since yesterday, that nobody has recorded."""
        first = _next_id(EncounterNeed)
        wanted = [(pk, year, True) for pk in ids for year in YEARS] + [(pk, 10, False) for pk in ids]
        visits = list(enumerate(wanted, start=first))
        days = [
            self.today - timedelta(days=1 + self.draw.randrange(70)) if told else self._yesterday()
            for _, (_, _, told) in visits
        ]
        times = [datetime.combine(day, time(10), LONDON) for day in days]
        copy(
            self._need(),
            ({"id": number, "school_id": pk, "year_groups": [year]} for number, (pk, year, _) in visits),
        )
        copy(
            Slot(places=1, taken=1),
            (
                {"id": number, "need_id": number, "starts_at": at, "ends_at": at + timedelta(minutes=50)}
                for (number, _), at in zip(visits, times, strict=True)
            ),
        )
        copy(Claim(submitted_by=self.officer), self._claims(visits, times))
        copy(Encounter(recorded_by=self.leader), self._encounters(visits))

    def _claims(self, visits: Iterable[tuple[int, Any]], times: Iterable[datetime]) -> Iterator[Row]:
        for (number, (_, _, told)), at in zip(visits, times, strict=True):
            yield {
                "slot_id": number,
                "claimant_id": self.draw.choice(self.colleges).pk,
                "during": Range(at, at + timedelta(minutes=50)),
                "state": "fulfilled" if told else "accepted",
            }

    def _encounters(self, visits: Iterable[tuple[int, Any]]) -> Iterator[Row]:
        for number, (pk, year, told) in visits:
            yield {
                "slot_id": number,
                "school_id": pk,
                "state": "delivered" if told else "planned",
                "minutes": 50 if told else None,
                "attended": {str(year): self.draw.randrange(60, 240)} if told else {},
                "recorded_at": timezone.now() if told else None,
            }

    def _need(self) -> EncounterNeed:
        at = timezone.now()
        return EncounterNeed(
            state="filled",
            title="A college's visit",
            encounter_type="provider_encounter",
            open_to=["technical_provider"],
            main_benchmark=7,
            content=list(Content),
            is_arranged=True,
            published_at=at,
        )

    def _yesterday(self) -> date:
        """The last weekday before today."""
        day = self.today - timedelta(days=1)
        return day - timedelta(days=max(0, day.weekday() - 4))


def leader_of(school_id: int) -> Membership:
    return _member(Organisation.objects.get(pk=school_id), Role.CAREERS_LEADER, f"someone{school_id}")


def copy(common: Model, rows: Iterable[Row]) -> None:
    """Rows that differ from `common` in what each names: no object a row. Public ids are new ones."""
    listed = iter(rows)
    if (first := next(listed, None)) is None:
        return
    table, fields = common._meta.db_table, {each.attname: each for each in common._meta.concrete_fields}
    names = [name for name, each in fields.items() if name in first or not each.primary_key]

    def prepared(name: str, value: Any) -> Any:
        return fields[name].get_db_prep_save(value, connection)

    same = [prepared(name, getattr(common, name)) for name in names]
    columns = ", ".join(f'"{fields[name].column}"' for name in names)
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
            for row in (first, *listed):
                own = row | {"public_id": uuid.uuid4()} if "public_id" in fields else row
                out.write_row(
                    [
                        prepared(name, own[name]) if name in own else usual
                        for name, usual in zip(names, same, strict=True)
                    ]
                )
        if "id" in first:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _next_id(of: type[Model]) -> int:
    last: int | None = of._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) + 1


def _member(organisation: Organisation, role: Role, name: str) -> Membership:
    user = User.objects.create(email=f"{name}@bench.example", name=name)
    return Membership.objects.create(
        user=user, organisation=organisation, role=role, state=MembershipState.ACTIVE, began_at=timezone.now()
    )


def _term_dates(authority: str, year: int) -> None:
    made = TermDates.objects.create(local_authority=authority, brought_in_at=timezone.now())
    DefaultClosure.objects.bulk_create(
        DefaultClosure(term_dates=made, kind="holiday", **row) for row in _holidays(year)
    )


def _holidays(year: int, **whose: int) -> Iterator[dict[str, Any]]:
    """Of the year before, this one and the next."""
    for began in range(year - 1, year + 2):
        for label, first_on, last_on in (
            ("Half-term", date(began, 10, 26), date(began, 10, 30)),
            ("Christmas", date(began, 12, 21), date(began + 1, 1, 1)),
            ("Half-term", date(began + 1, 2, 15), date(began + 1, 2, 19)),
            ("Easter", date(began + 1, 3, 29), date(began + 1, 4, 9)),
            ("Half-term", date(began + 1, 5, 31), date(began + 1, 6, 4)),
            ("Summer", date(began + 1, 7, 22), date(began + 1, 8, 31)),
        ):
            yield {"label": label, "first_on": first_on, "last_on": last_on, **whose}
