"""How a school answers a request, as its pages ask it: one question each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms as django_forms
from django.forms import BoundField
from django.utils import timezone

from brokerage.calendar.school_days import SchoolDays
from brokerage.domain.arranging import HOW_MANY_MINUTES, LONGEST, SHORTEST
from brokerage.free_text import FREE
from brokerage.models import AccessRequest
from brokerage.models.access_request import WORDS_AT_MOST
from brokerage.vocabulary import YEAR_GROUPS, Audience, DeliveryMode
from brokerage.web import dates, forms
from schools.queries import free_dates
from schools.queries.free_dates import Day, Plan

Choices = Sequence[tuple[str, str]]
# Where a verb's field has another name on the page.
RENAMED = {"note": "message", "dates": "other", "duplicate_of": "earlier"}


class AnswerForm(forms.Form):
    def field_for(self, name: str) -> str:
        return name if name in self.fields else RENAMED.get(name, name)


class PlanForm(AnswerForm):
    """When on the day, how long and where."""

    starts = forms.ClockField(label="Starts at", error_messages={"required": "Enter when it starts"})
    minutes = forms.WholeNumberField(
        label="Minutes",
        width=3,
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages={
            "required": "Enter how many minutes",
            **dict.fromkeys(("min_value", "max_value"), HOW_MANY_MINUTES),
        },
    )
    venue = django_forms.CharField(label="Room", max_length=120, required=False, validators=FREE)
    audience = django_forms.ChoiceField(label="Who it’s for", choices=Audience.choices)

    def __init__(self, *args: Any, plan: Plan, audience: str, **kwargs: Any) -> None:
        initial = {
            "starts": plan.starts,
            "minutes": plan.minutes,
            "venue": plan.venue,
            "audience": audience,
        } | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["starts"].help_text = plan.hint


class GrantForm(PlanForm):
    """`on` is drawn by the page, one card for each date offered."""

    on = forms.DayField(label="Date", error_messages={"required": "Choose a date"})
    message = forms.NoteField(
        label="Anything to add?",
        help_text="They’ll read this.",
        max_length=WORDS_AT_MOST,
        rows=2,
        required=False,
    )

    def __init__(self, *args: Any, listed: Sequence[Day], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = {day.on: day for day in listed}

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        day = self.listed.get(on)
        if day is None:
            raise django_forms.ValidationError("Choose one of the dates they offered, or offer other dates")
        if day.refused:
            raise django_forms.ValidationError(
                f"{dates.in_sentence(on)} can’t be chosen: {_inside(day.refused)}. Choose another date"
            )
        return on


class OfferForm(PlanForm):
    """Dates ticked among those suggested, and one more that may be typed."""

    day = django_forms.TypedMultipleChoiceField(
        label="Dates to offer",
        coerce=date.fromisoformat,
        required=False,
        widget=forms.ChipCheckboxes,
        error_messages={"invalid_choice": "Choose dates from the list"},
    )
    other = forms.DayField(label="Another date", required=False)
    year_groups = django_forms.TypedMultipleChoiceField(
        label="Year groups",
        coerce=int,
        widget=forms.ChipCheckboxes,
        choices=[(str(year), str(year)) for year in YEAR_GROUPS],
        error_messages={"required": "Choose at least one year group"},
    )
    delivery_mode = django_forms.ChoiceField(label="How you meet", choices=DeliveryMode.choices)
    message = forms.NoteField(label="They’ll read this", max_length=WORDS_AT_MOST, rows=4, required=False)

    def __init__(
        self, *args: Any, request: AccessRequest, suggested: Sequence[Day], days: SchoolDays, **kwargs: Any
    ) -> None:
        initial = {
            "day": [day.on.isoformat() for day in suggested[:2]],
            "year_groups": [str(year) for year in request.year_groups],
            "delivery_mode": request.delivery_mode,
        } | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, audience=request.audience, **kwargs)
        self.days = days
        shown = self.fields["day"]
        assert isinstance(shown, django_forms.TypedMultipleChoiceField)
        # A page that was left open overnight still sends what it showed.
        listed = dict.fromkeys([*(day.on for day in suggested), *self._sent()])
        shown.choices = free_dates.choices(listed, request.year_groups)

    def _sent(self) -> list[date]:
        found = []
        for text in self.data.getlist("day") if hasattr(self.data, "getlist") else []:
            try:
                found.append(date.fromisoformat(text))
            except ValueError:
                continue
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        chosen = [*said.get("day", []), *filter(None, [said.get("other")])]
        if not chosen and not self.errors:
            self.add_error("other", "Tick a date, or enter one")
        for on in chosen:
            if why := self.days.has_no_pupils(on, timezone.localdate()):
                self.add_error("other" if on == said.get("other") else "day", why)
        return said | {"dates": sorted(set(chosen))}


class WrittenForm(AnswerForm):
    """One choice, and the message it writes: each has its own, which can be changed, and only that of the chosen one
    is shown and sent."""

    choice = django_forms.ChoiceField(
        widget=django_forms.RadioSelect,
        error_messages={"required": "Choose a reason", "invalid_choice": "Choose a reason"},
    )

    def __init__(
        self,
        *args: Any,
        label: str,
        choices: Choices,
        written: Mapping[str, str],
        hint: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["choice"]
        assert isinstance(choice, django_forms.ChoiceField)
        choice.label, choice.help_text, choice.choices = label, hint, list(choices)
        for value, _ in choices:
            self.fields[f"message_{value}"] = forms.NoteField(
                label="They’ll read this",
                help_text="Change it as you like.",
                initial=written[value],
                max_length=WORDS_AT_MOST,
                rows=5,
                required=False,
            )

    @property
    def messages(self) -> Iterable[BoundField]:
        return [field for field in self if field.name.startswith("message_")]

    @property
    def message(self) -> str:
        return str(self.cleaned_data[f"message_{self.cleaned_data['choice']}"])

    def field_for(self, name: str) -> str:
        chosen = f"message_{self.cleaned_data.get('choice')}"
        return {"note": chosen, "ground": "choice", "reason": "choice"}.get(name, name)


class PostponeForm(WrittenForm):
    until = forms.DayField(
        label="Until",
        help_text="On that day their request comes back to you, with a new clock.",
        error_messages={"required": "Enter the day from which it suits you"},
    )


class QuestionForm(AnswerForm):
    question = forms.NoteField(
        label="What do you want to know?",
        max_length=WORDS_AT_MOST,
        rows=4,
        error_messages={"required": "Enter your question"},
    )


class DuplicateForm(AnswerForm):
    earlier = django_forms.ChoiceField(
        label="Which request does it repeat?",
        widget=django_forms.RadioSelect,
        error_messages={
            "required": "Choose the request it repeats",
            "invalid_choice": "Choose the request it repeats",
        },
    )
    message = forms.NoteField(label="They’ll read this", max_length=WORDS_AT_MOST, rows=4, required=False)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier = self.fields["earlier"]
        assert isinstance(earlier, django_forms.ChoiceField)
        earlier.choices = list(choices)


def _inside(text: str) -> str:
    return text[:1].lower() + text[1:]
