from django.contrib.postgres.fields import ArrayField
from django.db import models

from brokerage.accounts.models import Organisation
from brokerage.free_text import FREE
from brokerage.vocabulary import Sector


class Provider(models.Model):
    """What only a college, training provider or university means."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="provider"
    )
    offers = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="T Levels, apprenticeships, …"
    )
    sectors = ArrayField(models.CharField(max_length=24, choices=Sector.choices), default=list, blank=True)
    about = models.TextField(max_length=1000, blank=True, validators=FREE)

    def __str__(self) -> str:
        return str(self.organisation)
