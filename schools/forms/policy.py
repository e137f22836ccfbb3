"""The parts of a policy statement, a form each. What a form gives are the fields of `policies.save_draft`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms as django_forms

from brokerage.accounts.models import Membership
from brokerage.free_text import FREE, HINT
from brokerage.vocabulary import RefusalGround
from brokerage.web import forms
from schools.domain import policies
from schools.models import ProviderAccessPolicy
from schools.models.policy import WORDS_AT_MOST, times_of
from schools.policy.statement import GROUNDS, Part, a_year_after

ROWS: Final = 3
SHORT: Final = {1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri"}


class PartForm(forms.Form):
    """`extra_initial` reads what can't be shown as it is kept; `to_fields` undoes it."""

    def __init__(self, *args: Any, policy: ProviderAccessPolicy | None, **kwargs: Any) -> None:
        self.policy = policy
        kwargs.setdefault("initial", {name: getattr(policy, name, None) for name in policies.FIELDS})
        super().__init__(*args, **kwargs)

    def to_fields(self) -> dict[str, Any]:
        return self.cleaned_data


def _words(label: str, hint: str, *, rows: int = 8, required: str = "") -> forms.NoteField:
    return forms.NoteField(
        label=label,
        help_text=hint,
        max_length=WORDS_AT_MOST,
        rows=rows,
        required=bool(required),
        error_messages={"required": required} if required else {},
    )


class ProcedureForm(PartForm):
    procedure = _words(
        "How does a provider ask?",
        "To whom, how, what to say, and by when you answer.",
        required="Say how a provider asks",
    )


class PremisesForm(PartForm):
    premises = _words(
        "Which rooms and facilities do you offer?",
        "The room, screen and sound, and where they can leave prospectuses.",
        required="Say which rooms and facilities you offer",
    )


class EncountersForm(PartForm):
    encounters = _words(
        "How will every pupil get their encounters?",
        "Two in Years 8 and 9, two in Years 10 and 11, two offered in Years 12 and 13; those your school teaches.",
        required="Say how every pupil gets their encounters",
    )


class GroundsForm(PartForm):
    granting = _words(
        "When do you say yes?",
        "What a request needs for you to grant it.",
        rows=5,
        required="Say when you grant a request",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Mapping[str, str] = self.policy.refusing if self.policy else {}
        for ground in RefusalGround:
            is_other = ground == RefusalGround.OTHER
            self.fields[f"ground_{ground}"] = django_forms.BooleanField(
                label=GROUNDS[ground] or "Another reason, which you name.",
                required=False,
                initial=ground in chosen,
            )
            self.fields[f"own_{ground}"] = django_forms.CharField(
                label="Which reason?" if is_other else "In your own words",
                help_text=HINT if is_other else "",
                max_length=policies.SENTENCE_AT_MOST,
                required=False,
                validators=FREE,
                initial=chosen.get(ground, ""),
            )

    @property
    def grounds(self) -> list[tuple[django_forms.BoundField, django_forms.BoundField]]:
        return [(self[f"ground_{ground}"], self[f"own_{ground}"]) for ground in RefusalGround]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for ground in RefusalGround:
            if given.get(f"own_{ground}") and not given.get(f"ground_{ground}"):
                self.add_error(f"own_{ground}", "Tick this ground too, or clear its sentence")
        ticked = [ground for ground in RefusalGround if given.get(f"ground_{ground}")]
        if not ticked:
            self.add_error(f"ground_{RefusalGround.ALREADY_MET}", "Tick at least one ground for saying no")
        if RefusalGround.OTHER in ticked and not given.get(f"own_{RefusalGround.OTHER}"):
            self.add_error(f"own_{RefusalGround.OTHER}", "Say what the other reason is")
        return given

    def to_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        ticked = [ground for ground in RefusalGround if given[f"ground_{ground}"]]
        refusing = {str(ground): given[f"own_{ground}"] for ground in ticked}
        return {"granting": given["granting"], "refusing": refusing}


class TimesForm(PartForm):
    """Rows of days and hours; an empty row is none. There is always one row more than is filled."""

    times_note = _words("Anything else about times?", "Such as exams or holidays.", rows=3)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        kept = [times_of(row) for row in (self.policy.times if self.policy else [])]
        self.count = min(max(ROWS, len(kept) + 1, _sent(data)), policies.TIMES_AT_MOST)
        for number in range(self.count):
            row = kept[number] if number < len(kept) else None
            self.fields[f"days_{number}"] = django_forms.TypedMultipleChoiceField(
                label="Days",
                choices=list(SHORT.items()),
                coerce=int,
                widget=forms.ChipCheckboxes,
                required=False,
                initial=list(row.weekdays) if row else None,
            )
            for name, label in (("starts", "From"), ("ends", "To")):
                self.fields[f"{name}_{number}"] = forms.ClockField(
                    label=label, required=False, initial=getattr(row, name, None)
                )
        self.order_fields([name for name in self.fields if name != "times_note"])

    @property
    def rows(self) -> list[tuple[django_forms.BoundField, ...]]:
        return [
            tuple(self[f"{name}_{number}"] for name in ("days", "starts", "ends"))
            for number in range(self.count)
        ]

    def clean(self) -> dict[str, Any]:
        rows = [self._row(number) for number in range(self.count)]
        for number, (days, starts, ends) in enumerate(rows):
            if not any((days, starts, ends)):
                continue
            wanted = {
                "days": "Choose at least one day",
                "starts": "Enter when it starts",
                "ends": "Enter when it ends",
            }
            for name, value in zip(wanted, (days, starts, ends), strict=True):
                if not value and not self.has_error(f"{name}_{number}"):
                    self.add_error(f"{name}_{number}", wanted[name])
            if starts and ends and ends <= starts:
                self.add_error(f"ends_{number}", f"The end time must be after {starts:%H:%M}")
        if not any(any(row) for row in rows) and not self.errors:
            self.add_error("days_0", "Choose the days and times on which providers can come")
        return self.cleaned_data

    def _row(self, number: int) -> tuple[Any, Any, Any]:
        days, starts, ends = (
            self.cleaned_data.get(f"{name}_{number}") for name in ("days", "starts", "ends")
        )
        return days, starts, ends

    def to_fields(self) -> dict[str, Any]:
        rows = [self._row(number) for number in range(self.count)]
        times = [policies.hours(*row) for row in rows if all(row)]
        return {"times": times, "times_note": self.cleaned_data["times_note"]}


if TYPE_CHECKING:
    _Chooser = django_forms.ModelChoiceField[Membership]
else:
    _Chooser = django_forms.ModelChoiceField


class _Members(_Chooser):
    def label_from_instance(self, member: Any) -> str:
        return f"{member.user}, {member.get_role_display().lower()}"


class ContactForm(PartForm):
    contact = _Members(
        label="Who is the main contact?",
        help_text="Their name and role are published, never their e-mail.",
        queryset=Membership.objects.none(),
        required=False,
        empty_label="Nobody by name",
    )
    contact_text = django_forms.CharField(
        label="How else can providers reach you?",
        help_text="Published as you write it, like careers@school.example or a telephone number.",
        max_length=300,
        required=False,
        validators=FREE,
    )
    safeguarding = _words("Safeguarding", "What visitors bring, and that staff stay with pupils.", rows=4)

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(organisation=by.organisation)
        chooser = cast(_Members, self.fields["contact"])
        chooser.queryset = members.active().select_related("user").order_by("user__name", "pk")

    def clean(self) -> dict[str, Any]:
        if not self.errors and not (self.cleaned_data["contact"] or self.cleaned_data["contact_text"]):
            self.add_error("contact", "Choose a contact, or write how providers reach you")
        return self.cleaned_data


class ApprovalForm(PartForm):
    approved_by = django_forms.CharField(
        label="Who approved it?",
        help_text="Like the full governing board, or the trustees of your trust.",
        max_length=120,
        validators=FREE,
        error_messages={"required": "Enter who approved it"},
    )
    approved_on = forms.DayField(label="When?", error_messages={"required": "Enter the day it was approved"})
    review_on = forms.DayField(
        label="Review it by", help_text="Leave empty for a year after.", required=False
    )

    def to_fields(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {**given, "review_on": given["review_on"] or a_year_after(given["approved_on"])}


FORMS: Final[Mapping[Part, type[PartForm]]] = {
    Part.PROCEDURE: ProcedureForm,
    Part.GROUNDS: GroundsForm,
    Part.PREMISES: PremisesForm,
    Part.TIMES: TimesForm,
    Part.ENCOUNTERS: EncountersForm,
    Part.CONTACT: ContactForm,
    Part.APPROVAL: ApprovalForm,
}


def form_of(part: Part, data: Any = None, *, policy: ProviderAccessPolicy | None, by: Membership) -> PartForm:
    if part is Part.CONTACT:
        return ContactForm(data, policy=policy, by=by)
    return FORMS[part](data, policy=policy)


def _sent(data: Any) -> int:
    """How many rows were sent."""
    return sum(f"starts_{number}" in (data or {}) for number in range(policies.TIMES_AT_MOST))
