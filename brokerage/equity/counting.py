"""Each term's counts, a school and a provider at a time: worked out every few hours, so that pages read rows and a
count on a page can't be followed from one claim to the next."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from brokerage.accounts.models import Kind, Organisation
from brokerage.equity import terms
from brokerage.equity.models import Exposure, ProviderTerm, SchoolFacts, SchoolTerm, Size
from brokerage.equity.terms import Term
from brokerage.models import AccessRequest, Claim
from brokerage.states import PLACE_HOLDERS, AccessState, ClaimState

COUNTS: Final = ["visits", "delivered", "impressions", "exposure", "counted_at"]
FACTS: Final = ["pupils", "pupil_premium_share", "is_rural"]
BATCH: Final = 1000
_NO_ANSWER_NEEDED: Final = (AccessState.WITHDRAWN, AccessState.DUPLICATE)
_LEFT: Final = (ClaimState.WITHDRAWN, ClaimState.CANCELLED_BY_CLAIMANT)
_LOCK: Final = 7_302_119


def count_all(*, at: datetime) -> None:
    """This term and those before it: what happened then may have been recorded since."""
    today = at.astimezone(terms.LONDON).date()
    for term in terms.back_from(today):
        count(term, at=at, is_over=term.until <= today)


@transaction.atomic
def count(term: Term, *, at: datetime, is_over: bool) -> None:
    """Counted whole, never added to; beside another count, nothing. A term that is over keeps the rolls and shares of
    its own time."""
    if _alone():
        _count_schools(term, at=at, is_over=is_over)
        _count_providers(term)


def _count_schools(term: Term, *, at: datetime, is_over: bool) -> None:
    visits = _visits(term)
    seen = _seen(term)
    facts = {each.pk: each for each in SchoolFacts.objects.all()}
    unknown = SchoolFacts()
    rows = [
        SchoolTerm(
            term=term.name,
            school_id=school,
            **{name: getattr(facts.get(school, unknown), name) for name in FACTS},
            **visits.get(school, {"visits": 0, "delivered": 0}),
            **seen.get(school, {"impressions": 0, "exposure": 0.0}),
            counted_at=at,
        )
        for school in _schools(term, visits)
    ]
    SchoolTerm.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["term", "school"],
        update_fields=COUNTS if is_over else [*FACTS, *COUNTS],
        batch_size=BATCH,
    )
    SchoolTerm.objects.filter(term=term.name, counted_at__lt=at).delete()


def _schools(term: Term, visits: dict[int, Any]) -> list[int]:
    """Those that were here in the term and not closed before it; and, whatever a register says, those visited."""
    _, until = term.moments
    here = Q(created_at__lt=until) & (Q(closed_on=None) | Q(closed_on__gte=term.first_on))
    schools = Organisation.objects.filter(
        here | Q(pk__in=visits), kind=Kind.SCHOOL, verified_at__isnull=False
    )
    return list(schools.order_by("pk").values_list("pk", flat=True))


def _visits(term: Term) -> dict[int, dict[str, int]]:
    """Places held in the term's times, and those of them whose visitor came."""
    held = Claim.objects.filter(slot__starts_at__range=_within(term), state__in=PLACE_HOLDERS)
    counted = (
        held.order_by()
        .values(school=F("slot__need__school"))
        .annotate(
            visits=Sum("places"), delivered=Sum("places", filter=Q(state=ClaimState.FULFILLED), default=0)
        )
    )
    return {row["school"]: {"visits": row["visits"], "delivered": row["delivered"]} for row in counted}


def _seen(term: Term) -> dict[int, dict[str, Any]]:
    days = Exposure.objects.filter(day__gte=term.first_on, day__lt=term.until)
    counted = (
        days.order_by()
        .values("school_id")
        .annotate(of_impressions=Sum("impressions"), of_exposure=Sum("exposure"))
    )
    return {
        row["school_id"]: {"impressions": row["of_impressions"], "exposure": row["of_exposure"]}
        for row in counted
    }


def _count_providers(term: Term) -> None:
    counts: dict[tuple[int, int | None], Counter[str]] = defaultdict(Counter)
    for row in (*_requests(term), *_claims(term)):
        counts[row.pop("provider"), row.pop("hub")].update(row)
    asks = Counter[int]()
    for (provider, _), counted in counts.items():
        asks[provider] += counted["asked"] + counted["offered"]
    ProviderTerm.objects.filter(term=term.name).delete()
    ProviderTerm.objects.bulk_create(
        [
            ProviderTerm(
                term=term.name,
                provider_id=provider,
                hub_id=hub,
                size=Size.of(asks[provider]),
                **{name: counted[name] for name in ("asked", "granted", "offered", "placed")},
            )
            for (provider, hub), counted in counts.items()
        ],
        batch_size=BATCH,
    )


def _requests(term: Term) -> list[dict[str, Any]]:
    """Asked in the term; left out what was withdrawn or settled as asked twice before any answer."""
    asked = AccessRequest.objects.filter(asked_at__range=_within(term), asker__kind=Kind.PROVIDER).exclude(
        state__in=_NO_ANSWER_NEEDED, answered_at__isnull=True
    )
    counted = (
        asked.order_by()
        .values(provider=F("asker"), hub=F("school__hub"))
        .annotate(asked=Count("pk"), granted=Count("pk", filter=Q(state=AccessState.GRANTED)))
    )
    return [{**row} for row in counted]


def _claims(term: Term) -> list[dict[str, Any]]:
    """Made in the term on what schools posted themselves (a granted request books its own); those taken back left
    out."""
    offered = Claim.objects.filter(
        submitted_at__range=_within(term),
        claimant__kind=Kind.PROVIDER,
        slot__need__access_request__isnull=True,
    ).exclude(state__in=_LEFT)
    counted = (
        offered.order_by()
        .values(provider=F("claimant"), hub=F("slot__need__school__hub"))
        .annotate(offered=Count("pk"), placed=Count("pk", filter=Q(state__in=PLACE_HOLDERS)))
    )
    return [{**row} for row in counted]


def _within(term: Term) -> tuple[datetime, datetime]:
    """`range` takes in both ends; no term's last moment is later than a microsecond before the next."""
    first, until = term.moments
    return first, until - terms.MOMENT


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
