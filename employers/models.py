from django.contrib.postgres.fields import ArrayField
from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.free_text import FREE
from brokerage.vocabulary import Sector


class SizeBand(models.TextChoices):
    SELF_EMPLOYED = "self_employed", "I work for myself"
    MICRO = "micro", "2 to 9 people"
    SMALL = "small", "10 to 49 people"
    MEDIUM = "medium", "50 to 249 people"
    LARGE = "large", "250 people or more"


class Employer(models.Model):
    """What only an employer means."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="employer"
    )
    size_band = models.CharField(max_length=14, choices=SizeBand.choices, blank=True)
    sectors = ArrayField(models.CharField(max_length=24, choices=Sector.choices), default=list, blank=True)
    about = models.TextField(max_length=1000, blank=True, validators=FREE)

    def __str__(self) -> str:
        return str(self.organisation)
