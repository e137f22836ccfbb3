"""What stands against a day at a school: a holiday can't be chosen, everything else is a clash to weigh (rule R48)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from django.db.models import Q

from brokerage.calendar.models import Closure, ClosureKind

SATURDAY: Final = 5


@dataclass(frozen=True)
class Clash:
    """`refuses` when the school can't receive anyone then; `words` name what it is."""

    words: str
    refuses: bool = False


def closures_between(school_id: int, first: date, last: date) -> list[Closure]:
    return list(Closure.objects.filter(Q(first_on__lte=last, last_on__gte=first), school_id=school_id))


def clash_on(day: date, closures: Iterable[Closure]) -> Clash | None:
    """The weightiest thing against this day: a holiday before anything else, then what the school typed in,
    then the weekend."""
    there = [closure for closure in closures if closure.first_on <= day <= closure.last_on]
    for closure in there:
        if closure.kind == ClosureKind.HOLIDAY:
            return Clash(inside(closure.label), refuses=True)
    if there:
        return Clash(there[0].label)
    return Clash(f"{day:%A}") if day.weekday() >= SATURDAY else None


def outside_the_day(starts: time, ends: time, *, day_starts: time, day_ends: time) -> Clash | None:
    """Before or after lessons: pupils may be gone, and it can't count for provider access (rule R16)."""
    if day_starts <= starts and ends <= day_ends:
        return None
    return Clash(f"Outside your day, {day_starts:%H:%M} to {day_ends:%H:%M}")


def inside(label: str) -> str:
    """A label in the middle of a sentence: «half-term», but «INSET» and «Easter»-like names stay as typed."""
    first_word = label.split(" ")[0]
    common = first_word.lower() in {"half-term", "half", "holiday", "school", "summer", "autumn", "spring"}
    return label[:1].lower() + label[1:] if common else label


def school_days(first: date, last: date, closures: Iterable[Closure]) -> int:
    """Days from `first` up to and with `last` on which pupils are in: no weekend, holiday or INSET day."""
    shut = [closure for closure in closures if closure.kind in (ClosureKind.HOLIDAY, ClosureKind.INSET)]
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(
        day.weekday() < SATURDAY and not any(each.first_on <= day <= each.last_on for each in shut)
        for day in span
    )
