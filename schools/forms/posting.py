"""A need being written: the form and its times, read and checked as one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.forms.utils import ErrorDict
from django.http import QueryDict

from brokerage.accounts.models import Membership
from brokerage.domain.needs import MISSING
from brokerage.domain.slots import SlotTime
from brokerage.errors import DomainError
from brokerage.models import EncounterNeed, Hosting
from brokerage.vocabulary import SLOTS_AT_MOST, YEAR_GROUPS
from schools.forms import need as need_forms
from schools.forms import times as time_forms
from schools.forms.need import NeedForm, follow_type
from schools.forms.times import PREFIX, BaseTimes, Times
from schools.models import School

NO_TIMES = "Add at least one time"
FOLLOW_THE_TYPE = ("open_to", "main_benchmark")
"""Filled in once the type is chosen: not asked for beside it."""


class Posting:
    """`need` is the one being amended; None while it is new."""

    form: NeedForm
    times: BaseTimes

    def __init__(
        self,
        by: Membership,
        *,
        sent: QueryDict | None = None,
        need: EncounterNeed | None = None,
        copy_of: EncounterNeed | None = None,
    ) -> None:
        self.by, self.need = by, need
        self.hosting = Hosting.objects.filter(school_id=by.organisation_id).first()
        self.problem: DomainError | None = None
        self._standing = list(need.slots.standing()) if need else []
        data = follow_type(sent) if sent is not None else None
        initial, rows = self._initial(copy_of)
        years = self._years(need or copy_of)
        self.form = NeedForm(data, initial=initial, by=by, years=years, hosting=self.hosting)
        self.times = Times(data, initial=rows, prefix=PREFIX)  # type: ignore[assignment]

    def _initial(self, copy_of: EncounterNeed | None) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
        if self.need:
            return need_forms.of_need(self.need), time_forms.of_need(self._standing) or [{}]
        if copy_of:
            slots = list(copy_of.slots.standing())
            return need_forms.of_need(copy_of, copy=True), time_forms.copied(slots) or [{}]
        return need_forms.blank(self.by, self.hosting), [{}]

    def _years(self, need: EncounterNeed | None) -> list[int]:
        """Those the school teaches, and whatever the need already names."""
        profile = School.objects.filter(organisation_id=self.by.organisation_id).first()
        taught = profile.year_groups if profile else list(YEAR_GROUPS)
        return sorted({*taught, *(need.year_groups if need else ())})

    def read(self, *, at: datetime, publish: bool) -> bool:
        """True when it can be handed to a verb; what stands in the way is then beside its field."""
        self.form.full_clean()
        self.times.read(
            kind=self.form.kind,
            school_id=self.by.organisation_id,
            hosting=self.hosting,
            year_groups=self.form.cleaned_data.get("year_groups") or (),
        )
        known = {(slot.public_id, slot.starts_at) for slot in self._standing}
        self.times.refuse_unfit(
            at=at,
            known=frozenset(
                time.public_id
                for time in self.times.times()
                if time.public_id and (time.public_id, time.starts_at) in known
            ),
        )
        if publish:
            self._require_whole()
        return not self.form.errors and self.times.is_sound

    def _require_whole(self) -> None:
        has_type = bool(self.form.cleaned_data.get("encounter_type"))
        for name in ("encounter_type", "year_groups", *(FOLLOW_THE_TYPE if has_type else ())):
            if not self.form.cleaned_data.get(name) and not self.form.has_error(name):
                self.form.add_error(name, MISSING[name])
        if not self.times.rows and self.times.is_sound:
            standing = (form for form in self.times.forms if not self.times.is_gone(form))
            first = next((form for form in standing if not form.errors), None)
            if first is not None:
                first.add_error("day", NO_TIMES)
            else:
                self.times.non_form_errors().append(NO_TIMES)

    @property
    def stood(self) -> list[datetime]:
        """The times it had before."""
        return [slot.starts_at for slot in self._standing]

    def fields(self) -> dict[str, Any]:
        return self.form.to_fields()

    def slots(self) -> list[SlotTime]:
        return self.times.times()

    def spans(self) -> list[tuple[datetime, datetime]]:
        """The times as they stand on the page, the earliest first."""
        if self.form.is_bound:
            return sorted((time.starts_at, time.ends_at) for time in self.times.times())
        return [(slot.starts_at, slot.ends_at) for slot in self._standing]

    def refused(self, error: DomainError) -> None:
        """What a verb said, beside the fields it spoke of; else at the top of the page."""
        if not error.fields:
            self.problem = error
            return
        self.times.add_refused(error)
        for name, message in error.fields.items():
            field = need_forms.NAMES.get(name, name)
            if name.startswith("slots"):
                continue
            if field in self.form.fields:
                self.form.add_error(field, message)
            else:
                self.form.add_error(None, message)

    def with_another_row(self, *, at: datetime) -> None:
        """The same page with one row more, and no word yet on what is unfinished."""
        data = QueryDict(mutable=True)
        data.update(self.form.data)
        key = f"{PREFIX}-TOTAL_FORMS"
        rows = data.get(key, "")
        data[key] = str(min((int(rows) if rows.isdigit() else 0) + 1, SLOTS_AT_MOST))
        self.times = Times(data, prefix=PREFIX)  # type: ignore[assignment]
        self.read(at=at, publish=False)
        self.hush()

    def hush(self) -> None:
        """Show what was typed without finding fault with it."""
        for form in (self.form, *self.times.forms):
            form._errors = ErrorDict()  # type: ignore[attr-defined]
            form.cleaned_data = getattr(form, "cleaned_data", {})
        self.times._errors = [{} for _ in self.times.forms]  # type: ignore[attr-defined]
        self.times._non_form_errors = self.times.error_class()  # type: ignore[attr-defined]
