"""Letters on their way: taken under a lease, sent outside any transaction, ticked.

A worker that dies in between leaves the lease to run out; the letter then goes once more, with the same
Message-ID, so that a mailbox can tell the copy from another letter."""

import logging
import smtplib
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from brokerage.notifications.models import Letter

logger = logging.getLogger("doorway.notifications")

LEASE = timedelta(seconds=60)
"""Longer than one sending can take (EMAIL_TIMEOUT for each of its few steps)."""
ATTEMPTS_AT_MOST = 10
UNREACHABLE = (ConnectionError, TimeoutError, smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)

# SKIP LOCKED: two workers beside each other take different letters.
_TAKE = """
    UPDATE notifications_letter
    SET next_try_at = statement_timestamp() + make_interval(secs => %s), attempts = attempts + 1
    WHERE id = (
        SELECT id FROM notifications_letter
        WHERE sent_at IS NULL AND parked_at IS NULL AND next_try_at <= statement_timestamp()
        ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


def send_due(*, seconds: float) -> int:
    """Send what is due, oldest first, for about so long. Returns how many went."""
    until = time.monotonic() + seconds
    sent = 0
    backend = get_connection()
    try:
        while time.monotonic() < until and (letter := _take()) is not None:
            try:
                message(letter, backend).send()
            except (
                UNREACHABLE
            ) as problem:  # the server's fault, not the letter's: the rest can wait for it too
                _put_off(letter, problem)
                break
            except Exception as problem:
                _put_off(letter, problem)
                continue
            Letter.objects.filter(pk=letter.pk).update(sent_at=Now(), last_error="")
            sent += 1
    finally:
        _quietly(backend.close)
    return sent


def message(letter: Letter, backend: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """As it goes out. Everything in it comes from the row, so a copy is the same to the letter."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        connection=backend,
        headers={
            "Message-ID": f"<{letter.public_id}@{domain}>",
            "Date": format_datetime(timezone.localtime(letter.created_at)),
            "Auto-Submitted": "auto-generated",
        },
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    if letter.ics:
        method = "CANCEL" if "METHOD:CANCEL" in letter.ics else "REQUEST"
        mail.attach("visit.ics", letter.ics, f"text/calendar; method={method}")
    return mail


def unsent() -> QuerySet[Letter]:
    return Letter.objects.filter(sent_at=None, parked_at=None)


def parked() -> QuerySet[Letter]:
    """Those that couldn't be sent in ten attempts over some seventeen hours."""
    return Letter.objects.filter(parked_at__isnull=False).order_by("id")


def take_up_again(letter_id: int) -> bool:
    return bool(parked().filter(pk=letter_id).update(parked_at=None, attempts=0, next_try_at=Now()))


def _take() -> Letter | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [LEASE.total_seconds()])
        row = cursor.fetchone()
    return Letter.objects.get(pk=row[0]) if row else None


def _put_off(letter: Letter, problem: Exception) -> None:
    """1, 2, 4 ... minutes: mail servers are slow to mend."""
    is_last = letter.attempts >= ATTEMPTS_AT_MOST
    logger.warning("letter %s, attempt %d: %s", letter.public_id, letter.attempts, type(problem).__name__)
    Letter.objects.filter(pk=letter.pk).update(
        last_error=f"{type(problem).__name__}: {problem}"[:500],
        next_try_at=Now() + timedelta(minutes=2 ** (letter.attempts - 1)),
        parked_at=Now() if is_last else F("parked_at"),
    )


def _quietly(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as problem:
        logger.info("mail server left without goodbye: %s", problem)
