"""How a school's pages say things: year groups, titles, people."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from brokerage import vocabulary
from brokerage.models import Claim, EncounterNeed
from brokerage.vocabulary import EncounterType


def today() -> date:
    return timezone.localdate()


def title(kind: str, year_groups: Iterable[int]) -> str:
    """`Career talk, Year 9`: what a need is called when nobody typed a title."""
    label = EncounterType(kind).label if kind in EncounterType else ""
    return ", ".join(filter(None, (label, vocabulary.years(year_groups))))


def name(need: EncounterNeed) -> str:
    return need.title or title(need.encounter_type, need.year_groups) or "Untitled draft"


def who(claim: Claim) -> str:
    """The person where one is named, else the organisation."""
    if claim.attendee is None:
        return claim.claimant.name
    return f"{claim.attendee.user} ({claim.claimant.name})"


def offers_to_choose(waiting: int) -> str:
    return "1 offer to choose" if waiting == 1 else f"{waiting} offers to choose"


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    listed = list(parts)
    return " and ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else "".join(listed)
