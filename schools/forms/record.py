"""What happened, a card for each time: filled in with what was planned. Counts, never pupils."""

from typing import Any, Final
from uuid import UUID

from django import forms as django_forms

from brokerage.domain.encounters import HOW_LONG, MINUTES_AT_MOST
from brokerage.errors import DomainError
from brokerage.models import Claim, Encounter
from brokerage.states import Confirmation, EncounterState
from brokerage.web import forms

YES, NO = "yes", "no"
PUPILS_AT_MOST: Final = 5000


def how_many(whom: str) -> dict[str, str]:
    """One sentence for each field: several may be wrong at once, and the summary must tell them apart."""
    said = f"Enter how many {whom}, from 0 to {PUPILS_AT_MOST:,}"
    return dict.fromkeys(("invalid", "min_value", "max_value"), said)


class RecordForm(forms.Form):
    happened = django_forms.ChoiceField(
        label="Did it happen?",
        choices=[(YES, "Yes"), (NO, "No")],
        widget=forms.ChipRadios,
        required=False,
    )
    minutes = forms.WholeNumberField(
        label="Minutes",
        min_value=1,
        max_value=MINUTES_AT_MOST,
        required=False,
        error_messages=dict.fromkeys(("min_value", "max_value"), HOW_LONG),
    )
    pupil_premium_attended = forms.WholeNumberField(
        label="Of them, pupil premium",
        help_text="Optional. Only your school sees this.",
        min_value=0,
        max_value=PUPILS_AT_MOST,
        required=False,
        error_messages=how_many("had pupil premium"),
    )
    send_attended = forms.WholeNumberField(
        label="Of them, SEND",
        help_text="Optional. Only your school sees this.",
        min_value=0,
        max_value=PUPILS_AT_MOST,
        required=False,
        error_messages=how_many("had SEND"),
    )
    missed = django_forms.MultipleChoiceField(
        label="Who didn't come?", widget=django_forms.CheckboxSelectMultiple, required=False
    )
    note = forms.NoteField(
        label="Anything to remember?", help_text="Those who came read this too.", required=False, rows=2
    )
    # Sent by the form that shows what is recorded: who first records it may not overrule a colleague unseen.
    corrects = django_forms.BooleanField(required=False, widget=django_forms.HiddenInput)

    def __init__(self, *args: Any, encounter: Encounter, came: list[Claim], **kwargs: Any) -> None:
        self.encounter, self.came = encounter, came
        kwargs.setdefault("prefix", encounter.public_id.hex)
        super().__init__(*args, initial=_planned(encounter, came), **kwargs)
        self.years = list(encounter.slot.need.year_groups)
        for year in self.years:
            self.fields[f"attended_{year}"] = forms.WholeNumberField(
                label=f"Year {year} pupils",
                min_value=0,
                max_value=PUPILS_AT_MOST,
                required=False,
                error_messages=how_many(f"pupils of Year {year}"),
            )
        missed = self.fields["missed"]
        assert isinstance(missed, django_forms.ChoiceField)
        missed.choices = [(str(claim.public_id), _person(claim)) for claim in came]

    @property
    def attended(self) -> list[django_forms.BoundField]:
        return [self[f"attended_{year}"] for year in self.years]

    @property
    def is_recorded(self) -> bool:
        return self.encounter.state != EncounterState.PLANNED

    @property
    def is_answered(self) -> bool:
        """Something to record: an answer for a new one, a change for one recorded before."""
        if self.is_recorded:
            return bool({*self.changed_data} - {"corrects"})
        return bool(self.data.get(self.add_prefix("happened")))

    def clean(self) -> dict[str, Any]:
        """A number for every year group of what happened, each asked for beside its own field."""
        super().clean()
        was_not_held = self.encounter.state == EncounterState.NOT_DELIVERED
        if was_not_held and self.is_answered and not self.is_delivered:
            self.add_error("happened", "Choose yes if it happened after all")
        for year in self.years if self.is_delivered else ():
            if self.cleaned_data.get(name := f"attended_{year}", 0) is None:
                self.add_error(name, f"Enter how many pupils of Year {year} took part, 0 if none did")
        return self.cleaned_data

    @property
    def is_delivered(self) -> bool:
        happened = self.cleaned_data.get("happened")
        return happened == YES or (self.encounter.state == EncounterState.DELIVERED and not happened)

    def answer(self) -> dict[str, Any]:
        """In the verb's words."""
        given = self.cleaned_data
        attended = {str(year): given[f"attended_{year}"] for year in self.years}
        return {
            "delivered": self.is_delivered,
            "minutes": given["minutes"],
            "attended": {year: count for year, count in attended.items() if count is not None},
            "pupil_premium_attended": given["pupil_premium_attended"],
            "send_attended": given["send_attended"],
            "missed": [UUID(public_id) for public_id in given["missed"]],
            "note": given["note"],
            "corrects": given["corrects"],
        }

    def refused(self, error: DomainError) -> None:
        for name, message in error.fields.items():
            if name == "attended":
                year = next((year for year in self.years if f"Year {year}." in message), self.years[0])
                self.add_error(f"attended_{year}", message)
            else:
                self.add_error(name if name in self.fields else None, message)


_HAPPENED: Final = {
    EncounterState.PLANNED: None,
    EncounterState.DELIVERED: YES,
    EncounterState.NOT_DELIVERED: NO,
}


def _planned(encounter: Encounter, came: list[Claim]) -> dict[str, Any]:
    """What was planned, or what was recorded."""
    slot = encounter.slot
    is_delivered = encounter.state == EncounterState.DELIVERED
    pupils = encounter.attended if is_delivered else slot.need.expected_pupils
    minutes = int((slot.ends_at - slot.starts_at).total_seconds() // 60)
    return {
        "happened": _HAPPENED[EncounterState(encounter.state)],
        "corrects": encounter.state != EncounterState.PLANNED,
        "minutes": encounter.minutes or minutes,
        "pupil_premium_attended": encounter.pupil_premium_attended,
        "send_attended": encounter.send_attended,
        "missed": [str(claim.public_id) for claim in came if claim.state == "missed"],
        "note": encounter.note,
    } | {f"attended_{year}": count for year, count in pupils.items()}


def _person(claim: Claim) -> str:
    return f"{claim.attendee.user}, {claim.claimant.name}" if claim.attendee else claim.claimant.name


def word_of(claim: Claim) -> tuple[str, str] | None:
    """What the claimant said of what was recorded, as a status."""
    if claim.confirmation == Confirmation.CONFIRMED:
        return "ok", f"{claim.claimant.name} confirmed it"
    if claim.confirmation == Confirmation.DISPUTED:
        return "soon", f"{claim.claimant.name} saw it differently"
    return None
