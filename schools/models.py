from typing import ClassVar

from django.db import models

from brokerage.accounts.models import Organisation


class School(models.Model):
    """What only a school means. The market sees its organisation and its hosting."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="school"
    )
    type_code = models.SmallIntegerField(null=True, blank=True, help_text="GIAS type of establishment.")
    low_age = models.SmallIntegerField(default=11)
    high_age = models.SmallIntegerField(default=16)
    has_sixth_form = models.BooleanField(default=False)
    pupil_premium_share = models.FloatField(null=True, blank=True, help_text="0 to 1.")

    class Meta:
        constraints: ClassVar = [
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
