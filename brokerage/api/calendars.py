"""A school's calendar, as the API takes and answers it."""

from datetime import date
from typing import Any, Final

from rest_framework import serializers

from brokerage.accounts.models import Organisation
from brokerage.api.fields import Choice, Day, Strict, Text
from brokerage.api.outputs import Char, Chosen, S, SchoolOf
from brokerage.calendar import calendars, terms
from brokerage.calendar.calendars import Hours, Listed
from brokerage.calendar.dates import academic_year
from brokerage.calendar.importing import LABEL_AT_MOST, Row
from brokerage.calendar.models import ClosureKind
from brokerage.calendar.school_days import SchoolDays, bank_holidays
from brokerage.domain.closures import MOST
from brokerage.free_text import FREE

Json = dict[str, Any]
SOURCES: Final = ("own", "local_authority", "england")
BANK_HOLIDAYS_SHOWN: Final = 20


class ClosureIn(Strict):
    kind = Choice(
        choices=ClosureKind.choices, help_text="Holidays can't be chosen for a visit; the others warn."
    )
    label = Text(  # type: ignore[assignment]  # a field of that name
        max_length=LABEL_AT_MOST, validators=FREE
    )
    first_on = Day()
    last_on = Day(required=False, help_text="Inclusive. Left out: one day.")
    source = Choice(  # type: ignore[assignment]  # a field of that name
        choices=SOURCES, required=False, help_text="As Doorway answered it; changes nothing."
    )


class CalendarIn(Strict):
    closures = serializers.ListField(
        child=ClosureIn(),
        max_length=MOST,
        help_text="Everything from today on: a closure left out is taken away. What is past stays.",
    )


class ClosureOut(S):  # type: ignore[type-arg]
    kind = Chosen(choices=ClosureKind.choices)
    label = Char()  # type: ignore[assignment]  # a field of that name
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    source = Chosen(  # type: ignore[assignment]  # a field of that name
        choices=SOURCES,
        help_text="The local authority's or England's term dates hold for each academic year in which the school "
        "lists no holiday of its own.",
    )


class BankHolidayOut(S):  # type: ignore[type-arg]
    on = serializers.DateField()
    name = Char()


class HalfTermOut(S):  # type: ignore[type-arg]
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    label = Char()  # type: ignore[assignment]  # a field of that name


class CalendarOut(S):  # type: ignore[type-arg]
    school = SchoolOf()
    local_authority = Char(allow_blank=True)
    day_starts = Char(help_text="When lessons start, like 08:45.")
    day_ends = Char()
    first_day_of_term = serializers.DateField(
        help_text="Of this academic year: 1 September, or the school's own first day in late August."
    )
    closures = ClosureOut(many=True, help_text="From today on.")
    bank_holidays = BankHolidayOut(many=True, help_text="England's to come. Weekends are closed too.")
    half_terms = HalfTermOut(
        many=True, help_text="Of this academic year; empty while no holiday of it is listed."
    )


def rows(said: Json) -> list[Row]:
    return [
        Row(number, each["kind"], each["label"], each["first_on"], each.get("last_on", each["first_on"]))
        for number, each in enumerate(said["closures"])
    ]


def answer(school: Organisation, hours: Hours, today: date) -> Json:
    listed = calendars.listed(school.pk)
    days, year = calendars.school_days(listed, hours), academic_year(today)
    return {
        "school": {"id": str(school.public_id), "name": school.name, "town": school.town},
        "local_authority": school.local_authority,
        "day_starts": f"{hours.starts:%H:%M}",
        "day_ends": f"{hours.ends:%H:%M}",
        "first_day_of_term": terms.first_day_of_term(days, year).isoformat(),
        "closures": [_closure(each) for each in listed if each.last_on >= today],
        "bank_holidays": [
            {"on": day.isoformat(), "name": name}
            for day, name in sorted(bank_holidays().items())
            if day >= today
        ][:BANK_HOLIDAYS_SHOWN],
        "half_terms": _half_terms(days, year),
    }


def _closure(each: Listed) -> Json:
    return {
        "kind": each.kind,
        "label": each.label,
        "first_on": each.first_on.isoformat(),
        "last_on": each.last_on.isoformat(),
        "source": "own" if each.is_own else "local_authority" if each.authority else "england",
    }


def _half_terms(days: SchoolDays, year: int) -> list[Json]:
    return [
        {"first_on": each.first_on.isoformat(), "last_on": each.last_on.isoformat(), "label": each.label}
        for each in terms.half_terms(days, year)
    ]
