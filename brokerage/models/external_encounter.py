import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from brokerage.accounts.models import Membership, Organisation, ProviderKind
from brokerage.free_text import FREE
from brokerage.models.school_side import school_side
from brokerage.states import Confirmation
from brokerage.vocabulary import Content, DeliveryMode


class ExternalEncounterQuerySet(models.QuerySet["ExternalEncounter"]):
    def standing(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def visible_to(self, membership: Membership | None) -> Self:
        """The school, the provider it names, and the school's trust and hub."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation = membership.organisation
        if theirs := school_side(organisation):
            return self.standing().filter(theirs)
        return self.standing().filter(provider=organisation)

    def naming(self, membership: Membership | None) -> Self:
        """Those that name its organisation, taken out since or not: whoever opened one before is told what became
        of it."""
        if membership is None or not membership.is_active:
            return self.none()
        return self.filter(provider=membership.organisation)


class ExternalEncounter(models.Model):
    """An encounter that happened without Doorway: the school's word, always shown apart, which the provider it
    names can confirm or dispute (rule R34). Counts, never pupils."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="external_encounters")
    provider = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    provider_name = models.CharField(max_length=160, validators=FREE, help_text="As the school wrote it.")
    provider_kind = models.CharField(max_length=20, choices=ProviderKind.choices, blank=True)
    is_technical = models.BooleanField(
        help_text="Presented technical courses or apprenticeships, its own or those of one it represents (R17)."
    )
    y7_entry = models.SmallIntegerField()
    pupil_group = models.CharField(max_length=30, blank=True, validators=FREE)
    on = models.DateField()
    starts = models.TimeField()
    ends = models.TimeField()
    offered = models.SmallIntegerField()
    attended = models.SmallIntegerField()
    delivery_mode = models.CharField(max_length=12, choices=DeliveryMode.choices)
    content = ArrayField(models.CharField(max_length=12, choices=Content.choices), default=list, blank=True)
    evidence = models.CharField(
        max_length=500,
        validators=FREE,
        help_text="What shows that it happened: a register, a letter, a page.",
    )
    recorded_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    confirmation = models.CharField(
        max_length=10, choices=Confirmation.choices, default=Confirmation.NONE, blank=True
    )
    confirmation_note = models.CharField(max_length=500, blank=True, validators=FREE)
    confirmed_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ExternalEncounter"]] = models.Manager.from_queryset(
        ExternalEncounterQuerySet
    )()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="external_ends_after_it_starts", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(
                name="external_counts",
                condition=Q(offered__range=(1, 2000), attended__gte=0, attended__lte=F("offered")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["school", "-on"], name="externals_of_school"),
            models.Index(
                fields=["provider", "-on"], name="externals_of_provider", condition=Q(provider__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_name}, {self.on}"
