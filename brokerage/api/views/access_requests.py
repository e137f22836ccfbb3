"""Asking a school, and what the two sides say to each other until it is settled."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from brokerage.accounts.models import Kind, Organisation
from brokerage.api import access_requests as shapes
from brokerage.api import once, outputs
from brokerage.api.schema import IDEMPOTENCY_KEY, describes
from brokerage.api.views.base import MemberView, body, page, query
from brokerage.domain import access_requests
from brokerage.domain.access_requests import Ask
from brokerage.errors import InvalidInput
from brokerage.models import AccessRequest
from brokerage.queries import access_requests as found
from brokerage.queries import claimable
from brokerage.rules import authorise

RECEIVING = "`school_holiday`, `date_out_of_range`."
ENDED = "`request_answered`, `request_withdrawn`"


class RequestView(MemberView):
    def one(self, request_id: UUID) -> AccessRequest:
        return get_object_or_404(AccessRequest.objects.visible_to(self.by), public_id=request_id)

    def said(self, shape: type[Serializer[Any]], request: Request, request_id: UUID) -> dict[str, Any]:
        """What the verbs take: the request, once it is known to be ours to see, and what was said of it."""
        mine = self.one(request_id)
        return {"request": mine, **body(shape, request), "by": self.by, "at": self.at}

    def answer(self, request: AccessRequest, *, status: int = 200) -> Response:
        asked = found.one(request, today=self.today)
        return Response(
            shapes.detail(asked, found.history(request, reader=self.by), reader=self.by), status=status
        )

    @property
    def today(self) -> Any:
        return self.at.astimezone(found.LONDON).date()


class AccessRequests(RequestView):
    @describes(
        "Access requests: those your organisation made, or those made to your schools, newest first",
        query=shapes.AccessQuery,
        answers={200: outputs.page_of(shapes.AccessRequestOut)},
        name="access_requests_list",
    )
    def get(self, request: Request) -> Response:
        asked = query(shapes.AccessQuery, request)
        listed = found.listed(
            by=self.by,
            state=asked.get("state"),
            school=asked.get("school"),
            cursor=asked.get("cursor"),
            size=asked["page_size"],
            today=self.today,
        )
        return page(request, [shapes.summary(each, reader=self.by) for each in listed.items], listed.next)

    @describes(
        "Ask a school to meet its pupils",
        request=shapes.AskIn,
        parameters=(IDEMPOTENCY_KEY,),
        answers={201: shapes.AccessRequestDetail, 200: shapes.AccessRequestDetail},
        conflicts="`school_closed`, `school_not_here`, `already_asked`, `idempotency_key_in_use`.",
        refuses={400: "`not_a_school_day`.", 422: "`idempotency_key_reused`."},
        name="access_requests_ask",
    )
    def post(self, request: Request) -> Response:
        """Its clock counts the school's own days from the next one on."""
        said = body(shapes.AskIn, request)
        school = Organisation.objects.filter(kind=Kind.SCHOOL, public_id=said.pop("school")).first()
        if school is None:
            raise InvalidInput.on("school", "There is no such school")
        authorise("brokerage.ask_school", self.by, school)
        made = access_requests.ask(
            school=school,
            what=Ask(**{**said, "visitor": self._visitor(said)}),
            by=self.by,
            at=self.at,
            once=once.of(request, self.by),
        )
        return self.answer(made, status=201 if made.asked_at == self.at else 200)

    def _visitor(self, said: dict[str, Any]) -> Any:
        if "visitor" not in said:
            return self.by
        if said["visitor"] is None:
            return None
        colleague = claimable.colleague(said["visitor"], by=self.by)
        if colleague is None:
            raise InvalidInput.on("visitor", "Choose someone of your organisation")
        return colleague


class OneAccessRequest(RequestView):
    @describes(
        "An access request with its history",
        answers={200: shapes.AccessRequestDetail},
        name="access_requests_read",
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        """What the two sides wrote is theirs alone: others see the steps without the words."""
        return self.answer(self.one(request_id))


class Clock(RequestView):
    @describes(
        "How long it has waited, and the working: every day counted or skipped, and why",
        answers={200: shapes.ClockOut},
        name="access_requests_clock",
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        asked = found.one(self.one(request_id), today=self.today)
        return Response(shapes.clock(asked, reader=self.by))


class Grant(RequestView):
    @describes(
        "Say yes: it becomes a need that only the asker holds",
        request=shapes.GrantIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"{ENDED}.",
        refuses={400: RECEIVING},
        name="access_requests_grant",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.grant(**self.said(shapes.GrantIn, request, request_id)))


class CounterOffer(RequestView):
    @describes(
        "Offer other dates, years or another format",
        request=shapes.CounterOfferIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"{ENDED}.",
        refuses={400: f"`not_a_school_day`, {RECEIVING}"},
        name="access_requests_counter_offer",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(
            access_requests.counter_offer(**self.said(shapes.CounterOfferIn, request, request_id))
        )


class AcceptCounterOffer(RequestView):
    @describes(
        "Take one of the dates the school offered",
        request=shapes.AcceptCounterOfferIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"`no_counter_offer`, `offer_replaced`, {ENDED}.",
        refuses={400: "`date_not_offered`, `school_holiday`."},
        name="access_requests_accept_counter_offer",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        said = self.said(shapes.AcceptCounterOfferIn, request, request_id)
        return self.answer(access_requests.accept_counter_offer(**said))


class RejectCounterOffer(RequestView):
    @describes(
        "None of the dates offered will do",
        request=shapes.NoteIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"`no_counter_offer`, {ENDED}.",
        name="access_requests_reject_counter_offer",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        said = self.said(shapes.NoteIn, request, request_id)
        return self.answer(access_requests.reject_counter_offer(**said))


class Postpone(RequestView):
    @describes(
        "Ask them to wait: on that day it comes back by itself",
        request=shapes.PostponeIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"{ENDED}.",
        refuses={400: "`not_a_school_day`."},
        name="access_requests_postpone",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.postpone(**self.said(shapes.PostponeIn, request, request_id)))


class AskBack(RequestView):
    @describes(
        "Ask the asker something: the first questions stop the clock until they answer",
        request=shapes.QuestionIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"{ENDED}.",
        name="access_requests_ask_back",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.ask_back(**self.said(shapes.QuestionIn, request, request_id)))


class AnswerQuestion(RequestView):
    @describes(
        "Answer the school's question",
        request=shapes.AnswerIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts="`no_question`.",
        name="access_requests_answer",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        said = self.said(shapes.AnswerIn, request, request_id)
        return self.answer(access_requests.answer_question(**said))


class Refuse(RequestView):
    @describes(
        "Say not this time, on a ground the school's policy lists",
        request=shapes.RefuseIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"`ground_not_published`, {ENDED}.",
        name="access_requests_refuse",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.refuse(**self.said(shapes.RefuseIn, request, request_id)))


class Duplicate(RequestView):
    @describes(
        "Mark it as a duplicate (the school), or agree or disagree (the asker)",
        request=shapes.DuplicateIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"`not_marked`, {ENDED}.",
        name="access_requests_duplicate",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        said = self.said(shapes.DuplicateIn, request, request_id)
        agrees, other = said.pop("is_duplicate", None), said.pop("duplicate_of", None)
        if self.by.organisation_id == said["request"].asker_id:
            if agrees is None:
                raise InvalidInput.on("is_duplicate", "Say whether it is a duplicate")
            return self.answer(access_requests.settle_duplicate(is_duplicate=agrees, **said))
        authorise("brokerage.answer_request", self.by, said["request"])
        earlier = AccessRequest.objects.visible_to(self.by).filter(public_id=other).first() if other else None
        if earlier is None:
            raise InvalidInput.on("duplicate_of", "Choose an earlier request of the same asker")
        return self.answer(access_requests.mark_duplicate(duplicate_of=earlier, **said))


class Withdraw(RequestView):
    @describes(
        "Ask no longer",
        request=shapes.NoteIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts=f"`already_granted`, {ENDED}.",
        name="access_requests_withdraw",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.withdraw(**self.said(shapes.NoteIn, request, request_id)))


class Report(RequestView):
    @describes(
        "Say that what happened was less than what was granted",
        request=shapes.ReportIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts="`not_granted`, `not_over`, `already_reported`.",
        name="access_requests_report",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.report(**self.said(shapes.ReportIn, request, request_id)))


class FollowUp(RequestView):
    @describes(
        "Remind the school politely, once a week at most",
        request=shapes.FollowUpIn,
        answers={200: shapes.AccessRequestDetail},
        conflicts="`not_waiting`, `too_soon`.",
        name="access_requests_follow_up",
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        return self.answer(access_requests.follow_up(**self.said(shapes.FollowUpIn, request, request_id)))
