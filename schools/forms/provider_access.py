"""Closing a gap, and writing down what was held without Doorway, as a page asks it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms as django_forms

from brokerage.accounts.models import ProviderKind
from brokerage.free_text import FREE
from brokerage.vocabulary import Content, DeliveryMode
from brokerage.web import forms
from brokerage.web.templatetags.doorway import miles
from schools.queries import free_dates, providers
from schools.queries.providers import Candidate


class GapForm(forms.Form):
    """Whom to ask, and for which of the free dates."""

    providers = django_forms.MultipleChoiceField(
        label="Who shall we ask?",
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one"},
    )
    dates = django_forms.MultipleChoiceField(
        label="On which dates could they come?",
        help_text="School days with nothing else on. They choose one.",
        widget=forms.ChipCheckboxes,
        error_messages={"required": "Choose at least one date"},
    )
    starts = forms.ClockField(label="From", error_messages={"required": "Enter when it starts"})
    minutes = forms.WholeNumberField(label="Minutes", min_value=5, max_value=480)

    def __init__(
        self, *args: Any, candidates: Sequence[Candidate], dates: Sequence[date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["providers"].choices = [(str(each.provider.public_id), _who(each)) for each in candidates]
        fields["dates"].choices = free_dates.choices(dates)

    @property
    def days(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.cleaned_data["dates"]]


def _who(each: Candidate) -> str:
    away = "" if each.km is None else f", {miles(each.metres)} away"
    return f"{each.provider.name} ({each.provider.kind_in_words}{away})"


class ElsewhereForm(forms.Form):
    """An encounter that was held without Doorway."""

    y7_entry = django_forms.TypedChoiceField(
        label="Which year group met them?",
        coerce=int,
        widget=forms.ChipRadios,
        error_messages={"required": "Choose the year group"},
    )
    provider_name = django_forms.CharField(
        label="Who came?",
        help_text="The college, training provider or university. If it is on Doorway we’ll ask it to confirm.",
        max_length=160,
        validators=FREE,
        widget=django_forms.TextInput(attrs={"list": "providers", "autocomplete": "off"}),
        error_messages={"required": "Enter who came"},
    )
    provider_kind = django_forms.ChoiceField(
        label="What kind of provider is it?",
        choices=[("", "Choose one"), *ProviderKind.choices],
        required=False,
    )
    on = forms.DayField(label="When?", error_messages={"required": "Enter the day"})
    starts = forms.ClockField(label="From", error_messages={"required": "Enter when it started"})
    ends = forms.ClockField(label="To", error_messages={"required": "Enter when it ended"})
    offered = forms.WholeNumberField(
        label="Pupils it was for",
        min_value=1,
        max_value=2000,
        error_messages={"required": "Enter how many pupils it was for"},
    )
    attended = forms.WholeNumberField(
        label="Pupils who were there",
        min_value=0,
        max_value=2000,
        error_messages={"required": "Enter how many were there"},
    )
    delivery_mode = django_forms.ChoiceField(
        label="How?",
        choices=DeliveryMode.choices,
        initial=DeliveryMode.IN_PERSON,
        widget=forms.ChipRadios,
    )
    content = django_forms.MultipleChoiceField(
        label="What did it cover?",
        help_text="All four are needed for it to count.",
        choices=Content.choices,
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
    )
    evidence = forms.NoteField(
        label="What shows that it happened?",
        help_text="A register, a letter, a page of your website. Don’t name pupils.",
        max_length=500,
        rows=3,
        error_messages={"required": "Say what shows that it happened"},
    )

    def __init__(self, *args: Any, years: Sequence[tuple[int, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["y7_entry"].choices = [(entry, f"Year {year}") for year, entry in years]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        name = said.get("provider_name")
        found = providers.named(name) if name else []
        said["provider"] = found[0] if len(found) == 1 else None
        numbered = [f"{each.ukprn} ({each.town or each.postcode})" for each in found if each.ukprn]
        if len(found) > 1 and numbered:
            which = f"More than one provider is called that. Enter its UKPRN instead: {', '.join(numbered)}"
            self.add_error("provider_name", which)
        elif name and said["provider"] is None and not said.get("provider_kind"):
            self.add_error("provider_kind", "Choose what kind of provider it is")
        return said
