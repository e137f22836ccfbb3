"""What did I miss: everything the bell rang for. And, where mail lands in a folder, the mail."""

import email
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from brokerage.accounts.acting import SignedInRequest
from brokerage.notifications import feed
from brokerage.notifications.models import Entry
from brokerage.web.access import signed_in
from brokerage.web.dates import local_day
from brokerage.web.paging import page_of

MAILS_SHOWN = 50
# How Django's folder backend ends each message.
_END = b"-" * 79 + b"\n"


@require_safe
@signed_in
def updates(request: SignedInRequest) -> HttpResponse:
    """The first page is read by opening it; what comes in while it is open still rings."""
    page = page_of(feed.bell(request.user), "-position", after=request.GET.get("after"))
    days = [(day, list(news)) for day, news in groupby(page.items, _day)]
    if page.items and not request.GET.get("after") and request.method == "GET":
        feed.mark_all_read(request.user, up_to=page.items[0].position, at=timezone.now())
    return render(request, "updates/updates.html", {"page": page, "days": days})


@require_safe
@signed_in
def counts(request: SignedInRequest) -> HttpResponse:
    """What waits at the menu's places, for a page that stays open. Nothing for a page of another membership:
    its reader has come to act for somebody else since, in another tab."""
    ours = str(request.membership.public_id) if request.membership else ""
    if request.GET.get("by", ours) != ours:
        return HttpResponse(status=204)
    return render(request, "doorway/counts.html")


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The newest letters of the mail folder. Only where settings say so: it shows everybody's."""
    if not settings.SHOW_MAIL_FOLDER:
        raise Http404
    return render(request, "updates/mail.html", {"mails": mails(Path(settings.EMAIL_FILE_PATH))})


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    at: datetime | None
    text: str
    calendar: str


def mails(folder: Path) -> list[Mail]:
    """Newest first."""
    files = (
        sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
        if folder.is_dir()
        else []
    )
    found: list[Mail] = []
    for file in files:
        messages = [_read(part) for part in file.read_bytes().split(_END) if part.strip()]
        found += reversed(messages)
        if len(found) >= MAILS_SHOWN:
            break
    return found[:MAILS_SHOWN]


def _read(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw, policy=policy.default)
    at = message["date"].datetime if message["date"] is not None else None
    return Mail(
        to=str(message["to"] or ""),
        subject=str(message["subject"] or ""),
        at=at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at,  # "-0000" is UTC unsaid
        text=_part(message, "text/plain"),
        calendar=_part(message, "text/calendar"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == kind:
            content = part.get_content()
            return content if isinstance(content, str) else content.decode("utf-8", "replace")
    return ""


def _day(entry: Entry) -> date:
    return local_day(entry.at)
