"""What one has asked schools: who owes an answer, and one request with all that can be said to it."""

from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from brokerage.accounts.acting import MemberRequest
from brokerage.calendar.settings import CLOCK
from brokerage.errors import DomainError
from brokerage.models import AccessRequest
from brokerage.notifications import feed, links
from brokerage.queries import access_requests as reads
from brokerage.queries import faring
from brokerage.web import dates
from brokerage.web import faring as figures
from brokerage.web.access import member_of
from brokerage.web.asking import ReportForm, WordsForm
from brokerage.web.forms import Form
from brokerage.web.requested import TABS, RequestPage, RequestsPage
from brokerage.web.views.asking import ASKERS

FORMS: Final[dict[str, dict[str, str]]] = {
    "reject": {"label": "Anything to add? (optional)"},
    "answer": {"label": "Your answer to their question", "missing": "Enter your answer"},
    "settle": {"label": "What is different? (optional)"},
    "follow_up": {"label": "A polite follow-up, ready to send", "missing": "Enter what you want to say"},
    "withdraw": {"label": "Anything to add? (optional)"},
}


@require_GET
@vary_on_headers("HX-Request")
@member_of(*ASKERS)
def requests(request: MemberRequest) -> HttpResponse:
    page = RequestsPage(
        request.membership,
        show=request.GET.get("show", ""),
        after=request.GET.get("after"),
        at=timezone.now(),
    )
    template = "asking/list.html" if request.headers.get("HX-Request") else "asking/requests.html"
    return render(request, template, {"page": page, "tabs": TABS})


@require_GET
@member_of(*ASKERS)
def one(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = page_for(request, public_id)
    feed.mark_opened(request.user, links.request(public_id), at=page.at)
    return show(request, page)


@require_GET
@member_of(*ASKERS)
def how_we_fare(request: MemberRequest) -> HttpResponse:
    found = faring.answered(request.membership, at=timezone.now())
    context = {
        "everywhere": figures.fare("Everywhere", found),
        "areas": [figures.fare(area, each) for area, each in faring.by_area(found).items()],
        "enough": figures.ENOUGH,
        "in_time": CLOCK.late_after,
        "too_few": f"Fewer than {figures.ENOUGH} of your requests have had {CLOCK.late_after} school days so far.",
    }
    return render(request, "asking/fare.html", context)


def page_for(request: MemberRequest, public_id: UUID) -> RequestPage:
    at = timezone.now()
    visible = reads.with_everything(AccessRequest.objects.visible_to(request.membership))
    found = get_object_or_404(visible, public_id=public_id)
    (asked,) = reads.timed([found], today=dates.local_day(at))
    return RequestPage(asked, request.membership, at=at)


def show(
    request: MemberRequest,
    page: RequestPage,
    *,
    doing: str = "",
    form: Form | None = None,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    """`form` is the one that was sent, for what is being done."""
    forms: dict[str, Form] = {name: WordsForm(prefix=name, **words) for name, words in FORMS.items()}
    forms["follow_up"] = WordsForm(prefix="follow_up", initial={"words": page.ready}, **FORMS["follow_up"])
    forms["report"] = ReportForm(initial={"kinds": page.request.shortfalls})
    if form is not None and doing:
        forms[doing] = form
    context = {
        "page": page,
        "request_": page.request,
        "ask": forms,
        "forms": [form] if form is not None else [],
        "doing": doing,
        "problem": problem,
    }
    return render(request, "asking/request.html", context, status=status)
