"""How a school receives visitors, as a page asks it."""

from typing import Any

from django import forms as django_forms

from brokerage.errors import DomainError
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

    def __init__(self, *args: Any, hosting: Hosting, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(hosting), **kwargs)
        self.years, self.hosting = years, hosting
        for year in years:
            self.fields[f"roll_{year}"] = forms.WholeNumberField(
                label=f"Year {year}",
                min_value=0,
                max_value=2000,
                required=False,
                error_messages=dict.fromkeys(
                    ("min_value", "max_value"), "Enter how many pupils, from 0 to 2,000"
                ),
            )

    @property
    def rolls(self) -> list[django_forms.BoundField]:
        return [self[f"roll_{year}"] for year in self.years]

    def clean_rooms(self) -> list[str]:
        rooms = [line.strip() for line in self.cleaned_data["rooms"].splitlines() if line.strip()]
        if any(len(room) > 60 for room in rooms):
            raise django_forms.ValidationError("Use 60 characters or fewer for each room")
        return list(dict.fromkeys(rooms))

    def to_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        rolls = {year: roll for year, roll in self.hosting.rolls.items() if int(year) not in self.years}
        rolls |= {str(y): given[f"roll_{y}"] for y in self.years if given[f"roll_{y}"] is not None}
        names = ("day_starts_at", "day_ends_at", "rooms", "entrance", "visitor_notes")
        return {name: given[name] for name in names} | {"rolls": rolls}

    def refused(self, error: DomainError) -> None:
        for name, message in error.fields.items():
            field = f"roll_{self.years[0]}" if name == "rolls" and self.years else name
            self.add_error(field if field in self.fields else None, message)


def _initial(hosting: Hosting) -> dict[str, Any]:
    return {
        "day_starts_at": hosting.day_starts_at,
        "day_ends_at": hosting.day_ends_at,
        "rooms": "\n".join(hosting.rooms),
        "entrance": hosting.entrance,
        "visitor_notes": hosting.visitor_notes,
    } | {f"roll_{year}": roll for year, roll in hosting.rolls.items()}
