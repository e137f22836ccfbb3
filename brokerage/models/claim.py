import uuid
from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from brokerage.accounts.models import Kind, Membership, Organisation, User
from brokerage.free_text import FREE
from brokerage.models.slot import Slot
from brokerage.states import (
    CLAIM_MOVES,
    LIVE_CLAIMS,
    PLACE_HOLDERS,
    ClaimState,
    Confirmation,
    EncounterState,
    transitions,
)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE_CLAIMS)

    def booked_on_the_day(self) -> Self:
        """Booked when the time came, whatever the school recorded then: each may say whether that is right. What
        didn't happen has ended them as cancelled by the school, at the moment it was recorded."""
        undelivered = Q(
            state=ClaimState.CANCELLED_BY_SCHOOL,
            slot__encounter__state=EncounterState.NOT_DELIVERED,
            ended_at=F("slot__encounter__recorded_at"),
        )
        return self.filter(Q(state__in=PLACE_HOLDERS) | undelivered)

    def visible_to(self, membership: Membership | None) -> Self:
        """Both sides of it; nobody else."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation = membership.organisation
        if organisation.kind == Kind.SCHOOL:
            return self.filter(slot__need__school=organisation)
        return self.filter(claimant=organisation)


class Claim(models.Model):
    """An offer to come to a slot. Live ones are told apart by slot, claimant and attendee."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="claims")
    claimant = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="claims")
    attendee = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text="Who comes; null: to be named.",
    )
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text="The attendee's user, for diaries.",
    )
    attendee_clashed = models.BooleanField(
        default=False,
        help_text="The attendee was taken off because the slot moved onto something else of theirs.",
    )
    during = DateTimeRangeField(help_text="The slot's time, for the person's diary.")
    places = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=24, choices=ClaimState.choices, default=ClaimState.SUBMITTED)
    submitted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, help_text="Accepted or declined.")
    ended_at = models.DateTimeField(null=True, help_text="Withdrawn, cancelled or declined.")
    reason = models.CharField(max_length=28, blank=True)
    note = models.CharField(max_length=500, blank=True, validators=FREE, help_text="What the claimant wrote.")
    answer_note = models.CharField(
        max_length=500, blank=True, validators=FREE, help_text="What came with the reason."
    )
    was_verified = models.BooleanField(default=True, help_text="The claimant was verified when it claimed.")
    slot_moved_at = models.DateTimeField(
        null=True, help_text="The school changed the time since; leaving doesn't count."
    )
    confirmation = models.CharField(
        max_length=10, choices=Confirmation.choices, default=Confirmation.NONE, blank=True
    )
    confirmation_note = models.CharField(max_length=500, blank=True, validators=FREE)
    confirmed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Claim"]] = models.Manager.from_queryset(ClaimQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="claim_places_1_to_1000", condition=Q(places__range=(1, 1000))),
            models.CheckConstraint(
                name="attendee_and_person_together",
                condition=Q(attendee__isnull=True, person__isnull=True)
                | Q(attendee__isnull=False, person__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_live_claim_per_attendee",
                fields=["slot", "claimant", "attendee"],
                condition=Q(state__in=["submitted", "accepted"], attendee__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_live_claim_to_be_named",
                fields=["slot", "claimant"],
                condition=Q(
                    state__in=["submitted", "accepted"], attendee__isnull=True, attendee_clashed=False
                ),
            ),
            ExclusionConstraint(
                name="nobody_in_two_places",
                expressions=[("person", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state="accepted", person__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["claimant", "-id"], name="claims_of_claimant"),
            models.Index(fields=["slot", "state"], name="claims_of_slot"),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(name="claim_moves", field="state", transitions=transitions(CLAIM_MOVES)),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"

    @property
    def ended_undelivered(self) -> bool:
        """Booked when the time came, and the school recorded that it didn't happen."""
        if self.state != ClaimState.CANCELLED_BY_SCHOOL:
            return False
        encounter = getattr(self.slot, "encounter", None)
        return (
            encounter is not None
            and encounter.state == EncounterState.NOT_DELIVERED
            and encounter.recorded_at == self.ended_at
        )

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_CLAIMS
