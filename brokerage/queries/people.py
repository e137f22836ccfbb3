"""Reads about people and organisations."""

from datetime import datetime

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Upper

from brokerage.accounts.models import (
    FormerUrn,
    Invitation,
    Kind,
    Membership,
    MembershipState,
    Organisation,
    User,
)
from brokerage.accounts.models.membership import KEEPERS
from brokerage.models import Claim

SHORTEST_SEARCH = 3
_KEEPS = Membership.objects.filter(
    organisation=OuterRef("organisation"),
    state=MembershipState.ACTIVE,
    role__in=KEEPERS,
    user__is_active=True,
)


def named_like(text: str, kind: Kind | None = None) -> QuerySet[Organisation]:
    """Whose name holds these words or nearly does, likeliest first; a register number finds exactly that one.
    People who work for themselves aren't listed: theirs is a person's name."""
    text = " ".join(text.replace("\0", " ").split())
    organisations = Organisation.objects.with_a_door().filter(is_sole_trader=False)
    if kind is not None:
        organisations = organisations.filter(kind=kind)
    if len(text) < SHORTEST_SEARCH:
        return organisations.none()
    if text.isdigit():
        former = FormerUrn.objects.filter(urn=text).values("organisation")
        return organisations.filter(
            Q(urn=text) | Q(ukprn=text) | Q(companies_house_number=text) | Q(pk__in=former)
        )
    words = text.upper()
    alike = Q(upper_name__contains=words) | Q(upper_name__trigram_word_similar=words)
    return (
        organisations.annotate(upper_name=Upper("name"), likeness=TrigramWordSimilarity(words, Upper("name")))
        .filter(alike)
        .order_by("-likeness", "name", "pk")
    )


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    return (
        Membership.objects.active().filter(organisation=organisation).select_related("user", "organisation")
    )


def with_visits(members: QuerySet[Membership], *, at: datetime) -> QuerySet[Membership]:
    """`visits`: how many live claims to come would have nobody named without the member."""
    named = _to_come(at).filter(attendee=OuterRef("pk")).order_by().values("attendee")
    return members.annotate(visits=Coalesce(Subquery(named.annotate(n=Count("pk")).values("n")), 0))


def visits_of(member: Membership, *, at: datetime) -> list[Claim]:
    """The same of one of them, the soonest first."""
    return list(_to_come(at).filter(attendee=member).order_by("slot__starts_at", "pk"))


def _to_come(at: datetime) -> QuerySet[Claim]:
    return Claim.objects.live().filter(slot__starts_at__gt=at)


def works_alone(member: Membership) -> bool:
    """An employer of one: nobody else could come."""
    firm = member.organisation
    return firm.is_sole_trader and not members_of(firm).exclude(pk=member.pk).exists()


def asking(organisation: Organisation) -> QuerySet[Membership]:
    """Who waits for an answer, the longest first."""
    waiting = Membership.objects.filter(organisation=organisation, state=MembershipState.ASKED)
    return waiting.select_related("user", "organisation").order_by("asked_at", "pk")


def asked_by(user: User) -> QuerySet[Membership]:
    """A person's own requests that nobody has answered yet; `has_keeper` tells whether there is one to."""
    waiting = Membership.objects.filter(user=user, state=MembershipState.ASKED)
    return (
        waiting.annotate(has_keeper=Exists(_KEEPS)).select_related("organisation").order_by("asked_at", "pk")
    )


def open_invitations(organisation: Organisation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None).order_by(
        "-invited_at", "-pk"
    )


def unverified() -> QuerySet[Organisation]:
    return Organisation.objects.filter(verified_at=None)


def requests_nobody_can_answer() -> QuerySet[Membership]:
    """Requests to join organisations that nobody runs here: Doorway's staff answer those."""
    waiting = Membership.objects.filter(state=MembershipState.ASKED, user__is_active=True)
    return waiting.exclude(Exists(_KEEPS)).select_related("user", "organisation")


def area_of(hub: Organisation) -> QuerySet[Organisation]:
    return Organisation.objects.filter(hub=hub)
