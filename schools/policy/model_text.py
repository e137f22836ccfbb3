"""A statement to start from, filled in with what the school has said of its day and its rooms."""

from collections.abc import Sequence
from datetime import time
from typing import Any, Final

from brokerage.vocabulary import RefusalGround
from schools.policy.statement import WEEKDAYS

GROUNDS: Final = (
    RefusalGround.DATE_CLASH,
    RefusalGround.EXAM_PERIOD,
    RefusalGround.SAFEGUARDING_NOT_SATISFIED,
    RefusalGround.NOT_A_PROVIDER,
    RefusalGround.NO_CAPACITY,
)


def start(*, day_starts: time, day_ends: time, rooms: Sequence[str], years: Sequence[int]) -> dict[str, Any]:
    """The fields of a first draft. Contact, approval and review stay empty: only the school can say them."""
    return {
        "procedure": (
            "Ask through Doorway, or write to the contact named in this statement. Say which year groups you would "
            "like to meet, what you would like to do, how long it takes and which dates suit you. We answer within "
            "10 school days. If we can't offer your dates, we offer others."
        ),
        "granting": (
            "We say yes to every provider of technical education and apprenticeships that wants to tell our pupils "
            "what it offers, the careers it leads to and what learning there is like, and answers their questions, "
            "at a time when we can bring those pupils together."
        ),
        "refusing": dict.fromkeys(GROUNDS, ""),
        "premises": _premises(rooms),
        "times": [{"weekdays": list(WEEKDAYS), "starts": f"{day_starts:%H:%M}", "ends": f"{day_ends:%H:%M}"}],
        "times_note": "Not in holidays, on INSET days or while the pupils concerned sit exams.",
        "encounters": _encounters(years),
        "safeguarding": (
            "Staff stay with visitors and pupils throughout. Visitors report to reception with photo ID. "
            "Nobody needs a certificate for a one-off, supervised visit."
        ),
    }


def _premises(rooms: Sequence[str]) -> str:
    where = f"{', '.join(rooms[:-1])} or {rooms[-1]}" if len(rooms) > 1 else "".join(rooms)
    place = (
        f"We offer a room that suits the visit: {where}."
        if where
        else "We offer a room that suits the visit."
    )
    return f"{place} It has a screen and sound. Providers may leave prospectuses for pupils in the library."


def _encounters(years: Sequence[int]) -> str:
    taught = set(years)
    phases = [
        (
            {8, 9},
            "In Years 8 and 9, every pupil meets at least two different providers by 28 February in Year 9.",
        ),
        ({10, 11}, "In Years 10 and 11, every pupil meets at least two more by 28 February in Year 11."),
        ({12, 13}, "In Years 12 and 13, we offer at least two more by 28 February in Year 13."),
    ]
    sentences = [sentence for both, sentence in phases if both & taught]
    return " ".join(
        [*sentences, "Each takes place in the school day. Pupils who are away meet the provider later."]
    )
