"""Saying no, or no longer: a reason from the closed list, and a word to those it concerns."""

from typing import Any

from django import forms as django_forms

from brokerage.web import forms


class ReasonForm(forms.Form):
    reason = django_forms.ChoiceField(
        label="Why?",
        widget=django_forms.RadioSelect,
        error_messages={"required": "Choose a reason", "invalid_choice": "Choose a reason"},
    )
    note = forms.NoteField(label="Anything to add?", help_text="They'll read this.", required=False)

    def __init__(self, *args: Any, reasons: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        assert isinstance(reason, django_forms.ChoiceField)
        reason.choices = reasons
