"""How a school receives visitors, as a page asks it."""

from typing import Any

from django import forms as django_forms

from brokerage.accounts import telephones
from brokerage.free_text import FREE
from brokerage.models import Hosting
from brokerage.web import forms


class HostingForm(forms.Form):
    day_starts_at = forms.ClockField(
        label="The day starts", error_messages={"required": "Enter when the day starts"}
    )
    day_ends_at = forms.ClockField(
        label="The day ends", error_messages={"required": "Enter when the day ends"}
    )
    rooms = django_forms.CharField(
        label="Rooms you use for visits",
        help_text="One on each line. The first is filled in for you when you post.",
        max_length=2000,
        required=False,
        widget=django_forms.Textarea(attrs={"rows": 4}),
        validators=FREE,
    )
    entrance = django_forms.CharField(
        label="Entrance",
        help_text="Where visitors report. Only those you've accepted see it.",
        max_length=200,
        required=False,
        validators=FREE,
    )
    visitor_notes = forms.NoteField(
        label="Notes for visitors",
        help_text="Parking, ID, what to bring. Only those you've accepted see them.",
        max_length=1000,
        rows=4,
        required=False,
    )

    telephone = django_forms.CharField(
        label="Telephone",
        help_text="For visitors who are late or lost. Only those you've accepted see it, whenever you posted.",
        max_length=40,
        required=False,
        show_hidden_initial=True,
        widget=django_forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, hosting: Hosting, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(hosting), **kwargs)

    def clean_rooms(self) -> list[str]:
        rooms = [line.strip() for line in self.cleaned_data["rooms"].splitlines() if line.strip()]
        if any(len(room) > 60 for room in rooms):
            raise django_forms.ValidationError("Use 60 characters or fewer for each room")
        return list(dict.fromkeys(rooms))

    def clean_telephone(self) -> str:
        try:
            return telephones.read(self.cleaned_data["telephone"])
        except ValueError as error:
            raise django_forms.ValidationError(str(error)) from None

    def said(self) -> dict[str, Any]:
        """For the verb. A telephone number that was left as the page showed it says nothing: a register may have
        brought a newer one meanwhile."""
        unsaid = {"telephone"} - set(self.changed_data)
        return {name: value for name, value in self.cleaned_data.items() if name not in unsaid}


def _initial(hosting: Hosting) -> dict[str, Any]:
    return {
        "day_starts_at": hosting.day_starts_at,
        "day_ends_at": hosting.day_ends_at,
        "rooms": "\n".join(hosting.rooms),
        "entrance": hosting.entrance,
        "visitor_notes": hosting.visitor_notes,
        "telephone": hosting.school.telephone,
    }
