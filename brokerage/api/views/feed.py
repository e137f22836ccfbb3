from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.api import answers, inputs, outputs
from brokerage.api.permissions import IsSignedIn
from brokerage.api.schema import describes
from brokerage.api.views.base import View, body, page, person, query
from brokerage.notifications import feed
from brokerage.queries import cursors


class Events(View):
    """A person's own feed: staff have one too."""

    permission_classes = [IsSignedIn]

    @describes(
        "What you missed after an entry, oldest first",
        query=inputs.EventQuery,
        answers={200: outputs.Events},
        name="events_list",
    )
    def get(self, request: Request) -> Response:
        asked = query(inputs.EventQuery, request)
        entries = feed.after(person(request), asked["after"], asked["limit"])
        return Response({"results": [answers.entry(entry) for entry in entries]})


class Notifications(View):
    permission_classes = [IsSignedIn]

    @describes(
        "What the bell rang for, newest first",
        query=inputs.NotificationQuery,
        answers={200: outputs.page_of(outputs.Notification)},
        name="notifications_list",
    )
    def get(self, request: Request) -> Response:
        asked = query(inputs.NotificationQuery, request)
        entries, size = feed.bell(person(request)), asked["page_size"]
        if asked.get("unread"):
            entries = entries.filter(read_at=None)
        if "cursor" in asked:
            (last,) = cursors.read(asked["cursor"], cursors.key)
            entries = entries.filter(position__lt=last)
        found = list(entries[: size + 1])
        following = cursors.write([found[size - 1].position]) if len(found) > size else None
        return page(request, [answers.notification(entry) for entry in found[:size]], following)


class ReadNotification(View):
    permission_classes = [IsSignedIn]

    @describes(
        "Mark as read",
        request=inputs.Nothing,
        answers={200: outputs.Notification},
        name="notifications_read",
    )
    def post(self, request: Request, position: int) -> Response:
        body(inputs.Nothing, request)
        entry = feed.mark_read(person(request), position, at=timezone.now())
        if entry is None:
            raise Http404
        return Response(answers.notification(entry))
