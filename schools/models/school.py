from typing import ClassVar

from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.free_text import FREE
from brokerage.vocabulary import YEAR_GROUPS
from schools.pal.scope import COVERED


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
    first_year = models.SmallIntegerField(
        null=True, blank=True, help_text="First year group taught, where the register's ages mislead (6.10)."
    )
    last_year = models.SmallIntegerField(null=True, blank=True, help_text="Last year group taught.")
    scope_override = models.BooleanField(
        null=True, blank=True, help_text="Whether the duty reaches it, where a type code can't tell (R22)."
    )
    scope_note = models.CharField(max_length=200, blank=True, validators=FREE)
    slug = models.SlugField(
        max_length=80,
        null=True,
        blank=True,
        unique=True,
        help_text="In the public address of its policy statement; given at the first publishing, for good.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="pupil_premium_share_0_to_1",
                condition=models.Q(pupil_premium_share__isnull=True)
                | models.Q(pupil_premium_share__range=(0, 1)),
            ),
            models.CheckConstraint(
                name="years_taught_are_whole",
                condition=models.Q(first_year__isnull=True, last_year__isnull=True)
                | models.Q(first_year__range=(1, 13), last_year__range=(models.F("first_year"), 13)),
            ),
            models.CheckConstraint(
                name="scope_override_says_why",
                condition=models.Q(scope_override__isnull=True) | ~models.Q(scope_note=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def ages(self) -> tuple[int, int]:
        """Lowest and highest age; the school's own word on its years, put as ages, before the register's."""
        if self.first_year is None or self.last_year is None:
            return self.low_age, self.high_age
        return self.first_year + 4, self.last_year + 5

    @property
    def year_groups(self) -> list[int]:
        """Years taught (domain 6.10), secondary years only."""
        low_age, high_age = self.ages
        return [year for year in YEAR_GROUPS if low_age - 4 <= year <= high_age - 5]

    @property
    def is_in_scope(self) -> bool:
        """Whether provider access law reaches it for certain: the school's own word, else its type code (R22)."""
        if self.scope_override is not None:
            return self.scope_override
        return self.type_code in COVERED
