"""What a claim needs to know before its transaction: the slot with its need, and the colleague it names.

One statement, written by hand for those who can claim: building the same query through the ORM took half the time
of a whole claim. `tests/queries/test_claimable.py` holds it to `visible_to`, which everyone else still takes."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from brokerage.accounts.models import Membership, Organisation, User
from brokerage.models import EncounterNeed, Slot


@dataclass(frozen=True)
class Claimable:
    """`attendee` is None when nobody was named or it is nobody of the organisation."""

    slot: Slot
    attendee: Membership | None


def _of(model: type[Model], alias: str, *names: str) -> tuple[type[Model], str, tuple[str, ...]]:
    """In the model's own order, which `from_db` goes by."""
    own = [field.attname for field in model._meta.concrete_fields]
    return model, alias, tuple(sorted(names, key=own.index))


# What isn't read here is loaded when somebody asks for it.
_SLOT: Final = (
    "id",
    "public_id",
    "need_id",
    "starts_at",
    "ends_at",
    "places",
    "taken",
    "open_until",
    "removed_at",
)
_NEED: Final = (
    "id", "public_id", "school_id", "state", "title", "encounter_type", "open_to", "delivery_mode", "allocation",
    "venue", "entrance", "visitor_notes", "contact_id", "published_at",
)  # fmt: skip
_MEMBER: Final = ("id", "public_id", "user_id", "organisation_id", "role", "state")
_USER: Final = ("id", "name", "email")
_PARTS: Final = (
    _of(Slot, "slot", *_SLOT),
    _of(EncounterNeed, "need", *_NEED),
    _of(Organisation, "school", "id", "public_id", "kind", "name", "town", "telephone"),
    _of(Membership, "contact", *_MEMBER),
    _of(User, "contact_user", *_USER),
    _of(Membership, "named", *_MEMBER),
    _of(User, "named_user", *_USER),
)

_SQL: Final = f"""
SELECT {", ".join(f"{alias}.{name}" for _, alias, names in _PARTS for name in names)}
FROM brokerage_slot slot
JOIN brokerage_encounterneed need ON need.id = slot.need_id
JOIN accounts_organisation school ON school.id = need.school_id
LEFT JOIN accounts_membership contact ON contact.id = need.contact_id
LEFT JOIN accounts_user contact_user ON contact_user.id = contact.user_id
LEFT JOIN (accounts_membership named JOIN accounts_user named_user ON named_user.id = named.user_id)
    ON named.public_id = %(attendee)s::uuid AND named.organisation_id = %(us)s::bigint
    AND named.state = 'active' AND named_user.is_active
WHERE slot.public_id = %(slot)s::uuid AND need.public_id = %(need)s::uuid AND need.published_at IS NOT NULL
  AND (need.open_to @> ARRAY[%(category)s::varchar] AND NOT need.is_arranged
    OR EXISTS (SELECT FROM brokerage_claim claim JOIN brokerage_slot claimed ON claimed.id = claim.slot_id
               WHERE claimed.need_id = need.id AND claim.claimant_id = %(us)s::bigint))
"""  # noqa: S608 (only our own column names are interpolated)


def read(need: UUID, slot: UUID, *, by: Membership, attendee: UUID | None = None) -> Claimable | None:
    """None when `by` may not see such a need or it has no such slot."""
    category = by.organisation.category
    if category is None or not by.is_active:
        return _read_slowly(need, slot, by=by, attendee=attendee)
    values = {
        "need": need,
        "slot": slot,
        "attendee": attendee,
        "us": by.organisation_id,
        "category": str(category),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        found = cursor.fetchone()
    if found is None:
        return None
    row, of_need, school, contact, contact_user, named, named_user = _instances(found)
    row.need, of_need.school, of_need.contact = of_need, school, contact
    if contact is not None:
        contact.user = contact_user
    if named is not None:
        named.user, named.organisation = named_user, by.organisation
    return Claimable(row, by if attendee == by.public_id else named)


def colleague(public_id: UUID, *, by: Membership) -> Membership | None:
    return _colleagues(by).filter(public_id=public_id).first()


def _read_slowly(need: UUID, slot: UUID, *, by: Membership, attendee: UUID | None) -> Claimable | None:
    visible = EncounterNeed.objects.visible_to(by).filter(public_id=need)
    found = Slot.objects.filter(public_id=slot, need__in=visible)
    row = found.select_related("need__school", "need__contact__user").first()
    if row is None:
        return None
    return Claimable(row, None if attendee is None else colleague(attendee, by=by))


def _colleagues(by: Membership) -> QuerySet[Membership]:
    return Membership.objects.active().filter(organisation=by.organisation_id).select_related("user")


def _instances(found: tuple[Any, ...]) -> list[Any]:
    """One per part; None where the join found nobody."""
    made, start = [], 0
    for model, _, names in _PARTS:
        values = found[start : start + len(names)]
        start += len(names)
        made.append(model.from_db("default", names, values) if values[0] is not None else None)
    return made
