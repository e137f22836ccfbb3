import uuid
from typing import ClassVar, Final

from django.db import models

from brokerage.free_text import FREE
from schools.models.school import School

ROLL_AT_MOST: Final = 2000


class Cohort(models.Model):
    """Pupils who entered Year 7, or would have, in September of one year (R4). Its year group is never stored: it
    follows from the day. The two counts are the school's own and leave it in no form."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="cohorts")
    y7_entry = models.PositiveSmallIntegerField(help_text="The year they entered Year 7.")
    pupil_premium = models.PositiveSmallIntegerField(null=True, blank=True)
    send = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-y7_entry"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "y7_entry"], name="one_cohort_per_entry_year"),
            models.CheckConstraint(
                name="cohort_entry_year_is_one", condition=models.Q(y7_entry__range=(1988, 2100))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school}, Year 7 in {self.y7_entry}"


class CohortRoll(models.Model):
    """How many were on roll from a day on; the latest on or before a day is the roll of that day."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="rolls")
    on = models.DateField()
    roll = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cohort", "on"], name="one_roll_per_day"),
            models.CheckConstraint(name="roll_at_most", condition=models.Q(roll__lte=ROLL_AT_MOST)),
        ]

    def __str__(self) -> str:
        return f"{self.roll} on {self.on}"


class PupilGroup(models.Model):
    """A form, band or half. The groups of a cohort hold each of its pupils once (R14); no pupil is ever named."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=20, validators=FREE)
    size = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cohort", "name"], name="one_group_per_name"),
            models.CheckConstraint(
                name="group_has_pupils", condition=models.Q(size__range=(1, ROLL_AT_MOST))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.size})"
