"""The forms of those who come: claim, leave, name who comes, say it was different."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms as django_forms

from brokerage.accounts.models import Membership
from brokerage.models import Claim, Slot
from brokerage.queries.diaries import Diary
from brokerage.vocabulary import PLACES_AT_MOST, ClaimantReason
from brokerage.web import dates
from brokerage.web.fields import ChipRadios, NoteField, OptionCards, WholeNumberField
from brokerage.web.forms import Form

TO_BE_NAMED = "later"


class People(django_forms.Select):
    """Who could come; those whose diary already holds something then can't be picked, and it says what."""

    def __init__(self, *, busy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.busy = dict(busy or {})

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if school := self.busy.get(str(value)):
            option["label"] = f"{label} (booked at {school} then)"
            option["attrs"]["disabled"] = True
        return option


class Times(OptionCards):
    """The need's open times; one that this person can't take is shown, and says why."""

    def __init__(self, *, shut: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shut = set(shut)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.shut:
            option["attrs"]["disabled"] = True
        return option


def busy_at(slot: Slot, people: Sequence[Membership], diary: Diary) -> dict[str, str]:
    """Membership id → the school that already has this person at the slot's time."""
    return {
        str(person.public_id): booking.slot.need.school.name
        for person in people
        if (booking := diary.get((person.user_id, slot.pk)))
    }


class WhoComesForm(Form):
    """For those who coordinate. `people` are the organisation's, the asker included."""

    attendee = django_forms.ChoiceField(
        label="Who comes?",
        error_messages={
            "required": "Choose who comes",
            "invalid_choice": "Choose someone of your organisation",
        },
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[Membership],
        by: Membership,
        busy: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.public_id): person for person in people}
        names = [(key, f"{p.user} (you)" if p.pk == by.pk else str(p.user)) for key, p in self.people.items()]
        field = self.fields["attendee"]
        field.widget = People(busy=busy)
        field.choices = field.widget.choices = [*names, (TO_BE_NAMED, "To be named later")]  # type: ignore[attr-defined]
        mine = str(by.public_id)
        field.initial = TO_BE_NAMED if mine in busy or mine not in self.people else mine

    @property
    def chosen(self) -> Membership | None:
        return self.people.get(self.cleaned_data["attendee"])


class ClaimForm(Form):
    """Claim for oneself. `times` are those still open, and asked about when there are several; `slots` all of the
    need's, because whether one still takes a claim is the verb's to say."""

    slot = django_forms.ChoiceField(
        label="Which time?",
        widget=Times(),
        error_messages={"required": "Choose a time", "invalid_choice": "Choose a time from the list"},
    )
    note = NoteField(label="A note for the school (optional)", required=False, rows=2)

    def __init__(self, *args: Any, times: Sequence["Time"], slots: Sequence[Slot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = {str(slot.public_id): slot for slot in slots}
        self.asks_which = len(times) > 1
        field = self.fields["slot"]
        if self.asks_which:
            field.widget = Times(
                hints={time.key: time.hint for time in times}, shut=[t.key for t in times if t.is_shut]
            )
        else:
            field.widget = django_forms.HiddenInput()
            field.initial = times[0].key if times else None
        field.choices = [(key, key) for key in self.slots]  # type: ignore[attr-defined]
        field.widget.choices = [(time.key, time.label) for time in times]

    @property
    def chosen_slot(self) -> Slot:
        return self.slots[self.cleaned_data["slot"]]

    @property
    def has_note(self) -> bool:
        return bool(self["note"].value() or self["note"].errors)


class CoordinatorClaimForm(ClaimForm, WhoComesForm):
    """Claim for anyone of theirs, or for somebody to be named."""

    places = WholeNumberField(
        label="Places",
        initial=1,
        min_value=1,
        max_value=PLACES_AT_MOST,
        error_messages={
            "required": "Enter how many places",
            "min_value": f"Enter how many places, from 1 to {PLACES_AT_MOST:,}",
            "max_value": f"Enter how many places, from 1 to {PLACES_AT_MOST:,}",
        },
    )
    field_order = ("slot", "attendee", "places", "note")


class Time:
    """One open time of a need, as one person can take it."""

    def __init__(self, slot: Slot, *, claim: Claim | None, clash: Claim | None) -> None:
        self.slot, self.claim, self.clash = slot, claim, clash

    @property
    def key(self) -> str:
        return str(self.slot.public_id)

    @property
    def label(self) -> str:
        starts, ends = dates.clock(self.slot.starts_at), dates.clock(self.slot.ends_at)
        return f"{dates.in_list(self.slot.starts_at)}, {starts} to {ends}"

    @property
    def hint(self) -> str:
        if self.claim:
            return "You’ve claimed this one."
        if self.clash:
            return f"You’re already booked at {self.clash.slot.need.school.name} then."
        return self.left

    @property
    def left(self) -> str:
        left = self.slot.places_left
        return "1 place left" if left == 1 else f"{left:,} places left"

    @property
    def is_shut(self) -> bool:
        return bool(self.claim or self.clash)


class LeaveForm(Form):
    reason = django_forms.ChoiceField(
        label="Why can’t you come?",
        choices=ClaimantReason.choices,
        widget=ChipRadios,
        error_messages={"required": "Choose a reason", "invalid_choice": "Choose a reason"},
    )
    note = NoteField(label="Anything to add? (optional)", required=False, rows=2)


class DisputeForm(Form):
    note = NoteField(
        label="What was different?",
        help_text="Both sides see this.",
        error_messages={"required": "Say what was different"},
    )


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
