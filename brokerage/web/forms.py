"""Forms in GOV.UK markup through Django's own renderer: `{{ form }}` or `{{ form.name.as_field_group }}`."""

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.template.loader import get_template

from brokerage.errors import DomainError
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
DJANGOS_WORDS = forms.Field.default_error_messages["required"]
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
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] == DJANGOS_WORDS:
                chosen = isinstance(field.widget, forms.widgets.ChoiceWidget)
                field.error_messages["required"] = "Choose one" if chosen else "Fill this in"

    def refused(self, error: DomainError) -> None:
        """What a verb said, beside the fields it is about, so that what was typed stays; else at the top."""
        told = (error.fields or {"": error.message}).items()
        for here, message in dict.fromkeys((self.field_for(name), message) for name, message in told):
            self.add_error(here if here in self.fields else None, message)

    def field_for(self, name: str) -> str:
        """Where a verb's field has another name on the page."""
        return name
