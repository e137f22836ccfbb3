from typing import Any, Final

from django import forms as django_forms

from brokerage.vocabulary import Sector
from brokerage.web.fields import ChipCheckboxes, NoteField
from brokerage.web.forms import Form
from providers.models import Provider

OFFERS: Final = (
    "Apprenticeships",
    "Higher and degree apprenticeships",
    "T Levels",
    "Higher technical qualifications",
    "Vocational and technical courses",
    "A levels",
    "Supported internships",
    "Foundation and access courses",
    "Degrees",
)


class ProfileForm(Form):
    offers = django_forms.MultipleChoiceField(
        label="What can young people do with you?",
        choices=[(offer, offer) for offer in OFFERS],
        widget=ChipCheckboxes,
        required=False,
        error_messages={"invalid_choice": "Choose from the list"},
    )
    sectors = django_forms.MultipleChoiceField(
        label="In which sectors?",
        choices=Sector.choices,
        widget=ChipCheckboxes,
        required=False,
        help_text="Schools look for providers by sector.",
        error_messages={"invalid_choice": "Choose sectors from the list"},
    )
    about = NoteField(
        label="About you",
        required=False,
        max_length=1000,
        rows=5,
        help_text="Two or three sentences that a pupil would find interesting.",
    )

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        initial = {name: getattr(provider, name) for name in ("offers", "sectors", "about")}
        super().__init__(*args, initial=initial, **kwargs)
