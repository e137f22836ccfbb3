"""Forms in GOV.UK markup through Django's own renderer: `{{ form }}` or `{{ form.name.as_field_group }}`."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template.loader import get_template

from brokerage.errors import DomainError
from brokerage.free_text import refuse_control_characters
from brokerage.web.fields import (
    ChipCheckboxes,
    ChipRadios,
    ClockField,
    DayField,
    DayInput,
    NoteField,
    OptionCards,
    PostcodeField,
    TimeInput,
    WholeNumberField,
)

__all__ = [
    "ChipCheckboxes",
    "ChipRadios",
    "ClockField",
    "DayField",
    "DayInput",
    "Form",
    "GovukRenderer",
    "NoteField",
    "OptionCards",
    "PostcodeField",
    "TimeInput",
    "WholeNumberField",
]

# Django's own lists of options, drawn our way. Everything else of Django's is a plain element with a class.
OURS = {
    "django/forms/widgets/radio.html": "govuk/widgets/list.html",
    "django/forms/widgets/checkbox_select.html": "govuk/widgets/list.html",
}
ELEMENT = {
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "selectmultiple": "govuk-select",
    "checkbox": "govuk-checkboxes__input",
}
DJANGOS: dict[str, list[type[forms.Field]]] = {
    "required": [forms.Field],
    "invalid_choice": [forms.ChoiceField, forms.MultipleChoiceField, forms.ModelChoiceField],
    "invalid_list": [forms.MultipleChoiceField],
}
DJANGOS_WORDS = {
    str(kind.default_error_messages[code]): code for code, kinds in DJANGOS.items() for kind in kinds
}
UNSTYLED = {"radioselect", "checkboxselectmultiple", "clearablefile", "hidden", "multiplehidden"}


class GovukBoundField(forms.BoundField):
    """A field that carries GOV.UK's classes and knows where an error summary must point."""

    @property
    def is_single_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def target_id(self) -> str:
        """The id of the first control: for a group that is its first option, which has no id of its own."""
        return f"{self.auto_id}_0" if self.use_fieldset else self.id_for_label or self.auto_id

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        widget.attrs.pop("placeholder", None)  # it vanishes while typing; the label and hint stay
        widget.attrs.pop("maxlength", None)  # it cuts a long paste without a word; we refuse it and keep it
        built = super().build_widget_attrs(attrs, widget)
        if self.use_fieldset and not isinstance(widget, forms.MultiWidget):
            built.pop("aria-invalid", None)  # not allowed on the radios themselves; the fieldset tells
        elif self.widget_type not in UNSTYLED:
            kind = "select" if isinstance(widget, forms.Select) else self.widget_type
            element = ELEMENT.get(kind, "govuk-input")
            classes = [element, widget.attrs.get("class", ""), built.get("class", "")]
            if self.errors:
                classes.append(f"{element}--error")
            built["class"] = " ".join(filter(None, classes))
        return built


def in_our_words(field: forms.Field) -> None:
    """Where Django would speak, the house does."""
    chosen = isinstance(field.widget, forms.widgets.ChoiceWidget)
    ours = {
        "required": "Choose one" if chosen else "Fill this in",
        "invalid_choice": "Choose from the list",
        "invalid_list": "Choose from the list",
    }
    for code, message in field.error_messages.items():
        if str(message) in DJANGOS_WORDS:
            field.error_messages[code] = ours[DJANGOS_WORDS[str(message)]]
    if isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField | forms.JSONField):
        _text_in_our_words(field)


def _text_in_our_words(field: forms.CharField) -> None:
    """A NUL is refused once, with the other characters that can't be shown."""
    most, name = field.max_length, str(field.label or "")
    named = f"{name} must be {most} characters or fewer" if name and not name.endswith("?") else ""
    field.error_messages.setdefault("max_length", named or f"Use {most} characters or fewer")
    others = [each for each in field.validators if not isinstance(each, ProhibitNullCharactersValidator)]
    if refuse_control_characters not in others:
        others.append(refuse_control_characters)
    field.validators = others


class GovukRenderer(TemplatesSetting):
    form_template_name = "govuk/form.html"
    formset_template_name = "govuk/formset.html"
    field_template_name = "govuk/field.html"
    bound_field_class = GovukBoundField
    _django = DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        if template_name in OURS:
            return get_template(OURS[template_name])
        if template_name.startswith("django/forms/"):
            return self._django.get_template(template_name)
        return super().get_template(template_name)


class Form(forms.Form):
    """Our messages instead of the browser's bubbles: no `required` attributes, errors after sending."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As open as Django's own, so that forms may hand on whatever theirs take."""
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Fields may have been added after the form was made."""
        for field in self.fields.values():
            in_our_words(field)
        super().full_clean()

    def refused(self, error: DomainError) -> None:
        """What a verb said, beside the fields it is about, so that what was typed stays; else at the top."""
        told = (error.fields or {"": error.message}).items()
        for here, message in dict.fromkeys((self.field_for(name), message) for name, message in told):
            self.add_error(here if here in self.fields else None, message)

    def field_for(self, name: str) -> str:
        """Where a verb's field has another name on the page."""
        return name
