"""The forms of those who ask a school: the request itself, and each thing they can say afterwards."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from django import forms as django_forms
from django.utils import timezone

from brokerage.accounts.models import Membership
from brokerage.calendar.national_dates import note_on
from brokerage.calendar.school_days import SchoolDays
from brokerage.domain.access_requests import Ask
from brokerage.domain.access_requests.steps import DATES_AT_MOST, unfit_dates
from brokerage.domain.arranging import HOW_MANY_MINUTES, LONGEST, SHORTEST
from brokerage.models import AccessRequest
from brokerage.models.access_request import WORDS_AT_MOST
from brokerage.queries.people import works_alone
from brokerage.vocabulary import (
    YEAR_GROUPS,
    Audience,
    Content,
    DeliveryMode,
    EncounterType,
    Qualification,
    Shortfall,
)
from brokerage.web import dates
from brokerage.web.claiming import TO_BE_NAMED
from brokerage.web.fields import ChipCheckboxes, ChipRadios, DayField, NoteField, WholeNumberField
from brokerage.web.forms import Form

DATES_SHOWN: Final = 3
DATES: Final = [f"date_{number}" for number in range(1, DATES_AT_MOST + 1)]
USUAL_MINUTES: Final = 50
# What colleges and training providers ask for most; the others open under «More».
KINDS: Final = [
    *(kinds := (EncounterType.PROVIDER_ENCOUNTER, EncounterType.ASSEMBLY, EncounterType.TASTER_DAY)),
    *(kind for kind in EncounterType if kind not in kinds and kind != EncounterType.STAFF_DEVELOPMENT),
]


class AskForm(Form):
    """Everything but the year groups and the dates is filled in."""

    year_groups = django_forms.TypedMultipleChoiceField(
        label="Which year groups?",
        help_text="Every pupil is to meet a provider twice in Years 8 and 9, and twice in Years 10 and 11. "
        "Years 12 and 13 can choose to.",
        choices=[(year, f"Year {year}") for year in YEAR_GROUPS],
        coerce=int,
        widget=ChipCheckboxes,
        error_messages={"required": "Choose at least one year group"},
    )
    audience = django_forms.ChoiceField(
        label="Who is it for?", choices=Audience.choices, widget=ChipRadios, initial=Audience.WHOLE_YEAR
    )
    encounter_type = django_forms.ChoiceField(
        label="What would you do?",
        choices=[(str(kind), kind.label) for kind in KINDS],
        widget=ChipRadios(first=len(kinds), more_label="Something else"),
        initial=EncounterType.PROVIDER_ENCOUNTER,
    )
    minutes = WholeNumberField(
        label="How many minutes?",
        initial=USUAL_MINUTES,
        min_value=SHORTEST,
        max_value=LONGEST,
        error_messages={
            "required": "Enter how many minutes",
            **dict.fromkeys(("min_value", "max_value"), HOW_MANY_MINUTES),
        },
    )
    delivery_mode = django_forms.ChoiceField(
        label="How?",
        help_text="A recording doesn’t count: pupils must be able to ask questions.",
        choices=DeliveryMode.choices,
        widget=ChipRadios,
        initial=DeliveryMode.IN_PERSON,
    )
    content = django_forms.MultipleChoiceField(
        label="What will you cover?",
        help_text="All four make it count towards the school’s duty.",
        choices=Content.choices,
        widget=django_forms.CheckboxSelectMultiple,
        required=False,
        initial=list(Content),
    )
    qualifications = django_forms.MultipleChoiceField(
        label="What do you offer?",
        choices=Qualification.choices,
        widget=ChipCheckboxes,
        required=False,
    )
    visitor = django_forms.ChoiceField(label="Who comes?")
    message = NoteField(
        label="Your message",
        help_text="Change it as you like.",
        max_length=WORDS_AT_MOST,
        rows=4,
        required=False,
    )

    def __init__(
        self, *args: Any, days: SchoolDays, people: Sequence[Membership], by: Membership, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        for number, name in enumerate(DATES, start=1):
            self.fields[name] = DayField(
                label="First date" if number == 1 else f"Date {number}",
                required=number == 1,
                error_messages={"required": "Enter at least one date you could come"},
            )
        self.people = {str(person.public_id): person for person in people}
        visitor = self.fields["visitor"]
        assert isinstance(visitor, django_forms.ChoiceField)
        visitor.choices = [
            *((key, f"{p.user} (you)" if p.pk == by.pk else str(p.user)) for key, p in self.people.items()),
            (TO_BE_NAMED, "To be named later"),
        ]
        self.initial.setdefault("visitor", str(by.public_id))
        if works_alone(by):
            visitor.widget = django_forms.HiddenInput()

    @property
    def first_dates(self) -> list[Any]:
        return [self[name] for name in DATES[:DATES_SHOWN]]

    @property
    def more_dates(self) -> list[Any]:
        return [self[name] for name in DATES[DATES_SHOWN:]]

    @property
    def has_more_dates(self) -> bool:
        """Something stands in the fields that are folded away."""
        return any(field.errors or field.value() for field in self.more_dates)

    def clean(self) -> dict[str, Any]:
        """Each date is a school day of that school, as far as its calendar is known."""
        for name, day in self._given():
            if day <= timezone.localdate():
                self.add_error(name, "Choose a date in the future")
            elif unfit := unfit_dates([day], at=timezone.now()):
                self.add_error(name, unfit["dates"])
            elif why := self.days.has_no_pupils(day, timezone.localdate()):
                self.add_error(name, why)
        return self.cleaned_data

    def warnings(self) -> list[str]:
        """What the school would rather not have visits on: no error, theirs to weigh."""
        clashes = ((day, self.days.clash_on(day)) for _, day in self._given())
        return [f"{clash.words} on {dates.in_sentence(day)}" for day, clash in clashes if clash]

    def notes(self) -> list[str]:
        """What is on in the whole country on those dates."""
        years = self.cleaned_data["year_groups"]
        found = ((day, note_on(day, years)) for _, day in self._given())
        return [f"{dates.in_sentence(day)}: {note}" for day, note in found if note]

    def field_for(self, name: str) -> str:
        return DATES[0] if name == "dates" else name

    def asked(self) -> Ask:
        given = self.cleaned_data
        return Ask(
            encounter_type=given["encounter_type"],
            year_groups=given["year_groups"],
            minutes=given["minutes"],
            dates=[day for _, day in self._given()],
            audience=given["audience"],
            delivery_mode=given["delivery_mode"],
            content=given["content"],
            qualifications=given["qualifications"],
            visitor=self.people.get(given["visitor"]),
            message=given["message"],
        )

    def _given(self) -> Iterator[tuple[str, date]]:
        for name in DATES:
            if day := self.cleaned_data.get(name):
                yield name, day


def remembered(last: AccessRequest | None) -> dict[str, Any]:
    """What a new request takes over from the one before."""
    if last is None:
        return {}
    return {
        "encounter_type": last.encounter_type,
        "minutes": last.minutes,
        "delivery_mode": last.delivery_mode,
        "audience": last.audience,
        "qualifications": last.qualifications,
    }


OFFERED: Final[dict[str, str]] = {
    Qualification.T_LEVEL: "T Levels",
    Qualification.APPRENTICESHIP: "apprenticeships",
    Qualification.DEGREE_APPRENTICESHIP: "degree apprenticeships",
    Qualification.HTQ: "Higher Technical Qualifications",
    Qualification.TECHNICAL: "technical courses",
    Qualification.A_LEVEL: "A levels",
    Qualification.DEGREE: "degrees",
}


def polite_message(qualifications: Sequence[str], *, is_employer: bool) -> str:
    """Whichever years and dates are chosen."""
    if is_employer:
        about = "what working with us is like"
    else:
        offered = [OFFERED[each] for each in qualifications if each in OFFERED]
        about = f"{_joined(offered)} with us" if offered else "what they can learn and train for with us"
    return (
        f"We’d like to meet your pupils to tell them about {about}, and to answer their questions. "
        "Any of these dates suits us, and we’re glad to fit around your timetable. "
        "If none does, a no or another date would help us plan."
    )


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


class WordsForm(Form):
    """One thing to say to the school."""

    words = NoteField(label="Your message", max_length=WORDS_AT_MOST, rows=4, required=False)

    def __init__(
        self, *args: Any, label: str = "", help_text: str = "", missing: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        field.label = label or field.label
        field.help_text = f"{help_text} {field.help_text}".strip()
        if missing:
            field.required = True
            field.error_messages["required"] = missing


class ReportForm(Form):
    """What happened was less than what was granted."""

    kinds = django_forms.MultipleChoiceField(
        label="What was different?",
        choices=Shortfall.choices,
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what was different"},
    )
    minutes = WholeNumberField(
        label="How many minutes did it last?",
        required=False,
        help_text="Leave it empty if that was as agreed.",
    )
    note = NoteField(label="In your own words (optional)", max_length=WORDS_AT_MOST, required=False)
