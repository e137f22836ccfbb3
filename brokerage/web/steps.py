"""The steps of an access request in words that both sides can read, from the log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from brokerage import vocabulary
from brokerage.calendar.settings import CLOCK
from brokerage.models import AccessRequest, Words
from brokerage.queries.access_requests import HistoryStep
from brokerage.vocabulary import DeliveryMode, PostponeReason, RefusalGround, Shortfall
from brokerage.web.clocks import ran_on
from brokerage.web.dates import clock, in_list, in_sentence

SHOWN_DATES: Final = 3


@dataclass(frozen=True)
class Line:
    """`quoted` is what was written with it; empty when nothing was, when it was erased, or when the reader may not
    read it."""

    at: datetime
    text: str
    icon: str
    words: Words | None = None

    @property
    def quoted(self) -> str:
        return self.words.text if self.words else ""

    @property
    def removed(self) -> str:
        """In its place, once a person has had it taken out."""
        if self.words is None or self.words.erased_at is None:
            return ""
        return f"This text was removed on {in_sentence(self.words.erased_at)}."


def lines(history: list[HistoryStep], request: AccessRequest) -> list[Line]:
    """In the order in which they happened; a step nobody needs to read of leaves no line."""
    said = (
        (step, _SAID[step.type](step.data, request) + _of_the_clock(step, history))
        for step in history
        if step.type in _SAID
    )
    return [Line(step.at, text, _ICONS.get(step.type, "clock"), step.words) for step, text in said]


def _of_the_clock(step: HistoryStep, history: list[HistoryStep]) -> str:
    """What a question did to the clock: so many pause it, counted anew when a postponed request comes back."""
    if step.type not in ("questioned", "question_answered"):
        return ""
    until = history[: history.index(step) + 1]
    began = max((number for number, each in enumerate(until) if each.type == "returned"), default=0)
    asked_back = sum(each.type in ("questioned", "duplicate_marked") for each in until[began:])
    if asked_back > CLOCK.pauses_at_most:
        return f". {ran_on(CLOCK.pauses_at_most)}"
    return ". The clock paused" if step.type == "questioned" else ". The clock went on"


def _asked(data: dict[str, Any], request: AccessRequest) -> str:
    return f"{request.asker.name} asked to meet {vocabulary.years(data['year_groups'])}"


def _granted(data: dict[str, Any], request: AccessRequest) -> str:
    starts = _moment(data["starts_at"])
    when = f"{in_sentence(starts)}, {clock(starts)}"
    if data["counter_offer"]:
        return f"{request.asker.name} took {when} to {clock(_moment(data['ends_at']))}, {_for_whom(data)}"
    return f"{request.school.name} said yes: {when}"


def _countered(data: dict[str, Any], request: AccessRequest) -> str:
    listed = [in_list(date.fromisoformat(day)) for day in data["dates"]]
    more = f" and {len(listed) - SHOWN_DATES} more" if len(listed) > SHOWN_DATES else ""
    starts = clock(time.fromisoformat(data["starts"]))
    what = f"{data['minutes']} minutes, {_for_whom(data)}"
    return f"{request.school.name} offered {', '.join(listed[:SHOWN_DATES])}{more}, at {starts}: {what}"


def _for_whom(data: dict[str, Any]) -> str:
    return f"{vocabulary.years(data['year_groups'])}, {_inside(DeliveryMode(data['delivery_mode']).label)}"


def _postponed(data: dict[str, Any], request: AccessRequest) -> str:
    until = in_sentence(date.fromisoformat(data["until"]))
    return f"{request.school.name} postponed it until {until}{_because(PostponeReason, data['reason'])}"


def _refused(data: dict[str, Any], request: AccessRequest) -> str:
    ground = RefusalGround(data["ground"]).label
    published = "" if data["is_published"] else " (no published ground)"
    return f"{request.school.name} said not this time: {_inside(ground)}{published}"


def _settled(data: dict[str, Any], request: AccessRequest) -> str:
    if data["is_duplicate"]:
        return "Settled: it repeats an earlier request"
    return f"{request.asker.name} said it isn't a duplicate"


def _reported(data: dict[str, Any], request: AccessRequest) -> str:
    kinds = "; ".join(_inside(Shortfall(kind).label) for kind in data["kinds"])
    minutes = f", {data['minutes']} minutes" if data["minutes"] is not None else ""
    return f"{request.asker.name} reported: {kinds}{minutes}"


def _reached(data: dict[str, Any], _: AccessRequest) -> str:
    return f"The clock reached day {data['day']}"


_SAID: Final[dict[str, Callable[[dict[str, Any], AccessRequest], str]]] = {
    "asked": _asked,
    "granted": _granted,
    "countered": _countered,
    "counter_rejected": lambda _, request: f"{request.asker.name} couldn't take those dates",
    "postponed": _postponed,
    "returned": lambda *_: "The day it was postponed to has come: it waits for an answer again",
    "questioned": lambda _, request: f"{request.school.name} asked a question",
    "question_answered": lambda _, request: f"{request.asker.name} answered",
    "refused": _refused,
    "duplicate_marked": lambda _, request: f"{request.school.name} said it repeats an earlier request",
    "duplicate_settled": _settled,
    "withdrawn": lambda _, request: f"{request.asker.name} withdrew",
    "followed_up": lambda _, request: f"{request.asker.name} followed up",
    "shortfall_reported": _reported,
    "clock_reached": _reached,
}
_ICONS: Final = {
    "granted": "tick",
    "countered": "date",
    "postponed": "pause",
    "questioned": "pause",
    "refused": "minus",
    "withdrawn": "minus",
    "counter_rejected": "minus",
    "shortfall_reported": "info",
}


def _because(reasons: type[PostponeReason], reason: str) -> str:
    return "" if reason == "other" or reason not in reasons else f": {_inside(reasons(reason).label)}"


def _inside(label: str) -> str:
    """A label in the middle of a sentence: «the timetable is full», but «ID checks»."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
