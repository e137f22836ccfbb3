"""Schools that convert get a new URN: the school here keeps its row, and with it its history (R27).

Only one establishment that becomes one other is followed. Mergers and splits leave each school as it is, closed on
its day (R29): whose history would the new one carry? Without this a school could shed its record by converting.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Q

from brokerage.accounts import registered
from brokerage.accounts.models import Kind, Organisation
from brokerage.registers.models import Establishment, Link, Status

SUCCESSOR, PREDECESSOR = "successor", "predecessor"
LONGEST_CHAIN: Final = 10


@dataclass
class Carried:
    """Old and new URNs; `refused` where people use both schools already."""

    done: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def carry_over(*, at: datetime) -> Carried:
    """Give each school here whose establishment went on under another URN that URN."""
    carried, becomes = Carried(), _becomes()
    schools = Organisation.objects.filter(kind=Kind.SCHOOL, urn__in=becomes).select_for_update(
        of=("self",), no_key=True
    )
    chains = {school: _chain(school.urn or "", becomes) for school in schools.order_by("pk")}
    status = dict(
        Establishment.objects.filter(
            urn__in={urn for chain in chains.values() for urn in chain} | {school.urn for school in chains}
        ).values_list("urn", "status")
    )
    for school, chain in chains.items():
        old = school.urn or ""
        if status.get(old, Status.CLOSED) != Status.CLOSED:
            continue
        for urn in _known(chain, status):
            pair = (school.urn or "", urn)
            if not registered.take_urn(school, urn, at=at):
                carried.refused.append(pair)
                break
            carried.done.append(pair)
    return carried


def _becomes() -> dict[str, str]:
    """Old URN to new, where the links, read in both directions, leave no doubt."""
    successors, predecessors = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    plain = set[tuple[str, str]]()
    links = Link.objects.filter(Q(link_type__istartswith=SUCCESSOR) | Q(link_type__istartswith=PREDECESSOR))
    for urn, other, link_type in links.values_list("urn", "link_urn", "link_type"):
        pair = (urn, other) if link_type.casefold().startswith(SUCCESSOR) else (other, urn)
        successors[pair[0]].add(pair[1])
        predecessors[pair[1]].add(pair[0])
        if link_type.casefold() in (SUCCESSOR, PREDECESSOR):
            plain.add(pair)
    return {old: new for old, new in plain if len(successors[old]) == len(predecessors[new]) == 1}


def _chain(urn: str, becomes: dict[str, str]) -> list[str]:
    """What it became, and what that became; a circle ends where it closes."""
    chain = list[str]()
    while (urn := becomes.get(urn, "")) and urn not in chain and len(chain) < LONGEST_CHAIN:
        chain.append(urn)
    return chain


def _known(chain: list[str], status: dict[str, int]) -> Iterator[str]:
    """As far as the establishments are in the register and have opened."""
    for urn in chain:
        if status.get(urn, Status.PROPOSED) == Status.PROPOSED:
            return
        yield urn
