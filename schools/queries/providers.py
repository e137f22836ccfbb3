"""Providers as a school looks for them: the nearest ones, and the one that a typed name means."""

from dataclasses import dataclass
from typing import Final

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce

from brokerage.accounts.models import Kind, Membership, Organisation
from brokerage.accounts.models.organisation import TECHNICAL
from brokerage.matching import places
from schools.queries.provider_access import CohortAccess

NEAREST: Final = 3
SUGGESTED: Final = 200


@dataclass(frozen=True)
class Candidate:
    """An eligible provider that a cohort hasn't met, and how far away it is."""

    provider: Organisation
    km: float | None

    @property
    def metres(self) -> float | None:
        return None if self.km is None else self.km * 1000


def nearest_unmet(school: Organisation, cohort: CohortAccess, *, at_most: int = NEAREST) -> list[Candidate]:
    """Verified technical providers with people on Doorway, nearest first, without those this cohort has met."""
    met = cohort.met_providers | {who.id for held in cohort.booked for who in held.session.providers}
    people = Membership.objects.active().filter(organisation=OuterRef("pk"))
    unmet = (
        Organisation.objects.filter(
            kind=Kind.PROVIDER, provider_kind__in=sorted(TECHNICAL), verified_at__isnull=False
        )
        .filter(Exists(people))
        .annotate(identity=Coalesce("ukprn", Cast("public_id", CharField())))
        .exclude(identity__in=met)
    )
    near = _nearest_first(unmet, school)[:at_most]
    return [Candidate(each, places.distance_km(_spot(school), _spot(each))) for each in near]


def suggested_names(school: Organisation) -> list[str]:
    """For whoever types who came: the nearest providers, by name. Others can be typed all the same."""
    near = _nearest_first(Organisation.objects.filter(kind=Kind.PROVIDER), school)
    return sorted(set(near.values_list("name", flat=True)[:SUGGESTED]))


def named(text: str) -> list[Organisation]:
    """The providers that bear this name, or the one with this UKPRN."""
    wanted = Q(name__iexact=text.strip()) | Q(ukprn=text.strip())
    return list(Organisation.objects.filter(wanted, kind=Kind.PROVIDER).order_by("name", "pk")[:10])


def _nearest_first(found: QuerySet[Organisation], school: Organisation) -> QuerySet[Organisation]:
    if school.easting is None or school.northing is None:
        return found.order_by("name", "pk")
    away = places.squared_metres((school.easting, school.northing))
    return found.annotate(away=away).order_by(F("away").asc(nulls_last=True), "name", "pk")


def _spot(organisation: Organisation) -> tuple[int | None, int | None]:
    return organisation.easting, organisation.northing
