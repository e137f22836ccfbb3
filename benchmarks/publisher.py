"""What the web process or the worker does to sockets, in a process of its own. Orders on standard input, one a line:

commits COUNT GAP      record so many events that hint; prints `subject nanoseconds` of each commit
frames COUNT SIZE      publish so many shared frames as fast as Valkey takes them; prints `done COUNT`
entries COUNT GAP N    tell the first N people something, so often; prints `number nanoseconds` of each commit
"""

import json
import sys
import time
from uuid import uuid4

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from brokerage.accounts.models import User  # noqa: E402
from brokerage.domain.events import NeedAmended  # noqa: E402
from brokerage.eventlog import hints  # noqa: E402
from brokerage.eventlog.models import Event  # noqa: E402
from brokerage.eventlog.record import PLATFORM, record  # noqa: E402
from brokerage.notifications import entries  # noqa: E402
from brokerage.notifications.entries import News  # noqa: E402
from brokerage.notifications.recipients import Recipient  # noqa: E402


def say(*words: object) -> None:
    print(*words, flush=True)


def commits(count: int, gap: float) -> None:
    for _ in range(count):
        subject = uuid4()
        with transaction.atomic():
            transaction.on_commit(lambda subject=subject: say(subject, time.monotonic_ns()))
            record(
                NeedAmended(subject_id=subject, organisation_id=None, changed=["title"]),
                by=PLATFORM,
                at=timezone.now(),
            )
        time.sleep(gap)


def frames(count: int, size: int) -> None:
    broker = hints.broker()
    for number in range(count):
        frame = {
            "type": "needs.changed",
            "t": time.monotonic_ns(),
            "n": number,
            "filling": "x" * max(0, size - 70),
        }
        broker.publish(hints.CHANNEL, json.dumps(frame))
    say("done", count)


def tell(count: int, gap: float, people: int) -> None:
    everyone = [
        Recipient(user)
        for user in User.objects.filter(email__endswith="@bench.example").order_by("id")[:people]
    ]
    for number in range(count):
        with transaction.atomic():
            event = Event.objects.create(type="bench.said.v1", at=timezone.now(), actor_key="platform")
            news = News(type="bench.said", text="A place was taken.", to=everyone, data={"number": number})
            transaction.on_commit(lambda number=number: say(number, time.monotonic_ns()))
            entries.write(event, [news], with_letters=False)
        time.sleep(gap)
    say("done", count)


say("ready")
for line in sys.stdin:
    order, *words = line.split()
    match order:
        case "commits":
            commits(int(words[0]), float(words[1]))
        case "frames":
            frames(int(words[0]), int(words[1]))
        case "entries":
            tell(int(words[0]), float(words[1]), int(words[2]))
