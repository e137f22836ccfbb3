import uuid
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from brokerage.models.need import EncounterNeed


class SlotQuerySet(models.QuerySet["Slot"]):
    def standing(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Slot(models.Model):
    """One possible time, with places. Its row is what rivals for a place wait for: everything that decides
    whether a claim may take one stands on it (`open_until`, `places`, `taken`)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    need = models.ForeignKey(EncounterNeed, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.SmallIntegerField(default=1)
    taken = models.SmallIntegerField(default=0, help_text="Places of accepted claims.")
    open_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Takes claims until then: the closing date or the start, whichever is first. Null: not open.",
    )

    removed_at = models.DateTimeField(
        null=True, blank=True, help_text="Taken out of the need; kept for the claims it once had."
    )

    objects: ClassVar[models.Manager["Slot"]] = models.Manager.from_queryset(SlotQuerySet)()

    class Meta:
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="slot_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="slot_places_1_to_1000", condition=Q(places__range=(1, 1000))),
            models.CheckConstraint(
                name="never_over_its_places", condition=Q(taken__gte=0) & Q(taken__lte=F("places"))
            ),
            models.CheckConstraint(
                name="removed_slot_is_shut", condition=Q(removed_at__isnull=True) | Q(open_until__isnull=True)
            ),
            models.CheckConstraint(
                name="open_no_longer_than_its_start",
                condition=Q(open_until__isnull=True) | Q(open_until__lte=F("starts_at")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["need", "starts_at", "id"], name="slots_of_need")]
        triggers: ClassVar = [
            # The listing follows what can be claimed, whoever changes it and however.
            pgtrigger.Trigger(
                name="list_new_slot",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("(NEW.open_until IS NOT NULL AND NEW.taken < NEW.places)"),
                func="PERFORM brokerage_list_slot(NEW.id); RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="list_changed_slot",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
                    "taken", "places", "open_until", "starts_at"
                ),
                condition=pgtrigger.Condition(
                    "((OLD.taken < OLD.places) IS DISTINCT FROM (NEW.taken < NEW.places)"
                    " OR OLD.open_until IS DISTINCT FROM NEW.open_until"
                    " OR OLD.starts_at IS DISTINCT FROM NEW.starts_at)"
                ),
                func="PERFORM brokerage_list_slot(NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def places_left(self) -> int:
        return self.places - self.taken
