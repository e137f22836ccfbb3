from collections.abc import Sequence
from typing import Any, Final

from django import forms as django_forms
from django.utils import timezone

from brokerage.calendar import importing
from brokerage.calendar.importing import Reading, Row
from brokerage.calendar.models import ClosureKind
from brokerage.domain import horizon
from brokerage.errors import InvalidInput
from brokerage.free_text import FREE
from brokerage.web import forms

HEADER: Final = "name,first day,last day,kind\n"


class ClosureForm(forms.Form):
    """Days the school is closed, or would rather not be visited."""

    kind = django_forms.ChoiceField(
        label="What is it?",
        choices=ClosureKind.choices,
        widget=forms.ChipRadios,
        error_messages={"required": "Choose what it is"},
    )
    label = django_forms.CharField(
        label="What you call it",
        help_text="Like half-term or Year 11 mocks.",
        max_length=80,
        validators=FREE,
        error_messages={"required": "Enter what you call it"},
    )
    first_on = forms.DayField(label="First day", error_messages={"required": "Enter the first day"})
    last_on = forms.DayField(label="Last day", help_text="Leave empty for one day.", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="closure", **kwargs)


class FileForm(forms.Form):
    file = django_forms.FileField(
        label="Choose a CSV or ICS file",
        help_text="A CSV file names its columns in the first row: name, first day, last day and, if you like, kind.",
        widget=django_forms.FileInput(
            attrs={"class": "govuk-file-upload", "accept": ".csv,.ics,text/csv,text/calendar"}
        ),
        error_messages={
            "required": "Choose a file",
            "missing": "Choose a file",
            "invalid": "Choose a file",
            "empty": "That file is empty. Choose another",
        },
    )

    def read(self) -> Reading | None:
        """None when there is no file or it can't be read as a whole; the form then says why."""
        if not self.is_valid():
            return None
        file = self.cleaned_data["file"]
        try:
            # One byte more than is taken says that there is too much.
            return importing.read(
                file.read(importing.SIZE_AT_MOST + 1), days=horizon.days_of_a_school(timezone.now())
            )
        except InvalidInput as error:
            self.refused(error)
            return None


class BringInForm(forms.Form):
    """What a file held, to be looked at once more: `rows` were read, `mend` weren't."""

    rows = django_forms.CharField(
        widget=django_forms.HiddenInput, required=False, max_length=importing.SIZE_AT_MOST
    )
    mend = django_forms.CharField(
        label="Mend the rows that weren’t read",
        help_text="Name, first day, last day, kind. Empty the box to leave them out.",
        widget=django_forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        required=False,
        max_length=importing.SIZE_AT_MOST,
    )
    replace = django_forms.ChoiceField(
        label="And what you’ve listed already?",
        choices=[("", "Keep it, and add these"), ("yes", "Replace everything from today on")],
        widget=forms.ChipRadios,
        required=False,
    )

    @classmethod
    def of(cls, reading: Reading) -> "BringInForm":
        rows = [
            (row.label, row.first_on.isoformat(), row.last_on.isoformat(), row.kind) for row in reading.rows
        ]
        mend = [each.cells for each in reading.refused]
        return cls(initial={"rows": _lines(rows), "mend": _lines(mend), "replace": ""})

    def found(self) -> list[Row]:
        """What was read, from the values the form carries: for showing it again."""
        text = str(self["rows"].value() or "")
        try:
            return list(importing.read_text(HEADER + text).rows) if text.strip() else []
        except InvalidInput:
            return []

    def read(self) -> list[Row] | None:
        """Every row, mended ones too; None when some still can't be read, and the form then names them."""
        if not self.is_valid():
            return None
        rows: list[Row] = []
        for name, days in (("rows", importing.ANY_DAY), ("mend", horizon.days_of_a_school(timezone.now()))):
            text = str(self.cleaned_data.get(name, ""))
            if not text.strip():
                continue
            try:
                reading = importing.read_text(HEADER + text, days=days)
            except InvalidInput as error:
                self.add_error("mend", error.fields["file"])
                return None
            rows += reading.rows
            for each in reading.refused:
                self.add_error("mend", f"Row {each.number - 1} in this box {each.why}")
        if not rows and not self.errors:
            self.add_error("mend", "Nothing is left to bring in")
        return None if self.errors else rows

    def refused_rows(self, error: InvalidInput, rows: Sequence[Row]) -> None:
        """What the verb said of `closures.3.last_on`, with the name of that row."""
        for name, sentence in error.fields.items():
            number = name.removeprefix("closures.").partition(".")[0]
            whose = f"{rows[int(number)].label}: " if number.isdigit() else ""
            self.add_error(None, f"{whose}{sentence[:1].lower() if whose else sentence[:1]}{sentence[1:]}")


def _lines(cells: list[tuple[str, str, str, str]]) -> str:
    return importing.as_csv(cells).partition("\n")[2]
