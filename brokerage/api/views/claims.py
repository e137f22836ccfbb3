from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts.models import Membership
from brokerage.api import answers, inputs, once, outputs
from brokerage.api.schema import IDEMPOTENCY_KEY, describes
from brokerage.api.views.base import MemberView, body, page, query
from brokerage.domain import claims
from brokerage.errors import InvalidInput
from brokerage.models import Claim, EncounterNeed
from brokerage.queries import claimable
from brokerage.queries import claims as claim_queries


class ClaimView(MemberView):
    def claim(self, claim_id: UUID) -> Claim:
        try:
            return claim_queries.one(claim_id, by=self.by)
        except Claim.DoesNotExist:
            raise Http404 from None

    def answer(self, claim: Claim, *, status: int = 200) -> Response:
        return Response(answers.claim(claim, self.by, self.at), status=status)


class SubmitClaim(ClaimView):
    @describes(
        "Claim places in a slot",
        request=inputs.ClaimIn,
        parameters=(IDEMPOTENCY_KEY,),
        answers={201: outputs.Claim, 200: outputs.Claim},
        conflicts="`slot_full`, `need_closed`, `person_already_booked`, `already_claimed`, `try_again`, "
        "`idempotency_key_in_use`.",
        refuses={422: "`idempotency_key_reused`."},
        name="claims_submit",
    )
    def post(self, request: Request, need_id: UUID) -> Response:
        """201 for a new claim; 200 with the one there is for the same live claim (slot, claimant, attendee)."""
        try:
            said = body(inputs.ClaimIn, request)
        except ValidationError:
            self._need(need_id)
            raise
        named = said.get("attendee")
        found = claimable.read(need_id, said["slot"], by=self.by, attendee=named)
        if found is None:
            self._need(need_id)
            raise InvalidInput.on("slot", "This isn't a time of this need")
        done = claims.submit(
            slot=found.slot,
            attendee=self._attendee(said, found.attendee),
            places=said.get("places", 1),
            note=said.get("note", ""),
            by=self.by,
            at=self.at,
            once=once.of(request, self.by),
        )
        return self.answer(done.claim, status=201 if done.is_new else 200)

    def _need(self, need_id: UUID) -> EncounterNeed:
        """Asked only when the rest went wrong: the claim's own statement sees to it otherwise."""
        return get_object_or_404(EncounterNeed.objects.visible_to(self.by), public_id=need_id)

    def _attendee(self, said: dict[str, Any], found: Membership | None) -> Membership | None:
        """Left out, the usual one; null, to be named; else a colleague."""
        if "attendee" not in said:
            return claims.default_attendee(self.by)
        if said["attendee"] is not None and found is None:
            raise InvalidInput.on("attendee", "Choose someone of your organisation")
        return found


class Claims(ClaimView):
    @describes(
        "Your organisation's claims, or those on your school's needs, newest first",
        query=inputs.ClaimQuery,
        answers={200: outputs.page_of(outputs.Claim)},
        name="claims_list",
    )
    def get(self, request: Request) -> Response:
        asked = query(inputs.ClaimQuery, request)
        found = claim_queries.listed(
            by=self.by,
            states=[asked["state"]] if "state" in asked else [],
            need=asked.get("need"),
            cursor=asked.get("cursor"),
            size=asked["page_size"],
        )
        return page(request, [answers.claim(claim, self.by, self.at) for claim in found.items], found.next)


class OneClaim(ClaimView):
    @describes("A claim", answers={200: outputs.Claim}, name="claims_read")
    def get(self, request: Request, claim_id: UUID) -> Response:
        return self.answer(self.claim(claim_id))


class Accept(ClaimView):
    @describes(
        "Book them",
        request=inputs.Nothing,
        answers={200: outputs.Claim},
        conflicts="`claim_not_waiting`, `need_closed`, `slot_full`, `person_already_booked`.",
        name="claims_accept",
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        claim = self.claim(claim_id)
        body(inputs.Nothing, request)
        return self.answer(claims.accept(claim=claim, by=self.by, at=self.at))


class Decline(ClaimView):
    @describes(
        "Say no to an offer",
        request=inputs.Declining,
        answers={200: outputs.Claim},
        conflicts="`claim_not_waiting`.",
        name="claims_decline",
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        claim = self.claim(claim_id)
        said = body(inputs.Declining, request)
        return self.answer(claims.decline(claim=claim, **said, by=self.by, at=self.at))


class Withdraw(ClaimView):
    @describes(
        "The claimant's way out, until the start",
        request=inputs.Withdrawing,
        answers={200: outputs.Claim},
        conflicts="`claim_not_live`, `already_started`.",
        name="claims_withdraw",
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        claim = self.claim(claim_id)
        said = body(inputs.Withdrawing, request)
        return self.answer(claims.withdraw(claim=claim, **said, by=self.by, at=self.at))


class Cancel(ClaimView):
    @describes(
        "The school's cancellation of a booking",
        request=inputs.Cancelling,
        answers={200: outputs.Claim},
        conflicts="`claim_not_booked`.",
        name="claims_cancel",
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        claim = self.claim(claim_id)
        said = body(inputs.Cancelling, request)
        return self.answer(claims.cancel(claim=claim, **said, by=self.by, at=self.at))


class NameAttendee(ClaimView):
    @describes(
        "Name who will come, or leave it to be named",
        request=inputs.AttendeeIn,
        answers={200: outputs.Claim},
        conflicts="`claim_not_live`, `person_already_booked`, `already_claimed`.",
        name="claims_attendee",
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        claim = self.claim(claim_id)
        named = body(inputs.AttendeeIn, request)["attendee"]
        attendee = claimable.colleague(named, by=self.by) if named else None
        if named and attendee is None:
            raise InvalidInput.on("attendee", "Choose someone of your organisation")
        return self.answer(claims.name_attendee(claim=claim, attendee=attendee, by=self.by, at=self.at))
