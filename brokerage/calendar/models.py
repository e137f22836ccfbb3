import uuid
from typing import ClassVar

from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.free_text import FREE


class ClosureKind(models.TextChoices):
    HOLIDAY = "holiday", "School holiday or half-term"
    INSET = "inset", "INSET day"
    EXAMS = "exams", "Exams or mock exams"
    OTHER = "other", "Other"


class Closure(models.Model):
    """Days on which a school can't or would rather not receive anyone. Holidays can't be chosen; the
    others are a warning (a clash, domain rule R48)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="closures")
    kind = models.CharField(max_length=10, choices=ClosureKind.choices)
    label = models.CharField(max_length=80, validators=FREE)
    first_on = models.DateField()
    last_on = models.DateField(help_text="Inclusive.")

    class Meta:
        ordering: ClassVar = ["first_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="closure_ends_after_it_starts", condition=models.Q(last_on__gte=models.F("first_on"))
            )
        ]
        indexes: ClassVar = [models.Index(fields=["school", "first_on"], name="closures_of_school")]

    def __str__(self) -> str:
        return f"{self.label}, {self.first_on}"
