"""Counted rows of a term, for an area or for the country."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum

from brokerage.accounts.models import Organisation
from brokerage.equity.models import ProviderTerm, SchoolTerm
from brokerage.equity.terms import Term


@dataclass(frozen=True)
class School:
    """One school's part in a term. It leaves this module's callers in groups alone."""

    pupils: int | None
    pupil_premium_share: float | None
    is_rural: bool | None
    visits: int
    delivered: int
    exposure: float


@dataclass(frozen=True)
class Provider:
    """What one provider asked for in a term, by request or by claim, and how often it was given it."""

    size: str
    asked: int
    served: int


@dataclass(frozen=True)
class Counted:
    schools: list[School]
    before: list[School]
    at: datetime | None


def schools(term: Term, before: Term, *, hub: Organisation | None) -> Counted:
    """Of a hub's schools, or of all; with those of the term to compare with. One statement."""
    rows: QuerySet[SchoolTerm, Any] = SchoolTerm.objects.filter(term__in=[term.name, before.name])
    if hub is not None:
        rows = rows.filter(school__hub=hub)
    found: dict[str, list[School]] = {term.name: [], before.name: []}
    at = None
    for name, counted_at, *values in rows.values_list("term", "counted_at", *School.__annotations__):
        found[name].append(School(*values))
        at = counted_at if name == term.name else at
    return Counted(found[term.name], found[before.name], at)


def providers(term: Term, *, hub: Organisation | None) -> list[Provider]:
    """What they asked of a hub's schools, or of all."""
    rows = ProviderTerm.objects.filter(term=term.name)
    if hub is not None:
        rows = rows.filter(hub=hub)
    summed = rows.values("provider", "size").annotate(
        asks=Sum("asked") + Sum("offered"), given=Sum("granted") + Sum("placed")
    )
    return [Provider(row["size"], row["asks"], row["given"]) for row in summed.order_by("provider")]
