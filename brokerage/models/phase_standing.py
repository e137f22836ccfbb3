from typing import ClassVar, Self

from django.db import models

from brokerage.accounts.models import Membership, Organisation
from brokerage.models.school_side import school_side


class PhaseStandingQuerySet(models.QuerySet["PhaseStanding"]):
    def visible_to(self, membership: Membership | None) -> Self:
        """The school, its trust and its hub (rule R35). What a school chose to show providers is a query of its own."""
        if membership is None or not membership.is_active:
            return self.none()
        organisation = membership.organisation
        theirs = school_side(organisation)
        return self.none() if theirs is None else self.filter(theirs)


class PhaseStanding(models.Model):
    """How a cohort stands in a key phase: the result of `schools.pal`, which `schools` writes whenever an encounter,
    a roll or the calendar changes, and nightly. Never a source: it can be computed again at any time."""

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="phase_standings")
    y7_entry = models.SmallIntegerField(help_text="The year in whose September the cohort entered Year 7.")
    phase = models.SmallIntegerField()
    state = models.CharField(max_length=20, help_text="schools.pal.standing.State")
    occasions = models.SmallIntegerField()
    short_by = models.SmallIntegerField()
    elsewhere = models.SmallIntegerField(
        default=0, help_text="Of the occasions, those held without Doorway: the school's word."
    )
    planned = models.SmallIntegerField(default=0, help_text="Sessions in the diary that could still count.")
    lower = models.FloatField(help_text="Least share of the cohort with two, 0 to 1.")
    upper = models.FloatField(help_text="Greatest share, 0 to 1.")
    roll = models.SmallIntegerField(null=True)
    opens_on = models.DateField()
    closes_on = models.DateField(help_text="28 February of the closing year, included.")
    last_school_day = models.DateField(null=True, blank=True, help_text="The working deadline (rule R6).")
    why = models.JSONField(default=list, help_text="Sentences, each with its rule's number.")
    computed_on = models.DateField()
    computed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["PhaseStanding"]] = models.Manager.from_queryset(PhaseStandingQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_standing_per_cohort_and_phase", fields=["school", "y7_entry", "phase"]
            ),
            models.CheckConstraint(name="phase_1_to_3", condition=models.Q(phase__range=(1, 3))),
            models.CheckConstraint(
                name="bounds_in_order",
                condition=models.Q(lower__gte=0, upper__lte=1, upper__gte=models.F("lower")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school}, {self.y7_entry}, phase {self.phase}: {self.state}"
