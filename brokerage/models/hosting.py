from datetime import time
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.free_text import FREE


class Hosting(models.Model):
    """How a school receives visitors: what a new need is filled in with, and what a number is checked against."""

    school = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="hosting"
    )
    day_starts_at = models.TimeField(default=time(8, 45))
    day_ends_at = models.TimeField(default=time(15, 15))
    rolls = models.JSONField(default=dict, blank=True, help_text='On roll per year group: {"9": 180}.')
    rooms = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="The first is the usual one."
    )
    entrance = models.CharField(max_length=200, blank=True, validators=FREE)
    visitor_notes = models.TextField(max_length=1000, blank=True, validators=FREE)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="day_ends_after_it_starts",
                condition=models.Q(day_ends_at__gt=models.F("day_starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Visits to {self.school}"

    def roll(self, year_group: int) -> int | None:
        value = self.rolls.get(str(year_group))
        return int(value) if value is not None else None
