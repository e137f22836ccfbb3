from types import SimpleNamespace
from typing import Any

import pytest
from django import forms as django_forms
from django.template import Context, Template
from django.test import RequestFactory

from brokerage.errors import DomainError
from brokerage.web import forms, icons
from brokerage.web.templatetags import doorway


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context)).strip()


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (None, ""),
        (0, "0.0 miles"),
        (1609, "1 mile"),
        (3380, "2.1 miles"),
        (15900, "9.9 miles"),
        (16093, "10 miles"),
    ],
)
def test_miles(metres: float | None, words: str) -> None:
    assert doorway.miles(metres) == words


def test_every_status_has_a_drawing_and_a_word() -> None:
    for kind in icons.STATUS_ICONS:
        drawn = doorway.status(kind, "Due soon")
        assert drawn.startswith(f'<strong class="dw-st dw-st--{kind}"><svg')
        assert drawn.endswith("Due soon</strong>")


def test_status_words_are_escaped() -> None:
    assert "&lt;b&gt;" in doorway.status("ok", "<b>")


@pytest.mark.parametrize(("share", "cap"), [(1, 0.0), (0.97, 8.2), (0.5, 18.6), (0, 37.2)])
def test_a_door_that_is_not_full_never_looks_full(share: float, cap: float) -> None:
    assert doorway.door("lit", share, 26)["cap"] == cap


def test_two_doors_never_share_an_id() -> None:
    assert doorway.door("booked")["id"] != doorway.door("booked")["id"]


def test_pips_always_say_the_numbers() -> None:
    assert "4 of 6" in render("{% pips 4 6 %}")
    assert render("{% pips 4 6 %}").count("<rect") == 6
    assert render("{% pips 14 40 %}").count("<rect") == 0


def test_next_keeps_the_filters() -> None:
    request = RequestFactory().get("/find/?year_group=9&after=old")
    html = render("{% paginate page %}", request=request, page=SimpleNamespace(next="new", size=20))

    assert 'href="?year_group=9&amp;after=new"' in html
    assert "Next 20" in html
    assert 'href="?year_group=9"' in html


def test_no_next_no_link() -> None:
    request = RequestFactory().get("/find/")
    assert render("{% paginate page %}", request=request, page=SimpleNamespace(next=None)) == ""


class Asked(forms.Form):
    kind = django_forms.ChoiceField(choices=[("a", "A")], widget=forms.ChipRadios)
    places = forms.WholeNumberField()

    def clean(self) -> None:
        raise django_forms.ValidationError("These two don't go together.")


def test_summary_points_at_the_first_control_of_each_field() -> None:
    html = render("{% error_summary %}", form=Asked({}))

    assert 'href="#id_kind_0"' in html
    assert 'href="#id_places"' in html
    assert "These two don&#x27;t go together." in html


def test_summary_gathers_forms_formsets_and_a_refusal() -> None:
    rows = django_forms.formset_factory(Asked, min_num=1, validate_min=True)
    formset = rows({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-places": "x"})
    html = render(
        "{% error_prefix %}{% error_summary %}",
        formset=formset,
        forms=[Asked({}, prefix="b")],
        problem=DomainError("slot_full", "That place went a moment ago."),
    )

    assert html.startswith("Error: ")
    assert (
        html.index("That place went a moment ago.")
        < html.index("#id_form-0-kind_0")
        < html.index("#id_b-kind_0")
    )


def test_nothing_wrong_no_summary() -> None:
    assert render("{% error_prefix %}{% error_summary %}", form=Asked()) == ""
