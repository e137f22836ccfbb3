"""The one append-only log (audit trail, outbox, catch-up) and the debts owed from it."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone


class Event(models.Model):
    """A fact, recorded in the transaction that made it true. Holds ids, codes and counts: never names,
    addresses or free text, so that nothing here ever has to be erased."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(
        null=True, help_text="The user who acted; null for the platform itself."
    )
    actor_key = models.CharField(
        max_length=80, blank=True, help_text="'membership:<uuid>', 'staff' or 'platform'."
    )
    organisation_id = models.BigIntegerField(null=True, help_text="Whose history this belongs to first.")
    subject_id = models.UUIDField(null=True, help_text="public_id of what it is about.")
    data = models.JSONField(default=dict)

    deliveries: "models.Manager[Delivery]"

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_id", "id"], name="event_of_subject"),
            models.Index(fields=["organisation_id", "id"], name="event_of_organisation"),
            models.Index(fields=["type", "id"], name="event_of_type"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.type}"


class Delivery(models.Model):
    """A debt: one handler owes one event its work. Paid in the handler's own transaction."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.CharField(max_length=60)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=500, blank=True)
    paid_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="one_debt_per_subscriber"),
            models.CheckConstraint(
                condition=models.Q(paid_at__isnull=True) | models.Q(parked_at__isnull=True),
                name="paid_or_parked",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at", "id"],
                name="delivery_due",
                condition=models.Q(paid_at__isnull=True, parked_at__isnull=True),
            ),
            models.Index(fields=["id"], name="delivery_parked", condition=models.Q(parked_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} owes event {self.event_id}"


def new_public_id() -> uuid.UUID:
    return uuid.uuid4()
