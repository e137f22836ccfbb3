"""Open needs for employers and providers: where can I help, soon and near?"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms as django_forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership
from brokerage.equity import impressions
from brokerage.errors import InvalidInput
from brokerage.matching import places
from brokerage.matching.places import METRES_IN_A_MILE, Spot
from brokerage.queries import need_rows, open_needs
from brokerage.queries.cursors import SIZE, Page
from brokerage.queries.need_rows import NeedRow
from brokerage.queries.open_needs import Order, Wanted
from brokerage.vocabulary import YEAR_GROUPS, DeliveryMode, EncounterType, Sector
from brokerage.web import cards
from brokerage.web.access import member_of
from brokerage.web.fields import DayField, PostcodeField
from brokerage.web.forms import Form
from brokerage.web.paging import from_the_top

LONDON: Final = ZoneInfo("Europe/London")
FAR_KM: Final = 200.0
ANY_DISTANCE: Final = "any"
USUAL_MILES: Final = "10"
MILES: Final = [*((str(n), f"Within {n} miles") for n in (5, 10, 20, 30)), (ANY_DISTANCE, "Any distance")]
ORDERS: Final = [(str(Order.SOONEST), "Soonest"), (str(Order.NEAREST), "Nearest")]
ONLINE_SHOWN: Final = 9


def _or_any(any_label: str, choices: Any) -> list[tuple[str, str]]:
    return [("", any_label), *((str(value), str(label)) for value, label in choices)]


class FindForm(Form):
    """What may stand in the address. A part that makes no sense is said so and left out."""

    near = PostcodeField(
        label="Near",
        required=False,
        help_text="A postcode, or its first half.",
        error_messages={"max_length": places.UNKNOWN},
    )
    within = django_forms.ChoiceField(label="Distance", required=False, choices=MILES)
    type = django_forms.ChoiceField(
        label="Type", required=False, choices=_or_any("Any type", EncounterType.choices)
    )
    year = django_forms.ChoiceField(
        label="Year group",
        required=False,
        choices=_or_any("Any year", [(year, f"Year {year}") for year in YEAR_GROUPS]),
    )
    sector = django_forms.ChoiceField(
        label="Sector", required=False, choices=_or_any("Any sector", Sector.choices)
    )
    format = django_forms.ChoiceField(
        label="Format", required=False, choices=_or_any("In person or online", DeliveryMode.choices)
    )
    starts = DayField(label="From", required=False)
    ends = DayField(label="To", required=False)
    order = django_forms.ChoiceField(
        label="Order", required=False, choices=ORDERS, widget=django_forms.HiddenInput()
    )

    def clean_near(self) -> Spot | None:
        try:
            return places.find(self.cleaned_data["near"]) if self.cleaned_data["near"] else None
        except InvalidInput as unknown:
            raise django_forms.ValidationError(unknown.message) from unknown

    def clean(self) -> None:
        starts, ends = self.value("starts"), self.value("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", "“To” can’t be before “From”")

    def value(self, name: str) -> Any:
        """What was understood; None where nothing was asked or it made no sense."""
        return self.cleaned_data.get(name) or None


class FindPage:
    """One page of open needs, and the words above it."""

    def __init__(self, given: QueryDict, by: Membership, *, at: datetime) -> None:
        self.by, self.at = by, at
        self.organisation = by.organisation
        shown = given.copy()
        shown.setdefault("within", USUAL_MILES)
        self.form = FindForm(shown)
        if own := by.organisation.outcode:
            self.form.fields["near"].help_text = f"A postcode, or its first half. Leave it empty for {own}."
        self.form.is_valid()
        self.spot: Spot | None = self.form.value("near")
        self.has_place = self.spot is not None or need_rows.place_of(by) is not None
        self.wanted = self._wanted()
        self.is_later_page = bool(given.get("after"))
        self.found = self._search(given.get("after"))
        asked_from = self.wanted.starts_after
        made = (cards.of(row, by, at=at, starts_after=asked_from) for row in self.found.items)
        self.cards = cards.with_ours([card for card in made if card], by)

    @property
    def miles(self) -> str:
        chosen = self.form.value("within") or USUAL_MILES
        return "" if chosen == ANY_DISTANCE or not self.has_place else chosen

    @property
    def place(self) -> str:
        """As near as people name it: the outward code or the town."""
        return self.spot.outcode if self.spot else self.organisation.outcode or self.organisation.town

    @property
    def is_online_only(self) -> bool:
        return self.wanted.delivery_mode == DeliveryMode.LIVE_ONLINE

    @property
    def count(self) -> str:
        """Never counted beyond the page."""
        if self.is_later_page:
            return "More"
        shown = len(self.cards)
        return f"{shown} or more" if self.found.next else str(shown)

    @property
    def is_nearest(self) -> bool:
        return self.wanted.order == Order.NEAREST

    @property
    def filtered(self) -> int:
        names = ("type", "year", "sector", "format", "starts", "ends")
        return sum(bool(self.form.value(name)) for name in names)

    @property
    def online(self) -> str:
        """For the empty page: how many can be done from one's desk, by the same wishes."""
        wanted = replace(self.wanted, delivery_mode=str(DeliveryMode.LIVE_ONLINE), order=Order.SOONEST)
        found = open_needs.search(wanted, by=self.by, at=self.at, size=ONLINE_SHOWN)
        return f"{len(found.items)} or more" if found.next else str(len(found.items) or "")

    def was_shown(self) -> None:
        """Somebody opened it. Where a later page begins nobody knows: it counts as the second."""
        impressions.shown(
            [card.row.school_id for card in self.cards],
            viewers=str(self.organisation.category),
            first_rank=SIZE + 1 if self.is_later_page else 1,
        )

    def label(self, name: str) -> str:
        """What a filter is set to, as its own option says it."""
        value = str(self.form.value(name) or "")
        field: Any = self.form.fields[name]
        return str(dict(field.choices).get(value, ""))

    @property
    def type_label(self) -> str:
        return self.label("type")

    @property
    def year_label(self) -> str:
        return self.label("year")

    @property
    def dates_label(self) -> str:
        return "Chosen dates" if self.wanted.starts_after or self.wanted.starts_before else "Any date"

    def _wanted(self) -> Wanted:
        form = self.form
        starts, ends = form.value("starts"), form.value("ends")
        order = Order(form.value("order") or Order.SOONEST)
        return Wanted(
            encounter_type=form.value("type") or "",
            year_group=int(form.value("year")) if form.value("year") else None,
            sector=form.value("sector") or "",
            delivery_mode=form.value("format") or "",
            starts_after=_midnight(starts) if starts else None,
            starts_before=_midnight(ends + timedelta(days=1)) if ends else None,
            near=self.spot.point if self.spot else None,
            within_km=self._within_km(order),
            order=order if self.has_place else Order.SOONEST,
        )

    def _within_km(self, order: Order) -> float | None:
        """«Any distance» leaves none out; measured from a typed place, or sorted by distance, it has an end."""
        if self.miles:
            return float(self.miles) * METRES_IN_A_MILE / 1000
        return FAR_KM if self.spot or order == Order.NEAREST else None

    def _search(self, after: str | None) -> Page[NeedRow]:
        return from_the_top(
            lambda last: open_needs.search(self.wanted, by=self.by, at=self.at, cursor=last), after
        )


@require_GET
@vary_on_headers("HX-Request")
@member_of(Kind.EMPLOYER, Kind.PROVIDER)
def find(request: MemberRequest) -> HttpResponse:
    """The list alone for the live page's own reading."""
    page = FindPage(request.GET, request.membership, at=timezone.now())
    alone = bool(request.headers.get("HX-Request"))
    if not alone:
        page.was_shown()
    context = {"page": page, "form": page.form, "choosing": "filters" in request.GET, "alone": alone}
    return render(request, "find/list.html" if alone else "find/find.html", context)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)
