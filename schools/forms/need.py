"""What a need is asked with, on one page. Every field may stay empty: a draft is allowed gaps, and the verb names
what is missing before it is published."""

from datetime import datetime, time
from typing import Any, Final

from django import forms as django_forms
from django.http import QueryDict

from brokerage.accounts.models import Category, Membership
from brokerage.domain.slots import LONDON
from brokerage.free_text import FREE
from brokerage.models import EncounterNeed, Hosting
from brokerage.rules import SCHOOL_WRITERS
from brokerage.vocabulary import (
    DEFAULTS,
    Allocation,
    Audience,
    Benchmark,
    DeliveryMode,
    EncounterType,
    Sector,
    Subject,
    Supervision,
)
from brokerage.web import forms
from brokerage.web.dates import local_day
from schools import words

MOST_USED: Final = (
    EncounterType.PROVIDER_ENCOUNTER,
    EncounterType.CAREER_TALK,
    EncounterType.MOCK_INTERVIEWS,
    EncounterType.CV_WORKSHOP,
    EncounterType.ASSEMBLY,
    EncounterType.WORKPLACE_VISIT,
    EncounterType.CAREERS_FAIR_STAND,
    EncounterType.MENTORING,
    EncounterType.TASTER_DAY,
    EncounterType.WORK_EXPERIENCE,
)
TYPES: Final = [*MOST_USED, *(kind for kind in EncounterType if kind not in MOST_USED)]
LAST_MINUTE: Final = time(23, 59)
FOLLOWING: Final = ("open_to", "main_benchmark", "supervision", "allocation", "audience")
# What the verbs call a field and what the page calls it.
NAMES: Final = {"closes_at": "closes_on", "expected_pupils": "year_groups"}


def type_defaults(kind: str) -> dict[str, list[str]]:
    """What choosing a type fills in, as a form would send it."""
    if kind not in EncounterType:
        return {name: [] for name in FOLLOWING}
    defaults = DEFAULTS[EncounterType(kind)]
    return {
        "open_to": [str(category) for category in defaults.open_to],
        "main_benchmark": [str(int(defaults.benchmark))],
        "supervision": [str(defaults.supervision)],
        "allocation": [str(defaults.allocation)],
        "audience": [str(defaults.audience)],
    }


def follow_type(sent: QueryDict) -> QueryDict:
    """Fill in for the type now chosen whatever still says what was filled in for the one before: what the
    person chose themselves stays."""
    data = sent.copy()
    kind, was = data.get("encounter_type", ""), data.get("filled_for", "")
    if kind == was or kind not in EncounterType:
        return data
    old, new = type_defaults(was), type_defaults(kind)
    for name in FOLLOWING:
        chosen = [value for value in data.getlist(name) if value]
        if sorted(chosen) == sorted(old[name]) or not chosen:
            data.setlist(name, new[name])
    data["filled_for"] = kind
    return data


class NeedForm(forms.Form):
    encounter_type = django_forms.ChoiceField(
        label="What do you need?",
        choices=[(kind, kind.label) for kind in TYPES],
        widget=forms.ChipRadios(first=len(MOST_USED), more_label="More types"),
        required=False,
    )
    year_groups = django_forms.TypedMultipleChoiceField(
        label="Which year groups?", coerce=int, widget=forms.ChipCheckboxes, required=False
    )
    audience = django_forms.ChoiceField(
        label="How many of them?", choices=Audience.choices, widget=forms.ChipRadios, required=False
    )
    open_to = django_forms.MultipleChoiceField(
        label="Who may take it?",
        choices=[
            (Category.TECHNICAL_PROVIDER, "Colleges and training providers"),
            (Category.UNIVERSITY, "Universities"),
            (Category.EMPLOYER, "Employers"),
        ],
        widget=forms.ChipCheckboxes,
        required=False,
    )
    allocation = django_forms.ChoiceField(
        label="If more than one asks", choices=Allocation.choices, widget=forms.ChipRadios, required=False
    )
    title = django_forms.CharField(label="Title", max_length=120, required=False, validators=FREE)
    delivery_mode = django_forms.ChoiceField(
        label="How they meet",
        choices=DeliveryMode.choices,
        widget=forms.ChipRadios,
        required=False,
        initial=DeliveryMode.IN_PERSON,
    )
    venue = django_forms.CharField(
        label="Room or place",
        help_text="Everyone who can claim sees this.",
        max_length=120,
        required=False,
        validators=FREE,
    )
    entrance = django_forms.CharField(
        label="Entrance",
        help_text="Only those you've accepted see this.",
        max_length=200,
        required=False,
        validators=FREE,
    )
    visitor_notes = forms.NoteField(
        label="Notes for visitors",
        help_text="Only those you've accepted see this.",
        max_length=1000,
        required=False,
    )
    contact = django_forms.ModelChoiceField(
        label="Who they ask for",
        help_text="Name and work e-mail, shown to those you've accepted.",
        queryset=Membership.objects.none(),
        required=False,
        empty_label=None,
    )
    supervision = django_forms.ChoiceField(
        label="Supervision", choices=[("", "Choose"), *Supervision.choices], required=False
    )
    main_benchmark = django_forms.TypedChoiceField(
        label="Main Gatsby benchmark",
        choices=[("", "Choose"), *((b.value, f"{b.value}. {b.label}") for b in Benchmark)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    description = forms.NoteField(
        label="What should they know?",
        help_text="What you'd like them to do, and what your pupils already know.",
        max_length=2000,
        rows=4,
        required=False,
    )
    subjects = django_forms.MultipleChoiceField(
        label="Curriculum subjects", choices=Subject.choices, widget=forms.ChipCheckboxes, required=False
    )
    sectors = django_forms.MultipleChoiceField(
        label="Sectors wanted",
        help_text="None ticked means any.",
        choices=Sector.choices,
        widget=forms.ChipCheckboxes,
        required=False,
    )
    closes_on = forms.DayField(
        label="Last day to claim",
        help_text="Leave empty to keep each time open until it starts.",
        required=False,
    )
    filled_for = django_forms.CharField(widget=django_forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, by: Membership, years: list[int], hosting: Hosting | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.years, self.hosting = years, hosting
        self._choices("year_groups", [(year, str(year)) for year in years])
        contact = self.fields["contact"]
        assert isinstance(contact, django_forms.ModelChoiceField)
        contact.queryset = (
            Membership.objects.active()
            .filter(organisation_id=by.organisation_id, role__in=SCHOOL_WRITERS)
            .select_related("user")
            .order_by("user__name", "pk")
        )
        contact.label_from_instance = lambda member: f"{member.user}, {member.get_role_display()}"  # type: ignore[method-assign,assignment]
        for year in years:
            roll = hosting.roll(year) if hosting else None
            self.fields[f"pupils_{year}"] = forms.WholeNumberField(
                label=f"Year {year}",
                help_text=f"{roll} on roll" if roll else "",
                min_value=1,
                max_value=2000,
                required=False,
                error_messages=dict.fromkeys(
                    ("min_value", "max_value"), "Enter how many pupils, from 1 to 2,000"
                ),
            )

    def _choices(self, name: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, django_forms.ChoiceField)
        field.choices = choices

    @property
    def pupils(self) -> list[django_forms.BoundField]:
        return [self[f"pupils_{year}"] for year in self.years]

    def clean_closes_on(self) -> Any:
        day = self.cleaned_data["closes_on"]
        if day and "closes_on" in self.changed_data and day < words.today():
            raise django_forms.ValidationError("The last day to claim must be today or later")
        return day

    @property
    def kind(self) -> str:
        return str(self.cleaned_data.get("encounter_type") or "")

    def own_title(self) -> str:
        """What it is called when nobody typed a title."""
        given = self.cleaned_data
        return words.title(given.get("encounter_type") or "", given.get("year_groups") or [])

    def said(self) -> dict[str, Any]:
        """What was typed, or what it starts with."""
        if self.is_bound:
            return dict(self.cleaned_data)
        return {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}

    def expected_pupils(self) -> dict[str, int]:
        """As typed; for a whole year what is on roll, where nothing was typed."""
        given, pupils = self.said(), {}
        for year in given.get("year_groups") or []:
            number = given.get(f"pupils_{year}")
            if number is None and given.get("audience") == Audience.WHOLE_YEAR and self.hosting:
                number = self.hosting.roll(year)
            if number:
                pupils[str(year)] = number
        return pupils

    def to_fields(self) -> dict[str, Any]:
        """In the verb's words."""
        given = self.cleaned_data
        fields = {name: given[name] for name in ("year_groups", "open_to", "subjects", "sectors")}
        fields |= {name: given[name] for name in ("venue", "entrance", "visitor_notes", "description")}
        fields |= {
            name: given[name]
            for name in ("encounter_type", "audience", "allocation", "supervision", "delivery_mode")
            if given[name]
        }
        closes_on = given["closes_on"]
        return fields | {
            "title": given["title"] or (self.own_title() if given["encounter_type"] else ""),
            "main_benchmark": given["main_benchmark"],
            "contact": given["contact"],
            "expected_pupils": self.expected_pupils(),
            "closes_at": datetime.combine(closes_on, LAST_MINUTE, LONDON) if closes_on else None,
        }


def blank(by: Membership, hosting: Hosting | None) -> dict[str, Any]:
    """A new need, filled in with the school's own."""
    return {
        "delivery_mode": DeliveryMode.IN_PERSON,
        "venue": hosting.rooms[0] if hosting and hosting.rooms else "",
        "entrance": hosting.entrance if hosting else "",
        "visitor_notes": hosting.visitor_notes if hosting else "",
        "contact": by,
    }


def of_need(need: EncounterNeed, *, copy: bool = False) -> dict[str, Any]:
    """An existing need, to amend or to copy; a copy has no closing date."""
    same = (
        "encounter_type",
        "year_groups",
        "audience",
        "open_to",
        "allocation",
        "title",
        "delivery_mode",
        "venue",
        "entrance",
        "visitor_notes",
        "supervision",
        "main_benchmark",
        "description",
        "subjects",
        "sectors",
        "contact",
    )
    initial = {name: getattr(need, name) for name in same}
    initial |= {f"pupils_{year}": count for year, count in need.expected_pupils.items()}
    initial["filled_for"] = need.encounter_type
    initial["closes_on"] = None if copy or not need.closes_at else local_day(need.closes_at)
    return initial
