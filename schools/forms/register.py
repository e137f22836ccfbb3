"""What a register says of a school, as a page lets the school put it right."""

from typing import Any, Final

from django import forms as django_forms

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

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(school), **kwargs)
        if not may_say_scope(school):
            del self.fields["scope_override"], self.fields["scope_note"]

    def to_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        fields = {name: given[name] for name in ("first_year", "last_year")}
        if "scope_override" in self.fields:
            fields |= {"scope_override": SCOPE[given["scope_override"]], "scope_note": given["scope_note"]}
        return fields


def _initial(school: School) -> dict[str, Any]:
    said = {value: key for key, value in SCOPE.items()}
    return {
        "first_year": school.first_year,
        "last_year": school.last_year,
        "scope_override": said[school.scope_override],
        "scope_note": school.scope_note,
    }
