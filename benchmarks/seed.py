"""What the servers are measured on: people with tokens, needs to claim, and the open needs of a whole country.

The country is three hundred towns of ten schools, unevenly large: the largest holds an eighth of all needs. Each
size stands in a schema of its own, built by PostgreSQL itself from one seed, so that sizes can take turns."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from knox.crypto import create_token_string, hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS

from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.models import EncounterNeed, Slot
from brokerage.vocabulary import Allocation

TOWNS, SCHOOLS_EACH = 300, 10
APART: Final = timedelta(minutes=20)


@dataclass(frozen=True)
class Person:
    membership: Membership
    token: str


@dataclass(frozen=True)
class Place:
    """Somewhere to claim: the need's and the slot's public ids."""

    need: str
    slot: str


@transaction.atomic
def people(count: int) -> list[Person]:
    """Volunteers, each of a verified employer of their own, spread over the largest towns."""
    now = timezone.now()
    towns = list(town_centres(60))
    employers = Organisation.objects.bulk_create(
        [
            Organisation(
                kind=Kind.EMPLOYER,
                name=f"Employer {number}",
                verified_at=now,
                easting=towns[number % 60][0],
                northing=towns[number % 60][1],
            )
            for number in range(count)
        ]
    )
    users = User.objects.bulk_create(
        [User(email=f"person{number}@bench.example", name=f"Person {number}") for number in range(count)]
    )
    members = Membership.objects.bulk_create(
        [
            Membership(
                user=u, organisation=o, role=Role.VOLUNTEER, state=MembershipState.ACTIVE, began_at=now
            )
            for u, o in zip(users, employers, strict=True)
        ]
    )
    return [Person(member, _token(member.user)) for member in members]


def _token(user: User) -> str:
    token: str = create_token_string()
    key = token[: CONSTANTS.TOKEN_KEY_LENGTH]
    AuthToken.objects.bulk_create(
        [AuthToken(digest=hash_token(token), token_key=key, user=user, expiry=None)]
    )
    return token


@dataclass
class Market:
    """One school that posts needs of one slot, never two at the same time: a person may claim them all."""

    school: Organisation
    posted: int = 0

    @classmethod
    def found(cls) -> "Market":
        now = timezone.now()
        return cls(Organisation.objects.create(kind=Kind.SCHOOL, name="Bench School", verified_at=now))

    def post(self, count: int, *, places: int = 1000, taken: int = 0) -> list[Place]:
        now = timezone.now()
        needs = EncounterNeed.objects.bulk_create([self._need(now) for _ in range(count)])
        starts = [now + timedelta(days=1) + APART * (self.posted + number) for number in range(count)]
        self.posted += count
        slots = Slot.objects.bulk_create(
            [
                Slot(
                    need=need,
                    starts_at=start,
                    ends_at=start + APART * 0.75,
                    places=places,
                    taken=taken,
                    open_until=start,
                )
                for need, start in zip(needs, starts, strict=True)
            ]
        )
        return [Place(str(slot.need.public_id), str(slot.public_id)) for slot in slots]

    def _need(self, now: datetime) -> EncounterNeed:
        return EncounterNeed(
            school=self.school,
            state="open",
            title="Mock interviews",
            encounter_type="mock_interviews",
            year_groups=[10],
            open_to=["employer"],
            allocation=Allocation.FIRST_COME,
            main_benchmark=5,
            published_at=now,
        )


def town_centres(count: int) -> Iterator[tuple[int, int]]:
    """The largest first; metres of the British National Grid. Hashed, so that SQL and Python agree on any machine."""
    for number in range(count):
        digest = hashlib.sha256(f"town {number}".encode()).digest()
        east, north = (int.from_bytes(digest[at : at + 4], "big") for at in (0, 4))
        yield 150_000 + east % 480_000, 50_000 + north % 550_000


def schools() -> int:
    """Ten in each town, within a few kilometres; returns the id of the first, the others follow."""
    now = timezone.now()
    made = Organisation.objects.bulk_create(
        [
            Organisation(
                kind=Kind.SCHOOL,
                name=f"School {town}/{number}",
                verified_at=now,
                easting=east + (number * 977) % 9000 - 4500,
                northing=north + (number * 1933) % 9000 - 4500,
            )
            for town, (east, north) in enumerate(town_centres(TOWNS))
            for number in range(SCHOOLS_EACH)
        ],
        batch_size=1000,
    )
    ids = [school.pk for school in made]
    if ids != list(range(ids[0], ids[0] + len(ids))):
        raise RuntimeError("the schools' ids have gaps")
    return ids[0]


TABLES: Final = ("brokerage_encounterneed", "brokerage_slot", "brokerage_listing", "brokerage_claim")

_NEEDS = """
INSERT INTO {schema}.brokerage_encounterneed (id, public_id, school_id, state, title, encounter_type, year_groups,
    audience, expected_pupils, subjects, sectors, open_to, delivery_mode, main_benchmark, description, supervision,
    allocation, venue, entrance, visitor_notes, created_at, changed_at, published_at, withdraw_reason, withdraw_note,
    content, pupil_group, is_arranged)
SELECT id, gen_random_uuid(), %(first_school)s + ((floor(power({towns}, random()))::int - 1) %% {towns}) * {each}
        + floor(random() * {each})::int, 'open',
    'Mock interviews ' || id,
    (ARRAY['mock_interviews', 'career_talk', 'assembly', 'mentoring'])[1 + floor(random() * 4)::int],
    CASE WHEN random() < 0.7 THEN ARRAY[year] ELSE ARRAY[year, year + 1] END,
    'whole_year', '{{}}', '{{}}',
    CASE WHEN random() < 0.2 THEN '{{}}' WHEN random() < 0.7 THEN ARRAY[sector]
         ELSE ARRAY[sector, other] END,
    CASE WHEN random() < 0.7 THEN ARRAY['employer'] ELSE ARRAY['employer', 'technical_provider'] END,
    CASE WHEN random() < 0.9 THEN 'in_person' ELSE 'live_online' END,
    5, 'Each pupil has one interview.', 'staff_present', 'first_come', 'Main hall', '', '',
    now(), now(), now() - random() * interval '60 days', '', '', '{{}}', '', false
FROM (SELECT id, 7 + floor(random() * 6)::int AS year,
        (%(sectors)s::varchar[])[1 + number] AS sector,
        (%(sectors)s::varchar[])[1 + (number + 7) %% 24] AS other
      FROM (SELECT id, floor(random() * 24)::int AS number FROM generate_series(1, %(count)s) AS id) AS draws) AS rows
"""
_SLOTS = """
INSERT INTO {schema}.brokerage_slot (id, public_id, need_id, starts_at, ends_at, places, taken, open_until)
SELECT id, gen_random_uuid(), id, starts_at, starts_at + interval '1 hour', 4, 1, starts_at
FROM (SELECT id, now() + interval '1 hour' + random() * interval '300 days' AS starts_at
      FROM {schema}.brokerage_encounterneed) AS times
"""
# What the trigger writes for each slot (migration 0002), for all of them at once.
_LISTING = """
INSERT INTO {schema}.brokerage_listing (slot_id, need_id, year_group, sector, starts_at, open_until, easting, northing,
    encounter_type, delivery_mode, open_to, is_first)
SELECT slot.id, need.id, year_group, sector, slot.starts_at, slot.open_until, school.easting, school.northing,
    need.encounter_type, need.delivery_mode,
    ('employer' = ANY (need.open_to))::int + 2 * ('technical_provider' = ANY (need.open_to))::int
        + 4 * ('university' = ANY (need.open_to))::int,
    year_group = need.year_groups[1]
        AND (cardinality(need.sectors) = 0 OR sector = (SELECT min(s) FROM unnest(need.sectors) s))
FROM {schema}.brokerage_slot slot
JOIN {schema}.brokerage_encounterneed need ON need.id = slot.need_id
JOIN public.accounts_organisation school ON school.id = need.school_id
CROSS JOIN unnest(need.year_groups) AS year_group
CROSS JOIN unnest(CASE WHEN cardinality(need.sectors) = 0 THEN ARRAY['']::varchar[] ELSE need.sectors END) AS sector
"""


def country(count: int, *, first_school: int, sectors: Sequence[str]) -> str:
    """So many open needs in a schema of their own; returns its name."""
    schema = f"bench_{count}"
    values = {"count": count, "first_school": first_school, "sectors": list(sectors)}
    names = {"schema": schema, "towns": TOWNS, "each": SCHOOLS_EACH}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        for table in TABLES:
            cursor.execute(
                f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING IDENTITY INCLUDING GENERATED)"
            )
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute(_NEEDS.format(**names), values)
        cursor.execute(_SLOTS.format(**names))
        cursor.execute(_LISTING.format(**names))
        _index(cursor, schema)
        for table in TABLES:
            # The visibility map is what lets an index answer alone; autovacuum would have made it by now.
            cursor.execute(f"VACUUM (ANALYZE) {schema}.{table}")
    return schema


def _index(cursor: object, schema: str) -> None:
    """The tables' own indexes, word for word, built after the rows."""
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY (%s)", [list(TABLES)]
    )
    for (definition,) in cursor.fetchall():  # type: ignore[attr-defined]
        cursor.execute(definition.replace(" ON public.", f" ON {schema}."))  # type: ignore[attr-defined]
