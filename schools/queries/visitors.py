"""Who came, as the statutory rules see it: by what an organisation is, and by what the apprenticeship register says of
it (R17)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from brokerage.accounts.models import Kind, Organisation, ProviderKind
from brokerage.accounts.models.organisation import TECHNICAL, AparType
from schools.pal import records
from schools.pal.records import Provider

KIND_OF: Final[Mapping[str, records.Kind]] = {
    ProviderKind.FE_COLLEGE: records.Kind.FE_COLLEGE,
    ProviderKind.ITP: records.Kind.ITP,
    ProviderKind.UTC: records.Kind.UTC,
    ProviderKind.STUDIO_SCHOOL: records.Kind.STUDIO_SCHOOL,
    ProviderKind.EMPLOYER_PROVIDER: records.Kind.EMPLOYER_PROVIDER,
    ProviderKind.HE: records.Kind.UNIVERSITY,
    ProviderKind.SIXTH_FORM_COLLEGE: records.Kind.OTHER,
    "": records.Kind.EMPLOYER,
}


@dataclass(frozen=True)
class Visitor:
    """An organisation that came, as the rules see it. `is_listed` and `is_supporting` are the apprenticeship
    register's words on it (R17)."""

    identity: str
    name: str
    kind: records.Kind
    is_technical: bool
    is_listed: bool
    is_supporting: bool

    @classmethod
    def of(cls, organisation: Organisation) -> "Visitor":
        """A university counts for what it presents, and for no more, on whatever register it is. A college is a
        provider by itself: only of others does anybody have to look what a supporting one offers."""
        kind = organisation.provider_kind if organisation.kind == Kind.PROVIDER else ""
        by_itself = kind in TECHNICAL - {ProviderKind.ITP}
        return cls(
            # By UKPRN where there is one: organisations, not brands or campuses (R10).
            organisation.ukprn or str(organisation.public_id),
            organisation.name,
            KIND_OF[kind],
            kind in TECHNICAL,
            bool(organisation.apar_type) and kind != ProviderKind.HE,
            organisation.apar_type == AparType.SUPPORTING and not by_itself,
        )

    def presenting(self, technical: bool) -> Provider:
        """`technical`: what it presented surely was."""
        return Provider(
            self.identity,
            self.kind,
            technical=technical or self.is_technical or self.is_listed,
            in_review=self.is_supporting and not technical,
        )


def visitors_of(organisation_ids: Collection[int]) -> dict[int, Visitor]:
    """Each once, however often it came. One statement."""
    columns = ("public_id", "ukprn", "name", "kind", "provider_kind", "apar_type")
    organisations = Organisation.objects.filter(pk__in=organisation_ids).only(*columns)
    return {each.pk: Visitor.of(each) for each in organisations}
