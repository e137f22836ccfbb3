"""What people are told: a durable numbered feed each, and letters waiting to go out."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from brokerage.eventlog.models import Event


class Feed(models.Model):
    """One person's counter. Its row lock hands out positions, so no smaller one appears after a greater."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="feed"
    )
    last_position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.person_id} at {self.last_position}"


class Entry(models.Model):
    """Something one person is told. `position` is the `id` that clients see and resume from."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="entries")
    position = models.BigIntegerField()
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    organisation_id = models.BigIntegerField(
        null=True, help_text="The membership's organisation it speaks to."
    )
    type = models.CharField(max_length=60)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    text = models.CharField(max_length=500)
    link = models.CharField(max_length=200, blank=True, help_text="Path of the page that answers it.")
    rings = models.BooleanField(default=True, help_text="Shows on the bell.")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "position"], name="one_entry_per_position"),
            models.UniqueConstraint(fields=["person", "event", "type"], name="told_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person", "-position"],
                name="unread_bell",
                condition=models.Q(rings=True, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}/{self.position} {self.type}"


class Letter(models.Model):
    """An e-mail owed to one person. Written with the entry, sent by the worker, kept until it is gone: a
    kill between sending and ticking may send one copy more, with the same Message-ID."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.EmailField(max_length=254)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters", null=True
    )
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    ics = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    attempts = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "person", "kind"], name="written_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at", "id"],
                name="letters_due",
                condition=models.Q(sent_at__isnull=True, parked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to}"
