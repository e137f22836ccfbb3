"""Post a need, draft it, copy it, amend it, look at it before it goes out."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.domain import needs
from brokerage.domain.idempotency import Once
from brokerage.errors import DomainError, NotAllowed
from brokerage.models import EncounterNeed
from brokerage.rules import SCHOOL_WRITERS, authorise
from brokerage.states import NeedState
from brokerage.web import access
from schools import look, words
from schools.forms.posting import Posting

writers = access.role(*SCHOOL_WRITERS)
school = access.member_of(Kind.SCHOOL)


@school
@writers
def post(request: MemberRequest) -> HttpResponse:
    by = request.membership
    if request.method != "POST":
        return _page(request, Posting(by, copy_of=_copied(request)))
    posting = Posting(by, sent=request.POST)
    if "add" in request.POST:
        posting.with_another_row(at=timezone.now())
        return _page(request, posting)
    publish = "publish" in request.POST
    if posting.read(at=timezone.now(), publish=publish):
        try:
            need = needs.post(
                fields=posting.fields(),
                slots=posting.slots(),
                publish=publish,
                by=by,
                at=timezone.now(),
                once=_once(request),
            )
        except NotAllowed:
            raise
        except DomainError as error:
            posting.refused(error)
        else:
            return _done(request, need, posting)
    return _page(request, posting, status=422)


@school
def edit(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by = request.membership
    need = get_object_or_404(EncounterNeed.objects.visible_to(by), public_id=public_id)
    authorise("brokerage.change_need", by, need)
    if request.method != "POST":
        return _page(request, Posting(by, need=need))
    posting = Posting(by, sent=request.POST, need=need)
    if "add" in request.POST:
        posting.with_another_row(at=timezone.now())
        return _page(request, posting)
    publish = "publish" in request.POST
    if posting.read(at=timezone.now(), publish=publish or need.state == NeedState.OPEN):
        try:
            need = needs.amend(
                need=need, fields=posting.fields(), slots=posting.slots(), by=by, at=timezone.now()
            )
            if publish:
                need = needs.publish(need=need, by=by, at=timezone.now())
        except NotAllowed:
            raise
        except DomainError as error:
            posting.refused(error)
        else:
            return _done(request, need, posting)
    return _page(request, posting, status=422)


@school
@writers
@require_POST
def fill(request: MemberRequest) -> HttpResponse:
    """What follows from what is typed so far: the type's defaults, a word beside each time, the card at the
    side. Nothing is kept and nothing is found fault with."""
    by = request.membership
    need_id = _uuid(request.POST.get("need", ""))
    need = EncounterNeed.objects.visible_to(by).filter(public_id=need_id).first() if need_id else None
    posting = Posting(by, sent=request.POST, need=need)
    posting.read(at=timezone.now(), publish=False)
    context = _context(request, posting)
    context["type_changed"] = request.POST.get("filled_for", "") != posting.form.data.get("filled_for", "")
    posting.hush()
    return render(request, "schools/post_parts.html", context)


@school
def preview(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """As those who may claim it will see it; a draft is posted from here."""
    by = request.membership
    need = get_object_or_404(
        EncounterNeed.objects.visible_to(by).select_related("school"), public_id=public_id
    )
    problem = None
    if request.method == "POST":
        try:
            need = needs.publish(need=need, by=by, at=timezone.now())
        except NotAllowed:
            raise
        except DomainError as error:
            problem = error
        else:
            messages.success(request, look.posted_sentence(need))
            return redirect("schools:need", public_id=need.public_id)
    context = look.preview(need, by=by) | {"problem": problem}
    return render(request, "schools/preview.html", context, status=409 if problem else 200)


def _copied(request: MemberRequest) -> EncounterNeed | None:
    wanted = request.GET.get("copy", "")
    if wanted == "last":
        return needs.last_posted(request.membership)
    if not wanted:
        return None
    visible = EncounterNeed.objects.visible_to(request.membership)
    return get_object_or_404(visible, public_id=_uuid(wanted))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _once(request: MemberRequest) -> Once | None:
    """Pressed twice, posted once: the page's own number together with everything it says."""
    if not (page := request.POST.get("page", "")):
        return None
    given = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    said = sha256(repr(given).encode()).hexdigest()
    return Once(user_id=request.user.pk, key=f"page:{page[:36]}:{said}", request_hash=said)


def _done(request: HttpRequest, need: EncounterNeed, posting: Posting) -> HttpResponse:
    if "preview" in request.POST:
        return redirect("schools:preview", public_id=need.public_id)
    if need.state == NeedState.DRAFT:
        messages.success(request, f"Saved as a draft: {words.name(need)}. Only your school sees it.")
        return redirect("schools:needs_in", tab="drafts")
    changed = posting.need is not None and "publish" not in request.POST
    sentence = f"Changed: {words.name(need)}." if changed else look.posted_sentence(need)
    messages.success(request, sentence)
    for clash in look.clashes_of(need, told=posting.stood if changed else ()):
        messages.warning(request, clash)
    return redirect("schools:need", public_id=need.public_id)


@dataclass(frozen=True)
class Source:
    """The need that could be copied, as the page offers it."""

    need: EncounterNeed

    @property
    def words(self) -> str:
        return words.name(self.need)


def _context(request: MemberRequest, posting: Posting) -> dict[str, Any]:
    return look.of_posting(posting, by=request.membership) | {
        "form": posting.form,
        "formset": posting.times,
        "posting": posting,
        "need": posting.need,
        "problem": posting.problem,
        "page": request.POST.get("page") or str(uuid4()),
    }


def _page(request: MemberRequest, posting: Posting, *, status: int = 200) -> HttpResponse:
    context = _context(request, posting)
    if posting.need is None and request.method != "POST" and "copy" not in request.GET:
        last = needs.last_posted(request.membership)
        context["last"] = Source(last) if last else None
    context["is_copy"] = request.method != "POST" and "copy" in request.GET
    return render(request, "schools/post.html", context, status=status)
