from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from brokerage.accounts.models import Membership, Organisation
from brokerage.vocabulary import RefusalGround


class AccessTerms(models.Model):
    """What a school has published of its terms for providers, as both sides see it and a refusal is held against.
    `schools` writes it when the policy statement is published (rules R30, R31)."""

    school = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="access_terms"
    )
    grounds = ArrayField(
        models.CharField(max_length=28, choices=RefusalGround.choices),
        default=list,
        blank=True,
        help_text="Published grounds for refusing; without a published policy: none.",
    )
    contact = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    policy_published_at = models.DateTimeField(null=True, blank=True)
    policy_review_on = models.DateField(null=True, blank=True)
    shows_gaps = models.BooleanField(
        default=False, help_text="Providers may see which year groups still want an encounter."
    )

    class Meta:
        verbose_name_plural = "access terms"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="grounds_are_published",
                condition=models.Q(policy_published_at__isnull=False) | models.Q(grounds__len=0),
            )
        ]

    def __str__(self) -> str:
        return f"Terms of {self.school}"

    @property
    def has_policy(self) -> bool:
        return self.policy_published_at is not None
