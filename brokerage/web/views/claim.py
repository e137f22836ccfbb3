"""One claim as the claimant's people see it: what they promised, how to arrive, and the way out."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind, Membership
from brokerage.domain import claims
from brokerage.errors import DomainError, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import Claim
from brokerage.notifications import feed, ics, links
from brokerage.notifications.models import Entry
from brokerage.queries import arrival, diaries
from brokerage.queries.people import members_of, works_alone
from brokerage.rules import may
from brokerage.states import ClaimState, EncounterState
from brokerage.web import cards, claiming, wording
from brokerage.web.access import member_of
from brokerage.web.claiming import LeaveForm, WhoComesForm
from brokerage.web.forms import Form
from brokerage.web.views.acts import act

CLAIMANTS = (Kind.EMPLOYER, Kind.PROVIDER)
CHANGES = ("need.amended",)
OFFER_AGAIN = (ClaimState.DECLINED, ClaimState.CANCELLED_BY_SCHOOL)


@dataclass
class ClaimPage:
    claim: Claim
    by: Membership
    at: datetime
    news: list[Entry] = field(default_factory=list)

    @property
    def link(self) -> str:
        return links.claim(self.claim.public_id)

    @property
    def is_over(self) -> bool:
        return self.claim.slot.ends_at <= self.at

    @property
    def has_started(self) -> bool:
        return self.claim.slot.starts_at <= self.at

    @property
    def is_booked(self) -> bool:
        return self.claim.state == ClaimState.ACCEPTED and not self.is_over

    @property
    def went_unanswered(self) -> bool:
        """Nothing can be answered any more: its time has begun."""
        return self.claim.state == ClaimState.SUBMITTED and self.has_started

    @property
    def headline(self) -> str:
        return wording.headline(self.claim, self.by, is_over=self.is_over or self.went_unanswered)

    @property
    def sentence(self) -> str:
        return wording.sentence(self.claim, self.by, is_over=self.is_over or self.went_unanswered)

    @property
    def badge(self) -> tuple[str, str]:
        if self.went_unanswered:
            return "na", "Not answered"
        if self.claim.state == ClaimState.ACCEPTED and self.is_over:
            return "wait", "Not recorded yet"
        return wording.badge(self.claim)

    @property
    def standing(self) -> str:
        """What a word of success that stands on the page was said of."""
        return f"{self.claim.state} {self.claim.slot.starts_at.isoformat()}"

    @property
    def block(self) -> str:
        """How the date is drawn: dashed while nothing is certain, grey once it is over."""
        if self.is_over or self.went_unanswered or not self.claim.is_live:
            return "past"
        return "book" if self.claim.state == ClaimState.SUBMITTED else ""

    @property
    def who(self) -> str:
        return wording.who_comes(self.claim, self.by)

    @cached_property
    def arrival(self) -> arrival.Arrival | None:
        return arrival.of(self.claim, at=self.at)

    @property
    def where(self) -> str:
        return wording.where(self.claim.slot.need)

    @property
    def bring(self) -> str:
        return wording.bring(self.claim.slot.need)

    @property
    def may_leave(self) -> bool:
        return (
            self.claim.is_live and not self.has_started and may("brokerage.leave_claim", self.by, self.claim)
        )

    @property
    def may_name(self) -> bool:
        comes = self.claim.is_live and not self.is_over and not self.went_unanswered
        if not comes or not may("brokerage.name_attendee", self.by, self.claim):
            return False
        return self.claim.attendee_id != self.by.pk or not works_alone(self.by)

    @property
    def must_name(self) -> bool:
        comes = self.claim.is_live and not self.is_over and not self.went_unanswered
        return comes and self.claim.attendee_id is None

    @property
    def was_moved(self) -> bool:
        """The school changed the time, and nobody has said yet whether that suits."""
        return self.claim.is_live and not self.has_started and self.claim.slot_moved_at is not None

    @cached_property
    def recorded(self) -> bool:
        encounter = getattr(self.claim.slot, "encounter", None)
        ended = self.claim.state in (ClaimState.FULFILLED, ClaimState.MISSED) or self.claim.ended_undelivered
        return ended and encounter is not None and encounter.state != EncounterState.PLANNED

    @property
    def may_confirm(self) -> bool:
        return self.recorded and may("brokerage.confirm_encounter", self.by, self.claim)

    @cached_property
    def alike(self) -> list[cards.Card]:
        need = self.claim.slot.need
        return cards.like(need, self.by, at=self.at) if self.claim.state in OFFER_AGAIN else []

    def who_form(self, data: QueryDict | None = None) -> WhoComesForm:
        people = list(members_of(self.by.organisation).order_by("user__name", "pk"))
        slot = self.claim.slot
        diary = diaries.booked([person.user_id for person in people], [slot])
        busy = claiming.busy_at(slot, people, diary)
        comes = self.claim.attendee
        if comes is not None:
            busy.pop(str(comes.public_id), None)  # what fills that diary is this claim
        initial = {"attendee": str(comes.public_id)} if comes else None
        return WhoComesForm(data, people=people, by=self.by, busy=busy, initial=initial)


@require_GET
@member_of(*CLAIMANTS)
def claim(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id)
    page.news = [
        entry for entry in feed.mark_opened(request.user, page.link, at=page.at) if entry.type in CHANGES
    ]
    return _show(request, page)


@require_http_methods(["GET", "POST"])
@member_of(*CLAIMANTS)
def withdraw(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A GET, from an old address or an e-mail, only opens the question."""
    page = _page(request, public_id)
    if request.method != "POST":
        return _show(request, page, leave=LeaveForm(), leaving=True)
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return _show(request, page, leave=form, leaving=True, status=422)
    answers = form.cleaned_data
    try:
        claims.withdraw(
            claim=page.claim, reason=answers["reason"], note=answers["note"], by=page.by, at=page.at
        )
    except NotAllowed:
        raise
    except DomainError as refusal:
        again = _page(request, public_id)
        return _show(request, again, leave=form, leaving=True, problem=refusal, status=refusal.status)
    messages.success(request, "The school has been told that you can’t come.")
    return redirect("claim", public_id)


@require_POST
@member_of(*CLAIMANTS)
def attendee(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = _page(request, public_id)
    form = page.who_form(request.POST)
    if not form.is_valid():
        return _show(request, page, who=form, status=422)
    try:
        claims.name_attendee(claim=page.claim, attendee=form.chosen, by=page.by, at=page.at)
    except NotAllowed:
        raise
    except DomainError as refusal:
        again = _page(request, public_id)
        return _show(request, again, who=form, problem=refusal, status=refusal.status)
    messages.success(request, "Saved. The school can see who comes.")
    return redirect("claim", public_id)


@require_POST
@member_of(*CLAIMANTS)
def keep(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The answer to «can you still come?», about the time that was shown."""
    page = _page(request, public_id)
    asked = _moment(request.POST.get("starts_at", "")) or page.claim.slot.starts_at
    return act(
        request,
        lambda: claims.keep(claim=page.claim, starts_at=asked, by=page.by, at=page.at),
        done="Thank you. Your place stands at the new time.",
        back=links.claim(page.claim.public_id),
    )


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


@require_GET
@member_of(*CLAIMANTS)
def calendar_file(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """For a booking alone: what isn't certain doesn't belong into a diary."""
    page = _page(request, public_id)
    if not page.is_booked or page.arrival is None:
        raise Http404
    changed = Event.objects.filter(subject_id__in=[page.claim.public_id, page.claim.slot.public_id])
    text = ics.booking(
        page.claim,
        to=request.user.email,
        arrival=arrival_lines(page.arrival),
        sequence=changed.aggregate(last=Max("id"))["last"] or 0,
        at=page.at,
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


def arrival_lines(known: arrival.Arrival) -> list[str]:
    contact = " ".join(filter(None, [known.contact_name, known.contact_email]))
    return [line for line in (known.entrance, known.visitor_notes, contact, known.telephone) if line]


def _page(request: MemberRequest, public_id: UUID) -> ClaimPage:
    theirs = arrival.with_details(Claim.objects.visible_to(request.membership))
    found = get_object_or_404(theirs.select_related("slot__encounter"), public_id=public_id)
    return ClaimPage(found, request.membership, timezone.now())


def _show(
    request: MemberRequest,
    page: ClaimPage,
    *,
    leave: LeaveForm | None = None,
    who: WhoComesForm | None = None,
    leaving: bool = False,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    asked: list[Form | None] = [leave, who]
    context = {
        "page": page,
        "claim": page.claim,
        "slot": page.claim.slot,
        "need": page.claim.slot.need,
        "leave": leave or LeaveForm(),
        "leaving": leaving,
        "who": who or (page.who_form() if page.may_name else None),
        "forms": [form for form in asked if form is not None],
        "problem": problem,
    }
    return render(request, "claim/claim.html", context, status=status)
