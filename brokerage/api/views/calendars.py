from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts.models import Organisation
from brokerage.api import calendars as shapes
from brokerage.api.schema import describes
from brokerage.api.views.base import MemberView, body
from brokerage.calendar.calendars import USUAL
from brokerage.domain import calendars
from brokerage.domain.slots import LONDON
from brokerage.queries import school_calendar
from brokerage.rules import authorise


class Calendar(MemberView):
    def school(self, school_id: UUID) -> Organisation:
        return get_object_or_404(school_calendar.schools_read_by(self.by), public_id=school_id)

    def answer(self, school: Organisation) -> Response:
        hours = school_calendar.hours_of([school.pk]).get(school.pk, USUAL)
        return Response(shapes.answer(school, hours, self.at.astimezone(LONDON).date()))

    @describes(
        "When a school is closed: your own, or one of your hub's or trust's",
        answers={200: shapes.CalendarOut},
        name="calendar_read",
    )
    def get(self, request: Request, school_id: UUID) -> Response:
        return self.answer(self.school(school_id))

    @describes(
        "Replace what your school lists from today on",
        request=shapes.CalendarIn,
        answers={200: shapes.CalendarOut},
        refuses={400: "`closure_past`, `closure_invalid`."},
        name="calendar_replace",
    )
    def put(self, request: Request, school_id: UUID) -> Response:
        """Nothing or everything. Open clocks count anew at once."""
        school = self.school(school_id)
        authorise("brokerage.edit_hosting", self.by, school)
        rows = shapes.rows(body(shapes.CalendarIn, request))
        calendars.bring_in(rows=rows, replace=True, how="api", by=self.by, at=self.at)
        return self.answer(school)
