"""Where am I going, and what have I promised?"""

from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership
from brokerage.models import Claim, ExternalEncounter
from brokerage.notifications import feed
from brokerage.queries import asking
from brokerage.queries import visits as reads
from brokerage.rules import may
from brokerage.web.access import member_of
from brokerage.web.paging import Page, page_of
from brokerage.web.views.claim import ClaimPage

FIRST_FEW = 3
TABS = (("", "Coming up"), ("waiting", "Waiting"), ("past", "Past"))
SOONEST = ("slot__starts_at", "pk")
LATEST = ("-slot__starts_at", "-pk")


class VisitsPage:
    """One tab of a person's visits. `show` is its name in the address."""

    def __init__(
        self, by: Membership, *, show: str, only_mine: bool, after: str | None, at: datetime
    ) -> None:
        self.by, self.at, self.after = by, at, after
        self.show = show if show in dict(TABS) else ""
        self.coordinates = may("brokerage.coordinate", by)
        self.only_mine = only_mine or not self.coordinates
        self.claims = reads.claims_of(by, only_mine=self.only_mine)

    @property
    def title(self) -> str:
        return "Encounters" if self.by.organisation.kind == Kind.PROVIDER else "My visits"

    @property
    def profile_href(self) -> str:
        kind = "providers" if self.by.organisation.kind == Kind.PROVIDER else "employers"
        return reverse(f"{kind}:profile", args=[self.by.organisation.public_id])

    @cached_property
    def page(self) -> Page[Claim]:
        match self.show:
            case "waiting":
                return page_of(reads.waiting(self.claims, at=self.at), *SOONEST, after=self.after)
            case "past":
                return page_of(reads.past(self.claims, at=self.at), *LATEST, after=self.after)
        return page_of(reads.booked(self.claims, at=self.at), *SOONEST, after=self.after)

    @cached_property
    def rows(self) -> list[ClaimPage]:
        return [ClaimPage(claim, self.by, self.at) for claim in self.page.items]

    @cached_property
    def changed(self) -> set[str]:
        """Addresses of claims here whose visit the school changed since they were last opened."""
        shown = [*self.rows, *self.waiting]
        news = feed.unread_at(self.by.user, [row.link for row in shown]).filter(type="need.amended")
        return set(news.values_list("link", flat=True))

    @cached_property
    def next_visit(self) -> ClaimPage | None:
        """The large card at the top of what comes up."""
        return self.rows[0] if self.show == "" and not self.after and self.rows else None

    @cached_property
    def later(self) -> list[ClaimPage]:
        return self.rows[1:] if self.next_visit else self.rows

    @cached_property
    def waiting(self) -> list[ClaimPage]:
        return self._first_few(reads.waiting(self.claims, at=self.at))

    @cached_property
    def to_confirm(self) -> list[ClaimPage]:
        return self._first_few(reads.to_confirm(self.claims))

    @cached_property
    def elsewhere(self) -> list[ExternalEncounter]:
        """What schools recorded of us without Doorway, and wait for our word on."""
        if self.show or self.after:
            return []
        return list(asking.externals_to_confirm(self.by).order_by("-on", "-pk")[:FIRST_FEW])

    def _first_few(self, claims: QuerySet[Claim]) -> list[ClaimPage]:
        if self.show or self.after:
            return []
        found = claims.order_by(*SOONEST)[:FIRST_FEW]
        return [ClaimPage(claim, self.by, self.at) for claim in found]


@require_GET
@vary_on_headers("HX-Request")
@member_of(Kind.EMPLOYER, Kind.PROVIDER)
def visits(request: MemberRequest) -> HttpResponse:
    page = VisitsPage(
        request.membership,
        show=request.GET.get("show", ""),
        only_mine=request.GET.get("whose") == "mine",
        after=request.GET.get("after"),
        at=timezone.now(),
    )
    template = "visits/list.html" if request.headers.get("HX-Request") else "visits/visits.html"
    return render(request, template, {"page": page, "tabs": TABS})
