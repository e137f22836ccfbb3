"""Every component on one page, with made-up words: for those who build pages, and for the tests of the design."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from brokerage.web import forms

TYPES = (
    ("provider_encounter", "Provider encounter"),
    ("career_talk", "Career talk"),
    ("mock_interviews", "Mock interviews"),
    ("cv_workshop", "CV workshop"),
    ("assembly", "Assembly"),
    ("workplace_visit", "Workplace visit"),
    ("mentoring", "Mentoring"),
)
ANSWERS = (("first_come", "First to claim"), ("school_chooses", "We choose"))


class ExampleForm(forms.Form):
    kind = django_forms.ChoiceField(
        label="What do you need?",
        choices=TYPES,
        widget=forms.ChipRadios(first=5, more_label="More types"),
        error_messages={"required": "Choose what you need"},
    )
    years = django_forms.MultipleChoiceField(
        label="Which year groups?",
        choices=[(str(year), str(year)) for year in range(7, 14)],
        widget=forms.ChipCheckboxes,
        error_messages={"required": "Choose at least one year group"},
    )
    allocation = django_forms.ChoiceField(
        label="If more than one asks",
        choices=ANSWERS,
        initial="first_come",
        widget=forms.OptionCards(
            hints={
                "first_come": "They have the place at once.",
                "school_chooses": "Each offer waits for you.",
            }
        ),
    )
    day = forms.DayField(label="Date", help_text="Like 21 January or 21/1/2027.")
    starts = forms.ClockField(label="From")
    places = forms.WholeNumberField(
        label="Places", min_value=1, error_messages={"required": "Enter how many places"}
    )
    supervision = django_forms.ChoiceField(
        label="Supervision",
        choices=[("staff", "Staff stay with visitors"), ("checked", "Visitors are checked")],
        help_text="Filled in from your school’s details.",
    )
    format = django_forms.ChoiceField(
        label="How",
        choices=[("in_person", "In person"), ("online", "Live online")],
        widget=django_forms.RadioSelect,
        error_messages={"required": "Choose how they meet"},
    )
    sectors = django_forms.MultipleChoiceField(
        label="Sectors",
        choices=[("engineering", "Engineering"), ("health", "Health and care")],
        widget=django_forms.CheckboxSelectMultiple,
        required=False,
    )
    postcode = forms.PostcodeField(label="Postcode", error_messages={"required": "Enter your postcode"})
    note = forms.NoteField(label="Anything else?", required=False, max_length=300)
    agree = django_forms.BooleanField(
        label="Tell me when one like it appears",
        help_text="At most one e-mail a day.",
        error_messages={"required": "Tick the box"},
    )


class ExampleSlot(forms.Form):
    day = forms.DayField(label="Date")
    starts = forms.ClockField(label="From")
    ends = forms.ClockField(label="To")
    places = forms.WholeNumberField(label="Places", min_value=1)
    check: tuple[str, str] | None = None


BAD_SLOT = {"slot-TOTAL_FORMS": "1", "slot-INITIAL_FORMS": "0", "slot-0-day": "soon"}
ExampleSlots = django_forms.formset_factory(ExampleSlot, extra=1, can_delete=True, max_num=50)


def everything(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    messages.success(request, "Posted. 9 providers within 15 miles can see it.")
    messages.warning(request, "Thursday 4 February is in mock exam week. You can still post it.")
    context: dict[str, Any] = {
        "now": now,
        "earlier": now - timedelta(minutes=4),
        "yesterday": now - timedelta(days=1),
        "days": [now + timedelta(days=days) for days in (2, 8, 50)],
        "page": SimpleNamespace(next="cursor", size=20),
    }
    return render(request, "styleguide.html", context)


def form(request: HttpRequest) -> HttpResponse:
    """`?bad=1` shows everything wrong at once; a POST answers with what was understood, or with one row more."""
    given = _given(request)
    slots_given = BAD_SLOT if given == {} else given
    first = {
        "day": timezone.localdate() + timedelta(days=58),
        "starts": "09:10",
        "ends": "10:05",
        "places": 1,
    }
    slots = ExampleSlots(slots_given, prefix="slot", initial=None if slots_given else [first])
    example = ExampleForm(given)
    for slot in slots.forms[:1]:
        slot.check = ("ok", "School day")
    is_asking = "add" in request.POST
    understood = not is_asking and example.is_valid() and slots.is_valid()
    context = {"form": example, "formset": slots, "understood": understood}
    return render(
        request, "styleguide_form.html", context, status=422 if given is not None and not understood else 200
    )


def _given(request: HttpRequest) -> Any:
    if request.method != "POST":
        return {} if "bad" in request.GET else None
    given = request.POST.copy()
    if "add" in given:
        given["slot-TOTAL_FORMS"] = str(int(str(given["slot-TOTAL_FORMS"])) + 1)
    return given
