from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts.models import Membership
from brokerage.api import answers, inputs, once, outputs
from brokerage.api.schema import IDEMPOTENCY_KEY, describes
from brokerage.api.views.base import MemberView, body, page, query
from brokerage.domain import needs
from brokerage.domain.slots import SlotTime
from brokerage.equity import impressions
from brokerage.errors import InvalidInput
from brokerage.matching import places
from brokerage.models import EncounterNeed, Slot
from brokerage.queries import needs as need_queries
from brokerage.queries import open_needs
from brokerage.queries.cursors import Page
from brokerage.queries.open_needs import Order, Wanted
from brokerage.states import Shown

UNFIT = "`need_incomplete`, `closes_after_last_time`, `school_holiday`, `date_out_of_range`."
CHANGES = "`need_withdrawn`, `places_taken`, `slot_has_claims`."


class NeedView(MemberView):
    def need(self, need_id: UUID) -> EncounterNeed:
        return get_object_or_404(EncounterNeed.objects.visible_to(self.by), public_id=need_id)

    def answer(self, need_id: UUID, *, status: int = 200) -> Response:
        row = need_queries.one(need_id, by=self.by)
        return Response(answers.need(row, self.by, self.at), status=status)


class Needs(NeedView):
    @describes(
        "Needs that you can claim, or your school's or schools' own",
        query=inputs.NeedQuery,
        answers={200: outputs.page_of(outputs.Need)},
        name="needs_list",
    )
    def get(self, request: Request) -> Response:
        found = self._found(query(inputs.NeedQuery, request))
        return page(request, found.items, found.next)

    def _found(self, asked: dict[str, Any]) -> Page[dict[str, Any]]:
        state = Shown(asked["state"]) if "state" in asked else None
        claims = self.by.organisation.category is not None
        usual = Order.SOONEST if claims else Order.NEWEST
        wanted = _wanted(asked, self.by, Order(asked.get("ordering", usual)))
        cut = {"cursor": asked.get("cursor"), "size": asked["page_size"]}
        if claims and state in (None, Shown.OPEN):
            seen = open_needs.read_as(answers.open_need, wanted, by=self.by, at=self.at, **cut)
            impressions.shown(
                [school for school, _ in seen.items],
                viewers=str(self.by.organisation.category),
                first_rank=seen.size + 1 if cut["cursor"] else 1,
            )
            return Page([need for _, need in seen.items], seen.next)
        rows = need_queries.listed(wanted, by=self.by, at=self.at, state=state, **cut)
        return Page([answers.need(row, self.by, self.at) for row in rows.items], rows.next)

    @describes(
        "Post a need, or keep it as a draft",
        request=inputs.NeedIn,
        parameters=(IDEMPOTENCY_KEY,),
        answers={201: outputs.Need, 200: outputs.Need},
        conflicts="`idempotency_key_in_use`.",
        refuses={400: UNFIT, 422: "`idempotency_key_reused`."},
        name="needs_create",
    )
    def post(self, request: Request) -> Response:
        said = body(inputs.NeedIn, request)
        need = needs.post(
            fields={name: value for name, value in said.items() if name not in ("slots", "publish")},
            slots=_times(said["slots"]),
            publish=said.get("publish", False),
            by=self.by,
            at=self.at,
            once=once.of(request, self.by),
        )
        return self.answer(need.public_id, status=201 if need.created_at == self.at else 200)


class OneNeed(NeedView):
    @describes("A need", answers={200: outputs.Need}, name="needs_read")
    def get(self, request: Request, need_id: UUID) -> Response:
        try:
            return self.answer(need_id)
        except EncounterNeed.DoesNotExist:
            raise Http404 from None

    @describes(
        "Amend a need",
        request=inputs.NeedChanges,
        answers={200: outputs.Need},
        conflicts=CHANGES,
        refuses={400: UNFIT},
        name="needs_amend",
    )
    def patch(self, request: Request, need_id: UUID) -> Response:
        need = self.need(need_id)
        said = body(inputs.NeedChanges, request)
        slots = said.pop("slots", None)
        needs.amend(
            need=need,
            fields=said,
            slots=None if slots is None else _times(slots, Slot.objects.standing().filter(need=need)),
            by=self.by,
            at=self.at,
        )
        return self.answer(need_id)


class Publish(NeedView):
    @describes(
        "Publish a draft",
        request=inputs.Nothing,
        answers={200: outputs.Need},
        conflicts="`need_withdrawn`.",
        refuses={400: "`need_incomplete`, `closes_after_last_time`."},
        name="needs_publish",
    )
    def post(self, request: Request, need_id: UUID) -> Response:
        need = self.need(need_id)
        body(inputs.Nothing, request)
        needs.publish(need=need, by=self.by, at=self.at)
        return self.answer(need_id)


class Withdraw(NeedView):
    @describes(
        "Take a need back",
        request=inputs.Cancelling,
        answers={200: outputs.Need},
        conflicts="`need_not_open`.",
        name="needs_withdraw",
    )
    def post(self, request: Request, need_id: UUID) -> Response:
        need = self.need(need_id)
        needs.withdraw(need=need, **body(inputs.Cancelling, request), by=self.by, at=self.at)
        return self.answer(need_id)


def _wanted(asked: Mapping[str, Any], by: Membership, order: Order) -> Wanted:
    """Errors: `place_not_found`; `place_needed` when distance is asked for and there is nowhere to count from."""
    wanted = Wanted(
        encounter_type=asked.get("encounter_type", ""),
        year_group=asked.get("year_group"),
        sector=asked.get("sector", ""),
        delivery_mode=asked.get("delivery_mode", ""),
        starts_after=asked.get("starts_after"),
        starts_before=asked.get("starts_before"),
        near=places.find(asked["near"], field="near").point if "near" in asked else None,
        within_km=asked.get("within_km"),
        order=order,
    )
    if wanted.centre(by) is None and (wanted.within_km or order == Order.NEAREST):
        raise InvalidInput.on(
            "near", "Say near which postcode: your organisation has no place yet.", code="place_needed"
        )
    return wanted


def _times(slots: Sequence[Mapping[str, Any]], standing: Iterable[Slot] = ()) -> list[SlotTime]:
    """What is left out of a slot that stands stays as it is."""
    known = {slot.public_id: slot for slot in standing}
    times = []
    for said in slots:
        usual: dict[str, Any] = {"places": 1}
        if "id" in said:
            if (stood := known.get(said["id"])) is None:
                raise InvalidInput.on("slots", f"{said['id']} isn't a time of this need")
            usual = {"starts_at": stood.starts_at, "ends_at": stood.ends_at, "places": stood.places}
        given = {name: said[name] for name in ("starts_at", "ends_at", "places") if name in said}
        times.append(SlotTime(**{**usual, **given}, public_id=said.get("id")))
    return times
