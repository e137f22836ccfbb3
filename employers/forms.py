from typing import Any

from django import forms as django_forms

from brokerage.vocabulary import Sector
from brokerage.web.fields import ChipCheckboxes, ChipRadios, NoteField
from brokerage.web.forms import Form
from employers.models import Employer, SizeBand


class ProfileForm(Form):
    sectors = django_forms.MultipleChoiceField(
        label="What do you work in?",
        choices=Sector.choices,
        widget=ChipCheckboxes,
        required=False,
        help_text="Schools look for people by sector.",
        error_messages={"invalid_choice": "Choose sectors from the list"},
    )
    size_band = django_forms.ChoiceField(
        label="How many of you are there?",
        choices=SizeBand.choices,
        widget=ChipRadios,
        required=False,
        error_messages={"invalid_choice": "Choose one of the sizes"},
    )
    about = NoteField(
        label="About you",
        required=False,
        max_length=1000,
        rows=5,
        help_text="Two or three sentences that a pupil would find interesting.",
    )

    def __init__(self, *args: Any, employer: Employer, **kwargs: Any) -> None:
        initial = {name: getattr(employer, name) for name in ("sectors", "size_band", "about")}
        super().__init__(*args, initial=initial, **kwargs)
