import uuid
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation
from brokerage.free_text import FREE
from brokerage.models.claim import Claim
from brokerage.models.school_side import school_side
from brokerage.models.slot import Slot
from brokerage.states import ENCOUNTER_MOVES, PLACE_HOLDERS, EncounterState, transitions


class EncounterQuerySet(models.QuerySet["Encounter"]):
    def standing(self) -> Self:
        """With somebody coming, or recorded: a slot whose every claim was cancelled has no encounter."""
        coming = Claim.objects.filter(slot=OuterRef("slot"), state__in=PLACE_HOLDERS)
        return self.filter(~Q(state=EncounterState.PLANNED) | Exists(coming))

    def visible_to(self, membership: Membership | None) -> Self:
        """The school, those who come, and the school's trust and hub."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation = membership.organisation
        if theirs := school_side(organisation):
            return self.standing().filter(theirs)
        mine = Claim.objects.booked_on_the_day().filter(slot=OuterRef("slot"), claimant=organisation)
        return self.filter(Exists(mine))


class Encounter(models.Model):
    """A planned or delivered meeting of pupils with everyone accepted for one slot. Counts, never pupils."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, related_name="encounter")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="encounters")
    state = models.CharField(max_length=14, choices=EncounterState.choices, default=EncounterState.PLANNED)
    minutes = models.SmallIntegerField(null=True, blank=True)
    attended = models.JSONField(default=dict, blank=True, help_text='Pupils per year group: {"9": 150}.')
    # The school's own: aggregate counts that nobody else sees (groups under 5 neither).
    pupil_premium_attended = models.SmallIntegerField(null=True, blank=True)
    send_attended = models.SmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, validators=FREE)
    recorded_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Encounter"]] = models.Manager.from_queryset(EncounterQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="recorded_encounter_says_when_and_who",
                condition=Q(state="planned") | Q(recorded_at__isnull=False, recorded_by__isnull=False),
            ),
            models.CheckConstraint(
                name="encounter_minutes_1_to_1440",
                condition=Q(minutes__isnull=True) | Q(minutes__range=(1, 1440)),
            ),
            models.CheckConstraint(
                name="counts_not_negative",
                condition=(Q(pupil_premium_attended__isnull=True) | Q(pupil_premium_attended__gte=0))
                & (Q(send_attended__isnull=True) | Q(send_attended__gte=0)),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["school", "-id"], name="encounters_of_school")]
        triggers: ClassVar = [
            pgtrigger.FSM(name="encounter_moves", field="state", transitions=transitions(ENCOUNTER_MOVES)),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"
