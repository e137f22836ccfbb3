"""What a school says in its reply, and a reviewer in answer."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms as django_forms

from brokerage.fairness.states import CaseState, ContestGround
from brokerage.web.evidence import Row
from brokerage.web.fields import NoteField
from brokerage.web.forms import Form

NOTE_AT_MOST: Final = 2000
WORDS_AT_MOST: Final = 4000


class ContestForm(Form):
    """One request, and why it shouldn't count."""

    request = django_forms.ChoiceField(
        label="Which request?", error_messages={"required": "Choose a request"}
    )
    ground = django_forms.ChoiceField(
        label="Why shouldn’t it count?",
        choices=ContestGround.choices,
        widget=django_forms.RadioSelect,
        error_messages={"required": "Choose why it shouldn’t count"},
    )
    note = NoteField(
        label="What was different about this request? (optional)",
        max_length=NOTE_AT_MOST,
        required=False,
    )

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["request"]
        assert isinstance(field, django_forms.ChoiceField)
        field.choices = [("", "Choose a request"), *((row.public_id, row.named) for row in rows)]


class ContextForm(Form):
    context = NoteField(
        label="What should a reviewer know?",
        help_text="Building work, a change of staff, visits agreed another way. Say what was different.",
        max_length=WORDS_AT_MOST,
        rows=8,
        error_messages={"required": "Enter what a reviewer should know"},
    )


class SettleForm(Form):
    accept = django_forms.ChoiceField(
        label="Should it count?",
        choices=[("yes", "Accept: take it out"), ("no", "Don’t accept: it still counts")],
        widget=django_forms.RadioSelect,
        error_messages={"required": "Choose one"},
    )
    answer = NoteField(
        label="Your reason",
        help_text="The school reads it.",
        max_length=NOTE_AT_MOST,
        error_messages={"required": "Enter your reason"},
    )


class DecisionForm(Form):
    decision = django_forms.ChoiceField(
        label="What do you decide?",
        choices=[
            (CaseState.EXPLAINED, "Explained: what the school says accounts for it"),
            (CaseState.WITHDRAWN, "Withdrawn: it shouldn’t have been raised"),
            (CaseState.CONFIRMED, "Confirmed: a difference that the reply doesn’t account for"),
        ],
        widget=django_forms.RadioSelect,
        error_messages={"required": "Choose a decision"},
    )
    reason = NoteField(
        label="Your reasons",
        help_text="The school, its trust and its hub read them with your name. Say what the figures and the reply"
        " show; nobody can see from figures why.",
        max_length=WORDS_AT_MOST,
        rows=6,
        error_messages={"required": "Enter the reasons for your decision"},
    )
