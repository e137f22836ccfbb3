from typing import Any

from django import forms as django_forms

from brokerage.calendar.models import ClosureKind
from brokerage.errors import DomainError
from brokerage.free_text import FREE
from brokerage.web import forms


class ClosureForm(forms.Form):
    """Days the school is closed, or would rather not be visited."""

    kind = django_forms.ChoiceField(
        label="What is it?",
        choices=ClosureKind.choices,
        widget=forms.ChipRadios,
        error_messages={"required": "Choose what it is"},
    )
    label = django_forms.CharField(
        label="What you call it",
        help_text="Like half-term or Year 11 mocks.",
        max_length=80,
        validators=FREE,
        error_messages={"required": "Enter what you call it"},
    )
    first_on = forms.DayField(label="First day", error_messages={"required": "Enter the first day"})
    last_on = forms.DayField(label="Last day", help_text="Leave empty for one day.", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="closure", **kwargs)

    def refused(self, error: DomainError) -> None:
        for name, message in error.fields.items():
            self.add_error(name if name in self.fields else None, message)
        if not error.fields:
            self.add_error(None, error.message)
