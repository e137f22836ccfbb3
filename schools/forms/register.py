"""What a register says of a school, as a page lets the school put it right."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms as django_forms

from brokerage.calendar.dates import academic_year, short
from brokerage.errors import DomainError
from brokerage.free_text import FREE
from brokerage.web import forms
from schools.domain.profiles import may_say_scope
from schools.models import School

SCOPE: Final = {"": None, "yes": True, "no": False}


class RegisterForm(forms.Form):
    first_year = forms.WholeNumberField(label="First year group", required=False, width=2)
    last_year = forms.WholeNumberField(label="Last year group", required=False, width=2)
    scope_override = django_forms.ChoiceField(
        label="Does the provider access duty cover your school?",
        help_text="Your type of school alone doesn’t tell.",
        choices=[("", "Not settled"), ("yes", "Yes"), ("no", "No")],
        widget=forms.ChipRadios,
        required=False,
    )
    scope_note = django_forms.CharField(
        label="Why?", help_text="Like: a hospital school.", max_length=200, required=False, validators=FREE
    )

    def __init__(
        self, *args: Any, school: School, today: date, calendar: Mapping[int, date], **kwargs: Any
    ) -> None:
        """`calendar`: the first day of term that the school's closures suggest, by the year it falls in."""
        super().__init__(*args, initial=_initial(school), **kwargs)
        self.years = [academic_year(today), academic_year(today) + 1]
        if not may_say_scope(school):
            del self.fields["scope_override"], self.fields["scope_note"]
        for year in self.years:
            suggested = calendar.get(year)
            in_august = suggested is not None and suggested.month == 8
            self.fields[f"first_day_{year}"] = forms.DayField(
                label=f"First day of term in {year}",
                help_text=f"Your calendar says {short(suggested, today)}."
                if in_august and suggested
                else "Only if it’s in August.",
                required=False,
                initial=school.first_days_of_term.get(year),
            )

    @property
    def first_days(self) -> list[django_forms.BoundField]:
        return [self[f"first_day_{year}"] for year in self.years]

    def to_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        fields = {name: given[name] for name in ("first_year", "last_year")}
        if "scope_override" in self.fields:
            fields |= {"scope_override": SCOPE[given["scope_override"]], "scope_note": given["scope_note"]}
        return fields | {"first_days": {year: given[f"first_day_{year}"] for year in self.years}}

    def refused(self, error: DomainError) -> None:
        for name, message in error.fields.items():
            field = self._not_in_august() if name == "first_days" else name
            self.add_error(field if field in self.fields else None, message)

    def _not_in_august(self) -> str:
        names = [f"first_day_{year}" for year in self.years]
        days = [(name, self.cleaned_data.get(name)) for name in names]
        return next((name for name, day in days if day and day.month != 8), names[0])


def _initial(school: School) -> dict[str, Any]:
    said = {value: key for key, value in SCOPE.items()}
    return {
        "first_year": school.first_year,
        "last_year": school.last_year,
        "scope_override": said[school.scope_override],
        "scope_note": school.scope_note,
    }
