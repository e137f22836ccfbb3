import secrets
import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from brokerage.accounts.models.membership import Membership, Role
from brokerage.accounts.models.organisation import Organisation


def new_token() -> str:
    return secrets.token_urlsafe(32)


def in_fourteen_days() -> datetime:
    return timezone.now() + timedelta(days=14)


class Invitation(models.Model):
    """A keeper asks someone in by work e-mail. Only that address, once confirmed, can accept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=24, choices=Role.choices)
    token = models.CharField(max_length=60, unique=True, default=new_token)
    invited_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_fourteen_days)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                name="one_open_invitation",
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organisation}"
