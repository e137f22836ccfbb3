from typing import ClassVar, Final

from django.db import models
from django.db.models import F

from brokerage.models.need import EncounterNeed
from brokerage.models.slot import Slot

ANY = ""
SQUARE: Final = 60_000
"""Metres: as wide as the circle that most people look in (`open_needs.WITHIN_KM`), so no such circle touches more
than four."""
COLUMN: Final = 100
"""Squares are counted from the south, column by column: more than the country is high."""
_ALONE: Final = ("easting", "northing", "need", "open_until", "encounter_type", "delivery_mode", "open_to")


class Listing(models.Model):
    """What can be claimed now: one row for each open slot with a place left, year group and sector wanted
    (`""` when any sector will do), so that one covering index answers the open-needs page at any size: in order of
    time, over the country or in one square of it.

    Written by PostgreSQL alone (`brokerage_list_slot`), never by Python."""

    # No index of their own: `one_listing_each` and `listing_of_need` begin with them.
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    need = models.ForeignKey(
        EncounterNeed, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    year_group = models.SmallIntegerField()
    sector = models.CharField(max_length=24)
    starts_at = models.DateTimeField()
    open_until = models.DateTimeField()
    easting = models.IntegerField(null=True)
    northing = models.IntegerField(null=True)
    encounter_type = models.CharField(max_length=24)
    delivery_mode = models.CharField(max_length=12)
    open_to = models.SmallIntegerField(help_text="Bits: 1 employers, 2 technical providers, 4 universities.")
    is_first = models.BooleanField(help_text="Stands for its slot when year group and sector don't matter.")
    square = models.GeneratedField(
        expression=F("easting") / SQUARE * COLUMN + F("northing") / SQUARE,
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
        help_text="Of the national grid; null for a school without a place.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slot", "year_group", "sector"], name="one_listing_each"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["sector", "year_group", "starts_at", "slot"],
                include=_ALONE,
                name="listing_wanted",
            ),
            models.Index(
                fields=["starts_at", "slot"],
                include=_ALONE,
                name="listing_soonest",
                condition=models.Q(is_first=True),
            ),
            models.Index(
                fields=["sector", "year_group", "square", "starts_at", "slot"],
                include=_ALONE,
                name="listing_near",
            ),
            models.Index(
                fields=["square", "starts_at", "slot"],
                include=_ALONE,
                name="listing_near_any",
                condition=models.Q(is_first=True),
            ),
            models.Index(fields=["need", "starts_at", "slot"], name="listing_of_need"),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id} Y{self.year_group} {self.sector}"
