"""What staff read of the registers."""

from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet

from brokerage.registers.files import REGISTERS
from brokerage.registers.models import Import, Kind


@dataclass(frozen=True)
class Held:
    """One register: how many rows we hold, and its last import."""

    label: str
    rows: int
    last: Import | None


def held() -> list[Held]:
    newest = Import.objects.values("kind").annotate(newest=Max("pk")).values("newest")
    last = {each.kind: each for each in imports().filter(pk__in=newest)}
    return [
        Held(Kind(kind).label, register.model._default_manager.count(), last.get(kind))
        for kind, register in REGISTERS.items()
    ]


def imports() -> QuerySet[Import]:
    return Import.objects.annotate(aside=Count("set_aside"))
