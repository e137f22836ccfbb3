"""What the nights work out, and the cases that follow. Evidence can always be computed again from the log; cases,
their bundles and replies can't, and are kept."""

import uuid
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q

from brokerage.accounts.models import Kind, Membership, Organisation, Role, User
from brokerage.fairness.states import (
    CASE_MOVES,
    ENDED,
    REPLYING,
    CaseState,
    ContestGround,
    ContestOutcome,
    Tier,
)
from brokerage.free_text import FREE
from brokerage.models import ExternalEncounter
from brokerage.states import transitions

SCHOOL_READERS = frozenset({Role.CAREERS_LEADER, Role.SENIOR_LEADER, Role.LINK_GOVERNOR})
AREA_READERS = frozenset({Role.HUB_LEAD, Role.TRUST_LEAD})


class ComparisonGroup(models.Model):
    """With whom a school is compared in pictures: a sixth form or none, and how many are on roll. `schools` writes it.
    It is no part of the test (rule R33)."""

    school = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="comparison_group"
    )
    has_sixth_form = models.BooleanField()
    roll = models.IntegerField(null=True, help_text="All year groups; null: not known.")

    def __str__(self) -> str:
        return f"{self.school}: {'sixth form' if self.has_sixth_form else 'no sixth form'}, {self.roll}"


class Replay(models.Model):
    """A night's full replay of the log. `national` is what a school's evidence takes from all schools: kept for the
    next day's increments and for every bundle frozen that night."""

    on = models.DateField(unique=True, help_text="The last day whose events are in it.")
    last_event_id = models.BigIntegerField(help_text="A run broken off and begun again reads no further.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    engine_version = models.CharField(max_length=20)
    parameters_sha256 = models.CharField(max_length=64)
    national = models.JSONField(null=True)
    threshold = models.FloatField(null=True)
    schools = models.IntegerField(default=0)
    trials = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.on}, {'whole' if self.finished_at else 'begun'}"


class Trial(models.Model):
    """One scored question of one request: y = 1 (`is_bad`) is bad for the asker. Offset and popularity are fixed when
    it is scored, so that a school can be replayed without the others."""

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField(help_text="1, 2, 3 … in the order in which the school's were scored.")
    event_id = models.BigIntegerField(help_text="The event that opened the request.")
    request = models.UUIDField(help_text="public_id of the access request or claim.")
    is_claim = models.BooleanField()
    row = models.SmallIntegerField(help_text="0 access, 1 and 2 speed, 3 cancel, 4 marginal.")
    provider = models.UUIDField(help_text="public_id of who asked.")
    is_technical = models.BooleanField()
    asked_on = models.DateField()
    matured_on = models.DateField()
    is_bad = models.BooleanField()
    offset = models.FloatField()
    popularity = models.FloatField()
    e_after = models.FloatField(help_text="E of the school at the end of the day on which it was scored.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="trials_in_order", fields=["school", "number"]),
            models.UniqueConstraint(name="one_trial_per_question", fields=["school", "request", "row"]),
        ]

    def __str__(self) -> str:
        return f"{self.request} {self.row}"


class EvidenceQuerySet(models.QuerySet["SchoolEvidence"]):
    def visible_to(self, membership: Membership | None) -> Self:
        """The careers leader's always; a senior leader's and link governor's while there is a case (so that an early
        notice stays the careers leader's), trust's and hub's once it is in review. Providers': never."""
        if membership is None or not membership.is_active:
            return self.none()
        if membership.role == Role.CAREERS_LEADER and membership.organisation.kind == Kind.SCHOOL:
            return self.filter(school=membership.organisation)
        cases = FairnessCase.objects.visible_to(membership).standing()
        return self.filter(school__in=cases.values("school"))


class SchoolEvidence(models.Model):
    """What is known of a school at the end of a day. `channels` are log E of access, speed, cancel and marginal;
    `left_out` E without each provider and half-term; `counts` of matured requests: asked and granted, by kind."""

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="fairness_evidence")
    on = models.DateField()
    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="evidence")
    is_of_the_night = models.BooleanField(
        help_text="Else the day's increment, with the last night's figures."
    )
    events_since = models.IntegerField(
        default=0, help_text="Of an increment: how many of the school's events came after the night's last."
    )
    e = models.FloatField()
    channels = models.JSONField()
    threshold = models.FloatField()
    technical = models.IntegerField()
    technical_granted = models.IntegerField()
    other = models.IntegerField()
    other_granted = models.IntegerField()
    technical_providers = models.IntegerField()
    tier = models.CharField(max_length=12, choices=Tier.choices)
    left_out = models.JSONField(default=dict)
    here = models.JSONField(default=dict, help_text="Provider: its residual and information at this school.")
    sentence = models.CharField(max_length=700)
    engine_version = models.CharField(max_length=20)
    parameters_sha256 = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["SchoolEvidence"]] = models.Manager.from_queryset(EvidenceQuerySet)()

    class Meta:
        verbose_name_plural = "school evidence"
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_evidence_per_school_and_day", fields=["school", "on"])
        ]
        indexes: ClassVar = [models.Index(fields=["on", "tier"], name="evidence_of_day")]

    def __str__(self) -> str:
        return f"{self.school}, {self.on}: {self.tier}"


class CaseQuerySet(models.QuerySet["FairnessCase"]):
    def standing(self) -> Self:
        return self.exclude(state__in=ENDED)

    def in_review(self) -> Self:
        """Whatever a reviewer has seen, now or once."""
        return self.filter(review_from__isnull=False)

    def visible_to(self, membership: Membership | None) -> Self:
        """The school's careers leader, senior leader and link governor from the first day; its trust's and hub's leads
        once it is in review (rules R35, R36). Nobody else's, and never a provider's."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation, role = membership.organisation, membership.role
        if organisation.kind == Kind.SCHOOL and role in SCHOOL_READERS:
            return self.filter(school=organisation)
        if organisation.kind == Kind.HUB and role in AREA_READERS:
            return self.in_review().filter(school__hub=organisation)
        if organisation.kind == Kind.TRUST and role in AREA_READERS:
            return self.in_review().filter(school__trust=organisation)
        return self.none()

    def for_staff(self) -> Self:
        """Platform staff review where a hub lead can't."""
        return self.in_review()


class FairnessCase(models.Model):
    """A flag and what came of it. Figures as they stood are in `bundle`; `e_now` is after accepted exclusions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="fairness_cases")
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.FLAGGED)
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="followed_by", null=True, blank=True
    )
    flagged_at = models.DateTimeField()
    flagged_on = models.DateField(help_text="The last day of the evidence.")
    reply_from = models.DateField(null=True, help_text="Day 1 of the reply.")
    context = models.TextField(max_length=4000, blank=True, validators=FREE, help_text="The school's words.")
    encounters = models.ManyToManyField(
        ExternalEncounter, related_name="+", blank=True, help_text="Held without Doorway, as the school adds."
    )
    review_from = models.DateTimeField(null=True)
    e_now = models.FloatField()
    threshold = models.FloatField()
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    decision = models.CharField(max_length=12, choices=CaseState.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(max_length=4000, blank=True, validators=FREE)
    monitored_from = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["FairnessCase"]] = models.Manager.from_queryset(CaseQuerySet)()

    class Meta:
        ordering: ClassVar = ["-flagged_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_standing_case_per_school",
                fields=["school"],
                condition=~Q(state__in=["withdrawn", "cleared", "renewed"]),
            ),
            models.CheckConstraint(
                name="decided_case_says_who_and_why",
                condition=Q(decision="")
                | Q(reviewer__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="confirmed_case_was_decided",
                condition=~Q(state__in=["confirmed", "explained", "monitored", "cleared", "renewed"])
                | ~Q(decision=""),
            ),
            models.CheckConstraint(
                name="ended_case_says_when",
                condition=Q(state__in=["withdrawn", "cleared", "renewed"], ended_at__isnull=False)
                | ~Q(state__in=["withdrawn", "cleared", "renewed"]) & Q(ended_at__isnull=True),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(name="fairness_case_moves", field="state", transitions=transitions(CASE_MOVES)),
            pgtrigger.Protect(name="fairness_cases_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.school}: {self.state}"

    @property
    def is_replying(self) -> bool:
        return self.state in REPLYING

    @property
    def is_in_review(self) -> bool:
        return self.state == CaseState.REVIEW

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED


class Bundle(models.Model):
    """The evidence as it stood when the flag was raised, whole enough to be run again without Doorway's database
    (`manage.py fairness_rerun`). Never changed."""

    case = models.OneToOneField(
        FairnessCase, on_delete=models.PROTECT, primary_key=True, related_name="bundle"
    )
    sha256 = models.CharField(max_length=64, help_text="Of `content` in UTF-8, hex.")
    content = models.TextField(help_text="JSON, byte for byte as it is handed out.")
    made_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="bundles_stand", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Contest(models.Model):
    """A request that the school says shouldn't count, and what the reviewer made of that."""

    case = models.ForeignKey(FairnessCase, on_delete=models.PROTECT, related_name="contests")
    request = models.UUIDField(help_text="public_id of the access request or claim.")
    ground = models.CharField(max_length=20, choices=ContestGround.choices)
    note = models.TextField(max_length=2000, blank=True, validators=FREE)
    contested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    contested_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=8, choices=ContestOutcome.choices, default=ContestOutcome.OPEN, blank=True
    )
    answer = models.TextField(max_length=2000, blank=True, validators=FREE, help_text="The reviewer's words.")
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    e_before = models.FloatField(null=True)
    e_after = models.FloatField(null=True, help_text="E with this one taken out too.")

    class Meta:
        ordering: ClassVar = ["contested_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_contest_per_request", fields=["case", "request"]),
            models.CheckConstraint(
                name="settled_contest_says_who",
                condition=Q(outcome="")
                | Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(answer=""),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="contests_are_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="settled_contests_stand",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("(OLD.outcome <> '')"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.outcome or 'open'}"
