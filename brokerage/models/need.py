import uuid
from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from brokerage.accounts.models import Category, Kind, Membership, Organisation
from brokerage.free_text import FREE
from brokerage.models.school_side import school_side
from brokerage.states import NEED_MOVES, NeedState, Shown, transitions
from brokerage.vocabulary import Allocation, Audience, Content, DeliveryMode, EncounterType, Supervision


class NeedQuerySet(models.QuerySet["EncounterNeed"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def visible_to(self, membership: Membership | None) -> Self:
        """A school sees all its own; those it is open to see what was published, and keep seeing it when it
        is filled, closed or withdrawn; trust and hub read their schools' published needs."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation = membership.organisation
        if theirs := school_side(organisation):
            return (self if organisation.kind == Kind.SCHOOL else self.published()).filter(theirs)
        from brokerage.models.claim import Claim

        mine = Claim.objects.filter(slot__need=OuterRef("pk"), claimant=organisation)
        open_to_them = Q(open_to__contains=[organisation.category], is_arranged=False)
        return self.published().filter(open_to_them | Exists(mine))


class EncounterNeed(models.Model):
    """What a school posts: an encounter it wants for its pupils, at one or more possible times."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="needs")
    state = models.CharField(max_length=10, choices=NeedState.choices, default=NeedState.DRAFT)

    title = models.CharField(max_length=120, blank=True, validators=FREE)
    encounter_type = models.CharField(max_length=24, choices=EncounterType.choices, blank=True)
    year_groups = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    audience = models.CharField(max_length=16, choices=Audience.choices, default=Audience.WHOLE_YEAR)
    expected_pupils = models.JSONField(default=dict, blank=True, help_text='Per year group: {"9": 180}.')
    subjects = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    sectors = ArrayField(models.CharField(max_length=24), default=list, blank=True, help_text="Empty: any.")
    open_to = ArrayField(models.CharField(max_length=20, choices=Category.choices), default=list, blank=True)
    delivery_mode = models.CharField(
        max_length=12, choices=DeliveryMode.choices, default=DeliveryMode.IN_PERSON
    )
    main_benchmark = models.SmallIntegerField(null=True, blank=True)
    content = ArrayField(
        models.CharField(max_length=12, choices=Content.choices),
        default=list,
        blank=True,
        help_text="What the provider is asked to cover (rule R18).",
    )
    pupil_group = models.CharField(
        max_length=30, blank=True, validators=FREE, help_text="The cohort's group it is for (rule R14)."
    )
    is_arranged = models.BooleanField(
        default=False, help_text="Agreed in answer to an access request: nobody else can claim it."
    )
    description = models.TextField(max_length=2000, blank=True, validators=FREE)
    supervision = models.CharField(
        max_length=16, choices=Supervision.choices, default=Supervision.STAFF_PRESENT
    )
    allocation = models.CharField(max_length=16, choices=Allocation.choices, default=Allocation.FIRST_COME)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="Null: until each slot starts.")

    venue = models.CharField(
        max_length=120, blank=True, validators=FREE, help_text="Room or place; shown to all."
    )
    # Shown to a claimant from acceptance until 14 days after (see queries.arrival).
    entrance = models.CharField(max_length=200, blank=True, validators=FREE)
    visitor_notes = models.TextField(max_length=1000, blank=True, validators=FREE)
    contact = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    posted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdraw_reason = models.CharField(max_length=20, blank=True)
    withdraw_note = models.CharField(max_length=500, blank=True, validators=FREE)

    objects: ClassVar[models.Manager["EncounterNeed"]] = models.Manager.from_queryset(NeedQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="open_need_is_whole",
                condition=~Q(state="open")
                | (
                    ~Q(title="")
                    & ~Q(encounter_type="")
                    & Q(year_groups__len__gt=0)
                    & Q(open_to__len__gt=0)
                    & Q(main_benchmark__isnull=False)
                    & Q(published_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="year_groups_7_to_13",
                condition=Q(year_groups__contained_by=[7, 8, 9, 10, 11, 12, 13]),
            ),
            models.CheckConstraint(
                name="benchmark_1_to_8",
                condition=Q(main_benchmark__isnull=True) | Q(main_benchmark__range=(1, 8)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["school", "-id"], name="needs_of_school"),
            models.Index(fields=["-published_at", "-id"], name="needs_newest"),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(name="need_moves", field="state", transitions=transitions(NEED_MOVES)),
            pgtrigger.Trigger(
                name="list_changed_need",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
                    "year_groups", "sectors", "open_to", "encounter_type", "delivery_mode"
                ),
                func="PERFORM brokerage_list_slot(id) FROM brokerage_slot WHERE need_id = NEW.id; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.title or "Draft need"

    def shown_state(self, *, places_left: int, at: datetime) -> Shown:
        """«Closed» once nobody could claim any more for the clock's sake; «filled» when no place is left."""
        if self.state != NeedState.OPEN:
            return Shown(self.state)
        if self.is_arranged:
            return Shown.CLOSED if places_left else Shown.FILLED
        slots = list(self.slots.all())
        if all(slot.open_until is None or slot.open_until <= at for slot in slots):
            return Shown.CLOSED
        return Shown.OPEN if places_left else Shown.FILLED
