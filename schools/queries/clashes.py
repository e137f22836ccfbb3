"""What speaks against the times of a need: said beside them, never refused. A careers fair may be on a Saturday."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.utils import timezone

from brokerage.calendar.school_days import SATURDAY, Clash, SchoolDays
from brokerage.models import Slot
from brokerage.web.dates import in_sentence, local_day
from schools import words

DAYS_NAMED: Final = 3
AT_THE_WEEKEND: Final = "at the weekend: pupils would have to come in."


def note_on(day: date) -> str:
    """Beneath a date, where the calendar's own word beside it says only which day it is."""
    return AT_THE_WEEKEND.capitalize() if day.weekday() >= SATURDAY else ""


def of_slot(slot: Slot, days: SchoolDays, *, has_hours: bool) -> Clash | None:
    start, end = (timezone.localtime(moment).time() for moment in (slot.starts_at, slot.ends_at))
    return days.clash_on(local_day(slot.starts_at)) or (days.outside(start, end) if has_hours else None)


def sentences(moments: Iterable[datetime], days: SchoolDays) -> list[str]:
    """For after the posting: one for the weekends, one for each thing that the calendar says of other days."""
    found: dict[str, list[date]] = {}
    for day in sorted({local_day(moment) for moment in moments}):
        if clash := days.clash_on(day):
            found.setdefault("" if day.weekday() >= SATURDAY else clash.words, []).append(day)
    return [_sentence(what, each) for what, each in found.items()]


def _sentence(what: str, days: list[date]) -> str:
    named = [in_sentence(day) for day in days[:DAYS_NAMED]]
    if more := len(days) - len(named):
        named.append(f"{more} more")
    when = words.joined(named)
    if not what:
        return f"{when} {'is' if len(days) == 1 else 'are'} {AT_THE_WEEKEND}"
    return f"Your calendar says {what} on {when}. It’s posted all the same."
