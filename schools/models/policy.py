import uuid
from datetime import time
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from brokerage.accounts.models import Membership
from brokerage.free_text import FREE
from schools.models.school import School
from schools.policy.statement import Statement, Times

WORDS_AT_MOST: Final = 4000


def _text(says: str = "") -> "models.TextField[str, str]":
    return models.TextField(max_length=WORDS_AT_MOST, blank=True, validators=FREE, help_text=says)


class ProviderAccessPolicy(models.Model):
    """One version of a school's statement: a draft, the current one, or one that was. What was published is never
    changed; the next version takes its place (s.42B, R30)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="policies")
    version = models.PositiveSmallIntegerField()

    procedure = _text("How a provider asks.")
    granting = _text("Grounds for granting.")
    refusing = models.JSONField(
        default=dict,
        blank=True,
        help_text="Grounds for refusing: code of RefusalGround → own sentence or empty.",
    )
    premises = _text()
    times = models.JSONField(
        default=list,
        blank=True,
        help_text='[{"weekdays": [1, 5], "starts": "08:45", "ends": "15:15"}], Monday being 1.',
    )
    times_note = _text()
    encounters = _text("How the encounter duty will be met.")

    contact = models.ForeignKey(
        Membership, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    contact_text = models.CharField(
        max_length=300, blank=True, validators=FREE, help_text="Published as it stands: a role, an address."
    )
    safeguarding = _text()
    approved_on = models.DateField(null=True, blank=True)
    approved_by = models.CharField(max_length=120, blank=True, validators=FREE)
    review_on = models.DateField(null=True, blank=True)

    drafted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    published_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    published_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "provider access policies"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "version"], name="one_policy_per_version"),
            models.UniqueConstraint(
                fields=["school"], name="one_draft_policy", condition=Q(published_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["school"],
                name="one_current_policy",
                condition=Q(published_at__isnull=False, superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="only_what_was_published_is_superseded",
                condition=Q(superseded_at__isnull=True) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="published_policy_is_whole",
                condition=Q(published_at__isnull=True)
                | (
                    ~Q(procedure="")
                    & ~Q(granting="")
                    & ~Q(refusing={})
                    & ~Q(premises="")
                    & ~Q(times=[])
                    & ~Q(encounters="")
                    & ~Q(approved_by="")
                    & Q(approved_on__isnull=False, review_on__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school}, version {self.version}"

    @property
    def statement(self) -> Statement:
        return Statement(
            procedure=self.procedure,
            granting=self.granting,
            refusing=self.refusing,
            premises=self.premises,
            times=tuple(times_of(each) for each in self.times),
            times_note=self.times_note,
            encounters=self.encounters,
            contact=self.contact_in_words,
            safeguarding=self.safeguarding,
            approved_on=self.approved_on,
            approved_by=self.approved_by,
            review_on=self.review_on,
        )

    @property
    def contact_in_words(self) -> str:
        """What may be published: a person's name and role while they are there, never their e-mail; then whatever the
        school wrote itself."""
        person = self.contact
        named = f"{person.user}, {person.get_role_display().lower()}" if person and person.is_active else ""
        return "\n".join(filter(None, (named, self.contact_text)))


def times_of(row: dict[str, object]) -> Times:
    weekdays, starts, ends = row["weekdays"], row["starts"], row["ends"]
    assert isinstance(weekdays, list)
    return Times(tuple(weekdays), time.fromisoformat(str(starts)), time.fromisoformat(str(ends)))
