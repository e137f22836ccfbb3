from typing import ClassVar

import pgtrigger
from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.eventlog.models import Event


class Seal(models.Model):
    """A link of a school's chain: this event, after all that came before it. Whoever was shown one can prove later
    that nothing up to it was changed (`manage.py verify_ledger`)."""

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField(help_text="1, 2, 3 … within the school.")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seal")
    sha256 = models.CharField(max_length=64, help_text="Of the link before and of the event, hex.")
    sealed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="one_chain_per_school"),
            models.CheckConstraint(name="chains_start_at_1", condition=models.Q(number__gte=1)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="seals_stand", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.sha256[:12]}"
