"""What every page knows about its reader: the acting membership, where they can go, what is new."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from brokerage.accounts.models import Kind, Membership, Role, User
from brokerage.fairness.reading import cases_to_decide
from brokerage.notifications import feed
from brokerage.notifications.address import socket_url
from brokerage.queries import access_requests, asking
from brokerage.rules import runs_school
from brokerage.web import navigation
from brokerage.web.navigation import Item


@dataclass
class Nav:
    """Computed only as far as the page asks: an error page or a fragment costs no query."""

    request: HttpRequest

    @cached_property
    def membership(self) -> Membership | None:
        return getattr(self.request, "membership", None)

    @cached_property
    def is_signed_in(self) -> bool:
        return self.request.user.is_authenticated

    @cached_property
    def url_name(self) -> str:
        match = self.request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def _places(self) -> tuple[tuple[navigation.Place, ...], tuple[navigation.Place, ...]]:
        is_staff = self.is_signed_in and bool(getattr(self.request.user, "is_staff", False))
        return navigation.places_for(self.membership, is_staff=is_staff) if self.is_signed_in else ((), ())

    @cached_property
    def _counts(self) -> dict[str, int]:
        """What waits for this reader, by url name of its page: one statement, where there is a page to count for."""
        by = self.membership
        if by is not None and runs_school(by):
            return {"schools:requests": access_requests.waiting_count(by.organisation)}
        if by is not None and by.organisation.kind == Kind.PROVIDER:
            return {"requests": asking.late_count(by.organisation, today=timezone.localdate())}
        if by is not None and by.role == Role.HUB_LEAD:
            return {"fairness_cases": cases_to_decide(by)}
        return {}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return navigation.items(self._places[0], self.url_name, self._counts)

    @cached_property
    def tabs(self) -> tuple[Item, ...]:
        """At most five, the last one leading to everything else at the foot of the page."""
        shown = navigation.items(self._places[1], self.url_name)[:4]
        return (*shown, Item("#more", "More", "menu")) if shown else ()

    @cached_property
    def account(self) -> tuple[Item, ...]:
        if not self.is_signed_in:
            return ()
        return navigation.without_repeats(
            navigation.items(navigation.account_of(self.membership), self.url_name), self.items
        )

    @cached_property
    def acting_for(self) -> str:
        if self.membership is not None:
            return self.membership.organisation.name
        return "Doorway" if getattr(self.request.user, "is_staff", False) else "No organisation yet"

    @cached_property
    def acting_as(self) -> str:
        if self.membership is not None:
            return self.membership.get_role_display()
        return "Platform staff" if getattr(self.request.user, "is_staff", False) else ""

    @cached_property
    def updates_href(self) -> str:
        return _href("updates")

    @cached_property
    def profile_href(self) -> str:
        return _href("profile")

    @cached_property
    def _feed(self) -> tuple[int, int]:
        """Where this person's feed stands, and what the bell counts up to there."""
        user = self.request.user
        return feed.standing(user) if isinstance(user, User) else (0, 0)

    @property
    def last_entry(self) -> int:
        return self._feed[0]

    @property
    def unread(self) -> int:
        return self._feed[1]

    @cached_property
    def socket_url(self) -> str:
        """Empty for those who may not hold a socket: a live page is a member's or staff's."""
        if not self.is_signed_in or not (self.membership or getattr(self.request.user, "is_staff", False)):
            return ""
        return socket_url(self.request)


def _href(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def doorway(request: HttpRequest) -> dict[str, Nav]:
    return {"nav": Nav(request)}
