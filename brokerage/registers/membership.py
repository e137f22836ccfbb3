"""Which establishment is in which group, and since when.

A school's trust is told twice: by its own row in the establishments file and by the group links. The former decides;
where the two disagree both are named, for a person to look at. Only when no establishment names a trust (that column
may be missing) do the group links stand in.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from brokerage.registers.models import Establishment, Group, GroupLink, Status
from brokerage.registers.reading import FileError
from brokerage.registers.staging import Stage

# GIAS group types: multi-academy trust, single-academy trust.
TRUSTS: Final = (6, 10)
# Half of the members gone: the file is more likely cut short than true.
FEWEST_LEFT: Final = 0.5
# GIAS offers files of all groups and of academy trusts alone: a file can only speak of the kinds of group it holds.
# Hashed once: compared row by row (IS NOT DISTINCT FROM) it read the whole file for every member it says nothing of.
IN_FORCE: Final = (
    "(kept.left_on IS NULL OR kept.left_on > %(on)s) AND (kept.joined_on IS NULL OR kept.joined_on <= %(on)s) "
    "AND coalesce(kept.type_code, -1) IN (SELECT coalesce(staged.type_code, -1) FROM staged)"
)


@dataclass(frozen=True)
class Disagreement:
    """One open establishment: the UID of its trust as its own row says, and those that the group links say."""

    urn: str
    establishments: int | None
    group_links: tuple[int, ...]

    def __str__(self) -> str:
        links = " and ".join(map(str, self.group_links)) or "none"
        return f"{self.urn}: trust {self.establishments or 'none'} by establishments, {links} by group links"


def refuse_a_short_list(stage: Stage, on: date) -> None:
    gone, held = stage.lacking(IN_FORCE, {"on": on})
    if gone > FEWEST_LEFT * held:
        raise FileError(
            f"The file lacks {gone:,} of the {held:,} members of groups listed so far: is it whole? "
            "Nothing was imported."
        )


def end(stage: Stage, on: date) -> int:
    """Whoever a newer file no longer names has left; the day is the file's, for nobody says which it was."""
    return stage.change_lacking("left_on = %(on)s", IN_FORCE, {"on": on})


def disagreements(on: date) -> list[Disagreement]:
    """Open establishments whose own row and whose group links name different trusts. None before both are here."""
    theirs, kinds = _trusts(on), _kinds()
    if not theirs:
        return []
    rows = Establishment.objects.filter(status__in=(Status.OPEN, Status.CLOSING))
    rows = rows.filter(Q(trust_uid__isnull=False) | Q(urn__in=theirs)).order_by("urn")
    found = []
    for urn, uid in rows.values_list("urn", "trust_uid"):
        # The same column holds foundation trusts, which aren't organisations here.
        own = uid if uid and kinds.get(uid, TRUSTS[0]) in TRUSTS else None
        if {own} - {None} != theirs.get(urn, set()):
            found.append(Disagreement(urn, own, tuple(sorted(theirs.get(urn, set())))))
    return found


def stand_in(on: date) -> dict[str, int]:
    """URN to UID of its one trust, when the establishments name none at all; else nothing."""
    if Establishment.objects.filter(trust_uid__isnull=False).exists():
        return {}
    return {urn: min(uids) for urn, uids in _trusts(on).items() if len(uids) == 1}


def _trusts(on: date) -> dict[str, set[int]]:
    """Academy trusts in force, by URN."""
    kinds, found = _kinds(), defaultdict[str, set[int]](set)
    links = GroupLink.objects.exclude(left_on__lte=on).exclude(joined_on__gt=on)
    for urn, uid in links.values_list("urn", "uid"):
        if kinds.get(uid) in TRUSTS:
            found[urn].add(uid)
    return dict(found)


def _kinds() -> dict[int, int]:
    """Each group's type, from whichever file told it."""
    links = GroupLink.objects.filter(type_code__isnull=False).values_list("uid", "type_code").distinct()
    told = {uid: kind for uid, kind in links if kind is not None}
    return told | dict(Group.objects.values_list("uid", "type_code"))
