"""Somebody outside asks a school to meet its pupils, and everything the two say to each other about it."""

import hashlib
import secrets
import uuid
from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from brokerage.accounts.models import Category, Membership, Organisation
from brokerage.free_text import FREE
from brokerage.models.need import EncounterNeed
from brokerage.models.school_side import school_side
from brokerage.states import ACCESS_MOVES, OPEN_REQUESTS, UNANSWERED, AccessState, transitions
from brokerage.vocabulary import (
    Audience,
    Content,
    DeliveryMode,
    EncounterType,
    PostponeReason,
    Qualification,
    RefusalGround,
    Shortfall,
)

WORDS_AT_MOST = 1000


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_REQUESTS)

    def unanswered(self) -> Self:
        """The school owes a word."""
        return self.filter(state__in=UNANSWERED)

    def visible_to(self, membership: Membership | None) -> Self:
        """Both sides of it; the school's trust and hub see that it stands and for how long (rule R35)."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation = membership.organisation
        if theirs := school_side(organisation):
            return self.filter(theirs)
        return self.filter(asker=organisation)


class AccessRequest(models.Model):
    """What was asked, and where it stands. Each step is an event; this row is where the steps have led."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="access_requests")
    asker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="access_asked")
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    visitor = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="Who comes; null: to be named.",
    )
    was_verified = models.BooleanField(help_text="Whether the asker was verified when it asked.")
    state = models.CharField(max_length=20, choices=AccessState.choices, default=AccessState.WAITING)

    encounter_type = models.CharField(max_length=24, choices=EncounterType.choices)
    year_groups = ArrayField(models.SmallIntegerField())
    audience = models.CharField(max_length=16, choices=Audience.choices, default=Audience.WHOLE_YEAR)
    minutes = models.SmallIntegerField()
    delivery_mode = models.CharField(
        max_length=12, choices=DeliveryMode.choices, default=DeliveryMode.IN_PERSON
    )
    dates = ArrayField(models.DateField(), help_text="Those the asker could come on.")
    content = ArrayField(models.CharField(max_length=12, choices=Content.choices), default=list, blank=True)
    qualifications = ArrayField(
        models.CharField(max_length=24, choices=Qualification.choices), default=list, blank=True
    )

    asked_at = models.DateTimeField()
    clock_from = models.DateField(help_text="The clock counts from the next day on: asked, or asked again.")
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="The first answer since the clock began; a question is none."
    )
    changed_at = models.DateTimeField()
    told_day = models.SmallIntegerField(default=0, help_text="The last day of the clock people were told of.")
    followed_up_at = models.DateTimeField(null=True, blank=True)

    postponed_until = models.DateField(null=True, blank=True)
    postpone_reason = models.CharField(max_length=20, choices=PostponeReason.choices, blank=True)
    ground = models.CharField(max_length=28, choices=RefusalGround.choices, blank=True)
    ground_is_published = models.BooleanField(
        null=True, blank=True, help_text="Whether the ground stood in the school's published policy."
    )
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="duplicates", null=True, blank=True
    )
    need = models.OneToOneField(
        EncounterNeed, on_delete=models.PROTECT, related_name="access_request", null=True, blank=True
    )
    shortfalls = ArrayField(
        models.CharField(max_length=16, choices=Shortfall.choices), default=list, blank=True
    )
    reported_minutes = models.SmallIntegerField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["AccessRequest"]] = models.Manager.from_queryset(AccessRequestQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="request_year_groups_7_to_13",
                condition=Q(year_groups__len__gt=0, year_groups__contained_by=[7, 8, 9, 10, 11, 12, 13]),
            ),
            models.CheckConstraint(name="request_minutes", condition=Q(minutes__range=(5, 480))),
            models.CheckConstraint(name="request_has_dates", condition=Q(dates__len__range=(1, 10))),
            models.CheckConstraint(
                name="granted_request_has_its_need", condition=Q(state="granted") ^ Q(need__isnull=True)
            ),
            models.CheckConstraint(
                name="refused_request_has_its_ground", condition=~Q(state="refused") | ~Q(ground="")
            ),
            models.CheckConstraint(
                name="postponed_request_has_its_day",
                condition=~Q(state="postponed") | Q(postponed_until__isnull=False) & ~Q(postpone_reason=""),
            ),
            models.CheckConstraint(
                name="duplicate_request_names_the_other",
                condition=~Q(state__in=["duplicate", "duplicate_marked"]) | Q(duplicate_of__isnull=False),
            ),
            models.CheckConstraint(
                name="request_is_no_duplicate_of_itself", condition=~Q(duplicate_of=F("id"))
            ),
            models.CheckConstraint(
                name="answered_request_says_when",
                condition=~Q(state__in=["countered", "postponed", "granted", "refused", "rejected"])
                | Q(answered_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["school", "-id"], name="requests_of_school"),
            models.Index(fields=["asker", "-id"], name="requests_of_asker"),
            models.Index(
                fields=["school", "clock_from"],
                name="requests_unanswered",
                condition=Q(state__in=["waiting", "questioned", "duplicate_marked"]),
            ),
            models.Index(
                fields=["postponed_until"], name="requests_postponed", condition=Q(state="postponed")
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(name="access_request_moves", field="state", transitions=transitions(ACCESS_MOVES)),
            pgtrigger.Protect(name="requests_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REQUESTS

    @property
    def is_unanswered(self) -> bool:
        return self.state in UNANSWERED

    @property
    def is_technical(self) -> bool:
        return self.asker.category == Category.TECHNICAL_PROVIDER


class Step(models.TextChoices):
    """Which step somebody's words belong to."""

    ASK = "ask", "asked"
    QUESTION = "question", "asked a question"
    ANSWER = "answer", "answered"
    GRANT = "grant", "granted"
    COUNTER = "counter", "offered other dates"
    REJECT = "reject", "couldn't take those dates"
    POSTPONE = "postpone", "postponed"
    REFUSE = "refuse", "said not this time"
    DUPLICATE = "duplicate", "marked as a duplicate"
    WITHDRAW = "withdraw", "withdrew"
    FOLLOW_UP = "follow_up", "followed up"
    REPORT = "report", "reported"
    TERM = "term", "answered for the term"


class Words(models.Model):
    """What somebody wrote, in a row that can be erased. The event holds only its salted SHA-256, so that a changed
    word shows (`manage.py verify_ledger`) and an erased one leaves nothing to guess from."""

    sha256 = models.CharField(max_length=64, primary_key=True, help_text="Of the salt and the text, hex.")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="words", null=True)
    step = models.CharField(max_length=10, choices=Step.choices)
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    salt = models.CharField(max_length=32, blank=True, help_text="16 random bytes, hex.")
    text = models.TextField(max_length=WORDS_AT_MOST, blank=True, validators=FREE)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "words"
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="erased_words_are_gone", condition=Q(erased_at__isnull=True) | Q(text="", salt="")
            )
        ]
        triggers: ClassVar = [
            # Only erasing may touch them.
            pgtrigger.Protect(
                name="words_are_not_rewritten",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("(NEW.erased_at IS NULL OR NEW.text <> '')"),
            ),
            pgtrigger.Protect(name="words_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.sha256[:8]}"

    @classmethod
    def sealed(cls, text: str) -> "Words":
        salt = secrets.token_hex(16)
        return cls(salt=salt, text=text, sha256=cls.digest(salt, text))

    @staticmethod
    def digest(salt: str, text: str) -> str:
        return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()

    @property
    def is_as_written(self) -> bool:
        """Erased words can't be held against their digest any more."""
        return self.erased_at is not None or self.digest(self.salt, self.text) == self.sha256


class Question(models.Model):
    """What the school asked, or its word that this is a duplicate: the clock stands until the asker answers."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="questions")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_question", fields=["request"], condition=Q(answered_at__isnull=True)
            ),
            models.CheckConstraint(
                name="answered_after_the_question",
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("asked_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.asked_at:%Y-%m-%d}"


class CounterOutcome(models.TextChoices):
    OPEN = "", "Waits for the asker"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Not taken"
    REPLACED = "replaced", "Replaced by another answer"


class CounterOffer(models.Model):
    """What the school offers instead: other dates, years or format."""

    public_id = models.UUIDField(
        default=uuid.uuid4,
        db_default=RandomUUID(),
        unique=True,
        editable=False,
        help_text="What is accepted.",
    )
    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="counter_offers")
    dates = ArrayField(models.DateField())
    starts = models.TimeField()
    minutes = models.SmallIntegerField()
    year_groups = ArrayField(models.SmallIntegerField())
    audience = models.CharField(max_length=16, choices=Audience.choices)
    delivery_mode = models.CharField(max_length=12, choices=DeliveryMode.choices)
    venue = models.CharField(max_length=120, blank=True, validators=FREE)
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, choices=CounterOutcome.choices, default=CounterOutcome.OPEN, blank=True
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["made_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_counter_offer", fields=["request"], condition=Q(outcome="")
            ),
            models.CheckConstraint(name="counter_offer_has_dates", condition=Q(dates__len__range=(1, 10))),
            models.CheckConstraint(name="counter_offer_minutes", condition=Q(minutes__range=(5, 480))),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.made_at:%Y-%m-%d}"

    @property
    def terms(self) -> tuple[object, ...]:
        """What each of its dates comes with."""
        return self.starts, self.minutes, self.year_groups, self.audience, self.delivery_mode, self.venue


class TermAnswer(models.Model):
    """«Interested», or «not this term, because…»: a school's word to technical providers in general, once a term."""

    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="term_answers")
    term = models.CharField(max_length=14, help_text="«2026/27 autumn».")
    is_interested = models.BooleanField()
    reason = models.CharField(max_length=20, blank=True)
    words = models.ForeignKey(Words, on_delete=models.PROTECT, related_name="+", null=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_answer_a_term", fields=["school", "term"]),
            models.CheckConstraint(
                name="not_this_term_says_why", condition=Q(is_interested=True) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school}, {self.term}"


def term_of(day: datetime) -> str:
    """The school term a day falls in, by month: autumn to December, spring to Easter's usual month, then summer."""
    year = day.year if day.month >= 9 else day.year - 1
    season = "autumn" if day.month >= 9 else "spring" if day.month <= 3 else "summer"
    return f"{year}/{(year + 1) % 100:02} {season}"
