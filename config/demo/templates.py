"""What schools of the demo world ask for (templates.toml), and what people write beside it."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from brokerage.vocabulary import EncounterType


@dataclass(frozen=True, kw_only=True)
class Template:
    """`places` and `times` are the least and the most; `at` the hours a slot may start; `more` further fields."""

    type: EncounterType
    title: str
    years: list[int]
    minutes: int
    places: list[int]
    times: list[int]
    at: list[str]
    description: str
    sectors: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


def _read() -> list[Template]:
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["template"]
    return [Template(**{**row, "type": EncounterType(row["type"])}) for row in rows]


TEMPLATES: Final = _read()

CLAIM_NOTES: Final = (
    "Happy to bring a colleague who joined last year.",
    "I did this here in spring and would love to come again.",
    "I can bring samples for them to handle.",
    "Our apprentices can answer questions too.",
    "Could I have ten minutes to set up?",
    "",
    "",
    "",
    "",
)
DECLINE_NOTES: Final = (
    "Thank you. We'd like to keep your details for the summer term.",
    "Thank you for offering. We had more people than places.",
    "",
)
SCHOOL_NOTES: Final = ("We'll post it again soon. Sorry for the trouble.", "Sorry at such short notice.", "")
CLAIMANT_NOTES: Final = ("So sorry. A colleague may be free instead.", "I hope to come another time.", "")
RECORD_NOTES: Final = (
    "Lively questions, especially about pay.",
    "Ran over by ten minutes because nobody wanted to stop.",
    "The projector failed but nobody minded.",
    "",
    "",
    "",
)
DISPUTES: Final = (
    "It lasted about 15 minutes. The bell went before questions.",
    "We met one class, not the whole year group.",
)
