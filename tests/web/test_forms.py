"""Form fields and their GOV.UK markup."""

import re
from datetime import date, time
from typing import Any

import pytest
from django import forms as django_forms

from brokerage.free_text import FREE
from brokerage.web import forms
from brokerage.web.views.styleguide import ExampleForm


class Small(forms.Form):
    day = forms.DayField(label="Date")
    starts = forms.ClockField(label="From")
    places = forms.WholeNumberField(label="Places", min_value=1)
    note = forms.NoteField(label="Note", max_length=20, required=False)
    postcode = forms.PostcodeField(label="Postcode", required=False)
    format = django_forms.ChoiceField(label="How", choices=[("a", "A"), ("b", "B")], widget=forms.ChipRadios)
    room = django_forms.CharField(label="Room", max_length=20, required=False)
    why = django_forms.CharField(label="Why?", max_length=20, required=False, validators=FREE)
    years = django_forms.MultipleChoiceField(label="Years", choices=[("7", "7")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["later"] = forms.NoteField(label="Later", required=False)
        self.fields["pupils"] = forms.WholeNumberField(
            label="Pupils", min_value=0, max_value=5000, required=False
        )


GOOD = {"day": "21/1/2030", "starts": "0910", "places": "1,000", "postcode": " wx4  1aa ", "format": "a"}


def test_what_people_type_is_understood() -> None:
    form = Small(GOOD)

    assert form.errors == {}
    assert form.cleaned_data == {
        "day": date(2030, 1, 21),
        "starts": time(9, 10),
        "places": 1000,
        "note": "",
        "postcode": "WX4 1AA",
        "format": "a",
        "room": "",
        "why": "",
        "years": [],
        "later": "",
        "pupils": None,
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("day", "", "Enter a date"),
        ("day", "soon", "Enter a date like 21 January or 21/1/2027"),
        ("starts", "noon", "Enter a time like 09:10 or 14:00"),
        ("places", "", "Fill this in"),
        ("places", "many", "Enter a whole number, like 30"),
        ("format", "", "Choose one"),
        ("format", "c", "Choose from the list"),
        ("years", ["8"], "Choose from the list"),
        ("years", "8", "Choose from the list"),
        ("pupils", "5001", "Enter a whole number, from 0 to 5,000"),
        ("pupils", "-1", "Enter a whole number, from 0 to 5,000"),
        ("note", "far too long a note for this", "Use 20 characters or fewer"),
        ("room", "far too long a name for a room", "Room must be 20 characters or fewer"),
        ("why", "far too long a reason for this", "Use 20 characters or fewer"),
        *(
            (name, "a\x00b", "Take out the characters that can't be shown.")
            for name in ("room", "why", "note", "later")
        ),
    ],
)
def test_errors_say_what_to_do(field: str, value: str, message: str) -> None:
    assert Small(GOOD | {field: value}).errors == {field: [message]}


def test_a_paste_is_kept_whole_and_refused_in_words() -> None:
    long = "A hall with a very long name"
    form = Small(GOOD | {"room": long, "postcode": "WX4 1AA, Hall Road"})

    html = str(form)
    assert list(form.errors) == ["postcode", "room"]
    assert "maxlength" not in html + str(Small())
    assert f'value="{long}"' in html
    assert 'data-count="20"' in html


def test_a_note_refuses_a_pupils_number_and_says_so_beforehand() -> None:
    form = Small(GOOD | {"note": "A801200001001"})

    assert list(form.errors) == ["note"]
    assert "Don&#x27;t name pupils." in str(form["note"].as_field_group())


def test_every_description_and_label_belongs_to_something() -> None:
    html = str(ExampleForm({}))
    ids = re.findall(r' id="([^"]+)"', html)
    described = [name for names in re.findall(r'aria-describedby="([^"]+)"', html) for name in names.split()]
    labelled = re.findall(r' for="([^"]+)"', html)

    assert len(ids) == len(set(ids))
    assert set(described) <= set(ids)
    assert set(labelled) <= set(ids)
    assert described


def test_groups_stand_in_a_fieldset_with_a_legend() -> None:
    html = str(Small()["format"].as_field_group())

    assert "<fieldset" in html
    assert re.search(r"<legend[^>]*>How</legend>", html)
    assert 'class="dw-chip__input" type="radio"' in html


def test_the_browser_is_not_asked_to_refuse_anything() -> None:
    assert " required" not in str(ExampleForm())


def test_a_chosen_option_that_was_folded_away_is_shown() -> None:
    assert "<details open" not in str(ExampleForm()["kind"]).replace(' class="dw-chips__more"', "")
    assert "<details open" in str(ExampleForm(initial={"kind": "mentoring"})["kind"]).replace(
        ' class="dw-chips__more"', ""
    )


def test_a_wrong_field_is_marked() -> None:
    html = str(Small({})["places"].as_field_group())

    assert "govuk-form-group--error" in html
    assert "govuk-input--error" in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_places_error"' in html


def test_a_stored_day_and_time_come_back_as_they_are_written() -> None:
    form = Small(initial={"day": date(2027, 1, 21), "starts": time(9, 5)})

    assert 'value="Thu 21 Jan 2027"' in str(form["day"])
    assert 'value="09:05"' in str(form["starts"])
    assert not form["day"].field.has_changed(date(2027, 1, 21), "Thu 21 Jan 2027")
