"""How visits are shared out among schools: counts a school, a term and a day, never a person. Everything here but
exposure can be counted again from the market's own rows."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from brokerage.accounts.models import Category, Organisation


class SchoolFacts(models.Model):
    """What a share of visits is measured against. `schools` has it written (`facts.keep`): who teaches whom is its
    business. The pupil-premium share is the school's aggregate (rule R47)."""

    school = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="equity_facts"
    )
    pupils = models.IntegerField(null=True, help_text="On roll in Years 7 to 13; null: not known.")
    pupil_premium_share = models.FloatField(null=True, help_text="0 to 1; null: not known.")
    is_rural = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"{self.school}: {self.pupils} pupils"


class Exposure(models.Model):
    """How often a school's needs stood in lists that people of one category looked at, on one day.

    `exposure` is Σ 1/log2(rank + 1): the first card of a list weighs 1, the third a half. Nobody who looked is in it.
    """

    day = models.DateField()
    school = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    viewers = models.CharField(max_length=20, choices=Category.choices)
    impressions = models.IntegerField()
    exposure = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "school", "viewers"], name="one_exposure_a_day"),
            models.CheckConstraint(
                name="exposure_at_most_impressions",
                # A sum of many small numbers may end a hair above.
                condition=Q(impressions__gt=0, exposure__gt=0, exposure__lte=models.F("impressions") + 0.001),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} on {self.day}: {self.impressions}"


class SchoolTerm(models.Model):
    """One school's part in one term, as last counted. What it is measured against is kept as it was in that term."""

    term = models.CharField(max_length=14, help_text="«2026/27 autumn».")
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    pupils = models.IntegerField(null=True)
    pupil_premium_share = models.FloatField(null=True)
    is_rural = models.BooleanField(null=True)
    visits = models.IntegerField(help_text="Places that visitors took in the term, held or ahead.")
    delivered = models.IntegerField(help_text="Those of them that happened.")
    impressions = models.IntegerField()
    exposure = models.FloatField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["term", "school"], name="one_count_a_term"),
            models.CheckConstraint(
                name="delivered_at_most_visits", condition=Q(delivered__range=(0, models.F("visits")))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id}, {self.term}: {self.visits}"


class Size(models.TextChoices):
    """How much a provider asked for in the term, in the whole country: no register says how big one is."""

    SMALL = "small", "Asked 1 to 4 times"
    MEDIUM = "medium", "Asked 5 to 19 times"
    LARGE = "large", "Asked 20 times or more"

    @classmethod
    def of(cls, asks: int) -> "Size":
        return cls.SMALL if asks < 5 else cls.MEDIUM if asks < 20 else cls.LARGE


class ProviderTerm(models.Model):
    """What one provider asked of the schools of one area in one term, and what it was given."""

    term = models.CharField(max_length=14)
    provider = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    hub = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="+", null=True, help_text="Of the schools."
    )
    size = models.CharField(max_length=6, choices=Size.choices)
    asked = models.IntegerField(help_text="Access requests.")
    granted = models.IntegerField()
    offered = models.IntegerField(help_text="Claims on needs that schools posted.")
    placed = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["term", "provider", "hub"], name="one_count_of_provider", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="given_at_most_asked",
                condition=Q(granted__range=(0, models.F("asked")), placed__range=(0, models.F("offered"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id}, {self.term}"
