"""The other answers to a request, one question each: other dates, later, a question, not this time, asked already.
What can't be done any more is said in the page, with nothing lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.calendar.settings import CLOCK
from brokerage.domain import access_requests as verbs
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import AccessRequest
from brokerage.queries.access_requests import one
from brokerage.rules import authorise
from brokerage.states import ACCESS_MOVES, AccessState
from brokerage.vocabulary import PostponeReason
from brokerage.web import access, clocks
from brokerage.web.dates import in_sentence, local_day
from schools import replies
from schools.forms.requests import DuplicateForm, OfferForm, PostponeForm, QuestionForm, WrittenForm
from schools.queries import free_dates, gaps, grounds, request_detail
from schools.queries import requests as query
from schools.views.requests import answered, find, refused

school = access.member_of(Kind.SCHOOL)


@school
def offer(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = _answerable(request, public_id)
    by, at = request.membership, timezone.now()
    hosting = query.hosting_of(by)
    days = query.days_of(by, hosting)
    plan = free_dates.plan_of(found, hosting, free_dates.last_arranged(found.school), days)
    form = OfferForm(
        _sent(request),
        request=found,
        plan=plan,
        suggested=free_dates.suggested(found, plan, school=found.school, days=days, at=at),
        days=days,
        initial={"message": replies.counter_offer(found)},
    )
    return _answer(
        request,
        found,
        form,
        AccessState.COUNTERED,
        lambda said: verbs.counter_offer(
            request=found,
            dates=said["dates"],
            starts=said["starts"],
            minutes=said["minutes"],
            venue=said["venue"],
            audience=said["audience"],
            delivery_mode=said["delivery_mode"],
            year_groups=said["year_groups"],
            note=said["message"],
            by=by,
            at=at,
        ),
        template="offer",
        title=f"Offer {found.asker.name} other dates",
        lede="They take one with a tap, and it’s booked.",
        done="They’ve been offered your dates, and can take one at once.",
    )


@school
def postpone(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = _answerable(request, public_id)
    by, at = request.membership, timezone.now()
    days = query.days_of(by, query.hosting_of(by))
    form = PostponeForm(
        _sent(request),
        label="What is in the way?",
        choices=PostponeReason.choices,
        written={value: replies.postponement(value, found) for value in PostponeReason.values},
        initial={"until": free_dates.later(found.dates, days, local_day(at))},
    )
    return _answer(
        request,
        found,
        form,
        AccessState.POSTPONED,
        lambda said: verbs.postpone(
            request=found, until=said["until"], reason=said["choice"], note=form.message, by=by, at=at
        ),
        template="postpone",
        title=f"Ask {found.asker.name} to wait",
        lede="Their request comes back to you by itself.",
        done=lambda said: f"They’ve been told. It comes back to you on {in_sentence(said['until'])}.",
    )


@school
def refuse(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = _answerable(request, public_id)
    by, at = request.membership, timezone.now()
    policy = grounds.of_school(by.organisation)
    others = gaps.others_still_want(found, gaps.of_school(by.organisation, local_day(at)))
    form = WrittenForm(
        _sent(request),
        label="Why not this time?",
        choices=policy.choices,
        hint="" if policy.has_policy else "Marked “no published ground” while your policy lists none.",
        written={value: replies.refusal(value, found, others) for value, _ in policy.choices},
    )
    return _answer(
        request,
        found,
        form,
        AccessState.REFUSED,
        lambda said: verbs.refuse(request=found, ground=said["choice"], note=form.message, by=by, at=at),
        template="refuse",
        title=f"Say not this time to {found.asker.name}",
        lede="They read your reason and your message.",
        done="They’ve been told, with your reason.",
        policy=policy,
    )


@school
def ask(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = _answerable(request, public_id)
    by, at = request.membership, timezone.now()
    waits = _waits(found, at=at)
    return _answer(
        request,
        found,
        QuestionForm(_sent(request)),
        AccessState.QUESTIONED,
        lambda said: verbs.ask_back(request=found, question=said["question"], by=by, at=at),
        template="ask",
        title=f"Ask {found.asker.name} a question",
        lede=f"{waits} for their answer.",
        done=f"Asked. {waits} for their answer.",
    )


@school
def duplicate(request: MemberRequest, public_id: UUID) -> HttpResponse:
    found = _answerable(request, public_id)
    by, at = request.membership, timezone.now()
    earlier = {str(each.public_id): each for each in request_detail.earlier_of_the_same(found)}
    choices = [
        (
            key,
            f"{query.what(each)}, asked {query.asked_words(each, local_day(at))}: "
            f"{each.get_state_display().lower()}",
        )
        for key, each in earlier.items()
    ]
    likely = request_detail.likeliest(found, list(earlier.values()))
    waits = _waits(found, at=at)
    form = DuplicateForm(
        _sent(request),
        choices=choices,
        initial={
            "earlier": str(likely.public_id) if likely else "",
            "message": replies.duplicate(likely) if earlier else "",
        },
    )
    return _answer(
        request,
        found,
        form,
        AccessState.DUPLICATE_MARKED,
        lambda said: verbs.mark_duplicate(
            request=found, duplicate_of=earlier[said["earlier"]], note=said["message"], by=by, at=at
        ),
        template="duplicate",
        title=f"Does this repeat what {found.asker.name} asked?",
        lede=f"If they agree, this one needs no answer of its own. {waits} until then.",
        done=f"They’re asked whether they agree. {waits} until then.",
        has_earlier=bool(earlier),
    )


def _waits(found: AccessRequest, *, at: datetime) -> str:
    """What one question more does to the clock."""
    clock = one(found, today=local_day(at)).clock
    if clock.may_be_paused:
        return "Your clock waits"
    return clocks.runs_on(CLOCK.pauses_at_most)


def _answerable(request: MemberRequest, public_id: UUID) -> AccessRequest:
    found = find(request, public_id)
    authorise("brokerage.answer_request", request.membership, found)
    return found


def _answer(
    request: MemberRequest,
    found: AccessRequest,
    form: Any,
    to: AccessState,
    act: Callable[[dict[str, Any]], object],
    *,
    template: str,
    done: str | Callable[[dict[str, Any]], str],
    **shown: Any,
) -> HttpResponse:
    """Show the question, or do what was answered. A request that has moved on meanwhile says so."""
    if request.method != "POST" and to not in ACCESS_MOVES[found.state]:
        if where := answered(found, at=timezone.now()):
            messages.info(request, where)
        return redirect("schools:request", public_id=found.public_id)
    problem = ""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as error:
            problem = refused(form, error, found)
        else:
            told = done(form.cleaned_data) if callable(done) else done
            messages.success(request, f"{found.asker.name}: {told[:1].lower()}{told[1:]}")
            return redirect("schools:requests")
    context = request_detail.aside(found, by=request.membership, today=local_day(timezone.now())) | {
        "form": form,
        "problem": problem,
        **shown,
    }
    status = 409 if problem else 422 if form.errors else 200
    return render(request, f"schools/requests/{template}.html", context, status=status)


def _sent(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
