"""The times of a need as rows: date, from, to, places. What a row leaves empty comes from the type, its date from
the row above."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms as django_forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from brokerage.calendar import calendars, national_dates
from brokerage.calendar.calendars import Hours
from brokerage.domain.slots import LONDON, SlotTime, refuse_unfit
from brokerage.errors import DomainError, InvalidInput
from brokerage.models import Hosting, Slot
from brokerage.vocabulary import DEFAULTS, PLACES_AT_MOST, SLOTS_AT_MOST, EncounterType
from brokerage.web import dates, forms
from schools.queries import clashes

PREFIX: Final = "slot"
AN_HOUR: Final = 60
# What the verbs call a part of a time and what a row calls it.
PARTS: Final = {"starts_at": "day", "ends_at": "ends", "places": "places"}


class TimeForm(forms.Form):
    day = forms.DayField(label="Date", required=False)
    starts = forms.ClockField(label="From", required=False)
    ends = forms.ClockField(label="To", required=False)
    places = forms.WholeNumberField(
        label="Places",
        min_value=1,
        required=False,
        max_value=PLACES_AT_MOST,
        error_messages=dict.fromkeys(
            ("min_value", "max_value"), f"Enter how many places, from 1 to {PLACES_AT_MOST:,}"
        ),
    )
    public_id = django_forms.UUIDField(widget=django_forms.HiddenInput, required=False)
    check: tuple[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Row:
    form: TimeForm
    day: date
    starts: time
    ends: time
    places: int

    @property
    def said(self) -> tuple[time, time, int]:
        return self.starts, self.ends, self.places


if TYPE_CHECKING:
    _Base = BaseFormSet[TimeForm]
else:
    _Base = BaseFormSet


class BaseTimes(_Base):
    """`rows` are those that say something and can be read."""

    rows: list[Row]
    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_many_forms": f"A need can have up to {SLOTS_AT_MOST} times",
        "missing_management_form": "The times didn't arrive. Enter them again.",
    }

    def read(
        self, *, kind: str, school_id: int, hosting: Hosting | None, year_groups: Collection[int] = ()
    ) -> None:
        """Complete the rows and say what stands against them. Holidays are errors, other clashes and
        what is on in the country a word beside the row."""
        self.full_clean()
        self.rows = []
        above: Row | None = None
        for form in self.forms:
            if row := self._row(form, above, kind):
                self.rows.append(row)
                above = row
        if self.rows:
            self._weigh(school_id, hosting, year_groups)

    def _row(self, form: TimeForm, above: Row | None, kind: str) -> Row | None:
        if form.errors or self._is_deleted(form):
            return None
        day, starts, ends, places = (
            form.cleaned_data.get(part) for part in ("day", "starts", "ends", "places")
        )
        if day is None and starts is None and ends is None:
            return None
        if starts is None:
            form.add_error("starts", "Enter when it starts")
            return None
        if (ends := ends or _end(starts, kind)) is None:
            form.add_error("ends", "Enter when it ends")
            return None
        row = Row(form, day or (above.day if above else date.min), starts, ends, places or _places(kind))
        if day is not None:
            return row
        if above is None:
            form.add_error("day", "Enter a date")
            return None
        # A row that only repeats the one above says nothing new.
        return None if row.said == above.said else row

    def _is_deleted(self, form: TimeForm) -> bool:
        return bool(form.cleaned_data.get("DELETE"))

    def _weigh(self, school_id: int, hosting: Hosting | None, year_groups: Collection[int]) -> None:
        hours = Hours(hosting.day_starts_at, hosting.day_ends_at) if hosting else None
        days = calendars.days_of(school_id, hours or calendars.USUAL)
        for row in self.rows:
            if (refused := days.refuses(row.day, timezone.localdate())) and _is_new(row):
                row.form.add_error("day", refused)
                continue
            clash = days.clash_on(row.day) or (days.outside(row.starts, row.ends) if hours else None)
            row.form.check = ("soon", clash.words) if clash else ("ok", "School day")
            notes = (clashes.note_on(row.day), national_dates.sentence_on(row.day, year_groups))
            row.form.note = " ".join(filter(None, notes))

    def times(self) -> list[SlotTime]:
        return [
            SlotTime(
                starts_at=datetime.combine(row.day, row.starts, LONDON),
                ends_at=datetime.combine(row.day, row.ends, LONDON),
                places=row.places,
                public_id=row.form.cleaned_data.get("public_id"),
            )
            for row in self.rows
        ]

    def refuse_unfit(self, *, at: datetime, known: frozenset[UUID]) -> None:
        """The verb's own rules on times, asked for early so that every error shows at once."""
        try:
            refuse_unfit(self.times(), at=at, known=known)
        except InvalidInput as error:
            self.add_refused(error)

    def add_refused(self, error: DomainError) -> None:
        """Put what a verb said of `slots.2.ends_at` beside that row."""
        for name, message in error.fields.items():
            _, _, place = name.partition("slots")
            number, _, part = place.lstrip(".").partition(".")
            if number.isdigit() and int(number) < len(self.rows):
                form = self.rows[int(number)].form
                field = PARTS.get(part, "day")
                if not form.has_error(field):
                    form.add_error(field, message)
            elif name == "slots" and message not in self.non_form_errors():
                self.non_form_errors().append(message)

    @property
    def is_sound(self) -> bool:
        """After `read`: nothing wrong in any row."""
        return not self.non_form_errors() and not any(
            form.errors for form in self.forms if not self.is_gone(form)
        )

    def is_gone(self, form: TimeForm) -> bool:
        return f"{form.prefix}-DELETE" in form.data


Times = formset_factory(
    TimeForm,
    formset=BaseTimes,
    extra=0,
    can_delete=True,
    max_num=SLOTS_AT_MOST,
    validate_max=True,
    absolute_max=SLOTS_AT_MOST + 50,
)
Times.template_name_div = ""  # drawn by doorway/slots.html


def minutes(kind: str) -> int:
    return DEFAULTS[EncounterType(kind)].minutes if kind in EncounterType else AN_HOUR


def of_need(slots: Sequence[Slot]) -> list[dict[str, Any]]:
    return [
        {
            "day": dates.local_day(slot.starts_at),
            "starts": slot.starts_at,
            "ends": slot.ends_at,
            "places": slot.places,
            "public_id": slot.public_id,
        }
        for slot in slots
    ]


def copied(slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """The same times of day without their dates, each once."""
    seen: dict[tuple[str, str, int], dict[str, Any]] = {}
    for slot in slots:
        key = (dates.clock(slot.starts_at), dates.clock(slot.ends_at), slot.places)
        seen.setdefault(key, {"starts": slot.starts_at, "ends": slot.ends_at, "places": slot.places})
    return list(seen.values())


def _end(starts: time, kind: str) -> time | None:
    end = datetime.combine(date.min, starts) + timedelta(minutes=minutes(kind))
    return end.time() if end.date() == date.min else None


def _places(kind: str) -> int:
    return DEFAULTS[EncounterType(kind)].places if kind in EncounterType else 1


def _is_new(row: Row) -> bool:
    """A time already posted may stay on a day that became a holiday since."""
    return not row.form.cleaned_data.get("public_id") or "day" in row.form.changed_data
