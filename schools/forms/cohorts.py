"""Rolls of all cohorts, and one cohort's groups and counts, as pages ask for them. Numbers only."""

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms as django_forms
from django.forms import BaseFormSet, formset_factory

from brokerage.errors import DomainError
from brokerage.free_text import FREE
from brokerage.web import forms
from schools.domain.cohorts import GROUPS_AT_MOST, HOW_MANY
from schools.models.cohort import ROLL_AT_MOST
from schools.queries.cohorts import TaughtCohort

PREFIX: Final = "group"
BLANK_ROWS: Final = 2


def _how_many(label: str, **fields: Any) -> forms.WholeNumberField:
    return forms.WholeNumberField(
        label=label,
        min_value=0,
        max_value=ROLL_AT_MOST,
        required=False,
        error_messages=dict.fromkeys(("min_value", "max_value"), HOW_MANY),
        **fields,
    )


class RollsForm(forms.Form):
    on = forms.DayField(
        label="As of",
        help_text="The day these numbers were true. Earlier ones are kept.",
        error_messages={"required": "Enter the day these numbers were true"},
    )

    def __init__(self, *args: Any, cohorts: list[TaughtCohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts = cohorts
        for cohort in cohorts:
            self.fields[f"roll_{cohort.y7_entry}"] = _how_many(f"Year {cohort.year}", initial=cohort.roll)

    @property
    def rolls(self) -> list[tuple[TaughtCohort, django_forms.BoundField]]:
        return [(cohort, self[f"roll_{cohort.y7_entry}"]) for cohort in self.cohorts]

    def given(self) -> dict[int, int]:
        """Those with a number; an empty field keeps what was said."""
        numbers = {each.y7_entry: self.cleaned_data[f"roll_{each.y7_entry}"] for each in self.cohorts}
        return {entry: roll for entry, roll in numbers.items() if roll is not None}

    def field_for(self, name: str) -> str:
        return f"roll_{name}" if name.isdecimal() else name


class RollForm(forms.Form):
    roll = _how_many("On roll today")

    def refused(self, error: DomainError) -> None:
        for message in error.fields.values():
            self.add_error("roll", message)


class GroupForm(forms.Form):
    name = django_forms.CharField(label="Group", max_length=20, required=False, validators=FREE)
    size = forms.WholeNumberField(
        label="Pupils",
        min_value=1,
        max_value=ROLL_AT_MOST,
        required=False,
        error_messages=dict.fromkeys(
            ("min_value", "max_value"), f"Enter how many pupils, from 1 to {ROLL_AT_MOST:,}"
        ),
    )

    def clean(self) -> dict[str, Any]:
        name, size = self.cleaned_data.get("name"), self.cleaned_data.get("size")
        if name and size is None and "size" not in self.errors:
            self.add_error("size", f"Enter how many pupils group {name} has")
        if size is not None and not name and "name" not in self.errors:
            self.add_error("name", "Enter what you call this group")
        return self.cleaned_data


if TYPE_CHECKING:
    _Base = BaseFormSet[GroupForm]
else:
    _Base = BaseFormSet


class BaseGroups(_Base):
    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_many_forms": f"List up to {GROUPS_AT_MOST} groups",
        "missing_management_form": "The groups didn't arrive. Enter them again.",
    }

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            name = " ".join((form.cleaned_data.get("name") or "").split())
            if name and name in seen:
                form.add_error("name", f"There are two groups called {name}")
            seen.add(name)

    def given(self) -> dict[str, int]:
        said = (form.cleaned_data for form in self.forms)
        return {" ".join(each["name"].split()): each["size"] for each in said if each.get("name")}


_Groups = formset_factory(
    GroupForm,
    formset=BaseGroups,
    extra=0,
    max_num=GROUPS_AT_MOST,
    validate_max=True,
    absolute_max=GROUPS_AT_MOST + 20,
)


def groups(data: Any = None, *, cohort: TaughtCohort) -> BaseGroups:
    rows: list[dict[str, Any]] = [{"name": name, "size": size} for name, size in cohort.groups.items()]
    rows += [{} for _ in range(BLANK_ROWS if rows else BLANK_ROWS + 1)]
    return cast(BaseGroups, _Groups(data, prefix=PREFIX, initial=rows[:GROUPS_AT_MOST]))


def with_another_row(data: Any) -> Any:
    """What was sent, and one row more: the button without JavaScript."""
    sent = data.copy()
    key = f"{PREFIX}-TOTAL_FORMS"
    count = int(sent.get(key) or 0) if str(sent.get(key, "")).isdecimal() else 0
    sent[key] = str(min(count + 1, GROUPS_AT_MOST))
    return sent


class CountsForm(forms.Form):
    pupil_premium = _how_many("Of them, pupil premium", help_text="Optional. Only your school sees this.")
    send = _how_many("Of them, SEND", help_text="Optional. Only your school sees this.")
