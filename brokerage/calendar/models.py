import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper

from brokerage.accounts.models import Membership, Organisation
from brokerage.free_text import FREE, PLAIN


class ClosureKind(models.TextChoices):
    HOLIDAY = "holiday", "School holiday or half-term"
    INSET = "inset", "INSET day"
    EXAMS = "exams", "Exams or mock exams"
    OTHER = "other", "Other"


# Days without pupils. On the others pupils are in, and a visit is better not (rule R48).
CLOSES = frozenset({ClosureKind.HOLIDAY, ClosureKind.INSET})


def ends_after_it_starts(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=models.Q(last_on__gte=models.F("first_on")))


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
        constraints: ClassVar = [ends_after_it_starts("closure_ends_after_it_starts")]
        indexes: ClassVar = [models.Index(fields=["school", "first_on"], name="closures_of_school")]

    def __str__(self) -> str:
        return f"{self.label}, {self.first_on}"


class TermDates(models.Model):
    """A local authority's term dates, for its schools that list no holiday of their own in an academic year. The one
    without a name is England's: for every school whose authority has none."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    local_authority = models.CharField(max_length=80, blank=True, validators=PLAIN)
    brought_in_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "term dates"
        constraints: ClassVar = [
            models.UniqueConstraint(Upper("local_authority"), name="term_dates_once_per_authority")
        ]

    def __str__(self) -> str:
        return self.local_authority or "England"


class DefaultClosure(models.Model):
    term_dates = models.ForeignKey(TermDates, on_delete=models.CASCADE, related_name="closures")
    kind = models.CharField(max_length=10, choices=ClosureKind.choices)
    label = models.CharField(max_length=80, validators=FREE)
    first_on = models.DateField()
    last_on = models.DateField(help_text="Inclusive.")

    class Meta:
        ordering: ClassVar = ["first_on", "id"]
        constraints: ClassVar = [ends_after_it_starts("default_closure_ends_after_it_starts")]

    def __str__(self) -> str:
        return f"{self.label}, {self.first_on}"


class CalendarLink(models.Model):
    """A private address at which any calendar program reads the school's encounters. What stands in the address is
    signed from `public_id` and kept nowhere; a school has at most one that works."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="calendar_links")
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school"],
                name="one_calendar_link_works",
                condition=models.Q(revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"Calendar link of {self.school}"
