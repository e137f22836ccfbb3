"""Closing a gap, and writing down what was held without Doorway, as a page asks it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django import forms as django_forms

from brokerage.accounts.models import Organisation, ProviderKind
from brokerage.free_text import FREE
from brokerage.vocabulary import Content, DeliveryMode
from brokerage.web import forms
from brokerage.web.templatetags.doorway import miles
from schools.queries import free_dates, providers
from schools.queries.providers import Candidate

ANOTHER: Final = "another"
"""Of this name too, and not on Doorway."""


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
    minutes = forms.WholeNumberField(
        label="Minutes",
        min_value=5,
        max_value=480,
        error_messages=dict.fromkeys(("min_value", "max_value"), "Enter how many minutes, from 5 to 480"),
    )

    def __init__(
        self, *args: Any, candidates: Sequence[Candidate], dates: Sequence[date], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["providers"].choices = [(str(each.provider.public_id), _who(each)) for each in candidates]
        fields["dates"].choices = free_dates.choices(dates)

    def field_for(self, name: str) -> str:
        """A time is made of three answers, and all dates have the same hours."""
        return {"starts_at": "dates", "ends_at": "minutes"}.get(name.rpartition(".")[2], name)

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
    which = django_forms.ChoiceField(
        label="Which one?",
        widget=django_forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "More than one provider is called that. Choose which one came"
        ),
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
        error_messages={"required": "Enter how many pupils it was for"}
        | dict.fromkeys(("min_value", "max_value"), "Enter how many pupils it was for, from 1 to 2,000"),
    )
    attended = forms.WholeNumberField(
        label="Pupils who were there",
        min_value=0,
        max_value=2000,
        error_messages={"required": "Enter how many were there"}
        | dict.fromkeys(("min_value", "max_value"), "Enter how many were there, from 0 to 2,000"),
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
        self.found = self._named()
        if self.is_ambiguous:
            listed = [(str(each.public_id), _told_apart(each)) for each in self.found]
            fields["which"].choices = [*listed, (ANOTHER, "Another one of that name")]
        else:
            del fields["which"]

    @property
    def is_ambiguous(self) -> bool:
        """Several bear the name that was typed."""
        return len(self.found) > 1

    def _named(self) -> list[Organisation]:
        try:
            return providers.named(self.fields["provider_name"].clean(self.data.get("provider_name")))
        except django_forms.ValidationError:
            return []

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        which = said.pop("which", None)
        came = [each for each in self.found if which in (None, str(each.public_id))]
        said["provider"] = came[0] if len(came) == 1 else None
        if self.is_ambiguous and which is None:
            return said
        if said.get("provider_name") and said["provider"] is None and not said.get("provider_kind"):
            self.add_error("provider_kind", "Choose what kind of provider it is")
        return said


def _told_apart(provider: Organisation) -> str:
    """`Fernlow College, Saltmere, SM1 2AB, UKPRN 10000001`, as far as it is known."""
    ukprn = f"UKPRN {provider.ukprn}" if provider.ukprn else ""
    return ", ".join(part for part in (provider.name, provider.town, provider.postcode, ukprn) if part)
