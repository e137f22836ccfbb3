"""A need as those see it whom it is open to: what they would do there, and the claim."""

from datetime import datetime
from functools import cached_property
from math import hypot
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from brokerage import vocabulary
from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership
from brokerage.domain import claims
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import Claim, EncounterNeed, Slot
from brokerage.queries import diaries, need_rows
from brokerage.queries.people import members_of, works_alone
from brokerage.rules import may
from brokerage.states import LIVE_CLAIMS, Shown
from brokerage.vocabulary import Allocation
from brokerage.web import cards, claiming, wording
from brokerage.web.access import member, member_of
from brokerage.web.claiming import ClaimForm, CoordinatorClaimForm, Time
from brokerage.web.forms import Form

CLAIMANTS = (Kind.EMPLOYER, Kind.PROVIDER)


class NeedPage:
    """Everything the page says, read once. `slot` is the time the reader came for, if any."""

    def __init__(
        self, need: EncounterNeed, by: Membership, *, at: datetime, slot: UUID | None = None
    ) -> None:
        self.need, self.by, self.at, self.asked_for = need, by, at, slot
        self.slots: list[Slot] = list(need.slots.all())
        for each in self.slots:
            each.need = need

    @cached_property
    def state(self) -> Shown:
        return self.need.shown_state(places_left=len(self.open_slots), at=self.at)

    @cached_property
    def open_slots(self) -> list[Slot]:
        return [s for s in self.slots if s.open_until and s.open_until > self.at and s.places_left]

    @cached_property
    def may_claim(self) -> bool:
        return may("brokerage.submit_claim", self.by, self.need)

    @cached_property
    def coordinates(self) -> bool:
        return may("brokerage.coordinate", self.by) and not works_alone(self.by)

    @cached_property
    def at_once(self) -> bool:
        """The place is theirs as soon as they claim; otherwise the school answers."""
        return self.need.allocation == Allocation.FIRST_COME and self.by.organisation.is_verified

    @cached_property
    def ours(self) -> list[Claim]:
        if self.by.organisation.kind not in CLAIMANTS:
            return []
        live = Claim.objects.visible_to(self.by).filter(slot__need=self.need, state__in=LIVE_CLAIMS)
        return list(live.select_related("attendee__user", "slot").order_by("slot__starts_at", "id"))

    @cached_property
    def our_lines(self) -> list[tuple[Claim, str, tuple[str, str]]]:
        return [(c, wording.who_comes(c, self.by), wording.badge(c)) for c in self.ours]

    @cached_property
    def people(self) -> list[Membership]:
        """Whose diaries matter here: everyone's for those who coordinate, else the reader's own."""
        if not self.coordinates:
            return [self.by]
        return list(members_of(self.by.organisation).order_by("user__name", "pk"))

    @cached_property
    def diary(self) -> diaries.Diary:
        return diaries.booked([person.user_id for person in self.people], self.open_slots)

    @cached_property
    def times(self) -> list[Time]:
        """The open times; only the one asked for when it is still open and can be taken."""
        made = [self._time(slot) for slot in self.open_slots]
        asked = [time for time in made if time.slot.public_id == self.asked_for]
        return asked or made

    def _time(self, slot: Slot) -> Time:
        if self.coordinates:
            return Time(slot, claim=None, clash=None)
        mine = next((c for c in self.ours if c.slot_id == slot.pk and c.attendee_id == self.by.pk), None)
        return Time(slot, claim=mine, clash=self.diary.get((self.by.user_id, slot.pk)))

    @cached_property
    def only_time(self) -> Time | None:
        return self.times[0] if len(self.times) == 1 else None

    @cached_property
    def held(self) -> str:
        """What is held at the only time to choose, the reader's own first. Others of theirs may still claim."""
        here = [claim for claim in self.ours if self.only_time and claim.slot_id == self.only_time.slot.pk]
        here.sort(key=lambda claim: claim.attendee_id != self.by.pk)
        return wording.held(here[0], self.by) if here else ""

    @property
    def others_open(self) -> int:
        return len(self.open_slots) - len(self.times)

    def free_besides(self, tried: Slot) -> int:
        return sum(not self._time(slot).is_shut for slot in self.open_slots if slot.pk != tried.pk)

    @cached_property
    def can_send(self) -> bool:
        return self.may_claim and any(not time.is_shut for time in self.times)

    @cached_property
    def metres(self) -> float | None:
        """As the crow flies, from our own place to the school."""
        here, school = need_rows.place_of(self.by), self.need.school
        if here is None or school.easting is None or school.northing is None:
            return None
        return hypot(school.easting - here[0], school.northing - here[1])

    @cached_property
    def alike(self) -> list[cards.Card]:
        """What to offer instead when this one takes no more."""
        if self.state == Shown.OPEN or not self.may_claim:
            return []
        return cards.like(self.need, self.by, at=self.at)

    def form(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> ClaimForm:
        shared: dict[str, Any] = {"times": self.times, "slots": self.slots, "initial": initial}
        if not self.coordinates:
            return ClaimForm(data, **shared)
        slot = self.only_time.slot if self.only_time else None
        busy = claiming.busy_at(slot, self.people, self.diary) if slot else {}
        return CoordinatorClaimForm(data, people=self.people, by=self.by, busy=busy, **shared)


@require_GET
@member
def need(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id, slot=claiming.as_uuid(request.GET.get("slot", "")))
    return _show(request, page, page.form() if page.can_send else None)


@require_GET
@member
def places(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """How many places are left, alone, asked for again when needs change. Were they open and aren't, or the other way
    about, since the panel was made, the answer has all of it read again."""
    page = _page(request, public_id, slot=claiming.as_uuid(request.GET.get("slot", "")))
    was = request.GET.get("was", page.state.value)
    return render(request, "need/places.html", {"page": page, "was": was, "has_changed": was != page.state})


@require_POST
@member_of(*CLAIMANTS)
def claim(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id, slot=claiming.as_uuid(request.GET.get("slot", "")))
    form = page.form(request.POST)
    if not form.is_valid():
        return _show(request, page, form, status=422)
    answers = form.cleaned_data
    attendee = form.chosen if isinstance(form, CoordinatorClaimForm) else request.membership
    try:
        made = claims.submit(
            slot=form.chosen_slot,
            attendee=attendee,
            places=answers.get("places", 1),
            note=answers["note"],
            by=request.membership,
            at=page.at,
        )
    except NotAllowed:
        raise
    except DomainError as refusal:
        return _refused(request, public_id, refusal, form)
    return redirect("claim", made.claim.public_id)


def _refused(request: MemberRequest, public_id: UUID, refusal: DomainError, form: ClaimForm) -> HttpResponse:
    """The world as it is now, what is still free in it, and all that was typed."""
    tried = form.chosen_slot
    coordinates = isinstance(form, CoordinatorClaimForm)
    page = _page(request, public_id, slot=tried.public_id if coordinates else None)
    kept = {name: value for name, value in form.cleaned_data.items() if name != "slot"}
    again = page.form(initial=kept) if page.can_send else None
    message = f"{refusal.message} {_still_free(page, refusal, tried)}".strip()
    return _show(request, page, again, problem=DomainError(refusal.code, message), status=refusal.status)


def _still_free(page: NeedPage, refusal: DomainError, tried: Slot) -> str:
    if refusal.code not in ("slot_full", "need_closed", "person_already_booked"):
        return ""
    if free := page.free_besides(tried):
        return "Another time is free." if free == 1 else f"{free} other times are free."
    if page.alike:
        return "Here is one like it." if len(page.alike) == 1 else f"Here are {len(page.alike)} like it."
    return ""


def _page(request: MemberRequest, public_id: UUID, *, slot: UUID | None = None) -> NeedPage:
    standing = Prefetch("slots", Slot.objects.standing().order_by("starts_at", "id"))
    visible = EncounterNeed.objects.visible_to(request.membership).published()
    found = get_object_or_404(
        visible.select_related("school").prefetch_related(standing), public_id=public_id
    )
    return NeedPage(found, request.membership, at=timezone.now(), slot=slot)


def _show(
    request: HttpRequest,
    page: NeedPage,
    form: Form | None,
    *,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    need = page.need
    context = {
        "page": page,
        "need": need,
        "form": form,
        "problem": problem,
        "years": vocabulary.years(need.year_groups),
        "pupils": wording.pupils(need.expected_pupils),
        "where": wording.where(need),
        "staff_do": wording.staff_do(need),
        "bring": wording.bring(need),
        "wanted": wording.wanted(need),
    }
    return render(request, "need/need.html", context, status=status)
