"""The polite message that each answer writes by itself. The school reads it before it is sent, and may change it."""

from brokerage import vocabulary
from brokerage.models import AccessRequest
from brokerage.vocabulary import PostponeReason, RefusalGround
from schools.pal.windows import KEY_PHASES, ORDINALS

_ASK_AGAIN = "Please ask again with others."

_REFUSALS: dict[str, str] = {
    RefusalGround.DATE_CLASH: f"None of the dates you offered works for us. {_ASK_AGAIN}",
    RefusalGround.EXAM_PERIOD: "Our pupils sit exams then, and we keep those weeks free of visits. "
    "Please ask again for a date outside them.",
    RefusalGround.SAFEGUARDING_NOT_SATISFIED: "The safeguarding or ID checks for your visit aren't complete, "
    "so we can't agree a date. Please ask again once they are.",
    RefusalGround.NOT_RELEVANT: "What you'd cover doesn't suit these pupils this year, so we can't take this one.",
    RefusalGround.NOT_A_PROVIDER: "Our provider access policy is for providers of technical courses and "
    "apprenticeships, so we can't take this one under it.",
    RefusalGround.NO_CAPACITY: f"We've no room or member of staff free on those days. {_ASK_AGAIN}",
    RefusalGround.OTHER: "We can't take this one, for a reason set out in our provider access policy.",
}
# An invitation to meet others would contradict these.
_ENDS_THERE = frozenset({RefusalGround.SAFEGUARDING_NOT_SATISFIED, RefusalGround.NOT_A_PROVIDER})

_POSTPONEMENTS: dict[str, str] = {
    PostponeReason.EXAM_PERIOD: "Our pupils sit exams or mock exams until then.",
    PostponeReason.TIMETABLE_FULL: "Our timetable is full until then.",
    PostponeReason.STAFF_ABSENCE: "The member of staff who'd host you is away until then.",
    PostponeReason.BUILDING_WORK: "Building work leaves us without a room until then.",
    PostponeReason.OTHER: "We can't plan it before then.",
}


def refusal(ground: str, request: AccessRequest, others: str) -> str:
    """`others`: the sentence that offers other year groups, or nothing."""
    why = _already_met(request) if ground == RefusalGround.ALREADY_MET else _REFUSALS[ground]
    return _joined(_thanks(request), why, "" if ground in _ENDS_THERE else others)


def postponement(reason: str, request: AccessRequest) -> str:
    waits = "You needn't ask again: your request comes back to us by itself on that day."
    return _joined(_thanks(request), _POSTPONEMENTS[reason], waits)


def counter_offer(request: AccessRequest) -> str:
    return _joined(
        _thanks(request), "Your dates don't suit us, but these would. Take one and it's booked at once."
    )


def duplicate(earlier: AccessRequest | None) -> str:
    asked = f"on {earlier.asked_at.day} {earlier.asked_at:%B}" if earlier else "before"
    about = f" about {vocabulary.years(earlier.year_groups)}" if earlier else ""
    then = "If you agree, we'll answer that one." if earlier is None or earlier.is_open else "Do you agree?"
    return f"We think this repeats what you asked {asked}{about}. {then}"


def _thanks(request: AccessRequest) -> str:
    return f"Thank you for offering to meet our {vocabulary.years(request.year_groups)}."


def _already_met(request: AccessRequest) -> str:
    phases = {phase for phase, years in KEY_PHASES.items() if set(years) & set(request.year_groups)}
    if len(phases) != 1:
        return "We've already met our need for them this year, so we can't take this one."
    phase = phases.pop()
    first, last = KEY_PHASES[phase]
    return (
        f"We've already arranged two encounters for them in the {ORDINALS[phase]} key phase "
        f"(Years {first} and {last}), so we can't take this one."
    )


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
