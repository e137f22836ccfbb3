"""Form fields and widgets as Doorway draws them. Native controls underneath, so that everything works
without JavaScript; errors say what to do."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from brokerage import free_text
from brokerage.web import dates


class DayInput(forms.TextInput):
    """A text field for a day; with JavaScript a button beside it opens the browser's own calendar."""

    template_name = "govuk/widgets/day.html"

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, datetime | date):
            return dates.in_field(dates.local_day(value))
        return value or None


class TimeInput(forms.TextInput):
    template_name = "govuk/widgets/input.html"

    def format_value(self, value: Any) -> str | None:
        return dates.clock(value) if isinstance(value, datetime | time) else (value or None)


class ChipRadios(forms.RadioSelect):
    """One of a few short choices. `first` of them are shown, the rest open under `more_label`."""

    template_name = "govuk/widgets/chips.html"

    def __init__(self, *args: Any, first: int | None = None, more_label: str = "More", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.more_label = first, more_label

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        cut = len(options) if self.first is None else self.first
        context["widget"] |= {
            "shown": options[:cut],
            "folded": options[cut:],
            "folded_open": any(option["selected"] for option in options[cut:]),
            "more_label": self.more_label,
        }
        return context


class ChipCheckboxes(ChipRadios, forms.CheckboxSelectMultiple):
    """Several of a few short choices."""

    allow_multiple_selected = True
    input_type = "checkbox"


class OptionCards(forms.RadioSelect):
    """One of two to five choices that each need a line of explanation (`hints`, by value)."""

    template_name = "govuk/widgets/options.html"

    def __init__(self, *args: Any, hints: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = dict(hints or {})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        return option


class DayField(forms.Field):
    """A calendar day, read the way people write them."""

    widget = DayInput
    default_error_messages = {
        "required": "Enter a date",
        "invalid": "Enter a date like 21 January or 21/1/2027",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime | date):
            return dates.local_day(value)
        day = dates.parse_day(str(value), timezone.localdate())
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class ClockField(forms.Field):
    """A time of day on the 24-hour clock; `1pm` and `0910` are understood too."""

    widget = TimeInput
    default_error_messages = {
        "required": "Enter a time",
        "invalid": "Enter a time like 09:10 or 14:00",
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "govuk-input--width-5", "inputmode": "numeric", "autocomplete": "off"}
        kwargs.setdefault("widget", TimeInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return timezone.localtime(value).time()
        if isinstance(value, time):
            return value
        moment = dates.parse_time(str(value))
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class WholeNumberField(forms.IntegerField):
    """A count: a text input with the number keyboard, thousands commas allowed."""

    widget = forms.TextInput
    default_error_messages = {"invalid": "Enter a whole number, like 30"}

    def __init__(self, *, width: int = 4, **kwargs: Any) -> None:
        attrs = {"class": f"govuk-input--width-{width}", "inputmode": "numeric", "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)
        for code in ("min_value", "max_value"):
            self.error_messages.setdefault(code, self._range())

    def _range(self) -> str:
        if self.min_value is None or self.max_value is None:
            return str(self.error_messages["invalid"])
        return f"Enter a whole number, from {self.min_value:,} to {self.max_value:,}"

    def to_python(self, value: Any) -> int | None:
        return super().to_python(value.replace(",", "").strip() if isinstance(value, str) else value)


class NoteField(forms.CharField):
    """Short free text. It says, and checks, that no pupil is named by number."""

    def __init__(self, *, max_length: int = 500, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows, "data-count": max_length}))
        hint = kwargs.pop("help_text", "")
        kwargs["help_text"] = f"{hint} {free_text.HINT}".strip()
        kwargs["validators"] = [*kwargs.get("validators", ()), *free_text.FREE]
        kwargs.setdefault("error_messages", {}).setdefault(
            "max_length", f"Use {max_length} characters or fewer"
        )
        super().__init__(max_length=max_length, **kwargs)


class PostcodeField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "class": "govuk-input--width-10",
            "autocomplete": "postal-code",
            "autocapitalize": "characters",
        }
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault("max_length", 8)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value)).upper().split())
