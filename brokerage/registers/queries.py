"""What staff read of the registers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Upper

from brokerage.accounts.models import Kind as OrganisationKind
from brokerage.accounts.models import Organisation
from brokerage.registers.files import REGISTERS
from brokerage.registers.models import ApprenticeshipProvider, Import, Kind

# pg_trgm's measure: `Harbour Skills` and `HARBOUR SKILLS LTD` are at 0.79.
ALIKE = 0.5


@dataclass(frozen=True)
class Held:
    """One register: how many rows we hold, and its last import."""

    label: str
    rows: int
    last: Import | None


def held() -> list[Held]:
    newest = Import.objects.values("kind").annotate(newest=Max("pk")).values("newest")
    last = {each.kind: each for each in imports().filter(pk__in=newest)}
    return [
        Held(Kind(kind).label, register.model._default_manager.count(), last.get(kind))
        for kind, register in REGISTERS.items()
    ]


def imports() -> QuerySet[Import]:
    return Import.objects.annotate(aside=Count("set_aside"))


def matches(organisations: Iterable[Organisation]) -> list[tuple[Organisation, ApprenticeshipProvider]]:
    """For each provider that hasn't given its UKPRN the listed one whose name is most alike, if any is."""
    unknown = [each for each in organisations if each.kind == OrganisationKind.PROVIDER and not each.ukprn]
    taken = Organisation.objects.filter(ukprn__isnull=False).values("ukprn")
    theirs: Any = Upper(OuterRef("name"))
    most_alike = (
        ApprenticeshipProvider.objects.filter(is_listed=True)
        .exclude(ukprn__in=taken)
        .annotate(likeness=TrigramSimilarity(Upper("name"), theirs))
        .filter(likeness__gte=ALIKE)
        .order_by("-likeness", "ukprn")
    )
    found = dict(
        Organisation.objects.filter(pk__in=[each.pk for each in unknown])
        .annotate(match=Subquery(most_alike.values("ukprn")[:1]))
        .values_list("pk", "match")
    )
    rows = ApprenticeshipProvider.objects.in_bulk([ukprn for ukprn in found.values() if ukprn])
    return [(each, rows[found[each.pk]]) for each in unknown if found.get(each.pk) in rows]
