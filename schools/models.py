from datetime import time
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.free_text import FREE


class School(models.Model):
    """What only a school means. The market sees its organisation; this fills in its needs for it."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="school"
    )
    type_code = models.SmallIntegerField(null=True, blank=True, help_text="GIAS type of establishment.")
    low_age = models.SmallIntegerField(default=11)
    high_age = models.SmallIntegerField(default=16)
    has_sixth_form = models.BooleanField(default=False)
    day_starts_at = models.TimeField(default=time(8, 45))
    day_ends_at = models.TimeField(default=time(15, 15))
    rolls = models.JSONField(default=dict, blank=True, help_text='On roll per year group: {"9": 180}.')
    pupil_premium_share = models.FloatField(null=True, blank=True, help_text="0 to 1.")
    rooms = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    entrance = models.CharField(max_length=200, blank=True, validators=FREE)
    visitor_notes = models.TextField(max_length=1000, blank=True, validators=FREE)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="day_ends_after_it_starts", condition=models.Q(day_ends_at__gt=models.F("day_starts_at"))
            ),
            models.CheckConstraint(
                name="pupil_premium_share_0_to_1",
                condition=models.Q(pupil_premium_share__isnull=True)
                | models.Q(pupil_premium_share__range=(0, 1)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def year_groups(self) -> list[int]:
        """Years taught, from register ages (domain 6.10), secondary years only."""
        return list(range(max(7, self.low_age - 4), min(self.high_age - 5, 13) + 1))
