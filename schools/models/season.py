from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from schools.pal.forecast import Hyperparameters


class Season(models.Model):
    """What one season (1 September to 28 February) of all schools teaches a forecast of the next: fitted once, when it
    is over, from this platform's own record."""

    year = models.SmallIntegerField(primary_key=True, help_text="2025 for 2025/26.")
    cohorts = models.IntegerField(help_text="How many school and phase pairs it was fitted on.")
    mean = models.FloatField()
    shape = models.FloatField()
    survival = models.FloatField()
    by_month = ArrayField(models.FloatField(), size=12)
    fitted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="twelve_months", condition=models.Q(by_month__len=12)),
        ]

    def __str__(self) -> str:
        return f"{self.year}/{(self.year + 1) % 100:02}"

    @property
    def given(self) -> Hyperparameters:
        return Hyperparameters(self.mean, self.shape, self.survival, tuple(self.by_month))
