"""The statement as pages read it, and what the school did that it can be held against."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from brokerage.accounts.models import Category, Organisation
from brokerage.models import AccessRequest, Slot
from brokerage.states import AccessState, NeedState
from schools.models import ProviderAccessPolicy, School
from schools.policy import statement
from schools.policy.behaviour import Found, Offer, Refusal, differences
from schools.policy.words import summary

LOOKED_BACK: Final = timedelta(days=365)


@dataclass(frozen=True)
class Policies:
    """What is published, what is being written, and how it stands."""

    published: ProviderAccessPolicy | None
    draft: ProviderAccessPolicy | None
    standing: statement.Standing
    today: date

    @property
    def shown(self) -> ProviderAccessPolicy | None:
        """What somebody of the school works on."""
        return self.draft or self.published

    @property
    def sentence(self) -> str:
        published = self.published
        published_at = published.published_at if published else None
        return summary(
            self.standing,
            published=published.statement if published else None,
            published_on=timezone.localtime(published_at).date() if published_at else None,
            has_changes=self.draft is not None,
            today=self.today,
        )


def of(organisation_id: int, today: date) -> Policies:
    """One statement."""
    rows = (
        ProviderAccessPolicy.objects.filter(school_id=organisation_id, superseded_at=None)
        .select_related("school__organisation", "contact__user")
        .order_by("version")
    )
    published = draft = None
    for row in rows:
        published, draft = (row, draft) if row.published_at else (published, row)
    standing = statement.standing(
        published.statement if published else None, draft.statement if draft else None, today
    )
    return Policies(published, draft, standing, today)


def flagged(organisation_id: int, today: date) -> Policies | None:
    """Where the duty asks for a statement and none is whole, published and reviewed (R30). Two statements at most."""
    policies = of(organisation_id, today)
    if not policies.standing.is_flagged:
        return None
    school = School.objects.filter(pk=organisation_id).first()
    return policies if school is not None and school.is_in_scope else None


def versions(organisation: Organisation) -> QuerySet[ProviderAccessPolicy]:
    """Those that were published, the newest first."""
    return (
        ProviderAccessPolicy.objects.filter(school_id=organisation.pk, published_at__isnull=False)
        .select_related("school__organisation", "contact__user")
        .order_by("-version")
    )


def published_at_address(key: str) -> ProviderAccessPolicy | None:
    """By the address given at the first publishing, or by a URN of today or of before a conversion."""
    school = (
        School.objects.filter(Q(slug=key) | Q(organisation__urn=key) | Q(organisation__former_urns__urn=key))
        .order_by("pk")
        .first()
    )
    if school is None:
        return None
    return (
        ProviderAccessPolicy.objects.filter(school=school, published_at__isnull=False, superseded_at=None)
        .select_related("school__organisation", "contact__user")
        .first()
    )


def differing(organisation: Organisation, policies: Policies, at: datetime) -> list[Found]:
    """What was refused and offered since the statement was published, a year back at most."""
    published = policies.published
    if published is None or published.published_at is None:
        return []
    since = max(published.published_at, at - LOOKED_BACK)
    return differences(
        published.statement,
        refusals=_refusals(organisation, since),
        offers=_offers(organisation, since),
        today=timezone.localtime(at).date(),
    )


def _refusals(organisation: Organisation, since: datetime) -> list[Refusal]:
    rows = AccessRequest.objects.filter(
        school=organisation, state=AccessState.REFUSED, answered_at__gte=since
    ).values_list("answered_at", "ground")
    return [Refusal(timezone.localtime(answered).date(), ground) for answered, ground in rows if answered]


def _offers(organisation: Organisation, since: datetime) -> list[Offer]:
    """Times of what the school posted for technical providers, or agreed with one."""
    rows = (
        Slot.objects.standing()
        .filter(
            need__school=organisation,
            need__open_to__contains=[Category.TECHNICAL_PROVIDER],
            need__published_at__gte=since,
        )
        .exclude(need__state=NeedState.WITHDRAWN)
        .values_list("starts_at", "ends_at")
    )
    return [Offer(timezone.localtime(starts), timezone.localtime(ends)) for starts, ends in rows]
